"""Logging: one event per line, as JSON or for a console, without secrets; libraries' lines too."""

import json
import logging
import secrets as random_source
import sys
import threading
import traceback
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from types import TracebackType
from typing import Literal, TextIO, cast

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger

from bot.events import Event
from bot.redaction import escape_unsafe, redactor

ERROR_NUMBER_CHARACTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
ERROR_NUMBER_LENGTH = 8
_LONGEST_LINE_CHARACTERS = 32_768
_LONGEST_VALUE_CHARACTERS = 4_096
_LONGEST_TRACEBACK_CHARACTERS = 16_384
_QUIET = (
    *("httpx", "httpcore", "alembic", "apscheduler", "aiosqlite", "uvicorn", "matplotlib"),
    *("httpx2", "httpcore2", "pydantic_ai", "openai", "anthropic", "google_genai"),
)
_LEVELS = {name: getattr(logging, name) for name in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")}

Render = Callable[[EventDict], str]


def configure_logging(
    format: Literal["json", "console"] = "json",
    level: str = "INFO",
    secrets: Iterable[str] = (),
    stream: TextIO | None = None,
) -> None:
    """Send every log line, our own and the libraries', to ``stream`` (standard output by default).

    Loggers made earlier follow. Before the first call, lines go out as JSON at INFO.

    Args:
        format: ``json`` or ``console``.
        level: the lowest level that is shown.
        secrets: literal values that are taken out of every finished line.
        stream: where lines go.
    """
    _LINES.direct(stream, _LEVELS[level], _RENDERERS[format], redactor(secrets))
    root = logging.getLogger()
    for old in [one for one in root.handlers if isinstance(one, LibraryHandler)]:
        root.removeHandler(old)
    root.addHandler(LibraryHandler(_LINES))
    root.setLevel(_LEVELS[level])
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, _LEVELS[level]))
    logging.captureWarnings(True)
    sys.excepthook = _log_uncaught
    threading.excepthook = _log_uncaught_in_thread


def get_logger(name: str) -> FilteringBoundLogger:
    """Return the logger of a module; ``log.info(Event.CHARGED, price=15)`` writes one line."""
    return cast("FilteringBoundLogger", structlog.get_logger(name))


def new_error_number() -> str:
    """Return a short number that a player can read out and an operator can search for."""
    return "".join(random_source.choice(ERROR_NUMBER_CHARACTERS) for _ in range(ERROR_NUMBER_LENGTH))


class Lines:
    """The ends of structlog's chain: drop what is below the level; write the rest, each as one line.

    Loggers keep the chain that they were born with, so what can be configured is changed in here.
    Nothing raises into the work that is being logged.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.direct(None, logging.INFO, _json_line, redactor(()))

    def direct(self, stream: TextIO | None, level: int, render: Render, redact: Callable[[str], str]) -> None:
        """Set where lines go (None: standard output), from which level on, and how they look."""
        self._stream, self._level, self._render, self._redact = stream, level, render, redact

    def gate(self, logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        """Drop an event below the level."""
        if _LEVEL_OF_METHOD.get(method, logging.CRITICAL) < self._level:
            raise structlog.DropEvent
        return event

    def finish(self, logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        """Write an event and end the chain."""
        self.write(event)
        raise structlog.DropEvent

    def write(self, event: EventDict) -> None:
        """Write one event as one line."""
        line = self._redact(self._render(event))
        if len(line) > _LONGEST_LINE_CHARACTERS:
            line = self._render({name: self._cut(name, value) for name, value in event.items()})
        try:
            self._put(line)
        except UnicodeEncodeError:
            self._put(line.encode("ascii", "backslashreplace").decode())
        except (OSError, ValueError):
            return  # the stream is gone; the work must go on

    def _put(self, line: str) -> None:
        stream = self._stream or sys.stdout
        with self._lock:
            stream.write(line + "\n")
            stream.flush()

    def _cut(self, name: str, value: object) -> object:
        if isinstance(value, int | float):
            return value
        limit = _LONGEST_TRACEBACK_CHARACTERS if name == "exception" else _LONGEST_VALUE_CHARACTERS
        text = self._redact(value if isinstance(value, str) else _text_of(value))
        # The end of a traceback tells most.
        return text if len(text) <= limit else text[: limit // 4] + " [cut] " + text[-limit * 3 // 4 :]


class LibraryHandler(logging.Handler):
    """Takes the records of the standard library's logging into our lines."""

    def __init__(self, lines: Lines) -> None:
        super().__init__()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record as an event named ``library``."""
        event: EventDict = {"event": Event.LIBRARY, "message": _message_of(record)}
        if record.exc_info:
            event["exc_info"] = record.exc_info
        self._lines.write(_stamp(record.name, record.levelname.lower(), event))


def _name_of_logger(name: str = "") -> str:
    """Stand in for the logger that structlog would wrap; the chain writes, so a name is enough."""
    return name


def _stamp(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Put time, level and name in front, and an exception's traceback at the end."""
    stamped: EventDict = {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "level": "error" if method == "exception" else method,
        "event": event.pop("event"),
        "logger": logger,
    }
    error = event.pop("exc_info", None)
    stamped.update(event)
    if error:
        stamped["exception"] = _traceback_of(error)
    return stamped


def _traceback_of(error: object) -> str:
    found = error if isinstance(error, BaseException) else sys.exc_info()[1]
    if isinstance(error, tuple):
        found = error[1]
    if found is None:
        return ""
    try:
        return "".join(traceback.format_exception(found)).rstrip("\n")
    except Exception:
        return f"{type(found).__name__}, whose text can't be made"


def _message_of(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:
        return _text_of(record.msg)


def _text_of(value: object) -> str:
    try:
        return repr(value)
    except Exception:
        return f"<{type(value).__name__}>"


def _json_line(event: EventDict) -> str:
    try:
        return _encode(event)
    except (TypeError, ValueError, RecursionError):
        return json.dumps({name: _text_of(value) for name, value in event.items()})


def _console_line(event: EventDict) -> str:
    head = f"{event['time'][11:23]} {event['level']:<8} {event['event']:<18}"
    return escape_unsafe(
        head + "".join(_console_field(name, event[name]) for name in event if name not in _HEAD)
    )


def _console_field(name: str, value: object) -> str:
    text = value if isinstance(value, str) else _text_of(value)
    if not text or " " in text or "=" in text:
        text = f'"{text}"'
    return f" {name}={text}"


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    get_logger(__name__).critical(Event.UNCAUGHT, exc_info=error)


def _log_uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None:
        thread = args.thread.name if args.thread else None
        get_logger(__name__).critical(Event.UNCAUGHT, exc_info=args.exc_value, thread=thread)


_LEVEL_OF_METHOD = {name.lower(): number for name, number in _LEVELS.items()} | {"exception": logging.ERROR}
_HEAD = frozenset({"time", "level", "event"})
_RENDERERS: dict[str, Render] = {"json": _json_line, "console": _console_line}
_encode = json.JSONEncoder(default=_text_of, allow_nan=False).encode
_LINES = Lines()
structlog.configure(
    processors=[_LINES.gate, structlog.contextvars.merge_contextvars, _stamp, _LINES.finish],
    wrapper_class=structlog.make_filtering_bound_logger(logging.NOTSET),
    logger_factory=_name_of_logger,
    cache_logger_on_first_use=True,
)
