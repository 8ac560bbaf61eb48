"""What the services need from outside: a clock, randomness, a model, a gateway. Adapters are beside their libraries."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final, Protocol

from services.errors import TransientError, UserError


class Clock(Protocol):
    """Tells the time; every day and deadline of the game comes from it."""

    def now(self) -> datetime:
        """Return the present time, aware, in UTC."""


class Entropy(Protocol):
    """Gives unpredictable bytes; tests give predictable ones."""

    def bytes(self, size: int) -> bytes:
        """Return ``size`` random bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One earlier turn of the same conversation."""

    text: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """What came with a message for the model to look at."""

    name: str
    mime_type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a model is asked: the player's words and the same conversation's past, nothing else."""

    text: str
    language: str
    player_id: int
    player_name: str
    chat_id: int
    in_group: bool
    history: tuple[Exchange, ...]
    character: str | None = None
    """Which of the characters the player chose."""
    attachment: Attachment | None = None
    has_premium: bool = False
    """Whether the better model is asked, if there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What an answer took of a model: tokens, and money in millionths of a dollar."""

    model: str
    """What the model is called in the books, 64 characters at most."""
    tokens_in: int
    tokens_out: int
    cost_micros: int


FINAL: Final = frozenset({"refused", "bad_key", "no_quota", "no_such_model", "down"})
"""Reasons for which a model fails that asking again at once doesn't change."""


class ModelUnavailable(TransientError):
    """The model failed, gave nothing, or gave nothing in time."""

    code: ClassVar[str] = "model_unavailable"

    def __init__(self, *, reason: str) -> None:
        super().__init__()
        self.reason = reason


class Model(Protocol):
    """Answers a question as a stream of pieces of text."""

    def reply(self, question: Question) -> AsyncIterator[str | Usage]:
        """Yield the answer piece by piece, and what it took as soon as that is known.

        Raises:
            ModelUnavailable: nothing (more) will come.
        """


class FileUnavailable(TransientError):
    """A file can't be had now, or is bigger than is looked at."""

    code: ClassVar[str] = "file_unavailable"

    def __init__(self, *, is_too_big: bool = False) -> None:
        super().__init__()
        self.is_too_big = is_too_big


class Files(Protocol):
    """Has the files that come with messages."""

    async def fetch(self, file_id: str, most: int) -> bytes:
        """Return what is in a file of at most ``most`` bytes.

        Raises:
            FileUnavailable: it can't be had, or is too big.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class StarLine:
    """One line of the gateway's own list: Stars that came in or went out."""

    charge_id: str
    """Of a payment; of what was given back, that of the payment."""
    is_incoming: bool
    stars: int
    partner: str
    """``INVOICE`` where a player paid for an order or got it back, else whoever it was, in 24 characters."""
    at: datetime
    telegram_id: int | None = None
    payload: str | None = None
    period_seconds: int | None = None
    """The period that it pays for, if it is a subscription's."""


INVOICE: Final = "invoice_payment"


class GatewayRefused(UserError):
    """The gateway won't do it, now or later; ``reason`` is its own word."""

    code: ClassVar[str] = "gateway_refused"

    def __init__(self, *, reason: str) -> None:
        super().__init__()
        self.reason = reason


class GatewayUnavailable(TransientError):
    """The gateway can't be reached, or it isn't known what it did; to ask again does no harm."""

    code: ClassVar[str] = "gateway_unavailable"

    def __init__(self, *, reason: str) -> None:
        super().__init__()
        self.reason = reason


class Gateway(Protocol):
    """Takes players' payments; all of its methods may be called again."""

    async def give_back(self, telegram_id: int, charge_id: str) -> None:
        """Give a payment back to who paid; that it was given back before is as good.

        Raises:
            GatewayRefused: it never will.
            GatewayUnavailable: it isn't known whether it did.
        """

    async def lines(self, offset: int, limit: int) -> Sequence[StarLine]:
        """Return lines of the list, the oldest first; none behind its end.

        Raises:
            GatewayUnavailable: it can't be read now.
        """

    async def balance(self) -> int:
        """Return how many Stars there are.

        Raises:
            GatewayUnavailable: it can't be known now.
        """

    async def end_subscription(self, telegram_id: int, charge_id: str) -> None:
        """Let a subscription not be renewed; what is paid for goes on to its date.

        Raises:
            GatewayRefused: there is none, or it has ended.
            GatewayUnavailable: it isn't known whether it did.
        """
