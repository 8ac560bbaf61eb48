"""/settings: what the admins of a group choose for it, by buttons in one message."""

from dataclasses import replace
from typing import cast

from telegram import CallbackQuery, Message, Update
from telegram.ext import CallbackQueryHandler, CommandHandler

from handlers.admins import admin_rights
from handlers.anonymous import register_anonymous
from handlers.context import App, Context
from handlers.keyboards import GO
from handlers.navigation import Look, Screen, acknowledge, look_of, pressed
from handlers.players import NEW_FROM_PLAYER
from handlers.screens import answer
from handlers.screens import replace as replace_screen
from handlers.setting_choices import CHOICES, choice, settings_screen, wish
from handlers.words import language_of
from services.buttons import ExpiredButton
from services.group_settings import BadSetting
from services.reset import NotAdmin


async def on_settings(update: Update, context: Context) -> None:
    """Show the settings to an admin of the group.

    Raises:
        NotAdmin: the caller is none.
    """
    message = cast("Message", update.effective_message)
    look = await look_of(update, context, ())
    if not look.reader.in_group:
        await answer(message, look.words("settings.private"))
        return
    await _check_rights(look, context)
    screen = await _draw(look)
    await answer(message, screen.text, screen.keyboard)


async def on_open(update: Update, context: Context, _: Message) -> None:
    """Show the settings to the admin who pressed the button under an anonymous admin's question.

    Raises:
        ExpiredButton: there is no such button in private chats.
        NotAdmin: somebody else pressed it.
    """
    look = await look_of(update, context, ())
    if not look.reader.in_group:
        raise ExpiredButton
    await _check_rights(look, context)
    await _show(cast("CallbackQuery", update.callback_query), await _draw(look))


async def on_settings_button(update: Update, context: Context) -> None:
    """Show a choice, or make one and show the settings as they are now.

    Raises:
        ExpiredButton: the button was changed.
        NotAdmin: the rights are gone.
    """
    query = cast("CallbackQuery", update.callback_query)
    look = await pressed(update, context)
    if not look.reader.in_group:
        raise ExpiredButton
    await _check_rights(look, context)
    await _show(query, await _draw(look))


async def _show(query: CallbackQuery, screen: Screen) -> None:
    await acknowledge(query)
    await replace_screen(query, screen.text, screen.keyboard)


async def _check_rights(look: Look, context: Context) -> None:
    reader = look.reader
    if not await admin_rights(context, reader.chat.id, reader.user.id, live=False):
        raise NotAdmin


async def _draw(look: Look) -> Screen:
    """Return the screen that a button asks for; one that sets something is done before.

    Raises:
        ExpiredButton: it asks for nothing that there is.
    """
    match look.arguments:
        case ():
            return settings_screen(look)
        case ("set", name, value):
            return settings_screen(await _set(look, name, value))
        case (name, *more) if name in CHOICES:
            return choice(look, name, more)
        case _:
            raise ExpiredButton


async def _set(look: Look, name: str, value: str) -> Look:
    """Make a choice and return the look at the group as it is now."""
    column, wanted = wish(look, name, value)
    reader = look.reader
    try:
        group = await look.services.change_group(
            chat_id=reader.chat_id, player_id=reader.player_id, name=column, value=wanted
        )
    except BadSetting:
        raise ExpiredButton from None
    own = reader.player.language or reader.player.telegram_language
    words = look.services.words[language_of(group.language or own)]
    return replace(look, reader=replace(reader, group=group, words=words))


def register(application: App) -> None:
    """Listen to /settings and its buttons."""
    application.add_handler(CommandHandler("settings", on_settings, filters=NEW_FROM_PLAYER))
    register_anonymous(application, "settings", on_open)
    application.add_handler(CallbackQueryHandler(on_settings_button, pattern=f"^{GO}settings:"))
