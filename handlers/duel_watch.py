"""/reports and /signs: what operators watch in duels. To everybody else these commands don't exist."""

from datetime import timedelta
from typing import Final, cast

from telegram import InlineKeyboardButton, Message, Update
from telegram.ext import CommandHandler

from handlers.context import App, Context
from handlers.keyboards import act, go, rows
from handlers.navigation import Draw, Look, Screen, look_of, on_button
from handlers.players import NEW_FROM_PLAYER
from handlers.review import source_link
from handlers.screens import answer
from handlers.text import clean_name
from handlers.unknown import on_unknown
from handlers.words import Html, Words
from services.amounts import BadNumber, parse_whole
from services.buttons import ExpiredButton
from services.duels.reports import KEEP, WITHDRAW
from services.duels.signs import SINCE, TOO_FAST, Fast, Pair, Signs, Suspect

BUTTONS_MOST: Final = 12
_NAME_MOST: Final = 16
_ID_MOST: Final = 999_999_999_999


async def reports_screen(look: Look) -> Screen:
    """Draw the question with most reports, with the buttons that decide about it."""
    found = await look.services.reported(language=look.words.language)
    if found is None:
        return Screen(look.words("reports.none"))
    words = look.words
    keys = ["review.right" if place == found.right else "review.wrong" for place in range(len(found.options))]
    options = [words(key, option=option) for key, option in zip(keys, found.options, strict=True)]
    text = words(
        "reports.screen",
        key=found.key,
        n=found.reports,
        question=found.text,
        options=Html("\n".join(options)),
        source=Html(source_link(found.source)),
    )
    if found.rest:
        text += "\n\n" + words("reports.rest", n=found.rest)
    tokens = await look.offer({one: {"question": found.question_id} for one in (WITHDRAW, KEEP)})
    names = (("button.question_withdraw", WITHDRAW), ("button.question_keep", KEEP))
    return Screen(text, rows([act(words.plain(name), tokens[one]) for name, one in names]))


async def signs_screen(look: Look) -> Screen:
    """Draw the signs of cheating, with a button for each player that freezes him, or lets him go."""
    found, words = await look.services.signs(), look.words
    parts = [
        _part(words, "signs.repeated", [_pair(words, one) for one in found.repeated]),
        _part(words, "signs.flows", [_pair(words, one) for one in found.flows]),
        _part(words, "signs.fast", [_fast(words, one) for one in found.fast]),
    ]
    shown = "\n\n".join(filter(None, parts)) or words("signs.none")
    return Screen(words("signs.screen", days=SINCE, parts=Html(shown)), rows(*_freezing(look, found)))


def _part(words: Words, key: str, lines: list[str]) -> str:
    title = words(key, ms=TOO_FAST // timedelta(milliseconds=1))
    return "\n".join([title, *lines]) if lines else ""


def _pair(words: Words, pair: Pair) -> str:
    return words(
        "signs.pair",
        one=Html(_named(words, pair.one)),
        other=Html(_named(words, pair.other)),
        n=pair.duels,
        one_net=pair.one_net,
        other_net=pair.other_net,
    )


def _fast(words: Words, fast: Fast) -> str:
    return words("signs.player", name=Html(_named(words, fast.who)), n=fast.duels, right=fast.right)


def _named(words: Words, who: Suspect) -> str:
    key = "signs.frozen" if who.is_frozen else "signs.named"
    return words(key, name=clean_name(who.name, most=_NAME_MOST), number=who.player_id)


def _freezing(look: Look, found: Signs) -> list[list[InlineKeyboardButton]]:
    return [[_button(look, who)] for who in found.people[:BUTTONS_MOST]]


def _button(look: Look, who: Suspect) -> InlineKeyboardButton:
    key, deed = ("button.unfreeze", "unfreeze") if who.is_frozen else ("button.freeze", "freeze")
    name = look.words.plain(key, name=clean_name(who.name, most=_NAME_MOST), number=who.player_id)
    return go(name, "signs", deed, who.player_id, owner=look.reader.player_id)


async def _tapped(look: Look) -> Screen:
    """Freeze a player or let him go, and draw the list anew.

    Raises:
        ExpiredButton: whoever pressed it is no operator, or its data was changed.
    """
    if not is_operator(look) or len(look.arguments) != 2 or look.arguments[0] not in ("freeze", "unfreeze"):
        raise ExpiredButton
    try:
        player_id = parse_whole(look.arguments[1], least=1, most=_ID_MOST)
    except BadNumber:
        raise ExpiredButton from None
    await look.services.set_frozen(
        player_id=player_id, operator_id=look.reader.player_id, is_frozen=look.arguments[0] == "freeze"
    )
    return await signs_screen(look)


def is_operator(look: Look) -> bool:
    """Return whether an operator looks, in his private chat."""
    return not look.reader.in_group and look.reader.user.id in look.services.operator_ids


def _for_operators(name: str, draw: Draw) -> CommandHandler[Context, None]:
    async def show(update: Update, context: Context) -> None:
        look = await look_of(update, context, ())
        if not is_operator(look):
            await on_unknown(update, context)
            return
        screen = cast("Screen", await draw(look))
        await answer(cast("Message", update.effective_message), screen.text, screen.keyboard)

    return CommandHandler(name, show, filters=NEW_FROM_PLAYER)


def register(application: App) -> None:
    """Listen to /reports, /signs, and the buttons that freeze."""
    application.add_handler(_for_operators("reports", reports_screen))
    application.add_handler(_for_operators("signs", signs_screen))
    application.add_handler(on_button("signs", _tapped, is_private=True))
