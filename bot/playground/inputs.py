"""Reads what the controls are given, and wraps them into endpoints that tell what was wrong with it."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.playground.errors import PlayError
from bot.playground.models import Json

Action = Callable[[Json], Awaitable[Any]]
Look = Callable[[Request], Awaitable[Any]]
Endpoint = Callable[[Request], Awaitable[Response]]


def need(body: Json, name: str) -> Any:
    """Return a field.

    Raises:
        PlayError: it is missing.
    """
    if body.get(name) is None:
        raise PlayError(f"{name} is missing")
    return body[name]


def pick(body: Json, names: tuple[str, ...]) -> Json:
    """Return the fields of these names that are there."""
    return {name: body[name] for name in names if body.get(name) is not None}


def number(value: Any) -> int:
    """Return a whole number.

    Raises:
        PlayError: it is none.
    """
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        raise PlayError(f"{value!r} is not a number") from None


def needed_number(body: Json, name: str) -> int:
    """Return a field that is a whole number.

    Raises:
        PlayError: it is missing, or no number.
    """
    return number(need(body, name))


def optional(value: Any) -> int | None:
    """Return a whole number, or None where there is nothing.

    Raises:
        PlayError: there is something else.
    """
    return None if value in (None, "") else number(value)


def looking(handler: Look) -> Endpoint:
    """Return the endpoint of what reads."""

    async def endpoint(request: Request) -> Response:
        try:
            result = await handler(request)
        except PlayError as error:
            return JSONResponse({"error": error.text}, error.status)
        return result if isinstance(result, Response) else JSONResponse(result)

    return endpoint


def acting(action: Action) -> Endpoint:
    """Return the endpoint of what is done with a JSON body."""

    async def handler(request: Request) -> Any:
        try:
            body = json.loads(await request.body() or b"{}")
        except ValueError:
            raise PlayError("the body is no JSON") from None
        if not isinstance(body, dict):
            raise PlayError("the body must be an object")
        return await action(body)

    return looking(handler)
