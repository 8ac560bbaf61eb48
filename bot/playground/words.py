"""Messages in a few words: the line of a service message, what the list of chats says, whom it is from."""

from bot.playground.models import Json, Message

_SERVICE = {
    "new_chat_members": "joined",
    "left_chat_member": "left",
    "new_chat_title": "renamed the group",
    "pinned_message": "pinned a message",
    "migrate_to_chat_id": "made this a supergroup",
    "migrate_from_chat_id": "made this a supergroup",
    "forum_topic_created": "opened the topic",
    "forum_topic_closed": "closed the topic",
    "forum_topic_reopened": "opened the topic again",
    "successful_payment": "paid",
    "refunded_payment": "got back",
}
_SYMBOLS = {
    "sticker": "🎉",
    "voice": "🎤",
    "dice": "🎲",
    "video": "🎬",
    "location": "📍",
    "contact": "👤",
    "photo": "🖼",
    "document": "📎",
}
_PAYMENTS = ("successful_payment", "refunded_payment")


def line_of(message: Message) -> str:
    """Return a message in one line."""
    content = message.content
    for name in ("text", "caption"):
        if name in content:
            return str(content[name])
    if message.service:
        return service_text(message) or ""
    kind = next(iter(content), "")
    if kind == "invoice":
        return f"🧾 {content['invoice']['title']}"
    if kind == "poll":
        return f"📊 {content['poll']['question']}"
    return _SYMBOLS.get(kind, kind)


def service_text(message: Message) -> str | None:
    """Return the line of a service message, None for ordinary ones."""
    for name, words in _SERVICE.items():
        if name in message.content:
            who = message.content[name]
            if name == "new_chat_members":
                return f"{', '.join(one['first_name'] for one in who)} {words}"
            if name == "left_chat_member":
                return f"{who['first_name']} {words}"
            what = f" “{who['name']}”" if name == "forum_topic_created" else ""
            if name in _PAYMENTS:
                what = f" {who['total_amount']} Stars"
            return f"{author_of(message)['first_name'] or 'Somebody'} {words}{what}"
    return None


def author_of(message: Message) -> Json:
    """Return whom a message is from: a user, a chat, or nobody."""
    sender, chat = message.sender, message.extra.get("sender_chat")
    if chat is not None:
        title = chat.get("title", "")
        return {"id": chat["id"], "name": title, "first_name": title, "is_bot": False}
    if sender is None:
        return {"id": 0, "name": "", "first_name": "", "is_bot": False}
    name = " ".join(filter(None, (sender.first_name, sender.last_name)))
    return {"id": sender.id, "name": name, "first_name": sender.first_name, "is_bot": sender.is_bot}
