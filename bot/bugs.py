"""Bugs and bad books: one log line with the traceback, under a number that players can be told."""

from structlog.typing import FilteringBoundLogger

from bot.events import Event
from bot.logs import new_error_number
from bot.metrics import ERRORS


def report(log: FilteringBoundLogger, error: BaseException, **facts: object) -> str:
    """Log ``error`` as critical and return its number."""
    number = new_error_number()
    ERRORS.inc()
    log.critical(Event.ERROR, number=number, **facts, exc_info=error)
    return number
