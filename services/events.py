"""What transactions announce once they are committed: work handed on in memory, and facts for the log."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from db.models.chats import FileKind


@dataclass(frozen=True, slots=True)
class Happened:
    """A fact for the operator's log; ``name`` is one of the fixed event names."""

    name: str
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message that waits in the outbox and is owned by this process."""

    outbox_id: int
    token: int
    chat_id: int
    thread_id: int | None
    reply_to: int | None
    language: str
    notice: str
    facts: Mapping[str, object]
    is_money: bool
    tries: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ChatMoved:
    """A group has a new Telegram id; what knew it, or its former chat, by anything else must look again."""

    chat_id: int
    former_id: int
    telegram_id: int


@dataclass(frozen=True, slots=True)
class Forgot:
    """A player was forgotten; what remembers him must, too."""

    player_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnFile:
    """A file of Telegram's that came with a message."""

    file_id: str
    kind: FileKind
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnReserved:
    """A turn whose price is held; the model's answer is what it lacks. Owned by this process."""

    turn_id: int
    token: int
    chat_id: int
    telegram_chat_id: int
    message_id: int
    thread_id: int | None
    player_id: int
    player_name: str
    language: str
    text: str
    in_group: bool
    reserved_at: datetime
    conversation_id: int | None = None
    """None where this turn may begin one."""
    character: str | None = None
    file: TurnFile | None = None
    edit_of: int | None = None
    """The turn whose message was edited, if this answers it again."""
    shown_id: int | None = None
    """The message in which a group saw the answer grow, if it did."""
    is_shown_late: bool = False
    """Whether a call that puts an older text into it may still arrive."""
    is_stopped: bool = False
    """Whether its player has stopped it before this worker took it over."""
    is_former: bool = False
    """Whether it was asked under a Telegram id that its group no longer has."""
    has_premium: bool = False
    """Whether its player has Premium: a longer context, and the better model if there is one."""


@dataclass(frozen=True, slots=True)
class StopAsked:
    """A player wants the answer under way to end; whoever works on it, in this process or another, ends it."""

    turn_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DuelBegan:
    """A duel's first question has arrived: the time runs. Announced in the process that shows it."""

    duel_id: int
    player_id: int
    chat_id: int
    telegram_chat_id: int
    message_id: int
    language: str
    started_at: datetime
    ends_at: datetime
    """The end of the time for all questions; answers count for the grace longer."""


@dataclass(frozen=True, slots=True)
class DuelAnswered:
    """A question of a duel was answered; the next one takes its place."""

    duel_id: int
    position: int


@dataclass(frozen=True, slots=True)
class DuelEnded:
    """A duel is played no more: all is answered, its time is over, or it is void."""

    duel_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Payback:
    """Stars that the gateway is to be asked to give back."""

    payment_id: int
    telegram_id: int
    charge_id: str
    is_subscription: bool = False
    """Whether it is to be renewed no more, either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionOver:
    """A subscription whose Stars are gone; it is to be renewed no more."""

    telegram_id: int
    charge_id: str


@dataclass(frozen=True, slots=True)
class ReconcileDue:
    """The gateway's list is to be compared with the books; this process does it."""
