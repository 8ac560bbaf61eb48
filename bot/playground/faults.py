"""Faults that are thrown on demand: at calls (errors, cut connections, slow and lost answers), and at payments."""

from dataclasses import asdict, dataclass, field
from typing import Any

from bot.playground.errors import ApiError, PlayError, bad_request, forbidden, too_many

CALL_KINDS = frozenset({"429", "500", "502", "html", "lost", "cut", "slow", "blocked"})
REFUND_KINDS = frozenset({"charge_not_found", "already_refunded"})
"""Odd answers to refunds: one that wasn't made, and one that was."""
UPDATE_KINDS = frozenset({"update_lost", "update_doubled", "update_late"})
"""At updates about payments; ``method`` names which: successful_payment, refunded_payment, subscription …"""
RENEWAL_KINDS = frozenset({"renewal_refused", "renewal_late"})
"""At subscriptions when they are due."""
KINDS = CALL_KINDS | REFUND_KINDS | UPDATE_KINDS | RENEWAL_KINDS
HTML_BODY = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    "<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx/1.18.0</center>\r\n</body>\r\n</html>\r\n"
)


@dataclass(slots=True, kw_only=True)
class Fault:
    """One fault; ``times`` None means until it is cleared."""

    id: int
    kind: str
    method: str = "*"
    chat: int | None = None
    times: int | None = 1
    retry_after: int = 3
    seconds: float = 5.0
    hits: int = 0

    def matches(self, method: str, chat_id: Any) -> bool:
        """Tell whether this fault hits a call."""
        if self.method != "*" and self.method.lower() != method.lower():
            return False
        return self.chat is None or str(chat_id) == str(self.chat)

    def refusal(self) -> ApiError | None:
        """Return the error to answer with, for the kinds that answer with one."""
        match self.kind:
            case "429":
                return too_many(self.retry_after)
            case "500":
                return ApiError(500, "Internal Server Error")
            case "502":
                return ApiError(502, "Bad Gateway")
            case "blocked":
                return forbidden("bot was blocked by the user")
            case "charge_not_found":
                return bad_request("CHARGE_NOT_FOUND")
            case _:
                return None

    def view(self) -> dict[str, Any]:
        """Return the fault for the control API."""
        return asdict(self)


@dataclass(slots=True)
class Faults:
    """The faults that wait for their calls."""

    active: list[Fault] = field(default_factory=list)
    _last_id: int = 0

    def add(
        self,
        kind: str,
        *,
        method: str = "*",
        chat: int | None = None,
        times: int | None = 1,
        retry_after: int = 3,
        seconds: float = 5.0,
    ) -> Fault:
        """Throw a fault at the next ``times`` calls of a method, or of a chat (of a user, where there is none).

        Raises:
            PlayError: an unknown kind.
        """
        if kind not in KINDS:
            raise PlayError(f"unknown kind of fault: {kind}; known are {', '.join(sorted(KINDS))}")
        if kind in REFUND_KINDS:
            method = "refundStarPayment"
        self._last_id += 1
        fault = Fault(
            id=self._last_id,
            kind=kind,
            method=method,
            chat=chat,
            times=times,
            retry_after=retry_after,
            seconds=seconds,
        )
        self.active.append(fault)
        return fault

    def take(self, method: str, chat_id: Any) -> Fault | None:
        """Return the fault that hits this call and count it; None for most calls."""
        return self.take_of(CALL_KINDS | REFUND_KINDS, method, chat_id)

    def take_of(self, kinds: frozenset[str], about: str, chat_id: Any) -> Fault | None:
        """Return the fault of some kinds that hits a call, an update or a renewal, and count it."""
        for fault in self.active:
            if fault.kind in kinds and fault.matches(about, chat_id):
                fault.hits += 1
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self.active.remove(fault)
                return fault
        return None

    def clear(self) -> None:
        """Drop all faults."""
        self.active.clear()
