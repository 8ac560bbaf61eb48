"""What people do in the playground: write, edit, press, delete; and updates that come on demand."""

import json
import re
from typing import Any

from bot.playground.contents import content_of
from bot.playground.errors import PlayError
from bot.playground.methods.messages import origin_of
from bot.playground.models import (
    CHANNEL_BOT_ID,
    GROUP_ANONYMOUS_ID,
    SERVICE_ID,
    Chat,
    Json,
    Message,
    Topic,
    User,
)
from bot.playground.queries import Press
from bot.playground.rights import check_alive, check_present
from bot.playground.topics import Topics
from bot.playground.updates import QUERY_TTL_SECONDS, Item
from bot.playground.views import chat_json, inaccessible_json, message_json, user_json

_UPDATE_ID = re.compile(r'"update_id"\s*:\s*(-?\d{1,19})\s*[,}]')
_INLINE_BOT = {"id": 7_000_000_099, "is_bot": True, "first_name": "Inline", "username": "inline_bot"}


class People(Topics):
    """The users' side of the fake Telegram."""

    def say(
        self,
        user: User | int,
        chat: Chat | User | int | None = None,
        text: str | None = None,
        *,
        reply_to: int | None = None,
        entities: list[Json] | None = None,
        kind: str = "text",
        caption: str | None = None,
        media_group_id: str | None = None,
        forward: bool | Json = False,
        date: int | None = None,
        thread: int | None = None,
        sender_chat: int | str | None = None,
        via_bot: int | bool | None = None,
    ) -> Json:
        """Write as a user into a chat, by default the private one with the bot; return the message.

        ``sender_chat`` is "anonymous" (as the group itself; so do anonymous admins anyway) or the id of a
        channel; ``date`` is in Unix seconds; a ``thread`` that doesn't exist yet is made on the way.

        Raises:
            PlayError: the user can't write there.
        """
        user = self.user(user)
        chat = self.chat(user if chat is None else chat)
        self._check_writer(user, chat, sender_chat)
        extra = self._extra(media_group_id, forward, via_bot)
        sender, member = user, chat.members.get(user.id)
        if sender_chat is None and member is not None and member.anonymous:
            sender_chat = "anonymous"
        if sender_chat is not None:
            sender, extra = self._speaker(user, chat, sender_chat, extra)
        if thread is not None:
            self._open_thread(chat, thread, user)
        message = self.add_message(
            chat,
            sender,
            content_of(kind, text, caption, self._mentions(entities)),
            date=date,
            extra=extra,
            reply_to=self._answered(chat, reply_to),
            thread=thread,
            author=user,
        )
        chat.read[user.id] = message.id
        return message_json(message)

    def _mentions(self, entities: list[Json] | None) -> list[Json] | None:
        """Complete the users of given mentions, of whom the id is enough."""
        if entities is None:
            return None
        return [
            one | {"user": user_json(self.user(one["user"]["id"]))} if "user" in one else one
            for one in entities
        ]

    def _check_writer(self, user: User, chat: Chat, sender_chat: int | str | None) -> None:
        check_alive(chat)
        if chat.user is not None:
            if chat.user is not user:
                raise PlayError("this is another user's private chat")
            if user.blocked:
                raise PlayError("the user has blocked the bot; unblock it first")
            chat.started = True
        elif sender_chat is None and user.id != SERVICE_ID:
            check_present(chat, user)

    def _open_thread(self, chat: Chat, thread: int, user: User) -> None:
        if not chat.private and not chat.forum:
            raise PlayError(f"{chat.title} has no topics")
        chat.threads.setdefault(thread, Topic(thread, f"Topic {thread}"))
        self.check_topic(chat, thread, user)

    def _extra(self, media_group_id: str | None, forward: bool | Json, via_bot: int | bool | None) -> Json:
        extra: Json = {}
        if forward:
            hidden = {"type": "hidden_user", "date": int(self.time()) - 60, "sender_user_name": "Somebody"}
            extra["forward_origin"] = hidden if forward is True else forward
        if via_bot:
            extra["via_bot"] = _INLINE_BOT if via_bot is True else user_json(self.user(via_bot))
        if media_group_id:
            extra["media_group_id"] = media_group_id
        return extra

    def _speaker(self, user: User, chat: Chat, sender_chat: int | str, extra: Json) -> tuple[User, Json]:
        """Return who a message of a chat is from: an anonymous admin, a channel, an automatic forward."""
        if sender_chat in ("anonymous", chat.id):
            return self.users[GROUP_ANONYMOUS_ID], extra | {"sender_chat": chat_json(chat)}
        channel = {"id": int(sender_chat), "type": "channel", "title": "Channel"}
        if user.id != SERVICE_ID:
            return self.users[CHANNEL_BOT_ID], extra | {"sender_chat": channel}
        origin = {"type": "channel", "date": int(self.time()), "chat": channel, "message_id": 1}
        forwarded = {"sender_chat": channel, "is_automatic_forward": True, "forward_origin": origin}
        return user, extra | forwarded

    @staticmethod
    def _answered(chat: Chat, reply_to: int | None) -> Message | None:
        if reply_to is None:
            return None
        if reply_to not in chat.messages:
            raise PlayError(f"no message {reply_to} to reply to", 404)
        return chat.messages[reply_to]

    def edit(self, user: User | int, chat: Chat | User | int, message_id: int, text: str) -> Json:
        """Change a message of a user; the bot is told if it saw the message."""
        user, chat = self.user(user), self.chat(chat)
        message = chat.messages.get(message_id)
        if message is None or message.author is not user:
            raise PlayError("only one's own message can be edited")
        kind = "text" if "text" in message.content else "photo"
        fresh = content_of(kind, text, None, None)
        fresh.pop("photo", None)
        kept = {k: v for k, v in message.content.items() if k not in ("text", "entities")}
        message.content = {k: v for k, v in kept.items() if not k.startswith("caption")} | fresh
        message.edit_date = int(self.time())
        self.tell_message("edited_message", message)
        self.signals.fire("edit", chat=chat.id, message=message.id)
        return message_json(message)

    def forward(
        self,
        user: User | int,
        source: Chat | User | int,
        message_id: int,
        to: Chat | User | int | None = None,
    ) -> Json:
        """Forward a message of a chat as a user, by default to the bot."""
        message = self.chat(source).messages[message_id]
        text = message.content.get("text")
        kind = "text" if text else next(iter(message.content))
        return self.say(user, to, text, kind=kind, forward=origin_of(message))

    def press(
        self, user: User | int, chat: Chat | User | int, message_id: int, button: str, *, forged: bool = False
    ) -> Press:
        """Press a button by its data or its text; data that no button has is forged.

        Returns:
            The press; await it for the bot's answer.

        Raises:
            PlayError: the button only opens a link.
        """
        user, chat = self.user(user), self.chat(chat)
        message = chat.messages.get(message_id)
        data = button if forged else _data_of(message, button)
        press = Press(
            id=self.new_token(),
            user_id=user.id,
            at=self.time(),
            chat_id=chat.id,
            message_id=message_id,
            data=data,
        )
        self.presses.add(press)
        payload = {
            "id": press.id,
            "from": user_json(user),
            "message": message_json(message) if message else inaccessible_json(chat, message_id),
            "chat_instance": chat.instance,
            "data": data,
        }
        expires_at = self.time() + QUERY_TTL_SECONDS
        self.updates.add("callback_query", payload, queue=f"callback:{user.id}", expires_at=expires_at)
        self.signals.fire("callback", chat=chat.id, user=user.id)
        return press

    def inject(self, update: Any, *, queue: str = "raw") -> Item:
        """Deliver any JSON as an update, as it is; a text is delivered byte for byte.

        What has no ``update_id`` gets none.
        """
        text = update if isinstance(update, str) else json.dumps(update, separators=(",", ":"))
        found = _UPDATE_ID.search(text)
        number = int(found[1]) if found else None
        return self.updates.add_odd(text, queue=queue, update_id=number)

    def duplicate(self, update_id: int | None = None, *, new_id: bool = False) -> Item:
        """Deliver the last update, or a certain one, again: under its own id or under the next one.

        Raises:
            PlayError: there is no such update.
        """
        known = self.updates.last
        wanted = next(reversed(known), None) if update_id is None else update_id
        if wanted is None or wanted not in known:
            raise PlayError("no such update", 404)
        item, text = known[wanted], known[wanted].text
        number = wanted
        if new_id:
            number, self.updates.next_id = self.updates.next_id, self.updates.next_id + 1
            text = json.dumps(json.loads(text) | {"update_id": number}, separators=(",", ":"))
        return self.updates.add_odd(text, queue=item.queue, update_id=number, kind=item.kind)


def _data_of(message: Message | None, button: str) -> str:
    rows = (message.markup or {}).get("inline_keyboard", []) if message else []
    buttons = [one for row in rows for one in row]
    for one in buttons:
        if one.get("callback_data") == button:
            return button
    for one in buttons:
        if one["text"] == button:
            if "callback_data" not in one:
                raise PlayError(f"the button {button!r} opens a link")
            return str(one["callback_data"])
    return button
