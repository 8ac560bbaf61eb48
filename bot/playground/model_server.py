"""A language model of our own over HTTP, in OpenAI's protocol: it answers sensibly, and breaks when told to."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from bot.playground.model_answers import ModelAnswer, answer_to, huge_text
from bot.playground.model_requests import ChatRequest, RequestRefusedError, read_request

MODEL: Final = "test"
KEPT_REQUESTS: Final = 200
TRICKLE_SECONDS: Final = 0.3


class Mode(StrEnum):
    """How the model behaves."""

    NORMAL = "normal"
    """It answers."""
    SLOW = "slow"
    """It thinks for a while, then speaks slowly."""
    ERROR_500 = "error 500"
    """It fails."""
    ERROR_429 = "error 429"
    """It is asked too much."""
    ERROR_401 = "error 401"
    """It doesn't know the key."""
    GARBAGE = "garbage"
    """Its answer is no JSON."""
    BROKEN = "broken"
    """Its answer begins well, and goes on as no JSON."""
    CUT = "cut"
    """Its answer breaks off in the middle."""
    EMPTY = "empty"
    """It says nothing."""
    HUGE = "huge"
    """It doesn't come to an end for 100,000 characters."""


_ERRORS: Final = {
    Mode.ERROR_500: (500, "The server had an error while processing your request.", "server_error", None),
    Mode.ERROR_429: (429, "Rate limit reached for requests.", "requests", "rate_limit_exceeded"),
    Mode.ERROR_401: (401, "Incorrect API key provided.", "invalid_request_error", "invalid_api_key"),
}


@dataclass(slots=True, kw_only=True)
class ModelServer:
    """A model that can be switched between its modes while it is asked.

    Attributes:
        key: what a client must show as a bearer token; None takes anybody.
        delay_seconds: before the first word in the mode ``slow``.
        with_usage: whether it tells what an answer took.
        requests: what it was asked lately, the newest last.
        asked: how often it was asked.
    """

    mode: Mode = Mode.NORMAL
    key: str | None = None
    delay_seconds: float = 5.0
    trickle_seconds: float = TRICKLE_SECONDS
    with_usage: bool = True
    requests: deque[ChatRequest] = field(default_factory=lambda: deque(maxlen=KEPT_REQUESTS))
    asked: int = 0

    def routes(self, prefix: str = "") -> list[BaseRoute]:
        """Return its endpoints, below a path."""
        return [
            Route(f"{prefix}/v1/chat/completions", self.complete, methods=["POST"]),
            Route(f"{prefix}/v1/models", self.models, methods=["GET"]),
        ]

    async def models(self, request: Request) -> Response:
        """List the models: there is one."""
        one = {"id": MODEL, "object": "model", "created": 0, "owned_by": "playground"}
        return JSONResponse({"object": "list", "data": [one]})

    async def complete(self, request: Request) -> Response:
        """Answer a question, or break."""
        try:
            asked = self._read(request, await request.body())
        except RequestRefusedError as error:
            return _error(error.status, error.text, "invalid_request_error", error.code, error.param)
        self.requests.append(asked)
        self.asked += 1
        if self.mode in _ERRORS:
            return _error(*_ERRORS[self.mode])
        if self.mode is Mode.GARBAGE:
            return Response("<html>It works!</html>", media_type="text/html")
        answer = answer_to(asked, {Mode.EMPTY: "", Mode.HUGE: huge_text()}.get(self.mode))
        if asked.stream:
            return StreamingResponse(self._stream(answer, self.mode), media_type="text/event-stream")
        return await self._at_once(answer, self.mode)

    def _read(self, request: Request, body: bytes) -> ChatRequest:
        if self.key is not None and request.headers.get("authorization") != f"Bearer {self.key}":
            text = "Incorrect API key provided."
            raise RequestRefusedError(text, code="invalid_api_key", status=401)
        asked = read_request(body)
        if asked.model != MODEL:
            text = f"The model `{asked.model}` does not exist or you do not have access to it."
            raise RequestRefusedError(text, param="model", code="model_not_found", status=404)
        return asked

    async def _at_once(self, answer: ModelAnswer, mode: Mode) -> Response:
        if mode is Mode.SLOW:
            await asyncio.sleep(self.delay_seconds)
        whole = JSONResponse(answer.whole(with_usage=self.with_usage))
        if mode not in (Mode.CUT, Mode.BROKEN):
            return whole
        return Response(bytes(whole.body)[: len(whole.body) // 2], media_type="application/json")

    async def _stream(self, answer: ModelAnswer, mode: Mode) -> AsyncIterator[bytes]:
        if mode is Mode.SLOW:
            await asyncio.sleep(self.delay_seconds)
        for number, chunk in enumerate(answer.chunks(with_usage=self.with_usage)):
            if number > len(answer.tokens) // 2 and mode in (Mode.CUT, Mode.BROKEN):
                if mode is Mode.BROKEN:
                    yield b'data: {"id": "chatcmpl-te\n\n'
                return
            if mode is Mode.SLOW and number:
                await asyncio.sleep(self.trickle_seconds)
            yield chunk


def _error(
    status: int, text: str, kind: str, code: str | None = None, param: str | None = None
) -> JSONResponse:
    facts = {"message": text, "type": kind, "param": param, "code": code}
    return JSONResponse({"error": facts}, status)
