"""What a verdict is based on: what people did, what Telegram saw, what the books say; and what a verdict finds."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from bot.chaos.diary import Diary
from bot.chaos.sights import Kind, Said, Sight, said_by_bot, sights_of
from bot.playground.telegram import Telegram
from services.census import Census, QuestionRow


class Harm(StrEnum):
    """In which way a promise was broken."""

    LOST = "lost"
    """Something that was taken in, or owed, is gone."""
    TWICE = "twice"
    """One cause had two effects, or an effect had no cause."""
    WRONG = "wrong"
    """Something else is not as it should be."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken promise: how, and about which update, turn or message."""

    harm: Harm
    about: str


Check = Callable[["Evidence"], Iterable[Finding]]


@dataclass(kw_only=True)
class Evidence:
    """Everything known at the end of a run.

    Attributes:
        first_update_id: the first of the run; all up to Telegram's last must have been taken.
        welcome_credits: what every player was given at first.
        admin: the player who is the admin of all groups.
    """

    diary: Diary
    telegram: Telegram
    census: Census
    first_update_id: int
    welcome_credits: int
    admin: int
    audit: Sequence[str] = field(default_factory=tuple)

    @cached_property
    def questions(self) -> dict[tuple[int, int], QuestionRow]:
        """Return the turns by Telegram's chat and message; of doubles, the last."""
        return {(row.chat, row.message): row for row in self.census.questions}

    @cached_property
    def same_chat(self) -> dict[int, list[int]]:
        """Return by each chat all ids that it has had."""
        homes = {row.chat: row.home for row in self.census.chats}
        return {chat: [one for one in homes if homes[one] == home] for chat, home in homes.items()}

    @cached_property
    def said(self) -> list[Said]:
        """Return all that the bot has sent."""
        return said_by_bot(self.telegram)

    @cached_property
    def said_in(self) -> dict[int, list[Said]]:
        """Return all that the bot has sent, by chat."""
        found: dict[int, list[Said]] = {}
        for one in self.said:
            found.setdefault(one.chat, []).append(one)
        return found

    @cached_property
    def shown(self) -> dict[Kind, list[Sight]]:
        """Return what the bot told about credits, each thing once however often it was said."""
        found: dict[Kind, dict[object, Sight]] = {kind: {} for kind in Kind}
        for sight in sights_of(self.telegram, self.said):
            found[sight.kind].setdefault(_identity(sight), sight)
        return {kind: list(sights.values()) for kind, sights in found.items()}


def _identity(sight: Sight) -> object:
    """Return what two messages about the same thing have in common: the receipt, or the whole line."""
    if sight.kind is Kind.RECEIPT:
        return (sight.chat, sight.answers, sight.text)
    if sight.kind is Kind.WIN:
        return (sight.chat, sight.round, sight.ticket)
    return sight.receipt


def lost(about: str) -> Finding:
    """Return a finding about something that is gone."""
    return Finding(Harm.LOST, about)


def twice(about: str) -> Finding:
    """Return a finding about something that happened too often."""
    return Finding(Harm.TWICE, about)


def wrong(about: str) -> Finding:
    """Return a finding about something else."""
    return Finding(Harm.WRONG, about)
