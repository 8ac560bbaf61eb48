"""Runs a call of the Bot API: token, faults, parameters, limits, method, journal, answer."""

import inspect
import json
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from bot.playground import methods
from bot.playground.core import Core
from bot.playground.errors import ApiError, ConnectionCutError, bad_request, too_many
from bot.playground.faults import HTML_BODY, Fault
from bot.playground.files import Upload
from bot.playground.journal import CallRecord
from bot.playground.methods.polling import RawResult
from bot.playground.models import Json
from bot.playground.registry import METHODS, Call, Method, convert

__all__ = ["Answer", "Calling", "methods"]
_NOT_FOUND = ApiError(404, "Not Found: method not found")
_UNAUTHORIZED = ApiError(401, "Unauthorized")
ANY_BOT = "playground"


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back over HTTP."""

    status: int
    body: bytes
    content_type: str = "application/json"


class Calling(Core):
    """The bot's side of the fake Telegram."""

    def catch_up(self) -> None:
        """Do what time has brought."""
        raise NotImplementedError

    async def answer(
        self, token: str, name: str, params: Json, files: dict[str, Upload] | None = None
    ) -> Answer:
        """Answer one call as Telegram would.

        Raises:
            ConnectionCutError: a fault ends the connection, before or after the effect.
        """
        self.catch_up()
        spec = METHODS.get(name.lower())
        record = self.journal.open(spec.name if spec else name, params, self.time())
        fault = self.faults.take(record.method, _whom(params)) if self.faults.active else None
        began = time.perf_counter()
        try:
            if fault is not None:
                record.fault = fault.kind
                _note_types(spec, record, files or {})
                if (early := _early(record, fault)) is not None:
                    return early
            answer = await self._attempt(token, spec, record, files or {})
            return answer if fault is None else await self._late(fault, record, answer)
        finally:
            record.ms = round((time.perf_counter() - began) * 1_000, 3)
            if record.method != "getUpdates" or record.result or not record.ok:
                self.signals.fire("call", n=record.n, method=record.method)

    async def api(self, name: str, **params: Any) -> Any:
        """Make a call from within a test and return its result.

        Raises:
            ApiError: as Telegram refuses it.
        """
        token = next(iter(self.tokens)) if self.tokens else ANY_BOT
        answer = json.loads((await self.answer(token, name, params)).body)
        if not answer["ok"]:
            raise ApiError(answer["error_code"], answer["description"], answer.get("parameters"))
        return answer["result"]

    async def webhook_reply(self, body: Json) -> Any:
        """Run the call that came in the answer of the webhook."""
        token = next(iter(self.tokens)) if self.tokens else ANY_BOT
        params = {name: value for name, value in body.items() if name != "method"}
        try:
            return await self.answer(token, str(body["method"]), params)
        except ConnectionCutError:
            return None

    async def _attempt(
        self, token: str, spec: Method | None, record: CallRecord, files: dict[str, Upload]
    ) -> Answer:
        try:
            if self.tokens is not None and token not in self.tokens:
                raise _UNAUTHORIZED
            if spec is None:
                raise _NOT_FOUND
            result = self._execute(spec, record, files)
            if inspect.isawaitable(result):
                result = await result
        except ApiError as error:
            return _refused(record, error)
        return _granted(record, result)

    def _execute(self, spec: Method, record: CallRecord, files: dict[str, Upload]) -> Any:
        call = Call(self, {}, files, record.violations)
        if files:
            record.files = [
                {"field": name, "name": one.name, "size": len(one.content)} for name, one in files.items()
            ]
        call.params = convert(spec, record.params, files, record.violations)
        record.params = record.params | call.params
        if spec.sends and self.limits is not None:
            self._claim(call.get("chat_id"))
        try:
            return spec.handler(call)
        except (TypeError, AttributeError, KeyError) as error:
            record.violations.append(f"unreadable parameters: {error!r}")
            raise bad_request("wrong parameters in request") from error

    def _claim(self, chat_id: Any) -> None:
        assert self.limits is not None
        wait_seconds = self.limits.claim(chat_id if isinstance(chat_id, int) else 0, self.now())
        if wait_seconds:
            raise too_many(wait_seconds)

    async def _late(self, fault: Fault, record: CallRecord, answer: Answer) -> Answer:
        """Return or raise what a fault does once the method has run."""
        if fault.kind == "slow":
            await self.sleep(fault.seconds)
        elif fault.kind == "lost":
            raise ConnectionCutError
        elif fault.kind == "already_refunded":
            return _refused(record, bad_request("CHARGE_ALREADY_REFUNDED"))
        return answer


def _whom(params: Json) -> Any:
    """Return the chat of a call, or the user of one that is about no chat."""
    return params.get("chat_id", params.get("user_id"))


def _note_types(spec: Method | None, record: CallRecord, files: dict[str, Upload]) -> None:
    """Give the parameters their types in the journal also where a fault keeps the method from running."""
    if spec is not None:
        with suppress(ApiError):
            record.params = record.params | convert(spec, record.params, files, [])


def _early(record: CallRecord, fault: Fault) -> Answer | None:
    """Return or raise what a fault does before the method runs; None lets it run."""
    if fault.kind == "cut":
        record.error = "connection cut"
        raise ConnectionCutError
    if fault.kind == "html":
        record.status, record.error = 502, "Bad Gateway"
        return Answer(502, HTML_BODY.encode(), "text/html")
    refusal = fault.refusal()
    return _refused(record, refusal) if refusal is not None else None


def _refused(record: CallRecord, error: ApiError) -> Answer:
    record.status, record.error = error.code, error.description
    body: Json = {"ok": False, "error_code": error.code, "description": error.description}
    if error.parameters:
        body["parameters"] = error.parameters
    return Answer(error.code, _dumps(body))


def _granted(record: CallRecord, result: Any) -> Answer:
    record.ok, record.status = True, 200
    if isinstance(result, RawResult):
        record.result = [item.update_id for item in result.items]
        return Answer(200, f'{{"ok":true,"result":{result.json()}}}'.encode("utf-8", "surrogatepass"))
    record.result = result
    return Answer(200, _dumps({"ok": True, "result": result}))


def _dumps(body: Json) -> bytes:
    return json.dumps(body, separators=(",", ":")).encode()
