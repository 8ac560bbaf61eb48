"""/pot shows the pot of the chat; /contribute asks whether to give something to it."""

from collections.abc import Iterator, Sequence
from typing import Final, cast

from telegram import InlineKeyboardButton, Message, Update
from telegram.ext import CommandHandler

from handlers.context import App, Context, arguments, read, thread_of
from handlers.help import ALL
from handlers.keyboards import rows
from handlers.navigation import Look, Screen, on_button, on_command
from handlers.players import NEW_FROM_PLAYER
from handlers.rule_facts import house_bps
from handlers.screens import answer
from handlers.words import Html, Words
from services.amounts import BadNumber, parse_amount, parse_whole
from services.board import PastRound, RoundsPage
from services.buttons import ExpiredButton
from services.gifts import PotsOff
from services.money import MAX_CREDITS
from services.overview import PotView, Win
from services.pot import pot_key

PAGE_MOST: Final = 999_999_999
MOST_FORMERS: Final = 5
_PER_ROW: Final = 4


async def pot_screen(look: Look) -> Screen:
    """Draw the pot of this chat as the reader sees it.

    Raises:
        PotsOff: there are none.
    """
    overview = await look.overview()
    if overview.pot is None:
        raise PotsOff
    text = look.words(
        "pot.screen",
        **_facts(overview.pot, look.words),
        whose=look.words.plain("pot.of_group" if overview.in_group else "pot.of_private"),
        price=overview.next_price,
        chance_ppm=overview.chance_ppm,
        house_bps=house_bps(look.services.rules),
    )
    refresh, past = look.go("button.refresh", "pot"), look.go("button.rounds", "rounds", 1)
    how = [look.go("button.fair", "fair"), look.go("button.how", "help", ALL)]
    return Screen(text, rows([refresh, past], how))


def _facts(pot: PotView, words: Words) -> dict[str, object]:
    return {
        "amount": pot.balance,
        "prize": pot.prize,
        "round_no": pot.round_no,
        "tickets": pot.tickets,
        "own_tickets": pot.own_tickets,
        "wins": Html("\n".join(_win(win, words) for win in pot.last_wins) or words("pot.no_wins")),
        "commitment": pot.commitment.hex(),
    }


def _win(win: Win, words: Words) -> str:
    return words("pot.win_item", at=win.at, prize=win.prize, round_no=win.round_no, ticket=win.ticket_no)


async def rounds_screen(look: Look) -> Screen:
    """Draw a page of the past rounds of this chat's pot.

    Raises:
        PotsOff: there are none.
        ExpiredButton: the button was changed.
    """
    if not look.has_pot:
        raise PotsOff
    reader, page, former = look.reader, _whole(look.arguments[:1]) or 1, _whole(look.arguments[1:])
    rounds = look.services.rounds
    found = await rounds(chat_id=reader.chat_id, in_group=reader.in_group, page=page, former=former)
    lines = [_round(one, look.words) for one in found.rounds] or [look.words("rounds.none")]
    title = look.words("rounds.title")
    if former is not None:
        title = look.words("rounds.title_former", pot=pot_key(former))
    return Screen("\n".join([title, "", *lines]), rows(*_round_buttons(look, found, former)))


def _whole(words: Sequence[str]) -> int | None:
    """Return the number that a button carries, if it does.

    Raises:
        ExpiredButton: the button was changed.
    """
    try:
        return parse_whole(words[0], least=1, most=PAGE_MOST) if words else None
    except BadNumber:
        raise ExpiredButton from None


def _round_buttons(look: Look, found: RoundsPage, former: int | None) -> Iterator[list[InlineKeyboardButton]]:
    which = () if former is None else (former,)
    turning = []
    if found.page > 1:
        turning.append(look.go("button.prev", "rounds", found.page - 1, *which))
    if found.page < found.pages:
        turning.append(look.go("button.next", "rounds", found.page + 1, *which))
    yield turning
    if former is not None:  # /proof ROUND gives those of the pot that is there now
        numbers = [one.round_no for one in found.rounds]
        proofs = [look.go("button.round", "proof", number, former, round_no=number) for number in numbers]
        yield from (proofs[start : start + _PER_ROW] for start in range(0, len(proofs), _PER_ROW))
        yield [look.go("button.back", "rounds", 1)]
        return
    for chat_id in found.formers[:MOST_FORMERS]:
        yield [look.go("button.former_pot", "rounds", 1, chat_id, pot=pot_key(chat_id))]
    yield [look.go("button.back", "pot")]


def _round(one: PastRound, words: Words) -> str:
    shown = {"round_no": one.round_no, "at": one.at, "tickets": one.tickets, "prize": one.prize}
    return words(f"rounds.{one.outcome}", **shown)


async def on_contribute(update: Update, context: Context) -> None:
    """Ask whether to give; the question comes by the outbox, and nothing is booked before its button."""
    message = cast("Message", update.effective_message)
    reader = await read(update, context)
    if not context.services.rules.in_chat(pot_on=reader.pot_on).pot.enabled:
        raise PotsOff
    wanted = arguments(message)
    if not wanted:
        await answer(message, reader.words("contribute.how"))
        return
    await context.services.ask_gift(
        player_id=reader.player_id,
        chat_id=reader.chat_id,
        thread_id=thread_of(message),
        message_id=message.message_id,
        credits=parse_amount(wanted, most=MAX_CREDITS),
    )


def register(application: App) -> None:
    """Listen to /pot, its buttons, and /contribute."""
    application.add_handler(on_command("pot", pot_screen))
    application.add_handler(on_button("pot", pot_screen))
    application.add_handler(on_button("rounds", rounds_screen))
    application.add_handler(CommandHandler("contribute", on_contribute, filters=NEW_FROM_PLAYER))
