"""The HTTP side of the fake Telegram: the Bot API, its files, the controls of the playground, the page."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import Message, Receive, Scope, Send

from bot.playground.assets import PAGE, PageFiles, sent_file
from bot.playground.calling import Answer
from bot.playground.control import Supervisor, control_routes
from bot.playground.control_model import ModelSwitch, model_routes
from bot.playground.errors import ConnectionCutError
from bot.playground.files import Upload
from bot.playground.model_server import ModelServer
from bot.playground.models import Json
from bot.playground.telegram import Telegram

_NOT_FOUND = Answer(404, b'{"ok":false,"error_code":404,"description":"Not Found"}')
_BROKEN = Answer(
    400, b'{"ok":false,"error_code":400,"description":"Bad Request: can\'t parse request: wrong JSON object"}'
)
Given = tuple[Json, dict[str, Upload]]


class Playground(Starlette):
    """The app; calls of the Bot API take a short way past the routes."""

    telegram: Telegram
    model: ModelServer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and scope["path"].startswith("/bot"):
            await self._bot_api(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    async def _bot_api(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind = dict(scope["headers"]).get(b"content-type", b"").decode("latin-1")
        query = scope["query_string"].decode("latin-1")
        try:
            answer = await self.bot_api(scope["path"], query, kind, await _body(receive))
        except ClientDisconnect:
            return
        except ConnectionCutError:
            await _cut(send)
            return
        size = str(len(answer.body)).encode()
        headers = [(b"content-type", answer.content_type.encode()), (b"content-length", size)]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    async def bot_api(self, path: str, query: str, kind: str, body: bytes) -> Answer:
        """Answer a call of the Bot API.

        Raises:
            ConnectionCutError: a fault ends the connection without an answer.
        """
        token, slash, name = path[len("/bot") :].rpartition("/")
        if not slash or not token or not name:
            return _NOT_FOUND
        try:
            params, files = await _given(query, kind, body)
        except (ValueError, AttributeError, HTTPException):
            return _BROKEN
        return await self.telegram.answer(token, name, params, files)


async def _cut(send: Send) -> None:
    """Promise a body and end without it: the server closes the connection."""
    headers = [(b"content-type", b"application/json"), (b"content-length", b"100")]
    await send({"type": "http.response.start", "status": 504, "headers": headers})


async def _given(query: str, kind: str, body: bytes) -> Given:
    """Return the parameters and files of a request, from its address and its body."""
    params: Json = dict(parse_qsl(query, keep_blank_values=True))
    if not body:
        return params, {}
    match kind.partition(";")[0].strip().lower():
        case "multipart/form-data":
            form, files = await _multipart(kind, body)
            return params | form, files
        case "application/json":
            parsed: Any = json.loads(body)
            return params | dict(parsed.items()), {}
        case _:
            return params | dict(parse_qsl(body.decode(), keep_blank_values=True)), {}


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise ClientDisconnect  # half a call is none
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


async def _multipart(kind: str, body: bytes) -> Given:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    scope: Scope = {"type": "http", "method": "POST", "headers": [(b"content-type", kind.encode("latin-1"))]}
    params: Json = {}
    files: dict[str, Upload] = {}
    async with Request(scope, receive).form(max_part_size=64 * 1024 * 1024) as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                mime_type = value.content_type or "application/octet-stream"
                files[name] = Upload(value.filename or name, await value.read(), mime_type)
            else:
                params[name] = value
    return params, files


def build_app(
    telegram: Telegram, supervisor: Supervisor | None = None, switch: ModelSwitch | None = None
) -> Playground:
    """Return the playground's app: Bot API, files, test model, controls, page."""
    model = ModelServer()

    async def file(request: Request) -> Response:
        name = request.path_params["name"]
        stored = telegram.files.by_path.get(name) or telegram.files.by_id.get(name)
        if stored is None:
            return PlainTextResponse("Not Found", 404)
        return sent_file(stored)

    routes: list[BaseRoute] = [
        Route("/file/bot{token}/{name:path}", file),
        Route("/play/files/{name}", file),
        *control_routes(telegram, supervisor),
        *model_routes(model, switch, telegram.signals),
    ]
    if PAGE.is_dir():
        routes.append(Mount("/", PageFiles(directory=PAGE, html=True)))

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        await telegram.aclose()

    app = Playground(routes=routes, lifespan=lifespan)
    app.telegram, app.model = telegram, model
    return app
