"""The way to screens: a command shows one as a new message, a button puts one in the place of its own."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, cast

from telegram import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message, Update
from telegram.error import BadRequest
from telegram.ext import CallbackQueryHandler, CommandHandler

from handlers.context import Context, Reader, Services, arguments, read
from handlers.keyboards import GO, data_under, go, going, rows
from handlers.players import NEW_FROM_PLAYER
from handlers.screens import answer, replace
from handlers.words import Words
from services.buttons import ExpiredButton, NotYours
from services.overview import Overview
from services.rules import GameRules

MOST_ARGUMENTS: Final = 8


@dataclass(frozen=True, slots=True)
class Screen:
    """What is shown: Telegram HTML and the buttons under it."""

    text: str
    keyboard: InlineKeyboardMarkup | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at a screen: who looks, and what he wrote behind the command or what the button says."""

    reader: Reader
    services: Services
    bot_name: str
    arguments: tuple[str, ...] = ()

    @property
    def words(self) -> Words:
        """Return the words in the reader's language."""
        return self.reader.words

    @property
    def rules(self) -> GameRules:
        """Return the figures of the game as they are in this chat."""
        return self.services.rules.in_chat(pot_on=self.reader.pot_on)

    @property
    def has_pot(self) -> bool:
        """Return whether this chat's messages feed a pot."""
        return self.rules.pot.enabled

    async def overview(self) -> Overview:
        """Return the game as it is for the reader in this chat."""
        return await self.services.overview(player_id=self.reader.player_id, chat_id=self.reader.chat_id)

    async def offer(self, actions: Mapping[str, Mapping[str, object]]) -> dict[str, str]:
        """Return tokens of buttons that act, of which the reader may press one, once."""
        reader = self.reader
        return await self.services.offer(player_id=reader.player_id, chat_id=reader.chat_id, actions=actions)

    def go(self, key: str, topic: str, *arguments: object, **facts: object) -> InlineKeyboardButton:
        """Return a button, named by ``key``, that shows another screen to this reader alone."""
        return go(self.words.plain(key, **facts), topic, *arguments, owner=self.reader.player_id)


Draw = Callable[[Look], Awaitable[Screen | None]]
"""Draws a screen, or does something of which the outbox tells."""


def on_command(name: str, draw: Draw, *, is_private: bool = False) -> CommandHandler[Context, None]:
    """Return a handler that shows a screen for a command; a private one only points to itself in groups."""

    async def show(update: Update, context: Context) -> None:
        message = cast("Message", update.effective_message)
        look = await look_of(update, context, tuple(arguments(message).split(maxsplit=MOST_ARGUMENTS)))
        screen = pointer(look, name) if is_private and look.reader.in_group else await draw(look)
        if screen is not None:
            await answer(message, screen.text, screen.keyboard)

    return CommandHandler(name, show, filters=NEW_FROM_PLAYER)


def on_button(topic: str, draw: Draw, *, is_private: bool = False) -> CallbackQueryHandler[Context, None]:
    """Return a handler that shows a screen for the buttons of a topic, to their owner alone."""

    async def show(update: Update, context: Context) -> None:
        query = cast("CallbackQuery", update.callback_query)
        look = await pressed(update, context)
        if is_private and look.reader.in_group:
            raise ExpiredButton
        screen = await draw(look)
        await acknowledge(query)
        if screen is not None:
            await replace(query, screen.text, screen.keyboard)

    return CallbackQueryHandler(show, pattern=f"^{GO}{topic}:")


async def look_of(update: Update, context: Context, words: tuple[str, ...]) -> Look:
    """Return the look of whoever is behind an update."""
    reader = await read(update, context)
    return Look(reader=reader, services=context.services, bot_name=context.bot.username, arguments=words)


async def pressed(update: Update, context: Context) -> Look:
    """Return the look of a player who pressed a button that shows something.

    Raises:
        NotYours: it is under another player's screen.
        ExpiredButton: the data was changed, or put under a message that has no such buttons.
    """
    query = cast("CallbackQuery", update.callback_query)
    words, owner = going(query.data or "")
    look = await look_of(update, context, tuple(words))
    if owner is None or len(words) > MOST_ARGUMENTS:
        raise ExpiredButton
    if owner != look.reader.player_id:
        raise NotYours
    if not _is_under_own_screen(query, owner):
        raise ExpiredButton
    return look


def _is_under_own_screen(query: CallbackQuery, owner: int) -> bool:
    """Return whether the message is a screen of ``owner``: forged data must not overwrite others."""
    data = data_under(query.message)
    return any(isinstance(one, str) and one.startswith(GO) and going(one)[1] == owner for one in data)


async def acknowledge(query: CallbackQuery, text: str | None = None) -> None:
    """Answer a press, without words if there are none; that it has waited too long doesn't matter."""
    with suppress(BadRequest):
        await query.answer(text)


def pointer(look: Look, name: str) -> Screen:
    """Return where a private matter can be read."""
    link = f"https://t.me/{look.bot_name}?start={name}"
    button = InlineKeyboardButton(look.words.plain("button.private"), url=link)
    return Screen(look.words("private.pointer"), rows([button]))
