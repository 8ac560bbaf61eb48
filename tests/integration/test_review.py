"""What a review of the books and of the machinery around them found, each case once on both databases."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Row, text
from sqlalchemy.exc import DBAPIError

from db.models.people import ChatKind
from db.session import DatabaseUnavailable, open_database
from services import inbox
from services.answer import AnswerTurn
from services.buttons import ExpiredButton
from services.inbox import RawUpdate
from services.people import Meet, Met, Place, Sender
from services.ports import Question
from services.reserve import promote
from services.sweep import Forget, Sweep
from tests.house import FORGET_KEY, House, NoStage, ScriptedModel, split

LONGEST_CODE = "zh-hant-hk-x-abc"


async def _speaker(house: House, language: str) -> Met:
    sender = Sender(telegram_id=9, name="Ana", username=None, language=language)
    place = Place(telegram_id=9, kind=ChatKind.PRIVATE, title="Ana")
    meet = Meet(db=house.db, stamps=house.stamps, rules=house.rules, key=FORGET_KEY)
    return await meet(sender=sender, place=place)


async def test_a_player_with_the_longest_language_code_is_answered(house: House) -> None:
    who = await _speaker(house, LONGEST_CODE)
    await house.say(who, always_paid=False)
    await house.settle()
    assert await house.turns() == [("settled", 0)]


@pytest.mark.parametrize("token", ["\x00", "\ud800", "a\x00b", "é" * 32, ""])
async def test_an_invented_token_that_no_database_takes_is_expired(house: House, token: str) -> None:
    who = await house.player()
    with pytest.raises(ExpiredButton):
        await house.press(who, token)


async def test_updates_that_are_stored_again_after_a_lost_commit_are_still_ours(house: House) -> None:
    stamp = house.stamps.take()
    updates = [RawUpdate(1, "c1", b"{}"), RawUpdate(2, "c1", b"{}")]
    first = await house.db.transact(inbox.store_updates, updates, stamp)
    assert await house.db.transact(inbox.store_updates, updates, stamp) == first
    assert await house.db.transact(inbox.store_updates, updates, house.stamps.take()) == []


async def test_the_text_of_a_failed_statement_names_no_parameters(books_url: str) -> None:
    db = open_database(books_url)
    await db.open()

    def fail(tx: Connection) -> None:
        tx.execute(text("INSERT INTO nowhere (secret) VALUES (:secret)"), {"secret": "the seed"})

    try:
        for run in (db.transact, db.read):
            with pytest.raises(DBAPIError) as caught:
                await run(fail)
            assert "the seed" not in str(caught.value)
    finally:
        await db.close()


class _Endless:
    """A model that never comes to an end, and moves the clock back meanwhile."""

    async def reply(self, question: Question) -> AsyncIterator[str]:
        """Yield nothing."""
        await asyncio.Event().wait()
        yield ""


async def test_t66_a_clock_that_went_back_gives_the_model_no_more_time(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[float | None] = []
    real = asyncio.timeout

    def timeout(seconds: float | None) -> asyncio.Timeout:
        given.append(seconds)
        return real(0)

    monkeypatch.setattr("services.answer.asyncio.timeout", timeout)
    who = await house.player()
    await house.say(who, always_paid=False)
    house.clock.move(-timedelta(hours=1))
    await house.answer(_Endless())
    assert given == [house.rules.talk.answer_deadline.total_seconds()]
    assert await house.turns() == [("released", 0)]


class _FailsOnce:
    """Begins no further turn the first time: the database is away."""

    async def __call__(self, *, player_id: int) -> None:
        """Fail."""
        raise DatabaseUnavailable("away")


async def test_an_answer_is_not_asked_for_again_because_the_next_turn_could_not_begin(house: House) -> None:
    who = await house.player()
    await house.say(who, always_paid=False)
    turn = house.last_turn()
    await house.say(who, always_paid=False)
    model = ScriptedModel(["one"])
    use = AnswerTurn(
        db=house.db,
        stamps=house.stamps,
        rules=house.rules,
        model=model,
        split=split,
        files=house.files,
        promote_next=_FailsOnce(),  # type: ignore[arg-type]
    )
    await use(turn, stage=NoStage(), stop=asyncio.get_running_loop().create_future())
    assert len(model.questions) == 1
    assert await house.turns() == [("settled", 0), ("waiting", None)]


async def test_a_player_whose_turn_fails_holds_up_no_other(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2, 3):
        who = await house.player(number)
        await house.say(who, always_paid=False)
        turn = house.last_turn()
        await house.say(who, always_paid=False)
        await house.settle(turn)
    house.clock.move(timedelta(minutes=1))

    def fail_for_one(tx: Connection, player: Row[Any], *rest: Any) -> None:
        if player.id == 1:
            raise ZeroDivisionError
        promote(tx, player, *rest)

    monkeypatch.setattr("services.reserve.promote", fail_for_one)
    with pytest.raises(ZeroDivisionError):
        await Sweep(db=house.db, stamps=house.stamps, rules=house.rules)(limit=10)
    assert Counter(state for state, _ in await house.turns()) == {"settled": 3, "waiting": 1, "reserved": 2}


async def test_what_is_past_use_is_deleted_in_batches(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.sweep.FORGET_AT_ONCE", 2)
    updates = [RawUpdate(number, f"c{number}", b"{}") for number in range(5)]
    stored = await house.db.transact(inbox.store_updates, updates, house.stamps.take())
    await house.db.transact(inbox.finish_updates, stored, house.stamps.take())
    forget = Forget(db=house.db, stamps=house.stamps)
    assert await forget() == 0
    house.clock.move(timedelta(days=4))
    assert await forget() == 5
    assert await house.value("SELECT COUNT(*) FROM inbox") == 0
