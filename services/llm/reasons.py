"""Why a model failed, in one short word; whose text a library's error holds is never shown."""

from typing import Final

from pydantic_ai import exceptions as ai

_BY_KIND: Final[tuple[tuple[type[Exception], str], ...]] = (
    (ai.ModelRequestTimeout, "timeout"),
    (ai.ModelTimeoutError, "timeout"),
    (ai.ModelConnectionError, "unreachable"),
    (ai.ModelRateLimitError, "rate_limited"),
    (ai.ModelQuotaExceededError, "no_quota"),
    (ai.ModelAuthenticationError, "bad_key"),
    (ai.ModelNotFoundError, "no_such_model"),
    (ai.ModelRequestRejectedError, "refused"),
    (ai.ContentFilterError, "refused"),
    (ai.ModelUnavailableError, "http_5xx"),
    (ai.ModelServerError, "http_5xx"),
)
_BY_STATUS: Final = {401: "bad_key", 402: "no_quota", 403: "bad_key", 408: "timeout", 429: "rate_limited"}
_SERVER_ERROR: Final = 500


def reason_of(error: Exception) -> str:
    """Return why the model failed: what can't be read, or isn't whole, is garbage."""
    if isinstance(error, ai.ModelHTTPError) and error.status_code >= _SERVER_ERROR:
        return "http_5xx"
    for kind, reason in _BY_KIND:
        if isinstance(error, kind):
            return reason
    if isinstance(error, ai.ModelHTTPError):
        return _BY_STATUS.get(error.status_code, "refused")
    return "timeout" if isinstance(error, TimeoutError) else "garbage"
