"""Connections of their own for calls that Telegram waits for, so that no number of others keeps them waiting."""

from typing import Any

from telegram.request import BaseRequest, RequestData

URGENT_METHODS = ("answerPreCheckoutQuery",)
_DEFAULT = BaseRequest.DEFAULT_NONE


class Express(BaseRequest):
    """Two HTTP clients behind one: the urgent one makes the urgent calls, the ordinary one all others."""

    def __init__(self, *, ordinary: BaseRequest, urgent: BaseRequest) -> None:
        self._ordinary = ordinary
        self._urgent = urgent

    @property
    def read_timeout(self) -> float | None:
        """Return how long an ordinary call waits for its answer."""
        return self._ordinary.read_timeout

    async def initialize(self) -> None:
        """Prepare both clients."""
        await self._ordinary.initialize()
        await self._urgent.initialize()

    async def shutdown(self) -> None:
        """Close both clients."""
        await self._urgent.shutdown()
        await self._ordinary.shutdown()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = _DEFAULT,
        write_timeout: Any = _DEFAULT,
        connect_timeout: Any = _DEFAULT,
        pool_timeout: Any = _DEFAULT,
    ) -> tuple[int, bytes]:
        """Make a call through the client that is for it."""
        is_urgent = url.rpartition("/")[2] in URGENT_METHODS
        client = self._urgent if is_urgent else self._ordinary
        return await client.do_request(
            url, method, request_data, read_timeout, write_timeout, connect_timeout, pool_timeout
        )
