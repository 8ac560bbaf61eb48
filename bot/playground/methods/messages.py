"""Methods that send, forward and copy texts, drafts and actions."""

from bot.playground.errors import bad_request
from bot.playground.formatting import MAX_TEXT
from bot.playground.models import Draft, Json, Message
from bot.playground.registry import SEND, Call, method
from bot.playground.sending import (
    caption_content,
    post,
    read_text,
    target_chat,
    text_content,
    thread_of,
)
from bot.playground.views import user_json

DRAFT_SECONDS = 30.0
TYPING_SECONDS = 5.0
_ACTION_NAMES = (
    "typing upload_photo record_video upload_video record_voice upload_voice upload_document choose_sticker"
    " find_location record_video_note upload_video_note"
)
_ACTIONS = frozenset(_ACTION_NAMES.split())
_MEDIA = ("document", "photo", "video", "voice", "audio", "animation")


@method("sendMessage", "chat_id! text! parse_mode entities link_preview_options" + SEND, sends=True)
def send_message(call: Call) -> Json:
    """Send a text."""
    content = text_content(call)
    return post(call, target_chat(call), content)


@method("sendMessageDraft", "chat_id! message_thread_id draft_id! text parse_mode entities")
def send_message_draft(call: Call) -> bool:
    """Show a text that is still being written; private chats only, for 30 s."""
    text, entities = read_text(call, "text", entities="entities", limit=MAX_TEXT)
    chat = target_chat(call)
    if not chat.private:
        raise bad_request("TEXTDRAFT_PEER_INVALID")
    if not call.number("draft_id"):
        raise bad_request("RANDOM_ID_INVALID")
    thread = thread_of(call, chat)
    expires_at = call.core.time() + DRAFT_SECONDS
    chat.draft = Draft(call.number("draft_id"), text, entities, thread, expires_at)
    call.core.signals.fire("draft", chat=chat.id)
    return True


@method("sendChatAction", "business_connection_id chat_id! message_thread_id action!")
def send_chat_action(call: Call) -> bool:
    """Show that the bot is typing."""
    if call.text("action").lower() not in _ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat = target_chat(call)
    thread_of(call, chat)
    chat.typing_until = call.core.time() + TYPING_SECONDS
    call.core.signals.fire("typing", chat=chat.id)
    return True


def _source(call: Call, verb: str) -> Message:
    origin = target_chat(call, write=False, name="from_chat_id")
    message = origin.messages.get(call.number("message_id"))
    if message is None:
        raise bad_request(f"message to {verb} not found")
    if verb == "copy" and "invoice" in message.content:
        raise bad_request("message can't be copied")
    if message.service or (verb == "forward" and "has_protected_content" in message.extra):
        raise bad_request(f"message can't be {'copied' if verb == 'copy' else 'forwarded'}")
    return message


@method(
    "forwardMessage",
    "chat_id! message_thread_id direct_messages_topic_id from_chat_id! video_start_timestamp"
    " disable_notification protect_content message_effect_id suggested_post_parameters message_id!",
    sends=True,
)
def forward_message(call: Call) -> Json:
    """Forward a message."""
    chat = target_chat(call)
    source = _source(call, "forward")
    return post(call, chat, dict(source.content), {"forward_origin": origin_of(source)})


def origin_of(source: Message) -> Json:
    """Return where a forwarded message came from first."""
    if "forward_origin" in source.extra:
        origin: Json = source.extra["forward_origin"]
        return origin
    if "sender_chat" in source.extra:
        return {"type": "chat", "date": source.date, "sender_chat": source.extra["sender_chat"]}
    assert source.sender is not None
    return {"type": "user", "date": source.date, "sender_user": user_json(source.sender)}


@method(
    "copyMessage",
    "chat_id! from_chat_id! message_id! video_start_timestamp caption parse_mode caption_entities"
    " show_caption_above_media" + SEND.replace("business_connection_id", ""),
    sends=True,
)
def copy_message(call: Call) -> Json:
    """Send a message again without its origin."""
    chat = target_chat(call)
    source = _source(call, "copy")
    content = dict(source.content)
    if call.get("caption") is not None and any(name in content for name in _MEDIA):
        content.pop("caption_entities", None)
        content |= {"caption": ""} | caption_content(call)
    sent = post(call, chat, content)
    return {"message_id": sent["message_id"]}
