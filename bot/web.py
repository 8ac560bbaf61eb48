"""The HTTP side: health, readiness, metrics, and Telegram's webhook if it is used."""

import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any

from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.events import Event
from bot.intake import Intake, NoUpdate, raw_update
from bot.logs import get_logger
from bot.metrics import REGISTRY, UPDATES
from db.session import DatabaseUnavailable

BODY_MOST = 1024 * 1024
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105

Readiness = Callable[[], Mapping[str, bool]]
log = get_logger(__name__)


class Refused(Exception):
    """A request to the webhook that is no update."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


class Webhook:
    """Takes updates that Telegram posts; answers 200 only after the commit."""

    def __init__(self, intake: Intake, secret: str) -> None:
        self._intake = intake
        self._secret = secret.encode()
        self.is_open = True

    async def __call__(self, request: Request) -> Response:
        """Take one update."""
        try:
            await self._take(request)
        except Refused as refusal:
            UPDATES.labels("refused").inc()
            log.warning(Event.WEBHOOK_REFUSED, status=refusal.status, why=refusal.why)
            return PlainTextResponse(refusal.why, refusal.status)
        except ClientDisconnect:
            return PlainTextResponse("gone", 400)
        except DatabaseUnavailable as error:
            log.error(Event.DATABASE_FAILED, step="intake", why=str(error))
            return PlainTextResponse("try again", 503)
        return PlainTextResponse("ok")

    async def _take(self, request: Request) -> None:
        given = request.headers.get(SECRET_HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, self._secret):
            raise Refused(403, "wrong secret")
        if not self.is_open:
            raise Refused(503, "not now")
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise Refused(415, "not JSON")
        body = await _limited_body(request)
        try:
            update = raw_update(json.loads(body), body)
        except (ValueError, RecursionError):
            raise Refused(400, "broken JSON") from None
        except NoUpdate:
            raise Refused(400, "no update") from None
        await self._intake.take(update)


async def _limited_body(request: Request) -> bytes:
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > BODY_MOST:
            raise Refused(413, "too large")
        chunks.append(chunk)
    return b"".join(chunks)


def build_app(readiness: Readiness, webhook: Webhook | None = None, path: str = "/telegram") -> Starlette:
    """Return the app; without ``webhook`` its path doesn't exist.

    Args:
        readiness: what must be true to be ready, by name.
    """

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok")

    async def readyz(_: Request) -> Response:
        parts: dict[str, Any] = dict(readiness())
        is_ready = all(parts.values())
        return JSONResponse({"ready": is_ready, **parts}, 200 if is_ready else 503)

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)

    routes = [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]
    if webhook is not None:
        routes.append(Route(path, webhook.__call__, methods=["POST"]))
    return Starlette(routes=routes)
