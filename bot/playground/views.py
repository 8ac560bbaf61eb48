"""Shows users, chats, members and messages as the Bot API does."""

from bot.playground.models import Chat, Json, Member, Message, User

GIFTS = {
    "unlimited_gifts": True,
    "limited_gifts": True,
    "unique_gifts": True,
    "premium_subscription": True,
    "gifts_from_channels": True,
}
_RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_pin_messages",
)
_PERMISSIONS = (
    "can_send_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_react_to_messages",
    "can_edit_tag",
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_manage_topics",
)


def user_json(user: User) -> Json:
    """Return a ``User``."""
    view: Json = {"id": user.id, "is_bot": user.is_bot, "first_name": user.first_name}
    if user.last_name:
        view["last_name"] = user.last_name
    if user.username:
        view["username"] = user.username
    if user.language_code and not user.is_bot:
        view["language_code"] = user.language_code
    if user.is_premium:
        view["is_premium"] = True
    return view


def chat_json(chat: Chat) -> Json:
    """Return a ``Chat``."""
    if chat.user is not None:
        view: Json = {"id": chat.id, "first_name": chat.user.first_name, "type": "private"}
        if chat.user.last_name:
            view["last_name"] = chat.user.last_name
        if chat.user.username:
            view["username"] = chat.user.username
        return view
    view = {"id": chat.id, "title": chat.title or "", "type": chat.type}
    if chat.username:
        view["username"] = chat.username
    if chat.forum:
        view["is_forum"] = True
    return view


def message_json(message: Message, *, nested: bool = False) -> Json:
    """Return a ``Message``; what it replies to is shown one level deep."""
    view: Json = {"message_id": message.id}
    if message.sender is not None:
        view["from"] = user_json(message.sender)
    view["chat"] = chat_json(message.chat)
    view["date"] = message.date
    if message.edit_date is not None:
        view["edit_date"] = message.edit_date
    if message.thread is not None:
        view["message_thread_id"] = message.thread
        view["is_topic_message"] = True
    view.update(message.extra)
    answered = message.reply_to or _topic_begin(message)
    if answered is not None and not answered.deleted and not nested:
        view["reply_to_message"] = message_json(answered, nested=True)
    view.update(message.content)
    if message.markup is not None:
        view["reply_markup"] = message.markup
    return view


def _topic_begin(message: Message) -> Message | None:
    """Return the message that opened a topic: what answers nothing in it is shown as an answer to that one."""
    begin = message.chat.messages.get(message.thread) if message.thread is not None else None
    return begin if begin is not message and begin and "forum_topic_created" in begin.content else None


def inaccessible_json(chat: Chat, message_id: int) -> Json:
    """Return an ``InaccessibleMessage``."""
    return {"chat": chat_json(chat), "message_id": message_id, "date": 0}


def member_json(member: Member) -> Json:
    """Return a ``ChatMember`` with the fields of its status."""
    view: Json = {"user": user_json(member.user), "status": member.status}
    if member.status == "creator":
        view["is_anonymous"] = member.anonymous
    elif member.status == "administrator":
        view |= {"can_be_edited": False, "is_anonymous": member.anonymous} | dict.fromkeys(_RIGHTS, True)
    elif member.status == "restricted":
        view |= {"is_member": True, "until_date": 0} | dict.fromkeys(_PERMISSIONS, False)
    elif member.status == "kicked":
        view["until_date"] = 0
    return view


def chat_full_json(chat: Chat) -> Json:
    """Return a ``ChatFullInfo``."""
    view = chat_json(chat)
    view |= {"accent_color_id": abs(chat.id) % 7, "max_reaction_count": 11, "accepted_gift_types": GIFTS}
    if chat.user is None:
        view["permissions"] = dict.fromkeys(_PERMISSIONS, True)
    if chat.pinned and (pinned := chat.messages.get(chat.pinned[-1])):
        view["pinned_message"] = message_json(pinned, nested=True)
    return view
