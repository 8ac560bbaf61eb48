"""Messages for the bot: text in private, replies, mentions and /ask in groups, /play; hints for the rest."""

from typing import cast

from telegram import Message, Update
from telegram.ext import CommandHandler, MessageHandler, filters

from handlers.attached import file_of, is_question
from handlers.context import App, Context, Reader, arguments, meet, read
from handlers.players import FROM_PLAYER
from handlers.said import is_reply_to, kept, message_of, without_mentions, words_of
from handlers.screens import answer
from services.rules import ModelRules

_NEW = filters.UpdateType.MESSAGE & FROM_PLAYER
_PRIVATE = filters.ChatType.PRIVATE
_GROUP = filters.ChatType.GROUPS
_ASKING = filters.TEXT | filters.PHOTO | filters.Document.ALL
# Things that are no question: stickers, voice, dice, polls and the like.
_OTHER = (
    filters.ATTACHMENT | filters.Dice.ALL | filters.POLL | filters.CONTACT | filters.LOCATION | filters.STORY
)


async def _take(update: Update, context: Context, text: str, *, always_paid: bool) -> None:
    message = cast("Message", update.effective_message)
    file = file_of(message, context.services.rules.model)
    met = await meet(update, context)
    text = kept(text, context.services.rules.talk.question_chars)
    await context.services.accept(message_of(message, met, text, always_paid=always_paid, file=file))


async def on_private(update: Update, context: Context) -> None:
    """Take what is written in a private chat, or a file that the model can look at.

    Raises:
        PhotoUnseen, FileTooBig: its file can't be looked at; nothing is charged.
    """
    message = cast("Message", update.effective_message)
    if is_question(message, context.services.rules.model):
        await _take(update, context, words_of(message), always_paid=False)
    else:
        await on_other(update, context)


async def on_group(update: Update, context: Context) -> None:
    """Take a group message that is for the bot; all others are none of its business.

    Raises:
        PhotoUnseen, FileTooBig: its file can't be looked at; nothing is charged.
    """
    message = cast("Message", update.effective_message)
    text = without_mentions(message, context.bot.username)
    if text is None and is_reply_to(message, context.bot.id):
        text = words_of(message)
    if text is None or not is_question(message, context.services.rules.model):
        return
    if text.strip() or not message.text:
        await _take(update, context, text, always_paid=True)
    else:
        await _explain(update, context, "ask.how")


async def on_play(update: Update, context: Context) -> None:
    """Take a message that skips the free lane."""
    message = cast("Message", update.effective_message)
    reader = await read(update, context)
    if reader.in_group:
        await answer(message, reader.words("play.private_only"))
    elif text := arguments(message):
        await _take(update, context, text, always_paid=True)
    else:
        await _explain(update, context, "play.how")


async def on_ask(update: Update, context: Context) -> None:
    """Take a question of a group; in private it is a message like any other."""
    message = cast("Message", update.effective_message)
    if text := arguments(message):
        await _take(update, context, text, always_paid=message.chat.type != "private")
    else:
        await _explain(update, context, "ask.how")


async def _explain(update: Update, context: Context, key: str) -> None:
    reader = await read(update, context)
    await answer(cast("Message", update.effective_message), reader.words(_variant(key, reader, context)))


def _variant(key: str, reader: Reader, context: Context) -> str:
    without_pot = f"{key}_no_pot"
    rules = context.services.rules.in_chat(pot_on=reader.pot_on)
    return without_pot if not rules.pot.enabled and without_pot in reader.words else key


async def on_other(update: Update, context: Context) -> None:
    """Hint, rarely, at what is understood; nothing is charged."""
    message = cast("Message", update.effective_message)
    if message.media_group_id is not None:
        return  # the words of an album stand under one of its pictures
    reader = await read(update, context)
    if await context.services.may_hint(player_id=reader.player_id):
        await answer(message, reader.words(_hint(context.services.rules.model)))


def _hint(rules: ModelRules) -> str:
    if not rules.is_there:
        return "hint.kinds"
    return "hint.kinds_photos" if rules.sees_photos else "hint.kinds_documents"


def register(application: App) -> None:
    """Listen to messages; commands of other topics are registered before this."""
    application.add_handler(CommandHandler("play", on_play, filters=_NEW))
    application.add_handler(CommandHandler("ask", on_ask, filters=_NEW))
    application.add_handler(MessageHandler(_NEW & _PRIVATE & _ASKING & ~filters.COMMAND, on_private))
    application.add_handler(MessageHandler(_NEW & _GROUP & _ASKING & ~filters.COMMAND, on_group))
    application.add_handler(MessageHandler(_NEW & _PRIVATE & _OTHER, on_other))
