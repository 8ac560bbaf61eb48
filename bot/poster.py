"""One message of the outbox to Telegram: as text or, with a chart, as a picture with the text under it."""

from collections.abc import Awaitable, Callable
from typing import Any

from telegram import Message
from telegram.error import BadRequest
from telegram.ext import ExtBot

from bot.events import Event
from bot.limiter import Check
from bot.logs import get_logger
from handlers.charts import Chart
from handlers.text import utf16_len

DrawChart = Callable[[Chart], Awaitable[bytes | None]]
CAPTION_MOST = 1_000
_TEXT_ONLY = frozenset({"link_preview_options"})
_OURS = frozenset({"chat_id", "text", "chart"})

log = get_logger(__name__)


class Poster:
    """Sends messages, and sends them plainer where Telegram won't have them as they are."""

    def __init__(self, bot: ExtBot[None], draw: DrawChart | None = None) -> None:
        self._bot = bot
        self._draw = draw

    async def __call__(self, payload: dict[str, Any], check: Check) -> Message:
        """Send a message; without its marks if Telegram finds them wrong, without its topic if that is gone,
        without its picture if that isn't wanted.
        """
        try:
            return await self._post(payload, check)
        except BadRequest as error:
            unwanted = unwanted_of(error)
            if not unwanted & payload.keys():
                raise
            log.error(Event.SEND_FAILED, why=error.message, chat=payload["chat_id"])
            return await self._post({key: one for key, one in payload.items() if key not in unwanted}, check)

    async def _post(self, payload: dict[str, Any], check: Check) -> Message:
        rest = {key: value for key, value in payload.items() if key not in _OURS}
        picture = await self._picture(payload)
        if picture is not None:
            return await self._bot.send_photo(
                payload["chat_id"],
                picture,
                payload["text"],
                filename="pot.png",
                api_kwargs={key: value for key, value in rest.items() if key not in _TEXT_ONLY},
                rate_limit_args=check,  # type: ignore[arg-type]
            )
        return await self._bot.send_message(
            payload["chat_id"],
            payload["text"],
            api_kwargs=rest,
            rate_limit_args=check,  # type: ignore[arg-type]
        )

    async def _picture(self, payload: dict[str, Any]) -> bytes | None:
        chart = payload.get("chart")
        if chart is None or self._draw is None or utf16_len(payload["text"]) > CAPTION_MOST:
            return None
        return await self._draw(chart)


def unwanted_of(error: BadRequest) -> frozenset[str]:
    """Return what of a message Telegram won't have, if the message can go without it."""
    reason = error.message.lower()
    if "photo" in reason or "image" in reason or "caption" in reason:
        return frozenset({"chart"})
    if "entit" in reason:
        return frozenset({"entities", "parse_mode"})
    return frozenset({"message_thread_id"} if "thread not found" in reason else ())
