"""/duels: a player's duels by pages, and one of them with its answers, its proof, and a word on a bad question."""

from dataclasses import replace
from typing import Any, Final, cast

from telegram import CallbackQuery, InlineKeyboardButton, Message, Update
from telegram.ext import CallbackQueryHandler

from handlers.context import App, Context
from handlers.files import send_file
from handlers.keyboards import GO, rows
from handlers.navigation import Look, Screen, acknowledge, on_button, on_command, pressed
from handlers.report import name_of
from handlers.review import review_screen
from handlers.words import Html, Words
from services.amounts import BadNumber, parse_whole
from services.buttons import ExpiredButton
from services.duels.past import DuelsPage, PastDuel

NUMBER_MOST: Final = 999_999_999_999


async def duels_screen(look: Look) -> Screen:
    """Draw the page of duels that a button asks for, else the newest ones."""
    page = numbers(look, 1)[0] if look.arguments else 1
    found = await look.services.duels(player_id=look.reader.player_id, page=page)
    lines = [_line(look.words, duel) for duel in found.duels] or [look.words("duels.empty")]
    if found.pages > 1:
        lines += ["", look.words("history.page", page=found.page, pages=found.pages)]
    return Screen("\n".join([look.words("duels.title"), "", *lines]), rows(*_keyboard(look, found)))


def numbers(look: Look, count: int) -> list[int]:
    """Return the numbers of a button.

    Raises:
        ExpiredButton: its data was changed.
    """
    if len(look.arguments) != count:
        raise ExpiredButton
    try:
        return [parse_whole(one, least=1, most=NUMBER_MOST) for one in look.arguments]
    except BadNumber:
        raise ExpiredButton from None


def _line(words: Words, duel: PastDuel) -> str:
    facts: dict[str, Any] = {
        "number": duel.number,
        "category": words.plain(f"category.{duel.category}"),
        "at": duel.at,
    }
    facts["mark"] = words.plain(f"duels.mark_{duel.colour}")
    if duel.delta is None:
        return words("duels.item_open", **facts)
    return words("duels.item", delta=duel.delta, **facts)


def _keyboard(look: Look, found: DuelsPage) -> list[list[InlineKeyboardButton]]:
    turning = []
    if found.page > 1:
        turning.append(look.go("button.prev", "duels", found.page - 1))
    if found.page < found.pages:
        turning.append(look.go("button.next", "duels", found.page + 1))
    single = [look.go("button.duel_number", "past", one.number, number=one.number) for one in found.duels]
    ways = [look.go("button.duel_week", "duelweek"), look.go("button.duel", "duel")]
    return [single, turning, ways if look.rules.duels.enabled else []]


async def past_screen(look: Look) -> Screen:
    """Draw the duel that a button names.

    Raises:
        DuelNotFound: the player has no such duel.
    """
    return await one_duel(look, numbers(look, 1)[0])


async def one_duel(look: Look, number: int) -> Screen:
    """Draw a duel of the reader.

    Raises:
        DuelNotFound: he has none of this number.
    """
    duel = await look.services.duel(player_id=look.reader.player_id, duel_id=number)
    words = look.words
    text = words(
        "duels.screen",
        mark=words.plain(f"duels.mark_{duel.colour}"),
        number=duel.number,
        category=words.plain(f"category.{duel.category}"),
        at=duel.at,
        result=Html("\n".join(_result(words, duel))),
        receipt=duel.receipt,
        commitment=duel.commitment,
    )
    if duel.seed is not None:
        text += "\n" + words("duels.seed", seed=duel.seed)
    review = [look.go("button.duel_answers", "review", number, 1)] if duel.is_settled else []
    proof = [look.go("button.duel_proof", "duelproof", number)] if duel.seed is not None else []
    return Screen(text, rows(review, proof, [look.go("button.duels", "duels", 1)]))


def _result(words: Words, duel: PastDuel) -> list[str]:
    facts = {"stake": duel.stake, "returned": duel.returned or 0}
    lines = [words(f"duels.result_{duel.outcome or duel.state}", **facts)]
    if duel.back_receipt is not None:
        lines.append(words("duels.back", receipt=str(duel.back_receipt), **facts))
    if duel.mine is not None and duel.theirs is not None and duel.opponent is not None:
        scores = {"right": duel.mine.right, "time_ms": duel.mine.time_ms, "total": duel.total}
        scores |= {"their_right": duel.theirs.right, "their_time_ms": duel.theirs.time_ms}
        lines.append(words("duel.scores", name=Html(name_of(duel.opponent.facts(), words)), **scores))
    return lines


async def _newest(look: Look) -> Screen:
    """Draw the newest duels, whatever was written behind the command."""
    return await duels_screen(replace(look, arguments=()))


async def _review(look: Look) -> Screen:
    return await review_screen(look, *numbers(look, 2))


async def _report(look: Look) -> Screen:
    """Note that the reader thinks a question is bad, and show it again with that."""
    number, position = numbers(look, 2)
    await look.services.report_question(player_id=look.reader.player_id, duel_id=number, position=position)
    return await review_screen(look, number, position)


async def on_proof(update: Update, context: Context) -> None:
    """Send the proof of the questions of a duel.

    Raises:
        SetNotOver: somebody still plays them.
    """
    query = cast("CallbackQuery", update.callback_query)
    look = await pressed(update, context)
    (number,) = numbers(look, 1)
    if not isinstance(query.message, Message) or look.reader.in_group:
        raise ExpiredButton
    proof = await look.services.duel_proof(player_id=look.reader.player_id, duel_id=number)
    await send_file(query.message, proof.name, proof.content, look.words("duels.proof", number=number))
    await acknowledge(query)


def register(application: App) -> None:
    """Listen to /duels and its buttons."""
    application.add_handler(on_command("duels", _newest, is_private=True))
    application.add_handler(on_button("duels", duels_screen, is_private=True))
    application.add_handler(on_button("past", past_screen, is_private=True))
    application.add_handler(on_button("review", _review, is_private=True))
    application.add_handler(on_button("badquestion", _report, is_private=True))
    application.add_handler(CallbackQueryHandler(on_proof, pattern=f"^{GO}duelproof:"))
