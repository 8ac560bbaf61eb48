"""The controls of the test model under /play/model: how it behaves, and whether the bot asks it."""

import json
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.playground.errors import PlayError
from bot.playground.model_server import Mode, ModelServer
from bot.playground.models import Json
from bot.playground.signals import Signals

PATH = "/model"
"""Below it the test model speaks OpenAI's protocol."""


class ModelSwitch(Protocol):
    """Starts the bot anew with another model."""

    is_test: bool
    """Whether the bot asks the test model."""

    async def use(self, *, test: bool) -> None:
        """Let the bot ask the test model, or what its own settings say."""


class ModelControl:
    """What the page shows and changes of the model."""

    def __init__(self, server: ModelServer, switch: ModelSwitch | None, signals: Signals) -> None:
        self._server = server
        self._switch = switch
        self._signals = signals

    def view(self) -> Json:
        """Return how things stand; ``is_test`` is None where nobody can switch the bot."""
        return {
            "is_test": None if self._switch is None else self._switch.is_test,
            "mode": self._server.mode,
            "modes": list(Mode),
            "with_usage": self._server.with_usage,
            "asked": self._server.asked,
        }

    async def change(self, body: Json) -> Json:
        """Change what is named: ``mode``, ``with_usage``, ``is_test``.

        Raises:
            PlayError: a value is wrong, or nobody can switch the bot.
        """
        if "mode" in body:
            self._server.mode = _mode(body["mode"])
        if "with_usage" in body:
            self._server.with_usage = bool(body["with_usage"])
        if "is_test" in body:
            if self._switch is None:
                raise PlayError("nobody here can switch the bot to another model", 501)
            await self._switch.use(test=bool(body["is_test"]))
        self._signals.fire("bot", action="model")
        return self.view()

    async def answer(self, request: Request) -> Response:
        """Answer the page."""
        if request.method != "POST":
            return JSONResponse(self.view())
        try:
            return JSONResponse(await self.change(await _object(request)))
        except PlayError as error:
            return JSONResponse({"error": error.text}, error.status)


def _mode(value: Any) -> Mode:
    try:
        return Mode(value)
    except ValueError:
        raise PlayError(f"unknown mode: {value}; known are {', '.join(Mode)}") from None


async def _object(request: Request) -> Json:
    try:
        body = json.loads(await request.body() or b"{}")
    except ValueError:
        raise PlayError("the body is no JSON") from None
    if not isinstance(body, dict):
        raise PlayError("the body must be an object")
    return body


def model_routes(server: ModelServer, switch: ModelSwitch | None, signals: Signals) -> list[BaseRoute]:
    """Return the routes of the test model and of its controls."""
    control = ModelControl(server, switch, signals)
    return [Route("/play/model", control.answer, methods=["GET", "POST"]), *server.routes(PATH)]
