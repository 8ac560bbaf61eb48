"""What Telegram showed: the bot's messages, read as a player reads them. English, as the rig's players do."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from bot.playground.models import Json
from bot.playground.telegram import Telegram


class Kind(StrEnum):
    """What a message of the bot tells about credits."""

    RECEIPT = "receipt"
    """The line under a paid answer."""
    WIN = "win"
    """A ticket won."""
    GIFT = "gift"
    """A gift is in the pot."""
    DAILY = "daily"
    """The day's credits were given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """A message about credits: who was meant, how many, and the numbers by which it is known again."""

    kind: Kind
    chat: int
    message: int
    text: str
    credits: int
    player: int | None = None
    answers: int | None = None
    """The message that it answers, which only groups show."""
    ticket: int | None = None
    round: int | None = None
    roll: int | None = None
    receipt: int | None = None


_SENDING = frozenset({"sendMessage", "sendPhoto", "sendDocument"})
_CREDITS = r"(?P<credits>[\d,]+) credits?"
_PATTERNS = (
    (
        Kind.RECEIPT,
        re.compile(
            rf"^{_CREDITS} · ticket (?P<ticket>\d+) · [^·\n]+ · rolled (?P<roll>[\d,]+) · [^\n]+\Z",
            re.MULTILINE,
        ),
    ),
    (
        Kind.RECEIPT,
        re.compile(rf"^{_CREDITS} · ticket (?P<ticket>\d+) · [^·\n]+ · pot [\d,]+\Z", re.MULTILINE),
    ),
    (
        Kind.WIN,
        re.compile(
            rf"^Ticket (?P<ticket>\d+) of round (?P<round>\d+) won {_CREDITS}\. .*\(Receipt (?P<receipt>\d+)\)",
            re.MULTILINE,
        ),
    ),
    (
        Kind.WIN,
        re.compile(rf" won the pot: {_CREDITS}!\nIt was ticket (?P<ticket>\d+) of round (?P<round>\d+)\."),
    ),
    (
        Kind.GIFT,
        re.compile(rf"^🎁 Thank you! {_CREDITS} went into the pot\. .*\(Receipt (?P<receipt>\d+)\)\Z"),
    ),
    (Kind.GIFT, re.compile(rf"^🎁 .* gave {_CREDITS} to the pot\. .*\(Receipt (?P<receipt>\d+)\)\Z")),
    (Kind.DAILY, re.compile(rf"^🎁 {_CREDITS} for you\. [\s\S]*\(Receipt (?P<receipt>\d+)\)\Z")),
)


ANSWERS = {
    "/start": r"^Hi |^Good to see you",
    "/balance": r"^You have [\d,]+ credits?\. Your next paid message costs",
    "/pot": r"^🍲 The pot: ",
    "/price": r"^Your next paid message costs ",
    "/daily": r"^🎁 [\d,]+ credits? for you\. Days in a row|^You already had today's gift",
    "/limit": r"^Done\. From now on I ask before",
}
"""What begins the answer to a command, as a pattern; alternatives where it depends on the player."""


def answer_to_seed(seed: str) -> str:
    """Return the pattern of the answer to ``/seed SEED``."""
    return rf"^Your seed is {re.escape(seed)} now"


def answer_to_gift(amount: int) -> str:
    """Return the pattern of the answer to ``/contribute AMOUNT``: a question, or that it is too much."""
    return rf"^Give {amount:,} credits? to the pot|^That costs {amount:,} credits?,"


def read(text: str) -> tuple[Kind, dict[str, int]] | None:
    """Return what a message of the bot tells about credits, with its numbers, or None."""
    for kind, pattern in _PATTERNS:
        if (found := pattern.search(text)) is not None:
            return kind, {name: int(value.replace(",", "")) for name, value in found.groupdict().items()}
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A message as the bot sent it; it may have been edited since."""

    chat: int
    message: int
    text: str
    answers: int | None
    """The message that it answers, which only groups show."""
    asker: int | None
    """Who wrote that message, or whose private chat it is."""


def said_by_bot(telegram: Telegram) -> list[Said]:
    """Return all that the bot has sent, as Telegram's journal has it, oldest first."""
    return [
        _said(record.result) for record in telegram.journal.calls if record.ok and record.method in _SENDING
    ]


def _said(sent: Json) -> Said:
    chat, answered = sent["chat"], sent.get("reply_to_message") or {}
    asker = chat["id"] if chat["type"] == "private" else answered.get("from", {}).get("id")
    return Said(
        chat=chat["id"],
        message=sent["message_id"],
        text=text_of(sent),
        answers=answered.get("message_id"),
        asker=asker,
    )


def sights_of(telegram: Telegram, said: Iterable[Said]) -> Iterator[Sight]:
    """Give what the bot has told about credits, in the order of ``said``."""
    names = {user.first_name: user.id for user in telegram.users.values()}
    for one in said:
        if (found := read(one.text)) is not None:
            kind, numbers = found
            yield Sight(
                kind=kind,
                chat=one.chat,
                message=one.message,
                text=one.text.rpartition("\n")[2] if kind is Kind.RECEIPT else one.text,
                player=names.get(_giver(one.text)) if one.asker is None else one.asker,
                answers=one.answers,
                **numbers,
            )


def text_of(content: Json) -> str:
    """Return the words of a message."""
    return str(content.get("text") or content.get("caption") or "")


def _giver(text: str) -> str:
    """Return who is named in the word about a gift to a group's pot."""
    return text.removeprefix("🎁 ").partition(" gave ")[0]
