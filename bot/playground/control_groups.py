"""The controls of groups under /play: who is in them and as what, topics, titles, the move to a supergroup."""

from typing import Any

from starlette.requests import Request

from bot.playground.errors import PlayError
from bot.playground.inputs import need, needed_number, number, optional, pick
from bot.playground.models import Chat, Json, User
from bot.playground.rights import check_admin, check_change, check_present
from bot.playground.scene import chat_view, topic_view
from bot.playground.telegram import Telegram

_GROUP = ("with_bot", "admins", "bot_admin", "forum", "username")
_NOTICES = {"both": ("to", "from"), "to": ("to",), "from": ("from",), "none": ()}


class GroupControl:
    """One function for each control; what is done ``by`` somebody needs his rights, else it is just done."""

    def __init__(self, telegram: Telegram) -> None:
        self.telegram = telegram

    async def groups(self, body: Json) -> Json:
        """Add a group."""
        given = pick(body, _GROUP) | {"kind": body.get("type", "supergroup")}
        if "admins" in given:
            given["admins"] = [number(one) for one in given["admins"]]
        members = [number(one) for one in body.get("members", [])]
        return chat_view(self.telegram.add_group(need(body, "title"), members, **given), None)

    async def member(self, body: Json) -> Json:
        """Give a user, or the bot, a status in a group."""
        chat, by = self._group(body), self._actor(body)
        user, status = self.telegram.user(needed_number(body, "user")), str(need(body, "status"))
        if by is not None:
            check_change(chat, by, user, status)
        self.telegram.set_member(chat, user, status, by=by, anonymous=bool(body.get("anonymous")))
        return {"ok": True}

    async def migrate(self, body: Json) -> Json:
        """Make a group a supergroup; ``tell`` says which of the two notices Telegram sends."""
        chat, by, tell = self._group(body), self._actor(body), str(body.get("tell", "both"))
        if tell not in _NOTICES:
            raise PlayError(f"unknown notices: {tell}; known are {', '.join(_NOTICES)}")
        if by is not None:
            check_admin(chat, by)
        return chat_view(self.telegram.migrate(chat, by=by, tell=_NOTICES[tell]), None)

    async def title(self, body: Json) -> Json:
        """Rename a group."""
        chat = self._group(body)
        self.telegram.set_title(chat, str(need(body, "title")), by=self._member(chat, body))
        return chat_view(chat, None)

    async def topics(self, request: Request) -> Any:
        """Return the topics of a group."""
        chat = self._group({"chat": request.query_params.get("chat")})
        return [topic_view(topic) for topic in chat.threads.values()]

    async def topic(self, body: Json) -> Json:
        """Turn topics on (``forum``), open one by its name, or close (or open again) one by its id."""
        if body.get("forum"):
            self.telegram.begin_topics(self._group(body))
            return {"ok": True}
        chat, topic = self._group(body), optional(body.get("topic"))
        by = self._member(chat, body)
        if topic is None:
            return topic_view(self.telegram.add_topic(chat, str(need(body, "name")), by=by))
        check_admin(chat, by)
        closed = bool(body.get("closed", True))
        return topic_view(self.telegram.close_topic(chat, topic, by=by, closed=closed))

    def _group(self, body: Json) -> Chat:
        chat = self.telegram.chat(needed_number(body, "chat"))
        if chat.private:
            raise PlayError("this is a private chat, not a group")
        return chat

    def _actor(self, body: Json) -> User | None:
        by = optional(body.get("by"))
        return None if by is None else self.telegram.user(by)

    def _member(self, chat: Chat, body: Json) -> User:
        """Return who does it: ``by``, else the first admin, else anybody of the group."""
        if (by := self._actor(body)) is not None:
            check_present(chat, by)
            return by
        people = [one for one in chat.members.values() if one.present and not one.user.is_bot]
        if not people:
            raise PlayError(f"nobody is in {chat.title}")
        return max(people, key=lambda one: one.admin).user
