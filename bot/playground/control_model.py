"""The controls of the test model under /play/model: how it behaves, and whether the bot asks it."""

from typing import Any, Protocol

from starlette.requests import Request
from starlette.routing import BaseRoute, Route

from bot.playground.errors import PlayError
from bot.playground.inputs import acting, looking
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
        """Return what the page shows; ``is_test`` is None where nobody can switch the bot."""
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

    async def show(self, request: Request) -> Json:
        """Return how things stand."""
        return self.view()


def _mode(value: Any) -> Mode:
    try:
        return Mode(value)
    except ValueError:
        raise PlayError(f"unknown mode: {value}; known are {', '.join(Mode)}") from None


def model_routes(server: ModelServer, switch: ModelSwitch | None, signals: Signals) -> list[BaseRoute]:
    """Return the routes of the test model and of its controls."""
    control = ModelControl(server, switch, signals)
    return [
        Route("/play/model", looking(control.show), methods=["GET"]),
        Route("/play/model", acting(control.change), methods=["POST"]),
        *server.routes(PATH),
    ]
