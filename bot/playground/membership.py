"""Who is in which chat: joining, leaving, rights, blocking, and a group that becomes a supergroup."""

from collections.abc import Iterable
from typing import Any

from bot.playground.calling import Calling
from bot.playground.errors import PlayError
from bot.playground.models import GROUP_ANONYMOUS_ID, Chat, Json, Member, Message, User
from bot.playground.rights import check_alive, check_status, check_title
from bot.playground.views import chat_json, member_json, user_json


class Membership(Calling):
    """Users and groups come, go and change."""

    def add_user(
        self,
        first_name: str,
        *,
        username: str | None = None,
        language_code: str | None = "en",
        user_id: int | None = None,
        last_name: str | None = None,
        is_bot: bool = False,
        is_premium: bool = False,
    ) -> User:
        """Add a person, or another bot."""
        user_id = self.new_user_id() if user_id is None else user_id
        if user_id in self.users:
            raise PlayError(f"user {user_id} exists already", 409)
        user = User(user_id, first_name, last_name, username, language_code, is_bot, is_premium)
        self.users[user_id] = user
        self.signals.fire("user", user=user_id)
        return user

    def add_group(
        self,
        title: str,
        members: Iterable[User | int] = (),
        *,
        kind: str = "supergroup",
        with_bot: bool = True,
        admins: Iterable[User | int] = (),
        bot_admin: bool = False,
        forum: bool = False,
        username: str | None = None,
        chat_id: int | None = None,
    ) -> Chat:
        """Add a group; its first admin owns it, and the bot is told that it was added."""
        if kind not in ("group", "supergroup"):
            raise PlayError(f"unknown type of group: {kind}")
        if forum and kind == "group":
            raise PlayError("only a supergroup has topics")
        chat_id = self.new_group_id(kind) if chat_id is None else chat_id
        chat = Chat(chat_id, kind, title=title, username=username, forum=forum, instance=self.new_token())
        leaders = [self.user(one) for one in admins]
        for user in [*leaders, *(self.user(one) for one in members)]:
            chat.members.setdefault(user.id, Member(user))
        for number, leader in enumerate(leaders):
            chat.members[leader.id].status = "administrator" if number else "creator"
        self.chats[chat_id] = chat
        self.signals.fire("chat", chat=chat_id)
        if with_bot:
            actor = leaders[0] if leaders else next((one.user for one in chat.members.values()), None)
            self.set_member(chat, self.bot, "administrator" if bot_admin else "member", by=actor)
        return chat

    def set_member(
        self,
        chat: Chat | int,
        user: User | int,
        status: str,
        *,
        by: User | int | None = None,
        service: bool = True,
        anonymous: bool = False,
    ) -> Member:
        """Give a user a status in a group, with the service message and updates that follow."""
        chat, user = self.chat(chat), self.user(user)
        check_status(chat, user, status, anonymous=anonymous)
        member = chat.members.setdefault(user.id, Member(user, "left"))
        actor = self.user(by) if by is not None else (_any_admin(chat, user) or user)
        was_present, old = member.present, member_json(member)
        if status == "creator":
            self._depose(chat, member)
        member.status, member.anonymous = status, anonymous
        if service and member.present != was_present:
            name = "new_chat_members" if member.present else "left_chat_member"
            shown: Any = user_json(user)
            content = {name: [shown] if member.present else shown}
            self.announce(chat, actor, content)
        if old != member_json(member):
            self.tell_member(chat, self._face(chat, actor), old, member)
            self.signals.fire("member", chat=chat.id, user=user.id)
        return member

    def block(self, user: User | int, blocked: bool = True) -> None:
        """Let a user block the bot, or unblock it."""
        user = self.user(user)
        chat = self.private_chat(user)
        if user.blocked == blocked:
            return
        user.blocked = blocked
        old, new = ("member", "kicked") if blocked else ("kicked", "member")
        self.tell_member(chat, user, member_json(Member(self.bot, old)), Member(self.bot, new))
        self.signals.fire("member", chat=chat.id, user=user.id)

    def deactivate(self, user: User | int) -> None:
        """Let a user delete the account."""
        user = self.user(user)
        user.deactivated, user.first_name, user.last_name, user.username = True, "Deleted Account", None, None

    def set_title(self, chat: Chat | int, title: str, *, by: User | int) -> None:
        """Rename a group."""
        chat, title = self.chat(chat), check_title(title)
        check_alive(chat)
        chat.title = title
        self.announce(chat, self.user(by), {"new_chat_title": title})

    def migrate(
        self, chat: Chat | int, *, by: User | int | None = None, tell: Iterable[str] = ("to", "from")
    ) -> Chat:
        """Make a group a supergroup; ``tell`` names the service messages that come: to, from, both, none."""
        old = self.chat(chat)
        check_alive(old)
        if old.type != "group":
            raise PlayError("only a basic group can become a supergroup")
        new = Chat(self.new_group_id("supergroup"), "supergroup", title=old.title, instance=self.new_token())
        new.members = {one.user.id: Member(one.user, one.status) for one in old.members.values()}
        self.chats[new.id] = new
        actor = self.user(by) if by is not None else next(iter(old.members.values())).user
        old.migrated_to = new.id
        told = set(tell)
        if "to" in told:
            self.announce(old, actor, {"migrate_to_chat_id": new.id})
        if "from" in told:
            self.announce(new, actor, {"migrate_from_chat_id": old.id})
        self.signals.fire("chat", chat=new.id)
        return new

    def _depose(self, chat: Chat, heir: Member) -> None:
        """A group has one owner: the last one stays as an admin."""
        for member in chat.members.values():
            if member.status == "creator" and member is not heir:
                member.status = "administrator"

    def announce(self, chat: Chat, actor: User, content: Json, *, thread: int | None = None) -> Message:
        """Say in a group what somebody did with it; an anonymous admin acts as the group."""
        face = self._face(chat, actor)
        extra = {} if face is actor else {"sender_chat": chat_json(chat)}
        return self.add_message(chat, face, content, extra=extra, thread=thread, author=actor, service=True)

    def _face(self, chat: Chat, actor: User) -> User:
        member = chat.members.get(actor.id)
        return self.users[GROUP_ANONYMOUS_ID] if member is not None and member.anonymous else actor


def _any_admin(chat: Chat, user: User) -> User | None:
    admins = [one.user for one in chat.members.values() if one.admin and one.user is not user]
    return admins[0] if admins else None
