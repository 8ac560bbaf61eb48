"""The controls of the playground under /play: what the page and outside tests do to the fake Telegram."""

import json
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.playground.errors import PlayError
from bot.playground.events import Events
from bot.playground.models import Chat, Json
from bot.playground.scene import chat_view, scene, user_view
from bot.playground.telegram import Telegram

_TEXT = ("text", "reply_to", "entities", "kind", "caption")
_SEND = (*_TEXT, "media_group_id", "forward", "date", "thread", "sender_chat", "via_bot")
_FAULT = ("method", "chat", "times", "retry_after", "seconds")
_USER = ("username", "language_code", "is_bot", "last_name", "is_premium")
_GROUP = ("with_bot", "admins", "bot_admin", "forum")
_CALLS = 1_000
_ACTIONS = ("restart", "kill", "stop", "start")
Action = Callable[[Json], Awaitable[Any]]


class Supervisor(Protocol):
    """Starts and ends the bot's process; ``state`` tells whether it runs."""

    async def restart(self) -> None:
        """End the bot politely and start it again."""

    async def kill(self) -> None:
        """Kill the bot at once and start it again."""

    async def stop(self) -> None:
        """End the bot politely."""

    async def start(self) -> None:
        """Start the bot."""

    async def state(self) -> bool | None:
        """Return whether the bot runs, None if that isn't known."""


class Control:
    """One function for each control."""

    def __init__(self, telegram: Telegram, supervisor: Supervisor | None) -> None:
        self.telegram = telegram
        self.supervisor = supervisor

    async def state(self, request: Request) -> Any:
        """Return what the page shows."""
        running = await self.supervisor.state() if self.supervisor else None
        user, chat = _optional(request.query_params.get("user")), _optional(request.query_params.get("chat"))
        return scene(self.telegram, user, chat, running=running)

    async def users(self, body: Json) -> Json:
        """Add a user."""
        user_id = _number(body["id"]) if body.get("id") is not None else None
        given = _pick(body, _USER)
        return user_view(self.telegram.add_user(str(_need(body, "first_name")), user_id=user_id, **given))

    async def groups(self, body: Json) -> Json:
        """Add a group."""
        given = _pick(body, _GROUP) | {"kind": body.get("type", "supergroup")}
        if "admins" in given:
            given["admins"] = [_number(one) for one in given["admins"]]
        members = [_number(one) for one in body.get("members", [])]
        return chat_view(self.telegram.add_group(_need(body, "title"), members, **given), None)

    async def send(self, body: Json) -> Json:
        """Write as a user."""
        given = _ints(_pick(body, _SEND))
        return self.telegram.say(_number(_need(body, "user")), self._chat(body), **given)

    async def edit(self, body: Json) -> Json:
        """Edit a message as a user."""
        message = _number(_need(body, "message"))
        return self.telegram.edit(
            _number(_need(body, "user")), self._chat(body), message, _need(body, "text")
        )

    async def press(self, body: Json) -> Json:
        """Press a button and wait for the bot's answer."""
        user, message = _number(_need(body, "user")), _number(_need(body, "message"))
        press = self.telegram.press(user, self._chat(body), message, str(_need(body, "data")))
        return {"answer": await press}

    async def raw(self, body: Json) -> Json:
        """Deliver any JSON as an update."""
        item = self.telegram.inject(_need(body, "update"))
        return {"update_id": item.update_id}

    async def duplicate(self, body: Json) -> Json:
        """Deliver an update again."""
        wanted = body.get("update_id")
        number = _number(wanted) if wanted is not None else None
        item = self.telegram.duplicate(number, new_id=bool(body.get("new_id")))
        return {"update_id": item.update_id}

    async def throw(self, body: Json) -> Json:
        """Throw a fault."""
        given: Json = _ints(_pick(body, _FAULT))
        fault = self.telegram.faults.add(str(_need(body, "kind")), **given)
        self.telegram.signals.fire("fault")
        return fault.view()

    async def faults(self, request: Request) -> Any:
        """Return the faults that wait."""
        return [fault.view() for fault in self.telegram.faults.active]

    async def clear_faults(self, request: Request) -> Any:
        """Drop all faults."""
        self.telegram.faults.clear()
        self.telegram.signals.fire("fault")
        return {"ok": True}

    async def block(self, body: Json) -> Json:
        """Let a user block or unblock the bot."""
        self.telegram.block(_number(_need(body, "user")), bool(body.get("blocked", True)))
        return {"ok": True}

    async def member(self, body: Json) -> Json:
        """Give a user a status in a group."""
        user = _number(_need(body, "user"))
        self.telegram.set_member(self._chat(body), user, str(_need(body, "status")))
        return {"ok": True}

    async def calls(self, request: Request) -> Any:
        """Return the calls after a number, or the newest ones, oldest first."""
        after, limit = (_optional(request.query_params.get(name)) for name in ("after", "limit"))
        journal, most = self.telegram.journal, _CALLS if limit is None else limit
        found = journal.newest(most) if after is None else journal.after(after, most)
        return [record.view() for record in found]

    async def clear_calls(self, request: Request) -> Any:
        """Empty the journal."""
        self.telegram.journal.clear()
        self.telegram.signals.fire("call")
        return {"ok": True}

    async def bot(self, body: Json) -> Json:
        """Start or end the bot's process."""
        action = str(_need(body, "action"))
        if self.supervisor is None:
            raise PlayError("nobody here can start or end the bot", 501)
        if action not in _ACTIONS:
            raise PlayError(f"unknown action: {action}; known are {', '.join(_ACTIONS)}")
        await getattr(self.supervisor, action)()
        self.telegram.signals.fire("bot", action=action)
        return {"ok": True, "running": await self.supervisor.state()}

    def _chat(self, body: Json) -> Chat:
        return self.telegram.chat(_number(_need(body, "chat")))


def _need(body: Json, name: str) -> Any:
    if body.get(name) is None:
        raise PlayError(f"{name} is missing")
    return body[name]


def _pick(body: Json, names: tuple[str, ...]) -> Json:
    return {name: body[name] for name in names if body.get(name) is not None}


def _ints(given: Json) -> Json:
    numbers = ("chat", "reply_to", "date", "thread", "times", "retry_after")
    return {name: _number(value) if name in numbers else value for name, value in given.items()}


def _number(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        raise PlayError(f"{value!r} is not a number") from None


def _optional(value: str | None) -> int | None:
    return _number(value) if value else None


def _reading(handler: Callable[[Request], Awaitable[Any]]) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            result = await handler(request)
        except PlayError as error:
            return JSONResponse({"error": error.text}, error.status)
        return result if isinstance(result, Response) else JSONResponse(result)

    return endpoint


def _acting(action: Action) -> Callable[[Request], Awaitable[Response]]:
    async def handler(request: Request) -> Any:
        try:
            body = json.loads(await request.body() or b"{}")
        except ValueError:
            raise PlayError("the body is no JSON") from None
        if not isinstance(body, dict):
            raise PlayError("the body must be an object")
        return await action(body)

    return _reading(handler)


def control_routes(telegram: Telegram, supervisor: Supervisor | None) -> list[BaseRoute]:
    """Return the routes of the controls."""
    control = Control(telegram, supervisor)
    actions: dict[str, Action] = {
        "users": control.users,
        "groups": control.groups,
        "send": control.send,
        "edit": control.edit,
        "press": control.press,
        "raw": control.raw,
        "duplicate": control.duplicate,
        "faults": control.throw,
        "block": control.block,
        "member": control.member,
        "bot": control.bot,
    }
    return [
        Route("/play/state", _reading(control.state)),
        Route("/play/events", _reading(Events(telegram).answer)),
        Route("/play/calls", _reading(control.calls), methods=["GET"]),
        Route("/play/calls", _reading(control.clear_calls), methods=["DELETE"]),
        Route("/play/faults", _reading(control.faults), methods=["GET"]),
        Route("/play/faults", _reading(control.clear_faults), methods=["DELETE"]),
        *(Route(f"/play/{name}", _acting(action), methods=["POST"]) for name, action in actions.items()),
    ]
