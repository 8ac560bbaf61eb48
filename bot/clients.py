"""The HTTP clients that talk to the Bot API, and the library's application that calls through them."""

import functools
import ssl
from typing import Any

import httpx
from telegram.ext import Application, ContextTypes, ExtBot
from telegram.request import BaseRequest, HTTPXRequest

from bot.express import Express
from bot.limiter import Limiter
from bot.pace import Pacer
from bot.settings import Settings
from handlers.context import App, Context

CONNECTIONS = 32
ANSWER_SECONDS = 20.0
URGENT_CONNECTIONS = 8
URGENT_SECONDS = 3.0
CONNECT_SECONDS = 5.0


def telegram_application(
    settings: Settings, token: str, polling: BaseRequest, pacer: Pacer, httpx_options: dict[str, Any]
) -> App:
    """Return the library's application: without its updater and its job queue, at our pace.

    Args:
        polling: the client of the poller, which waits for long.
    """
    bot: ExtBot[None] = ExtBot(
        token,
        base_url=f"{settings.bot_api_url}/bot",
        base_file_url=f"{settings.bot_api_url}/file/bot",
        request=Express(
            ordinary=_request(httpx_options, CONNECTIONS),
            urgent=_request(httpx_options, URGENT_CONNECTIONS, seconds=URGENT_SECONDS),
        ),
        get_updates_request=polling,
        rate_limiter=Limiter(pacer),  # type: ignore[arg-type]
    )
    builder = Application.builder().bot(bot).updater(None).job_queue(None)
    return builder.context_types(ContextTypes(context=Context)).build()  # type: ignore[return-value]


def polling_client(httpx_options: dict[str, Any]) -> BaseRequest:
    """Return the client that waits for updates, with a connection of its own."""
    return _request(httpx_options, 1)


@functools.cache
def _tls() -> ssl.SSLContext:
    """Return the one context of all clients; to read the certificates takes a while."""
    return httpx.create_ssl_context()


def _request(
    httpx_options: dict[str, Any], connections: int, *, seconds: float = ANSWER_SECONDS
) -> BaseRequest:
    return HTTPXRequest(
        connection_pool_size=connections,
        read_timeout=seconds,
        write_timeout=seconds,
        connect_timeout=min(seconds, CONNECT_SECONDS),
        pool_timeout=seconds,
        httpx_kwargs={"verify": _tls(), **httpx_options},
    )
