"""Faults that are thrown on demand: errors, cut connections, slow and lost answers."""

from dataclasses import asdict, dataclass, field
from typing import Any

from bot.playground.errors import ApiError, PlayError, forbidden, too_many

KINDS = frozenset({"429", "500", "502", "html", "lost", "cut", "slow", "blocked"})
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
        """Throw a fault at the next ``times`` calls of a method, or of a chat.

        Raises:
            PlayError: an unknown kind.
        """
        if kind not in KINDS:
            raise PlayError(f"unknown kind of fault: {kind}; known are {', '.join(sorted(KINDS))}")
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
        for fault in self.active:
            if fault.matches(method, chat_id):
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
