"""What a review of the machinery found: a database that is away at the wrong moment, and what Telegram refuses."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from db.session import DatabaseUnavailable
from services import deliveries, inbox
from services.settle import settle
from tests.app import Running
from tests.scene import scene
from tests.stand_ins import ScriptedModel, inbox_of, logged, turns_of


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("bot.lanes", "bot.delivery"):
        monkeypatch.setattr(f"{name}.FIRST_PAUSE_SECONDS", 0)


def _fail(app: Running, fn: Callable[..., Any], times: int) -> list[int]:
    """Let the database be away for the next ``times`` transactions that run ``fn``; return their count."""
    db, hits = app.parts.db, [0]
    real = db.transact

    async def transact(job: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if job is fn and hits[0] < times:
            hits[0] += 1
            raise DatabaseUnavailable("away")
        return await real(job, *args, **kwargs)

    db.transact = transact  # type: ignore[method-assign, assignment]
    return hits


async def test_a_message_that_has_arrived_is_not_sent_again_because_it_can_not_be_marked(
    sqlite_url: str,
) -> None:
    async with scene(sqlite_url) as here:
        hits = _fail(here.app, deliveries.note_deliveries, 3)
        await here.ask(here.ben, "hello")
        assert hits == [3]
        assert len(here.app.texts(here.ben)) == 1


async def test_a_lane_waits_for_the_database_and_keeps_its_order(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        hits = _fail(here.app, inbox.finish_updates, 3)
        telegram = here.app.telegram
        for text in ("/price", "/help", "/price"):
            telegram.say(here.ben, here.ben.id, text)
        await here.app.settled()
        assert hits == [3]
        texts = here.app.texts(here.ben)
        assert len(texts) == 3
        assert texts[0] == texts[2] != texts[1]
        assert await _states(here.app) == ["done"] * 5


async def test_an_update_is_parked_when_the_database_is_back(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        hits = _fail(here.app, inbox.park_update, 3)
        here.app.telegram.inject(
            {"update_id": 900, "message": {"chat": {"id": here.ben.id}, "date": "never"}}
        )
        await here.app.settled()
        assert hits == [3]
        assert await _states(here.app) == ["done", "done", "parked"]


async def _states(app: Running) -> list[str]:
    return [state for state, *_ in (await inbox_of(app)).values()]


async def test_a_process_does_not_take_its_own_work_over_after_a_long_outage(sqlite_url: str) -> None:
    gate = asyncio.Event()
    model = ScriptedModel((gate, "fine"))
    async with scene(sqlite_url, model=model) as here:
        here.app.telegram.say(here.ben, here.ben.id, "hello")
        await model.asked(1)
        here.app.clock.move(timedelta(minutes=5))
        await here.app.parts.upkeep.claim()
        gate.set()
        await here.app.settled()
        assert await turns_of(here.app) == ["settled"]
        assert len(model.questions) == 1


async def test_an_ordinary_message_waits_for_as_long_as_telegram_asks(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        here.app.telegram.faults.add("429", method="sendMessage", times=6, retry_after=400)
        assert await here.ask(here.ben, "hello")
        assert await turns_of(here.app) == ["settled"]


async def test_a_screen_that_telegram_does_not_take_now_is_no_bug(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        with logged() as log:
            here.app.telegram.faults.add("429", method="sendMessage", times=1, retry_after=400)
            assert await here.ask(here.ben, "/price") == ""
        assert [line for line in log.lines if line["level"] == "critical"] == []
        assert await _states(here.app) == ["done"] * 3


async def test_an_answer_that_can_not_be_stored_is_not_asked_for_again(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.answer.RETRY_SECONDS", 0, raising=False)
    model = ScriptedModel(("fine",))
    async with scene(database_url, model=model) as here:
        hits = _fail(here.app, settle, 3)
        assert await here.ask(here.ben, "hello")
        assert hits == [3]
        assert len(model.questions) == 1
        assert await turns_of(here.app) == ["settled"]


async def test_t20_a_press_without_its_message_is_no_bug(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        person = {"id": here.ben.id, "is_bot": False, "first_name": "Ben"}
        for number, data in enumerate(("b:abc", "n:price:1", "\ud800", "n:history:all:1:1", "b:\x00")):
            press = {"id": str(number), "from": person, "chat_instance": "1", "data": data}
            with logged() as log:
                here.app.telegram.inject({"update_id": 900 + number, "callback_query": press})
                await here.app.settled()
            assert [line for line in log.lines if line["level"] == "critical"] == []
