"""One message of the outbox to Telegram: a text, a picture, an invoice; or what is done to messages there."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from telegram.error import BadRequest
from telegram.ext import ExtBot

from bot.events import Event
from bot.limiter import Terms
from bot.logs import get_logger
from handlers.charts import Chart
from handlers.text import utf16_len

DrawChart = Callable[[Chart], Awaitable[bytes | None]]
Calm = Callable[[int, int], Awaitable[None]]
"""Waits until nobody else changes a message; Telegram's ids of its chat and its own."""
CAPTION_MOST = 1_000
_TEXT_ONLY = frozenset({"link_preview_options"})
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
"""Why a request was never sent."""
_OURS = frozenset({"chat_id", "text", "chart", "edit", "instead_of", "invoice"})
_OF_NEW = frozenset({"message_thread_id", "reply_parameters"})
"""What a message has from its birth; an edit can't name it."""
_DEEDS = frozenset({"pin", "unpin", "delete"})

log = get_logger(__name__)


class Poster:
    """Sends messages, and sends them plainer where Telegram won't have them as they are; edits, pins, deletes."""

    def __init__(self, bot: ExtBot[None], draw: DrawChart | None = None, calm: Calm | None = None) -> None:
        self._bot = bot
        self._draw = draw
        self._calm = calm

    async def __call__(self, payload: dict[str, Any], terms: Terms) -> int | None:
        """Send a message and return its id; without its marks if Telegram finds them wrong, without its topic
        if that is gone, without its picture if that isn't wanted. Or do to messages what it says instead.
        """
        if not payload.keys().isdisjoint(_DEEDS):
            await self._do(payload, terms)
            return None
        try:
            return await self._post(payload, terms)
        except BadRequest as error:
            unwanted = unwanted_of(error)
            if not unwanted & payload.keys():
                raise
            log.error(Event.SEND_FAILED, why=error.message, chat=payload["chat_id"])
            return await self._post({key: one for key, one in payload.items() if key not in unwanted}, terms)

    async def _do(self, payload: dict[str, Any], terms: Terms) -> None:
        """Pin a message; or unpin or delete what may be gone."""
        chat_id, with_terms = payload["chat_id"], {"rate_limit_args": terms}
        if "pin" in payload:
            await self._bot.pin_chat_message(chat_id, payload["pin"], True, **with_terms)  # type: ignore[arg-type]
            return
        try:
            if "unpin" in payload:
                await self._bot.unpin_chat_message(chat_id, payload["unpin"], **with_terms)  # type: ignore[arg-type]
            else:
                await self._bot.delete_messages(chat_id, payload["delete"], **with_terms)  # type: ignore[arg-type]
        except BadRequest as error:
            log.warning(Event.SEND_FAILED, why=error.message, chat=chat_id)

    async def _post(self, payload: dict[str, Any], terms: Terms) -> int:
        rest = {key: value for key, value in payload.items() if key not in _OURS}
        if "edit" in payload:
            return await self._edit(payload, rest, terms)
        if "invoice" in payload:
            return await self._invoice(payload, rest, terms)
        if (taken := await self._take_place(payload, rest, terms)) is not None:
            return taken
        picture = await self._picture(payload)
        if picture is not None:
            message = await self._bot.send_photo(
                payload["chat_id"],
                picture,
                payload["text"],
                filename="pot.png",
                api_kwargs={key: value for key, value in rest.items() if key not in _TEXT_ONLY},
                rate_limit_args=terms,  # type: ignore[arg-type]
            )
        else:
            message = await self._bot.send_message(
                payload["chat_id"],
                payload["text"],
                api_kwargs=rest,
                rate_limit_args=terms,  # type: ignore[arg-type]
            )
        return message.message_id

    async def _invoice(self, payload: dict[str, Any], rest: dict[str, Any], terms: Terms) -> int:
        message = await self._bot.send_invoice(
            payload["chat_id"],
            **payload["invoice"],
            api_kwargs=rest,
            rate_limit_args=terms,  # type: ignore[arg-type]
        )
        return message.message_id

    async def _edit(self, payload: dict[str, Any], rest: dict[str, Any], terms: Terms) -> int:
        """Put a text in the place of a message's; that it stands there already is as good."""
        message_id: int = payload["edit"]
        try:
            await self._bot.edit_message_text(
                payload["text"],
                payload["chat_id"],
                message_id,
                api_kwargs=rest,
                rate_limit_args=terms,  # type: ignore[arg-type]
            )
        except BadRequest as error:
            if not is_unchanged(error):
                raise
        return message_id

    async def _take_place(self, payload: dict[str, Any], rest: dict[str, Any], terms: Terms) -> int | None:
        """Put a text in the place of a message's and return its id; None if that isn't there (any more)."""
        old = payload.get("instead_of")
        if old is None or old["chat_id"] != payload["chat_id"]:  # the group has moved
            return None
        if "is_late" in old:
            await self._do({"chat_id": old["chat_id"], "delete": [old["message_id"]]}, terms)
            return None
        if self._calm is not None:
            await self._calm(old["chat_id"], old["message_id"])
        place = {key: value for key, value in rest.items() if key not in _OF_NEW}
        try:
            return await self._edit(payload | {"edit": old["message_id"]}, place, terms)
        except BadRequest as error:
            if unwanted_of(error) & payload.keys():
                raise
            log.warning(Event.SEND_FAILED, why=error.message, chat=payload["chat_id"])
            return None

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


def is_unchanged(error: BadRequest) -> bool:
    """Return whether Telegram refuses an edit because the message is as it should be."""
    return "not modified" in error.message.lower()


def may_have_arrived(error: Exception) -> bool:
    """Return whether the request was sent and no answer came; what Telegram refuses has not arrived."""
    cause = error.__cause__
    return isinstance(cause, httpx.HTTPError) and not isinstance(cause, NOT_SENT)
