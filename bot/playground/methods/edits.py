"""Methods that change, delete, pin and react to messages."""

from typing import Any

from bot.playground.errors import bad_request
from bot.playground.markup import read_markup
from bot.playground.models import ADMINS, Chat, Json, Message
from bot.playground.registry import Call, method
from bot.playground.sending import caption_content, not_modified, own_message, target_chat, text_content
from bot.playground.views import message_json

_WHICH = "business_connection_id chat_id message_id inline_message_id"
_DELETABLE_SECONDS = 48 * 3_600
_EMOJI_TEXT = (
    "❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤‍🔥 "
    "🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨‍💻 👀 🎃 🙈 😇 😨 "
    "🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀ 😡 "
)
_EMOJI = frozenset(_EMOJI_TEXT.split())


def _to_edit(call: Call) -> Message:
    if call.get("inline_message_id"):
        raise bad_request("MESSAGE_ID_INVALID")
    if not call.get("chat_id"):
        raise bad_request("chat_id is empty")
    chat = target_chat(call)
    if not call.number("message_id"):
        raise bad_request("message identifier is not specified")
    return own_message(call, chat)


def _apply(call: Call, message: Message, content: Json, markup: Json | None) -> Json:
    if content == message.content and markup == message.markup:
        raise not_modified()
    if content != message.content:
        message.edit_date = int(call.core.time())
    message.content, message.markup = content, markup
    call.core.signals.fire("edit", chat=message.chat.id, message=message.id)
    return message_json(message)


@method("editMessageText", f"{_WHICH} text! parse_mode entities link_preview_options reply_markup")
def edit_message_text(call: Call) -> Json:
    """Change the text of a message; without a keyboard in the call, its keyboard goes."""
    content = text_content(call)
    markup, _ = read_markup(call.get("reply_markup"), inline_only=True)
    message = _to_edit(call)
    if "text" not in message.content:
        raise bad_request("there is no text in the message to edit")
    return _apply(call, message, content, markup)


@method(
    "editMessageCaption",
    f"{_WHICH} caption parse_mode caption_entities show_caption_above_media reply_markup",
)
def edit_message_caption(call: Call) -> Json:
    """Change the caption of a photo or document."""
    caption = caption_content(call)
    markup, _ = read_markup(call.get("reply_markup"), inline_only=True)
    message = _to_edit(call)
    if "text" in message.content:
        raise bad_request("there is no caption in the message to edit")
    rest = {name: value for name, value in message.content.items() if not name.startswith("caption")}
    return _apply(call, message, rest | caption, markup)


@method("editMessageReplyMarkup", f"{_WHICH} reply_markup")
def edit_message_reply_markup(call: Call) -> Json:
    """Change or remove the keyboard of a message."""
    markup, _ = read_markup(call.get("reply_markup"), inline_only=True)
    message = _to_edit(call)
    return _apply(call, message, message.content, markup)


@method("deleteMessage", "chat_id! message_id!")
def delete_message(call: Call) -> bool:
    """Delete a message for everybody."""
    chat = target_chat(call, write=False)
    message = chat.messages.get(call.number("message_id"))
    if message is None:
        raise bad_request("message to delete not found")
    _check_deletable(call, chat, message)
    drop_message(call, chat, message)
    return True


@method("deleteMessages", "chat_id! message_ids!")
def delete_messages(call: Call) -> bool:
    """Delete several messages; those that are missing are skipped."""
    chat, ids = target_chat(call, write=False), call.get("message_ids")
    if not isinstance(ids, list) or not all(type(one) is int for one in ids):
        raise bad_request("can't parse message identifiers: expected an Array of Number")
    if not 1 <= len(ids) <= 100:
        raise bad_request("too many messages to delete" if ids else "message identifiers are not specified")
    found = [message for one in ids if (message := chat.messages.get(one)) is not None]
    for message in found:
        _check_deletable(call, chat, message)
    for message in found:
        drop_message(call, chat, message)
    return True


def _check_deletable(call: Call, chat: Chat, message: Message) -> None:
    core = call.core
    admin = chat.status_of(core.bot.id) in ADMINS
    if not chat.private and message.sender is not core.bot and not admin:
        raise bad_request("message can't be deleted")
    if not admin and core.time() - message.date > _DELETABLE_SECONDS:
        raise bad_request("message can't be deleted for everyone")


def drop_message(call: Call, chat: Chat, message: Message) -> None:
    """Take a message out of its chat."""
    chat.messages.pop(message.id, None)
    message.deleted = True
    if message.id in chat.pinned:
        chat.pinned.remove(message.id)
    call.core.signals.fire("delete", chat=chat.id, message=message.id)


def _check_pins(call: Call, chat: Chat) -> None:
    if not chat.private and chat.status_of(call.core.bot.id) not in ADMINS:
        raise bad_request("not enough rights to manage pinned messages in the chat")


@method("pinChatMessage", "business_connection_id chat_id! message_id! disable_notification")
def pin_chat_message(call: Call) -> bool:
    """Pin a message; the chat is told by a service message."""
    chat = target_chat(call)
    _check_pins(call, chat)
    message = chat.messages.get(call.number("message_id"))
    if message is None:
        raise bad_request("message to pin not found")
    if message.id in chat.pinned:
        chat.pinned.remove(message.id)
    chat.pinned.append(message.id)
    content = {"pinned_message": message_json(message, nested=True)}
    call.core.add_message(chat, call.core.bot, content, service=True)
    return True


@method("unpinChatMessage", "business_connection_id chat_id! message_id")
def unpin_chat_message(call: Call) -> bool:
    """Unpin a message, by default the last pinned one."""
    chat = target_chat(call)
    _check_pins(call, chat)
    wanted = call.number("message_id") or (chat.pinned[-1] if chat.pinned else 0)
    if wanted not in chat.pinned:
        raise bad_request("message to unpin not found")
    chat.pinned.remove(wanted)
    call.core.signals.fire("pin", chat=chat.id, message=wanted)
    return True


@method("unpinAllChatMessages", "chat_id!")
def unpin_all_chat_messages(call: Call) -> bool:
    """Unpin all messages of a chat."""
    chat = target_chat(call)
    _check_pins(call, chat)
    chat.pinned.clear()
    call.core.signals.fire("pin", chat=chat.id)
    return True


@method("setMessageReaction", "chat_id! message_id! reaction is_big")
def set_message_reaction(call: Call) -> bool:
    """Put the bot's reaction on a message, or take it away."""
    chat = target_chat(call)
    message = chat.messages.get(call.number("message_id"))
    if message is None:
        raise bad_request("message to react not found")
    message.reactions = _reactions(call.get("reaction") or [])
    call.core.signals.fire("reaction", chat=chat.id, message=message.id)
    return True


def _reactions(raw: Any) -> list[Json]:
    if not isinstance(raw, list) or not all(isinstance(one, dict) for one in raw):
        raise bad_request("can't parse reaction types: expected an Array of ReactionType")
    if len(raw) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    if any(one.get("type") != "emoji" or one.get("emoji") not in _EMOJI for one in raw):
        raise bad_request("REACTION_INVALID")
    return raw
