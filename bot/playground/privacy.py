"""Privacy mode: which messages a bot gets to see."""

from typing import TYPE_CHECKING

from bot.playground.models import ADMINS, Json, Message
from bot.playground.utf16 import cut

if TYPE_CHECKING:
    from bot.playground.core import Core

_OWN_SERVICE = {"pinned_message"}


def bot_sees(core: "Core", message: Message) -> bool:
    """Tell whether an update about this message goes to the bot."""
    sender = message.sender
    if sender is core.bot:
        return message.service and bool(_OWN_SERVICE & message.content.keys())
    if not core.bot_in(message.chat) and not _about_bot(core, message):
        return False
    if sender is not None and sender.is_bot and "sender_chat" not in message.extra:
        return message.service
    if message.chat.private or message.service or not core.privacy:
        return True
    return message.chat.status_of(core.bot.id) in ADMINS or _addressed(core, message)


def _about_bot(core: "Core", message: Message) -> bool:
    left = message.content.get("left_chat_member")
    return bool(left and left["id"] == core.bot.id) or "migrate_to_chat_id" in message.content


def _addressed(core: "Core", message: Message) -> bool:
    if message.reply_to is not None and message.reply_to.sender is core.bot:
        return True
    via = message.extra.get("via_bot")
    if via is not None and via["id"] == core.bot.id:
        return True
    text = message.content.get("text") or message.content.get("caption") or ""
    entities = message.content.get("entities") or message.content.get("caption_entities") or []
    return any(_names_bot(core, message, text, entity) for entity in entities)


def _names_bot(core: "Core", message: Message, text: str, entity: Json) -> bool:
    kind = entity["type"]
    if kind == "text_mention":
        return bool(entity["user"]["id"] == core.bot.id)
    if kind not in ("mention", "bot_command"):
        return False
    word = cut(text, entity["offset"], entity["length"])
    name = word.partition("@")[2]
    if kind == "bot_command" and not name:
        return message.chat.last_bot_id in (None, core.bot.id)
    return name.lower() == (core.bot.username or "").lower()
