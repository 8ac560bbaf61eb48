"""Doubt: whether a message may have arrived although its sending failed, and whether it may be sent again."""

import httpx
from telegram.error import InvalidToken, RetryAfter, TelegramError

from services import outbox
from services.events import Outgoing

ORDINARY_TRIES = 4
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


def may_have_arrived(error: TelegramError) -> bool:
    """Return whether the request was sent and no answer came; what Telegram refuses has not arrived."""
    return isinstance(error.__cause__, httpx.HTTPError) and not isinstance(error.__cause__, _NOT_SENT)


def may_try_again(message: Outgoing, error: TelegramError, doubts: int) -> bool:
    """Return whether to send a message again that failed.

    Args:
        doubts: how often it may have arrived, this time included.
    """
    if message.notice in outbox.ONCE:
        return _has_not_arrived(error)
    return message.is_money or doubts < ORDINARY_TRIES


def _has_not_arrived(error: TelegramError) -> bool:
    """Return whether it is certain: a gateway's error may come behind a success."""
    return isinstance(error, RetryAfter | InvalidToken) or isinstance(error.__cause__, _NOT_SENT)
