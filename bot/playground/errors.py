"""What goes wrong in the fake Telegram: refusals told to the bot, cut connections, misuse of the controls."""

from typing import Any


class ApiError(Exception):
    """A refusal that the bot gets as ``ok: false``, worded as Telegram words it."""

    def __init__(self, code: int, description: str, parameters: dict[str, Any] | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


class ConnectionCutError(Exception):
    """The connection ends without an answer."""


class PlayError(Exception):
    """A person of the playground tries what Telegram's apps don't allow, or names what doesn't exist."""

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.text = text
        self.status = status


def bad_request(text: str, parameters: dict[str, Any] | None = None) -> ApiError:
    """Return a 400 with Telegram's prefix."""
    return ApiError(400, f"Bad Request: {text}", parameters)


def forbidden(text: str) -> ApiError:
    """Return a 403 with Telegram's prefix."""
    return ApiError(403, f"Forbidden: {text}")


def too_many(retry_after_seconds: int) -> ApiError:
    """Return a 429 that says when to come back."""
    text = f"Too Many Requests: retry after {retry_after_seconds}"
    return ApiError(429, text, {"retry_after": retry_after_seconds})


def conflict(text: str) -> ApiError:
    """Return a 409 with Telegram's prefix."""
    return ApiError(409, f"Conflict: {text}")
