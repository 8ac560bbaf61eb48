"""Clients of the fake Telegram for tests: python-telegram-bot's, a raw one, and checks of what they get."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiogram.types
import httpx
import telegram as ptb
from telegram.request import HTTPXRequest

from bot.playground.telegram import Telegram
from bot.playground.transport import transport

TOKEN = "7000000001:invented"
ROOT = "http://telegram.test"


@asynccontextmanager
async def ptb_bot(telegram: Telegram, token: str = TOKEN) -> AsyncIterator[ptb.Bot]:
    """Give a bot of python-telegram-bot that talks to the fake Telegram in this process."""
    requests = [HTTPXRequest(httpx_kwargs={"transport": transport(telegram)}) for _ in range(2)]
    bot = ptb.Bot(
        token,
        base_url=f"{ROOT}/bot",
        base_file_url=f"{ROOT}/file/bot",
        request=requests[0],
        get_updates_request=requests[1],
    )
    async with bot:
        yield bot


def raw_client(telegram: Telegram, token: str = TOKEN) -> httpx.AsyncClient:
    """Return a client whose relative addresses are methods of the Bot API."""
    return httpx.AsyncClient(transport=transport(telegram), base_url=f"{ROOT}/bot{token}/")


def pending(telegram: Telegram) -> list[dict[str, Any]]:
    """Return the updates that wait, each one read by both libraries first."""
    updates = [json.loads(item.text) for item in telegram.updates]
    for update in updates:
        parsed = ptb.Update.de_json(update, None)
        assert parsed.update_id == update["update_id"]
        assert not parsed.api_kwargs
        aiogram.types.Update.model_validate(update)
    return updates


class Clock:
    """A clock that tests move."""

    def __init__(self, start: float = 1_800_000_000.0) -> None:
        self.time = start

    def __call__(self) -> float:
        return self.time

    def forward(self, seconds: float) -> None:
        """Let time pass."""
        self.time += seconds
