"""Updates that somebody may have died of: marked before they are handled, one at a time, and parked in the end."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bot.lanes import Lanes
from db.session import Database
from handlers.context import App
from services import inbox
from services.inbox import RawUpdate, StoredUpdate
from tests.house import House
from tests.stand_ins import logged

AFTER_LEASE = timedelta(seconds=91)
TRIES = 3


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let updates that are under suspicion go on at once, and be set aside as soon as they may be."""
    monkeypatch.setattr("bot.lanes.SUSPECT_SECONDS", 0)
    monkeypatch.setattr("bot.lanes.QUARANTINE_SECONDS", 0)
    monkeypatch.setattr("bot.lanes.PARK_AFTER", timedelta(0))


def raw(number: int, lane: str = "c1") -> RawUpdate:
    """Return an update of a lane."""
    return RawUpdate(number, lane, b'{"update_id":%d}' % number)


class Application:
    """Handles updates as it is told: waits, fails, or is over at once; knows who is in hand."""

    def __init__(self) -> None:
        self.bot = None
        self.begun: list[int] = []
        self.in_hand: set[int] = set()
        self.most_in_hand = 0
        self.gate = asyncio.Event()
        self.changed = asyncio.Condition()

    async def process_update(self, update: Any) -> None:
        """Handle an update."""
        self.begun.append(update.update_id)
        self.in_hand.add(update.update_id)
        self.most_in_hand = max(self.most_in_hand, len(self.in_hand))
        async with self.changed:
            self.changed.notify_all()
        try:
            await self.gate.wait()
        finally:
            self.in_hand.discard(update.update_id)

    async def has_begun(self, count: int) -> None:
        """Wait until so many updates were begun."""
        async with asyncio.timeout(10), self.changed:
            await self.changed.wait_for(lambda: len(self.begun) >= count)


async def store(house: House, *updates: RawUpdate) -> list[StoredUpdate]:
    """Store updates as the first process."""
    return await house.db.transact(inbox.store_updates, updates, house.stamps.take())


async def take_over(house: House) -> list[StoredUpdate]:
    """Take over all updates as a process that comes after a crash."""
    house.clock.move(AFTER_LEASE)
    stamp = house.other_worker().take()
    return await house.db.transact(inbox.claim_updates, 100, alone=False, stamp=stamp)


def lanes_of(house: House, application: Application) -> Lanes:
    """Return the lanes of a process."""
    app: App = application  # type: ignore[assignment]
    return Lanes(house.db, house.other_worker(), app, workers=8, tries=TRIES)


async def tries_of(house: House) -> list[int]:
    """Return the tries of all updates, the oldest first."""
    return [row.tries for row in await house.rows("SELECT tries FROM inbox ORDER BY id")]


async def crash(house: House, lanes: Lanes) -> None:
    """End a process in the middle, so that nothing of it is written any more."""
    await lanes._queues.stop()


async def test_an_update_that_is_handled_as_it_comes_in_has_no_mark_and_no_write_of_its_own(
    house: House, writes: list[str]
) -> None:
    application = Application()
    lanes = lanes_of(house, application)
    lanes.put(await store(house, raw(1), raw(2, "c2")))
    await application.has_begun(2)
    assert await tries_of(house) == [0, 0]
    application.gate.set()
    await lanes.idle()
    assert "mark_tries" not in writes
    assert writes.count("store_updates") == 1


async def test_what_is_taken_over_is_marked_before_it_is_handled(house: House) -> None:
    await store(house, raw(1), raw(2, "c2"))
    application = Application()
    lanes = lanes_of(house, application)
    lanes.put(await take_over(house))
    await application.has_begun(2)  # side by side, for nothing is known against them
    assert await tries_of(house) == [1, 1]
    application.gate.set()
    await lanes.idle()
    assert await tries_of(house) == [1, 1]
    assert await house.value("SELECT COUNT(*) FROM inbox WHERE state = 'done'") == 2


async def test_what_was_begun_before_is_handled_one_at_a_time_and_only_the_one_at_hand_is_marked(
    house: House,
) -> None:
    await store(house, *(raw(number, f"c{number}") for number in range(1, 5)))
    await house.write("UPDATE inbox SET tries = 1 WHERE update_id < 4")
    application = Application()
    lanes = lanes_of(house, application)
    lanes.put(await take_over(house))
    await application.has_begun(2)
    assert sorted(application.in_hand) == [1, 4]
    assert await tries_of(house) == [2, 1, 1, 1]
    application.gate.set()
    await lanes.idle()
    assert application.most_in_hand == 2
    assert sorted(application.begun) == [1, 2, 3, 4]


async def test_what_was_begun_before_waits_a_while_and_unmarked_so_that_others_are_served(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.lanes.SUSPECT_SECONDS", 3_600)
    monkeypatch.setattr("bot.lanes.LONGEST_SUSPECT_SECONDS", 3_600)
    await store(house, raw(1), raw(2, "c2"))
    await house.write("UPDATE inbox SET tries = 1 WHERE update_id = 1")
    application = Application()
    lanes = lanes_of(house, application)
    lanes.put(await take_over(house))
    await application.has_begun(1)
    assert application.begun == [2]
    await crash(house, lanes)
    assert await tries_of(house) == [1, 1]


async def test_t59_who_was_only_there_at_many_deaths_within_ten_minutes_is_not_set_aside(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.lanes.PARK_AFTER", timedelta(minutes=10))
    await store(house, raw(1))
    await house.write("UPDATE inbox SET tries = :tries", tries=3 * TRIES)
    application = Application()
    lanes = lanes_of(house, application)
    lanes.put(await take_over(house))
    await application.has_begun(1)
    await crash(house, lanes)
    house.clock.move(timedelta(minutes=9))
    lanes.put(await take_over(house))
    await lanes.idle()
    assert await house.value("SELECT state FROM inbox") == "parked"


async def test_crash_after_crash_only_the_guilty_one_is_set_aside_unhandled(house: House) -> None:
    """Nobody lives through the second of five updates; the others only happen to be there."""
    await store(house, *(raw(number, f"c{number}") for number in range(1, 6)))
    deaths = 0
    with logged() as log:
        while True:
            claimed = await take_over(house)
            if not claimed:
                break
            application = Deadly(2)
            lanes = lanes_of(house, application)
            lanes.put(claimed)
            over = asyncio.ensure_future(lanes.idle())
            died = asyncio.ensure_future(application.died.wait())
            await asyncio.wait({over, died}, return_when=asyncio.FIRST_COMPLETED)
            deaths += died.done()
            await crash(house, lanes)
            over.cancel()
            died.cancel()
            await asyncio.gather(over, died, return_exceptions=True)
    states = await house.rows("SELECT update_id, state, tries FROM inbox ORDER BY id")
    assert {row.update_id: row.state for row in states} == {
        1: "done",
        2: "parked",
        3: "done",
        4: "done",
        5: "done",
    }
    assert deaths == TRIES
    [parked] = log.of("update_parked")
    assert (parked["update_id"], parked["tries"]) == (2, TRIES)
    assert "NeverEnded" in parked["why"]
    assert "number" not in parked


class Deadly(Application):
    """Dies of one update, with all others in the middle."""

    def __init__(self, guilty: int) -> None:
        super().__init__()
        self._guilty = guilty
        self.died = asyncio.Event()

    async def process_update(self, update: Any) -> None:
        """Die, or wait a moment, so that others are in hand when somebody dies."""
        self.begun.append(update.update_id)
        if update.update_id == self._guilty:
            self.died.set()
            await asyncio.Event().wait()
        for _ in range(50):
            await asyncio.sleep(0)


async def test_an_orderly_stop_takes_its_marks_back(house: House) -> None:
    await store(house, raw(1), raw(2, "c2"))
    for _ in range(TRIES + 1):
        application = Application()
        lanes = lanes_of(house, application)
        lanes.put(await take_over(house))
        await application.has_begun(2)
        await lanes.stop()
        assert await tries_of(house) == [0, 0]


async def test_t60_who_has_lost_an_update_does_not_mark_it_and_does_not_handle_it(house: House) -> None:
    await store(house, raw(1))
    stale = await take_over(house)
    await house.write("UPDATE inbox SET lease_token = 1")
    application = Application()
    lanes = lanes_of(house, application)
    with logged() as log:
        lanes.put(stale)
        await lanes.idle()
    assert application.begun == []
    assert await tries_of(house) == [0]
    assert [line["update_id"] for line in log.of("lease_lost")] == [1]


async def test_a_mark_whose_answer_was_lost_counts_once(house: House) -> None:
    await store(house, raw(1))
    [update] = await take_over(house)
    for _ in range(3):
        assert await house.db.transact(inbox.mark_tries, update, update.tries + 1)
    assert await tries_of(house) == [1]


@pytest.fixture
def writes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give the names of all functions that were run in transactions."""
    names: list[str] = []
    real = Database.transact

    async def transact(self: Database, fn: Any, *args: Any, **kwargs: Any) -> Any:
        names.append(fn.__name__)
        return await real(self, fn, *args, **kwargs)

    monkeypatch.setattr(Database, "transact", transact)
    return names
