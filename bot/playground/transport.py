"""Lets a client talk to the fake Telegram in the same process, without sockets, long polls included."""

import asyncio

import httpx

from bot.playground.errors import ConnectionCutError
from bot.playground.server import build_app
from bot.playground.telegram import Telegram


class InProcessTransport(httpx.AsyncBaseTransport):
    """An httpx transport that ends in the fake Telegram; cut connections and read timeouts look real.

    Calls of the Bot API go straight to the app, the rest through httpx's own ASGI transport.
    """

    def __init__(self, telegram: Telegram) -> None:
        self._app = build_app(telegram)
        self._inner = httpx.ASGITransport(app=self._app)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request.

        Raises:
            RemoteProtocolError: a fault cut the connection.
            ReadTimeout: the answer took longer than the client waits.
        """
        if not request.url.path.startswith("/bot"):
            return await self._inner.handle_async_request(request)
        try:
            async with asyncio.timeout(request.extensions.get("timeout", {}).get("read")):
                return await self._bot_api(request)
        except ConnectionCutError:
            text = "Server disconnected without sending a response."
            raise httpx.RemoteProtocolError(text, request=request) from None
        except TimeoutError:
            raise httpx.ReadTimeout("", request=request) from None

    async def _bot_api(self, request: httpx.Request) -> httpx.Response:
        kind, query = request.headers.get("content-type", ""), request.url.query.decode("latin-1")
        answer = await self._app.bot_api(request.url.path, query, kind, await request.aread())
        return httpx.Response(
            answer.status, headers={"content-type": answer.content_type}, content=answer.body
        )


def transport(telegram: Telegram) -> httpx.AsyncBaseTransport:
    """Return a transport for ``HTTPXRequest(httpx_kwargs={"transport": …})`` or any httpx client."""
    return InProcessTransport(telegram)
