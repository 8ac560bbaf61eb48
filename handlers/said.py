"""What a message says to the bot: its words without the bot's name or the command before them."""

from telegram import Message, MessageEntity, User

from handlers.context import arguments, thread_of
from handlers.text import storable
from services.events import TurnFile
from services.people import Met
from services.turns import Message as NewMessage

_ASKING = frozenset({"ask", "play"})


def words_of(message: Message) -> str:
    """Return the text of a message or of what stands under its picture or file."""
    return message.text or message.caption or ""


def question_of(message: Message, username: str) -> str | None:
    """Return what a message that was taken before asks now, or None if it is another command now."""
    text = words_of(message)
    if text.startswith("/"):
        name, _, bot = text.split(maxsplit=1)[0][1:].casefold().partition("@")
        return arguments(message) if name in _ASKING and bot in ("", username.casefold()) else None
    without = without_mentions(message, username) if message.chat.type != "private" else None
    return text if without is None else without


def kept(text: str, most: int) -> str:
    """Return a text as it is kept, of at most ``most`` characters."""
    return storable(text[:most])


def is_reply_to(message: Message, bot_id: int) -> bool:
    """Return whether a message answers one of the bot's."""
    original = message.reply_to_message
    return original is not None and original.from_user is not None and original.from_user.id == bot_id


def without_mentions(message: Message, username: str) -> str | None:
    """Return the text without the bot's name, or None if the bot isn't mentioned."""
    kinds: list[str | None] = [MessageEntity.MENTION, MessageEntity.TEXT_MENTION]
    found = message.parse_entities(kinds) or message.parse_caption_entities(kinds)
    names = [
        said
        for entity, said in found.items()
        if said.casefold() == f"@{username}".casefold() or _is_named(entity.user, username)
    ]
    if not names:
        return None
    text = words_of(message)
    for name in names:
        text = text.replace(name, "", 1)
    return " ".join(text.split()) if "\n" not in text else text.strip()


def _is_named(user: User | None, username: str) -> bool:
    return user is not None and user.username is not None and user.username.casefold() == username.casefold()


def message_of(
    message: Message, met: Met, text: str, *, always_paid: bool, file: TurnFile | None = None
) -> NewMessage:
    """Return a message of Telegram's as the services take it, with the words that are asked."""
    return NewMessage(
        player_id=met.player_id,
        chat_id=met.chat_id,
        telegram_chat_id=message.chat_id,
        message_id=message.message_id,
        thread_id=thread_of(message),
        media_group_id=message.media_group_id,
        sent_at=message.date,
        text=text,
        always_paid=always_paid,
        file=file,
    )
