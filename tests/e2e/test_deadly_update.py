"""An update that kills whoever handles it: a real process, really killed, until the update is set aside."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.events import Event
from bot.playground.models import User
from bot.playground.telegram import Telegram
from db.models.transport import inbox
from db.schema import blocking_engine
from tests import deadly
from tests.app import assert_books_are_right, sync_url
from tests.canary import CANARY_TOKEN
from tests.child import Child, telegram_server

TRIES = 3
ROOT = Path(__file__).parents[2]


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    """Give something that ends what a test began."""
    async with AsyncExitStack() as opened:
        yield opened


def stored(database_url: str) -> dict[str, list[tuple[str, int, bytes]]]:
    """Return the updates by their state: lane, tries and bytes of each."""
    engine = blocking_engine(sync_url(database_url))
    found: dict[str, list[tuple[str, int, bytes]]] = {}
    with engine.connect() as connection:
        for row in connection.execute(select(inbox).order_by(inbox.c.id)):
            found.setdefault(row.state, []).append((row.lane, row.tries, row.body))
    engine.dispose()
    return found


async def test_t59_an_update_that_kills_the_process_is_parked_and_its_neighbours_are_not(
    database_url: str, tmp_path: Path, stack: AsyncExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.child.SCRIPT", Path(deadly.__file__))
    telegram = Telegram(tokens=[CANARY_TOKEN])
    url = await stack.enter_async_context(telegram_server(telegram))
    people = [telegram.add_user(name, language_code="en") for name in ("Ana", "Ben", "Carla", "Dora")]
    guilty = people[0]
    settings = {
        "PYTHONPATH": str(ROOT),
        "BOT_TOKEN": CANARY_TOKEN,
        "BOT_API_URL": url,
        "DATABASE_URL": database_url,
        "HTTP_LISTEN": "127.0.0.1:0",
        "UPDATE_TRIES": str(TRIES),
        "LEASE_SECONDS": "3",
    }
    for user in people:
        telegram.say(user, user, deadly.WORD if user is guilty else "/price")
        telegram.say(user, user, "/help")
    deaths, child = 0, await started(stack, tmp_path, settings)
    while not await has_parked(child):
        assert await child.end() == -signal.SIGKILL
        deaths += 1
        child = await started(stack, tmp_path, settings)
    for user in people:
        count = 1 if user is guilty else 2
        await telegram.wait_for(partial(has_said, telegram, user, count), 30)
    assert await child.stop() == 0
    assert deaths == 1 + TRIES
    found = stored(database_url)
    assert found.keys() == {"done", "parked"}
    [(lane, tries, body)] = found["parked"]
    assert (lane, tries) == (f"c{guilty.id}", TRIES)
    assert f'"text":"{deadly.WORD}"'.encode() in body
    assert len(found["done"]) == 2 * len(people) - 1
    assert max(tries for _, tries, _ in found["done"]) < TRIES
    assert_books_are_right(database_url)


def has_said(telegram: Telegram, user: User, count: int) -> bool:
    """Return whether the bot has said so many things to a player."""
    return len(telegram.texts(user)) >= count


async def started(stack: AsyncExitStack, directory: Path, settings: dict[str, str]) -> Child:
    """Start the program; it is killed at the end if it still runs."""
    child = await Child(directory, **settings).start()
    stack.push_async_callback(child.discard)
    return child


async def has_parked(child: Child) -> bool:
    """Return whether the program set an update aside, or else died."""
    parked = asyncio.create_task(child.line(Event.UPDATE_PARKED))
    died = asyncio.create_task(child.process.wait())
    await asyncio.wait({parked, died}, return_when=asyncio.FIRST_COMPLETED)
    is_dead = died.done()
    for task in (parked, died):
        task.cancel()
    await asyncio.gather(parked, died, return_exceptions=True)
    return not is_dead
