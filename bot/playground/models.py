"""What the fake Telegram remembers: users, chats, members, messages, drafts. No behaviour."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.playground.bank import Invoice

Json = dict[str, Any]

GROUP_ANONYMOUS_ID = 1087968824
CHANNEL_BOT_ID = 136817688
SERVICE_ID = 777000
PRESENT = frozenset({"creator", "administrator", "member"})
ADMINS = frozenset({"creator", "administrator"})


@dataclass(slots=True, eq=False)
class User:
    """A person or a bot."""

    id: int
    first_name: str
    last_name: str | None = None
    username: str | None = None
    language_code: str | None = None
    is_bot: bool = False
    is_premium: bool = False
    blocked: bool = False
    deactivated: bool = False


@dataclass(slots=True, eq=False)
class Member:
    """What a user is in a group."""

    user: User
    status: str = "member"
    anonymous: bool = False

    @property
    def present(self) -> bool:
        """Tell whether the user is in the group."""
        return self.status in PRESENT or self.status == "restricted"

    @property
    def admin(self) -> bool:
        """Tell whether the user is an admin or the owner."""
        return self.status in ADMINS


@dataclass(slots=True, eq=False)
class Topic:
    """A thread of its own in a forum; its id is that of the message that opened it."""

    id: int
    name: str
    closed: bool = False


@dataclass(slots=True, eq=False)
class Draft:
    """A text that the bot streams into a private chat; it is no message."""

    draft_id: int
    text: str
    entities: list[Json]
    thread: int | None
    expires_at: float


@dataclass(slots=True, eq=False)
class Message:
    """A message of a chat; ``content`` holds the Bot API fields of its kind.

    ``author`` wrote it, also where it is shown as from the group or from a channel (``sender``).
    """

    chat: "Chat"
    id: int
    date: int
    sender: User | None
    content: Json
    extra: Json = field(default_factory=dict)
    reply_to: "Message | None" = None
    thread: int | None = None
    markup: Json | None = None
    edit_date: int | None = None
    editable: bool = True
    deleted: bool = False
    service: bool = False
    author: User | None = None
    reactions: list[Json] = field(default_factory=list)
    invoice: "Invoice | None" = None


@dataclass(slots=True, eq=False)
class Chat:
    """A private chat with the bot (its id is the user's) or a group."""

    id: int
    type: str
    title: str | None = None
    username: str | None = None
    user: User | None = None
    forum: bool = False
    started: bool = False
    members: dict[int, Member] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    threads: dict[int, Topic] = field(default_factory=dict)
    pinned: list[int] = field(default_factory=list)
    read: dict[int, int] = field(default_factory=dict)
    last_message_id: int = 0
    last_bot_id: int | None = None
    draft: Draft | None = None
    typing_until: float = 0.0
    migrated_to: int | None = None
    instance: str = "0"

    @property
    def private(self) -> bool:
        """Tell whether this is a chat of one person with the bot."""
        return self.type == "private"

    def status_of(self, user_id: int) -> str:
        """Return the user's status here, ``left`` for a stranger."""
        member = self.members.get(user_id)
        return member.status if member else "left"


def telegrams_own() -> tuple[User, ...]:
    """Return the users by whom Telegram itself speaks."""
    return (
        User(GROUP_ANONYMOUS_ID, "Group", username="GroupAnonymousBot", is_bot=True),
        User(CHANNEL_BOT_ID, "Channel", username="Channel_Bot", is_bot=True),
        User(SERVICE_ID, "Telegram"),
    )
