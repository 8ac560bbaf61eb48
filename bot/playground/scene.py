"""What the page shows of the fake Telegram to one user: chats, messages, draft, commands."""

from itertools import islice
from typing import Any

from bot.playground.models import Chat, Json, Message, Topic, User
from bot.playground.telegram import Telegram
from bot.playground.views import user_json
from bot.playground.words import author_of, line_of, service_text

_SHOWN_MESSAGES = 200
_SHOWN_WHOLE = ("sticker", "voice", "dice", "poll", "invoice")


def scene(telegram: Telegram, user_id: int | None, chat_id: int | None, *, running: bool | None) -> Json:
    """Return the whole state for a user who looks at a chat."""
    user = telegram.user(user_id) if user_id is not None else None
    chat = telegram.chat(chat_id) if chat_id is not None else None
    if user is not None and chat is not None and chat.messages:
        chat.read[user.id] = next(reversed(chat.messages))
    return {
        **clock_view(telegram),
        "bot": user_json(telegram.bot) | {"running": running, "description": _description(telegram, user)},
        "users": [
            user_view(one) | {"unread": _unread_of(telegram, one)}
            for one in telegram.users.values()
            if _person(telegram, one)
        ],
        "chats": [chat_view(one, user, telegram) for one in _chats(telegram, user)],
        "groups": [chat_view(one, user) for one in telegram.chats.values() if _is_group(one)],
        "moved_to": chat.migrated_to if chat else None,
        "messages": _messages(telegram, chat) if chat else [],
        "draft": _draft(telegram, chat),
        "typing": bool(chat and chat.typing_until > telegram.time()),
        "commands": _commands(telegram, chat, user),
        "version": telegram.signals.version,
    }


def clock_view(telegram: Telegram) -> Json:
    """Return the time here, and how far it is ahead of the machine's, in seconds."""
    return {"now": telegram.time(), "ahead": telegram.lead.seconds}


def topic_view(topic: Topic) -> Json:
    """Return a topic of a group."""
    return {"id": topic.id, "name": topic.name, "closed": topic.closed}


def _is_group(chat: Chat) -> bool:
    return not chat.private and chat.migrated_to is None


def _person(telegram: Telegram, user: User) -> bool:
    return user is not telegram.bot and user.id not in (777000, 1087968824, 136817688)


def user_view(user: User) -> Json:
    """Return a user for the page."""
    return user_json(user) | {"blocked": user.blocked, "language_code": user.language_code}


def _unread_of(telegram: Telegram, user: User) -> int:
    return sum(_unread(chat, user) for chat in _chats(telegram, user))


def _unread(chat: Chat, user: User | None) -> int:
    """Count what others have written since the user looked; service messages are no news."""
    seen, count = chat.read.get(user.id, 0) if user else 0, 0
    for message in reversed(chat.messages.values()):
        if message.id <= seen:
            break
        count += not message.service and message.author is not user
    return count


def _chats(telegram: Telegram, user: User | None) -> list[Chat]:
    if user is None:
        return list(telegram.chats.values())
    own = [] if user.is_bot else [telegram.private_chat(user)]
    return own + [one for one in telegram.chats.values() if _is_group(one) and user.id in one.members]


def chat_view(chat: Chat, user: User | None, telegram: Telegram | None = None) -> Json:
    """Return a chat for the list of chats."""
    title = chat.title if chat.user is None else (telegram.bot.first_name if telegram else "")
    last = next(reversed(chat.messages.values()), None)
    members = [
        {
            "id": one.user.id,
            "name": one.user.first_name,
            "status": one.status,
            "anonymous": one.anonymous,
        }
        for one in chat.members.values()
        if one.present
    ]
    return {
        "id": chat.id,
        "type": chat.type,
        "title": title,
        "unread": _unread(chat, user),
        "members": members,
        "forum": chat.forum,
        "topics": [topic_view(topic) for topic in chat.threads.values()] if chat.forum else [],
        "last_text": line_of(last) if last else "",
        "last_date": last.date if last else 0,
        "last_from": author_of(last)["first_name"] if last and not last.service else "",
        "user": chat.user.id if chat.user else None,
    }


def _description(telegram: Telegram, user: User | None) -> str:
    return telegram.profile.description_for(user.language_code if user else None)


def _messages(telegram: Telegram, chat: Chat) -> list[Json]:
    newest = list(islice(reversed(chat.messages.values()), _SHOWN_MESSAGES))
    return [_message(telegram, one) for one in reversed(newest)]


def _message(telegram: Telegram, message: Message) -> Json:
    content = message.content
    reply = message.reply_to
    return {
        "id": message.id,
        "author": message.author.id if message.author else 0,
        "from": {name: value for name, value in author_of(message).items() if name != "first_name"},
        "date": message.date,
        "text": content.get("text") or content.get("caption") or "",
        "entities": content.get("entities") or content.get("caption_entities") or [],
        "reply_to": _quoted(reply) if reply and not reply.deleted else None,
        "buttons": _buttons(message.markup),
        "edited": message.edit_date is not None,
        "kind": "service" if message.service else next(iter(content), "text"),
        "document": _document(telegram, content.get("document")),
        "photo": _photo(telegram, content.get("photo")),
        "pinned": message.id in message.chat.pinned,
        "service": service_text(message) if message.service else None,
        "forwarded": "forward_origin" in message.extra,
        "reactions": [one["emoji"] for one in message.reactions],
        "thread": message.thread,
    } | {name: content[name] for name in _SHOWN_WHOLE if name in content}


def _quoted(reply: Message) -> Json:
    return {"id": reply.id, "name": author_of(reply)["name"], "text": line_of(reply)[:120]}


def _buttons(markup: Json | None) -> list[list[Json]]:
    rows = markup["inline_keyboard"] if markup else []
    return [[_button(one) for one in row] for row in rows]


def _button(button: Json) -> Json:
    view = {"text": button["text"], "data": button.get("callback_data"), "url": button.get("url")}
    return view | ({"pay": True} if button.get("pay") else {})


def _document(telegram: Telegram, document: Any) -> Json | None:
    if document is None:
        return None
    name, size = document.get("file_name", "file"), document.get("file_size", 0)
    return {"name": name, "size": size, "url": _url(telegram, document["file_id"])}


def _photo(telegram: Telegram, photo: Any) -> Json | None:
    if not photo:
        return None
    size = photo[-1]
    url = _url(telegram, size["file_id"])
    return {"url": url, "width": size["width"], "height": size["height"]}


def _url(telegram: Telegram, file_id: str) -> str | None:
    """Return where a file can be fetched, None for one that isn't kept any more."""
    return f"/play/files/{file_id}" if file_id in telegram.files.by_id else None


def _draft(telegram: Telegram, chat: Chat | None) -> Json | None:
    if chat is None or chat.draft is None or chat.draft.expires_at <= telegram.time():
        return None
    return {"draft_id": chat.draft.draft_id, "text": chat.draft.text, "entities": chat.draft.entities}


def _commands(telegram: Telegram, chat: Chat | None, user: User | None) -> list[Json]:
    if chat is None or user is None:
        return []
    return telegram.profile.commands_for(chat, user.id, user.language_code)
