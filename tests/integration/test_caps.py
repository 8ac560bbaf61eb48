"""Caps of what the model uses, and what a player and all together used."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

from services.people import Met
from services.ports import Usage
from services.rules import ModelRules
from services.settle import Answer, settle
from services.usage import ModelUse, ReadUsage, ReadUsageOfAll
from tests.house import House, paying

USED = Usage(model="fake:one", tokens_in=60, tokens_out=40, cost_micros=700)


NONE: dict[str, Any] = {"player_day_tokens": 0, "day_tokens": 0, "player_day_micros": 0, "day_micros": 0}


def cap(house: House, **caps: int) -> None:
    house.rules = replace(house.rules, model=ModelRules(is_there=True, **{**NONE, **caps}))


async def ask(house: House, who: Met, usage: Usage = USED) -> None:
    """Have a message answered by a model that uses so much."""
    await house.say(who)
    answer = Answer(text="fine", is_cut=False, parts=[{"text": "fine"}])
    await house.db.transact(settle, house.last_turn(), answer, house.rules, house.stamps.take(), usage)


async def test_t44_over_a_players_cap_nothing_is_charged_and_he_is_told_until_when(house: House) -> None:
    ana, ben = await paying(house), await house.player(2, name="Ben")
    cap(house, player_day_tokens=150)
    await ask(house, ana)
    await ask(house, ana)
    before = await house.wallet(ana)
    await house.say(ana)
    midnight = house.clock.now().replace(hour=0) + timedelta(days=1)
    assert house.told("player_cap")[-1]["until"] == midnight.isoformat()
    assert (await house.wallet(ana), (await house.turns())[-1]) == (before, ("declined", None))
    await house.pay(ben)
    house.clock.move(timedelta(days=1))
    await ask(house, ana)


async def test_t44_over_the_cap_of_all_together_nobody_is_charged(house: House) -> None:
    ana, ben = await paying(house), await house.player(2, name="Ben")
    cap(house, day_micros=700)
    await ask(house, ana)
    await house.say(ben)
    await house.say(ben, always_paid=False)
    assert len(house.told("house_cap")) == 2
    assert await house.wallet(ben) == (1_000, 0)


async def test_t44_each_kind_of_cap_holds(house: House) -> None:
    ana = await paying(house)
    await ask(house, ana)
    for caps in ("day_tokens", "player_day_micros"):
        cap(house, **{caps: 100})
        await house.say(ana)
        cap(house, **{caps: 10_000})
        await ask(house, ana)
    assert [state for state, _ in await house.turns()].count("declined") == 2


async def test_without_caps_nothing_of_the_use_is_read(house: House) -> None:
    ana = await paying(house)
    cap(house)
    seen: list[str] = []

    def note(*args: object) -> None:
        seen.append(str(args[2]))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        await house.say(ana)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert seen
    assert not any("tokens_in +" in statement for statement in seen)


async def test_a_player_sees_what_he_used_and_operators_what_all_did(house: House) -> None:
    ana, ben = await paying(house), await house.player(2, name="Ben")
    await ask(house, ana)
    house.clock.move(timedelta(days=1))
    await ask(house, ana)
    await house.say(ana, always_paid=False)
    cap(house, player_day_tokens=150)
    used = await ReadUsage(db=house.db, clock=house.clock, rules=house.rules)(player_id=ana.player_id)
    assert (used.paid_today, used.paid_total, used.spent_today, used.spent_total) == (1, 3, 5, 20)
    assert (used.model_today, used.model_total) == (ModelUse(1, 100, 700), ModelUse(2, 200, 1_400))
    assert (used.tokens_left, used.credits_left) == (50, None)
    house.rules = replace(house.rules, model=ModelRules())
    without_model = await ReadUsage(db=house.db, clock=house.clock, rules=house.rules)(
        player_id=ana.player_id
    )
    assert without_model.tokens_left is None
    all_used = await ReadUsageOfAll(db=house.db, clock=house.clock)()
    assert (all_used.today, all_used.week) == (ModelUse(1, 100, 700), ModelUse(2, 200, 1_400))
    assert all_used.most == ((ana.player_id, ModelUse(2, 200, 1_400)),)
    house.clock.move(timedelta(days=7))
    assert (await ReadUsageOfAll(db=house.db, clock=house.clock)()).week == ModelUse(0, 0, 0)
    assert (await house.wallet(ben)) == (1_000, 0)
