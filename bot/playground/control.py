"""The controls of the playground under /play: what the page and outside tests do to the fake Telegram."""

from typing import Any, Protocol

from starlette.requests import Request
from starlette.routing import BaseRoute, Route

from bot.playground.control_groups import GroupControl
from bot.playground.control_stars import star_routes
from bot.playground.errors import PlayError
from bot.playground.events import Events
from bot.playground.inputs import Action, acting, looking, need, needed_number, number, optional, pick
from bot.playground.models import Chat, Json
from bot.playground.scene import clock_view, scene, user_view
from bot.playground.telegram import Telegram

_TEXT = ("text", "reply_to", "entities", "kind", "caption")
_SEND = (*_TEXT, "media_group_id", "forward", "date", "thread", "sender_chat", "via_bot")
_FAULT = ("method", "chat", "times", "retry_after", "seconds")
_USER = ("username", "language_code", "is_bot", "last_name", "is_premium")
_NUMBERS = frozenset({"chat", "reply_to", "date", "thread", "times", "retry_after"})
_LENGTHS = {"forward_seconds": 1, "minutes": 60, "hours": 3_600, "days": 86_400}
_CALLS = 1_000
_ACTIONS = ("restart", "kill", "stop", "start")


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
        user, chat = optional(request.query_params.get("user")), optional(request.query_params.get("chat"))
        return scene(self.telegram, user, chat, running=running)

    async def users(self, body: Json) -> Json:
        """Add a user."""
        user_id, given = optional(body.get("id")), pick(body, _USER)
        return user_view(self.telegram.add_user(str(need(body, "first_name")), user_id=user_id, **given))

    async def send(self, body: Json) -> Json:
        """Write as a user."""
        given, user, chat = _ints(pick(body, _SEND)), needed_number(body, "user"), self._chat(body)
        if not chat.private and (thread := given.get("thread")) is not None:
            self.telegram.check_topic(chat, thread, self.telegram.user(user))
        return self.telegram.say(user, chat, **given)

    async def edit(self, body: Json) -> Json:
        """Edit a message as a user."""
        message = needed_number(body, "message")
        return self.telegram.edit(needed_number(body, "user"), self._chat(body), message, need(body, "text"))

    async def press(self, body: Json) -> Json:
        """Press a button and wait for the bot's answer."""
        user, message = needed_number(body, "user"), needed_number(body, "message")
        press = self.telegram.press(user, self._chat(body), message, str(need(body, "data")))
        return {"answer": await press}

    async def raw(self, body: Json) -> Json:
        """Deliver any JSON as an update."""
        item = self.telegram.inject(need(body, "update"))
        return {"update_id": item.update_id}

    async def duplicate(self, body: Json) -> Json:
        """Deliver an update again."""
        update_id = optional(body.get("update_id"))
        item = self.telegram.duplicate(update_id, new_id=bool(body.get("new_id")))
        return {"update_id": item.update_id}

    async def throw(self, body: Json) -> Json:
        """Throw a fault."""
        given: Json = _ints(pick(body, _FAULT))
        fault = self.telegram.faults.add(str(need(body, "kind")), **given)
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
        self.telegram.block(needed_number(body, "user"), bool(body.get("blocked", True)))
        return {"ok": True}

    async def clock(self, request: Request) -> Any:
        """Return the time of the playground."""
        return clock_view(self.telegram)

    async def move_clock(self, body: Json) -> Json:
        """Move the time forward."""
        lengths = {name: number(value) for name, value in pick(body, tuple(_LENGTHS)).items()}
        self.telegram.move_clock(sum(count * _LENGTHS[name] for name, count in lengths.items()))
        return clock_view(self.telegram)

    async def calls(self, request: Request) -> Any:
        """Return the calls after a number, or the newest ones, oldest first."""
        after, limit = (optional(request.query_params.get(name)) for name in ("after", "limit"))
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
        action = str(need(body, "action"))
        if self.supervisor is None:
            raise PlayError("nobody here can start or end the bot", 501)
        if action not in _ACTIONS:
            raise PlayError(f"unknown action: {action}; known are {', '.join(_ACTIONS)}")
        await getattr(self.supervisor, action)()
        self.telegram.signals.fire("bot", action=action)
        return {"ok": True, "running": await self.supervisor.state()}

    def _chat(self, body: Json) -> Chat:
        return self.telegram.chat(needed_number(body, "chat"))


def _ints(given: Json) -> Json:
    return {name: number(value) if name in _NUMBERS else value for name, value in given.items()}


def control_routes(telegram: Telegram, supervisor: Supervisor | None) -> list[BaseRoute]:
    """Return the routes of the controls."""
    control, groups = Control(telegram, supervisor), GroupControl(telegram)
    actions: dict[str, Action] = {
        "users": control.users,
        "groups": groups.groups,
        "send": control.send,
        "edit": control.edit,
        "press": control.press,
        "raw": control.raw,
        "duplicate": control.duplicate,
        "faults": control.throw,
        "block": control.block,
        "member": groups.member,
        "migrate": groups.migrate,
        "title": groups.title,
        "topics": groups.topic,
        "clock": control.move_clock,
        "bot": control.bot,
    }
    return [
        Route("/play/state", looking(control.state)),
        Route("/play/events", looking(Events(telegram).answer)),
        Route("/play/calls", looking(control.calls), methods=["GET"]),
        Route("/play/calls", looking(control.clear_calls), methods=["DELETE"]),
        Route("/play/clock", looking(control.clock), methods=["GET"]),
        Route("/play/topics", looking(groups.topics), methods=["GET"]),
        Route("/play/faults", looking(control.faults), methods=["GET"]),
        Route("/play/faults", looking(control.clear_faults), methods=["DELETE"]),
        *(Route(f"/play/{name}", acting(action), methods=["POST"]) for name, action in actions.items()),
        *star_routes(telegram),
    ]
