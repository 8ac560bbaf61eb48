"""Conversations by commands and buttons: /chats (open, go on, rename, delete) and /rename."""

import re
from datetime import timedelta
from typing import Final

from telegram import InlineKeyboardButton

from handlers import figures
from handlers.context import App
from handlers.keyboards import act, rows
from handlers.navigation import Look, Screen, on_button, on_command
from handlers.text import fitting_name
from handlers.words import Words
from services.amounts import BadNumber, parse_whole
from services.buttons import ExpiredButton
from services.chats import PAGE_SIZE, Conversation
from services.conversations import TITLE_KEPT_MOST, TITLE_MOST, BadTitle
from services.snippets import without_marks

NUMBER_MOST: Final = 2**52
"""No page and no conversation has a larger number; what is longer isn't even looked for."""
RECENT: Final = timedelta(days=7)
"""Until then it is said how long ago something was, later its day."""
SHOWN_MOST: Final = 280
"""Characters of a message and of an answer that an opened conversation shows."""
_NUMBER: Final = re.compile(r"#([0-9]+)")


def parse_key(text: str) -> int:
    """Return the number that a button carries.

    Raises:
        ExpiredButton: its data was changed.
    """
    try:
        return parse_whole(text, least=1, most=NUMBER_MOST)
    except BadNumber:
        raise ExpiredButton from None


def only_key(look: Look) -> int:
    """Return the one number that a button carries.

    Raises:
        ExpiredButton: its data was changed.
    """
    if len(look.arguments) != 1:
        raise ExpiredButton
    return parse_key(look.arguments[0])


def title_of(title: str, words: Words) -> str:
    """Return what a conversation is called; one that began with a picture has no words."""
    return title or words.plain("chats.untitled")


async def chats_screen(look: Look) -> Screen:
    """Draw the conversations, the latest used first."""
    return await _list(look, 1)


async def chats_page(look: Look) -> Screen:
    """Draw the page of them that a button asks for.

    Raises:
        ExpiredButton: the button was changed.
    """
    return await _list(look, only_key(look))


async def _list(look: Look, page: int) -> Screen:
    reader = look.reader
    found = await look.services.chats(player_id=reader.player_id, chat_id=reader.chat_id, page=page)
    if not found.conversations:
        return Screen(look.words("chats.empty"))
    first = (found.page - 1) * PAGE_SIZE + 1
    numbered = list(enumerate(found.conversations, first))
    lines = [look.words("chats.title"), "", *(_item(look, number, one) for number, one in numbered)]
    if found.pages > 1:
        lines += ["", look.words("history.page", page=found.page, pages=found.pages)]
    turning = []
    if found.page > 1:
        turning.append(look.go("button.prev", "chats", found.page - 1))
    if found.page < found.pages:
        turning.append(look.go("button.next", "chats", found.page + 1))
    opening = [look.go("button.number", "chat", one.id, number=number) for number, one in numbered]
    return Screen("\n".join(lines), rows(opening, turning))


def _item(look: Look, number: int, one: Conversation) -> str:
    return look.words(
        "chats.item_current" if is_here(look, one) else "chats.item",
        number=number,
        title=title_of(one.title, look.words),
        turns=one.turns,
        when=_when(look, one),
    )


def is_here(look: Look, one: Conversation) -> bool:
    """Return whether a conversation is the one that goes on where the reader is."""
    return one.is_current and one.thread_id == (look.reader.thread_id or 0)


def _when(look: Look, one: Conversation) -> str:
    """Return when it was used last: how long ago, or which day."""
    age = look.services.clock.now() - one.used_at
    language = look.words.language
    return figures.ago(language, age) if age < RECENT else figures.moment(language, one.used_at.date())


async def chat_screen(look: Look) -> Screen:
    """Draw one conversation with its last exchange, and what can be done with it.

    Raises:
        ConversationGone: there is none.
        ExpiredButton: the button was changed.
    """
    return await _opened(look, only_key(look))


async def _opened(look: Look, key: int) -> Screen:
    reader, words = look.reader, look.words
    one = await look.services.chat(player_id=reader.player_id, chat_id=reader.chat_id, conversation_id=key)
    text = words(
        "chat.screen_current" if is_here(look, one) else "chat.screen",
        title=title_of(one.title, words),
        turns=one.turns,
        when=_when(look, one),
        text=_beginning(one.text),
        answer=_beginning(without_marks(one.answer)),
    )
    going_on = [] if is_here(look, one) else [look.go("button.chat_continue", "chat_continue", key)]
    return Screen(
        text,
        rows(
            going_on,
            [look.go("button.chat_rename", "chat_rename", key), look.go("button.export", "export", key)],
            [look.go("button.chat_delete", "chat_delete", key), _back(look)],
        ),
    )


def _beginning(text: str) -> str:
    return text if len(text) <= SHOWN_MOST else text[: SHOWN_MOST - 1] + "…"


def _back(look: Look) -> InlineKeyboardButton:
    return look.go("button.back", "chats", 1)


async def continue_screen(look: Look) -> Screen:
    """Go on with a conversation here, and draw it.

    Raises:
        ConversationGone: there is none.
        ExpiredButton: the button was changed.
    """
    key, reader = only_key(look), look.reader
    await look.services.continue_chat(
        player_id=reader.player_id, chat_id=reader.chat_id, conversation_id=key, thread_id=reader.thread_id
    )
    return await _opened(look, key)


async def rename_how(look: Look) -> Screen:
    """Draw how a conversation gets another title.

    Raises:
        ExpiredButton: the button was changed.
    """
    key = only_key(look)
    text = look.words("rename.how_one", number=key)
    return Screen(text, rows([look.go("button.back", "chat", key)]))


async def rename_screen(look: Look) -> Screen:
    """Give the conversation that goes on here, or the one of a number, another title.

    Raises:
        NoConversation, ConversationGone: there is none.
        BadTitle: nothing of it would be seen.
    """
    if not look.arguments:
        return Screen(look.words("rename.how"))
    first, *others = look.arguments
    numbered = _NUMBER.fullmatch(first)
    title = clean_title(" ".join(others if numbered else look.arguments))
    await look.services.rename_chat(
        chat_id=look.reader.chat_id,
        thread_id=look.reader.thread_id,
        conversation_id=parse_key(numbered[1]) if numbered else None,
        title=title,
    )
    return Screen(look.words("rename.done", title=title))


def clean_title(text: str) -> str:
    """Return a text as a title that can stand in any message.

    Raises:
        BadTitle: nothing of it would be seen.
    """
    title = fitting_name(text, most=TITLE_MOST, code_points=TITLE_KEPT_MOST)
    if title is None:
        raise BadTitle
    return title


async def delete_screen(look: Look) -> Screen:
    """Delete a conversation, and draw the button that takes it back.

    Raises:
        ConversationGone: there is none.
        ExpiredButton: the button was changed.
    """
    reader = look.reader
    deleted = await look.services.delete_chat(
        player_id=reader.player_id, chat_id=reader.chat_id, conversation_id=only_key(look)
    )
    text = look.words("chats.deleted", title=title_of(deleted.title, look.words), left=deleted.left)
    undo = act(look.words.plain("button.chat_undo"), deleted.undo)
    return Screen(text, rows([undo, _back(look)]))


def register(application: App) -> None:
    """Listen to /chats, /rename and their buttons."""
    application.add_handler(on_command("chats", chats_screen, is_private=True))
    application.add_handler(on_button("chats", chats_page, is_private=True))
    application.add_handler(on_button("chat", chat_screen, is_private=True))
    application.add_handler(on_button("chat_continue", continue_screen, is_private=True))
    application.add_handler(on_command("rename", rename_screen, is_private=True))
    application.add_handler(on_button("chat_rename", rename_how, is_private=True))
    application.add_handler(on_button("chat_delete", delete_screen, is_private=True))
