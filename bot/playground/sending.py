"""What all sending methods share: the target chat, the reply, the thread, the text, the new message."""

from typing import Any

from bot.playground.errors import ApiError, bad_request, forbidden
from bot.playground.formatting import MAX_CAPTION, MAX_TEXT, read_formatted
from bot.playground.markup import read_markup
from bot.playground.models import ADMINS, PRESENT, Chat, Json, Message, User
from bot.playground.registry import Call
from bot.playground.utf16 import utf16_length
from bot.playground.views import message_json


def target_chat(call: Call, *, write: bool = True, name: str = "chat_id") -> Chat:
    """Return the chat of a call.

    Raises:
        ApiError: no such chat, or the bot may not write (or, in groups, look) there.
    """
    chat = _known_chat(call, call.get(name))
    if chat.migrated_to is not None:
        text = "group chat was upgraded to a supergroup chat"
        raise bad_request(text, {"migrate_to_chat_id": chat.migrated_to})
    if chat.user is not None:
        if write:
            _check_person(call, chat, chat.user)
    elif (status := chat.status_of(call.core.bot.id)) not in PRESENT:
        _refuse(chat, status, write=write)
    return chat


def _known_chat(call: Call, chat_id: Any) -> Chat:
    core = call.core
    if isinstance(chat_id, str):
        name = chat_id[1:].lower()
        found = [chat for chat in core.chats.values() if (chat.username or "").lower() == name]
        chat = found[0] if found and name else None
    else:
        chat = core.chats.get(chat_id)
    if chat is not None and (chat.user is None or chat.started):
        return chat
    user = core.users.get(chat_id) if isinstance(chat_id, int) else None
    if user is None or user is core.bot:
        raise bad_request("chat not found")
    if user.is_bot:
        raise forbidden("bot can't send messages to bots")
    if _met(call, user):
        raise forbidden("bot can't initiate conversation with a user")
    raise bad_request("chat not found")


def _met(call: Call, user: User) -> bool:
    """Tell whether the bot has seen this user in a group."""
    groups = (chat for chat in call.core.chats.values() if not chat.private)
    return any(user.id in chat.members and call.core.bot_in(chat) for chat in groups)


def _check_person(call: Call, chat: Chat, user: User) -> None:
    if user.deactivated:
        raise forbidden("user is deactivated")
    if user.blocked:
        raise forbidden("bot was blocked by the user")


def _refuse(chat: Chat, status: str, *, write: bool) -> None:
    if status == "restricted":
        if write:
            raise bad_request("not enough rights to send text messages to the chat")
        return
    if status == "kicked":
        raise forbidden(f"bot was kicked from the {chat.type} chat")
    raise forbidden(f"bot is not a member of the {chat.type} chat")


def read_text(call: Call, name: str, *, entities: str, limit: int) -> tuple[str, list[Json]]:
    """Return a text parameter with its entities, checked for length after parsing.

    Raises:
        ApiError: too long, or markup that Telegram refuses.
    """
    raw = call.text(name)
    find_user = call.core.find_user
    text, found = read_formatted(raw, call.get("parse_mode"), call.get(entities), find_user)
    if utf16_length(text) > limit:
        raise bad_request("message is too long" if limit == MAX_TEXT else "message caption is too long")
    return text, found


def text_content(call: Call) -> Json:
    """Return the content of a text message.

    Raises:
        ApiError: an empty or too long text, or markup that Telegram refuses.
    """
    text, entities = read_text(call, "text", entities="entities", limit=MAX_TEXT)
    if not text:
        raise bad_request("text must be non-empty")
    content: Json = {"text": text}
    if entities:
        content["entities"] = entities
    preview = call.get("link_preview_options")
    if isinstance(preview, dict) and any(entity["type"] in ("url", "text_link") for entity in entities):
        content["link_preview_options"] = preview
    return content


def caption_content(call: Call) -> Json:
    """Return the caption's part of a content.

    Raises:
        ApiError: too long, or markup that Telegram refuses.
    """
    text, entities = read_text(call, "caption", entities="caption_entities", limit=MAX_CAPTION)
    if not text:
        return {}
    return {"caption": text} | ({"caption_entities": entities} if entities else {})


def reply_target(call: Call, chat: Chat) -> Message | None:
    """Return the message that a call replies to.

    Raises:
        ApiError: it doesn't exist and the call doesn't allow for that.
    """
    raw = call.get("reply_parameters")
    if raw in (None, "", {}):
        return None
    if not isinstance(raw, dict) or not isinstance(raw.get("message_id"), int):
        raise bad_request("can't parse ReplyParameters: message identifier is not specified")
    place = call.core.chats.get(raw.get("chat_id", chat.id))
    message = place.messages.get(raw["message_id"]) if place else None
    if message is not None:
        return message
    if raw.get("allow_sending_without_reply"):
        return None
    raise bad_request("message to be replied not found")


def thread_of(call: Call, chat: Chat) -> int | None:
    """Return the topic of a call.

    Raises:
        ApiError: the chat has no such topic, or it is closed.
    """
    thread = call.number("message_thread_id")
    if thread and thread not in chat.threads:
        raise bad_request("message thread not found")
    if thread and chat.threads[thread].closed and chat.status_of(call.core.bot.id) not in ADMINS:
        raise bad_request("TOPIC_CLOSED")
    return thread or None


def post(call: Call, chat: Chat, content: Json, extra: Json | None = None) -> Json:
    """Send a message of the bot and return it."""
    thread, reply_to = thread_of(call, chat), reply_target(call, chat)
    markup, editable = read_markup(call.get("reply_markup"))
    extra = dict(extra or {})
    if call.flag("protect_content"):
        extra["has_protected_content"] = True
    chat.draft, chat.typing_until = None, 0.0
    if reply_to is not None and thread is None and reply_to.thread in chat.threads:
        thread = reply_to.thread
    message = call.core.add_message(
        chat, call.core.bot, content, extra=extra, reply_to=reply_to, thread=thread, markup=markup
    )
    message.editable = editable
    return message_json(message)


def own_message(call: Call, chat: Chat) -> Message:
    """Return the bot's message that a call wants to edit.

    Raises:
        ApiError: it doesn't exist or isn't the bot's to edit.
    """
    message = chat.messages.get(call.number("message_id"))
    if message is None:
        raise bad_request("message to edit not found")
    if message.sender is not call.core.bot or message.service or not message.editable:
        raise bad_request("message can't be edited")
    return message


def not_modified() -> ApiError:
    """Return the refusal of an edit that changes nothing."""
    return bad_request(
        "message is not modified: specified new message content and reply markup are exactly the same"
        " as a current content and reply markup of the message"
    )
