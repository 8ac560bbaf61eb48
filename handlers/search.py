"""/search: a player's words in his own conversations; its screens carry what was looked for."""

from collections.abc import Sequence
from typing import cast

from telegram import CallbackQuery, Message, MessageEntity, Update
from telegram.ext import CallbackQueryHandler

from handlers.chats import only_key, parse_key, title_of
from handlers.context import App, Context
from handlers.keyboards import GO, rows
from handlers.navigation import Look, Screen, acknowledge, on_command, pressed
from handlers.screens import replace
from handlers.text import harmless
from handlers.words import Html, escape
from services.buttons import ExpiredButton
from services.search import PAGE_SIZE, Found
from services.snippets import Piece


async def search_screen(look: Look) -> Screen:
    """Draw what was found, or how to search.

    Raises:
        BadSearch: that is too much.
    """
    wanted = " ".join(harmless(" ".join(look.arguments)).split())
    return await _page(look, wanted, 1) if wanted else Screen(look.words("search.how"))


async def _page(look: Look, wanted: str, page: int) -> Screen:
    reader, words = look.reader, look.words
    found = await look.services.search(
        player_id=reader.player_id, chat_id=reader.chat_id, wanted=wanted, page=page
    )
    if not found.found:
        return Screen(words("search.nothing" if page == 1 else "search.no_more", wanted=wanted))
    numbered = list(enumerate(found.found, (page - 1) * PAGE_SIZE + 1))
    items = [_item(look, number, one) for number, one in numbered]
    turning = []
    if page > 1:
        turning.append(look.go("button.prev", "search", page - 1))
    if found.has_more:
        turning.append(look.go("button.next", "search", page + 1))
    opening = [
        look.go("button.number", "found", one.turn_id, page, number=number) for number, one in numbered
    ]
    return Screen("\n\n".join([words("search.title", wanted=wanted), *items]), rows(opening, turning))


def _item(look: Look, number: int, one: Found) -> str:
    title = title_of(one.title, look.words)
    return look.words("search.item", number=number, title=title, at=one.at.date(), text=marked(one.pieces))


def marked(pieces: Sequence[Piece]) -> Html:
    """Return a part of a text with what was looked for in bold."""
    shown = (f"<b>{escape(piece.text)}</b>" if piece.is_hit else escape(piece.text) for piece in pieces)
    return Html("".join(shown))


def wanted_of(query: CallbackQuery) -> str:
    """Return what was looked for, as the screen under which a button was pressed says it.

    Raises:
        ExpiredButton: it says nothing.
    """
    if not isinstance(query.message, Message):
        raise ExpiredButton
    found = query.message.parse_entities([MessageEntity.CODE])
    if not found:
        raise ExpiredButton
    return found[min(found, key=lambda entity: entity.offset)]


async def on_page(update: Update, context: Context) -> None:
    """Show another page of what was found.

    Raises:
        ExpiredButton: the button was changed.
    """
    query = cast("CallbackQuery", update.callback_query)
    look = await _look(update, context)
    await _show(query, await _page(look, wanted_of(query), only_key(look)))


async def on_found(update: Update, context: Context) -> None:
    """Show one turn that was found, with the way to its conversation.

    Raises:
        ConversationGone: it is deleted.
        ExpiredButton: the button was changed.
    """
    query = cast("CallbackQuery", update.callback_query)
    look = await _look(update, context)
    if len(look.arguments) != 2:
        raise ExpiredButton
    key, page = map(parse_key, look.arguments)
    await _show(query, await _exchange(look, wanted_of(query), key, page))


async def _exchange(look: Look, wanted: str, key: int, page: int) -> Screen:
    reader = look.reader
    one = await look.services.exchange(
        player_id=reader.player_id, chat_id=reader.chat_id, turn_id=key, wanted=wanted
    )
    text = look.words(
        "search.exchange",
        wanted=wanted,
        title=title_of(one.title, look.words),
        at=one.at,
        text=marked(one.text),
        answer=marked(one.answer),
    )
    opening = look.go("button.chat_open", "chat", one.conversation_id)
    return Screen(text, rows([opening], [look.go("button.back", "search", page)]))


async def _look(update: Update, context: Context) -> Look:
    """Return the look of whoever pressed a button of a search.

    Raises:
        ExpiredButton: it was forged in a group.
    """
    look = await pressed(update, context)
    if look.reader.in_group:
        raise ExpiredButton
    return look


async def _show(query: CallbackQuery, screen: Screen) -> None:
    await acknowledge(query)
    await replace(query, screen.text, screen.keyboard)


def register(application: App) -> None:
    """Listen to /search and its buttons."""
    application.add_handler(on_command("search", search_screen, is_private=True))
    application.add_handler(CallbackQueryHandler(on_page, pattern=f"^{GO}search:"))
    application.add_handler(CallbackQueryHandler(on_found, pattern=f"^{GO}found:"))
