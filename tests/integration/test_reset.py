"""/reset without Telegram: carried over or paid back, once a day, by an admin, and never to his profit."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from services.buttons import NotYours, UsedButton
from services.gifts import PotsOff
from services.people import Met
from services.proofs import ReadProof
from services.reset import NotAdmin, PaidLately, ResetToday, RoundOver
from services.rules import PotRules
from services.verify_pot import verify
from tests.house import NEVER_WON, UNGUARDED, House

WEEK_AND_MORE = timedelta(days=7, seconds=1)
POT = (
    "SELECT a.balance FROM account a JOIN pot p ON p.id = a.owner_id WHERE a.kind = 'pot' AND p.chat_id = :id"
)
ROUNDS = (
    "SELECT r.k, r.outcome, r.carried_in FROM round r JOIN pot p ON p.id = r.pot_id "
    "WHERE p.chat_id = :id ORDER BY r.k"
)


async def group_of_two(house: House) -> tuple[Met, Met]:
    """Return Ana, who put 5 into the pot of the group, and Ben, who put 105 into it."""
    house.rules = replace(UNGUARDED, pot=NEVER_WON)
    ana, ben = await house.group(), await house.group(player=2)
    for who in (ana, ben):
        await house.pay(who)
    await house.gift(ben, 100)
    return ana, ben


async def rounds(house: House, who: Met) -> list[tuple[int, str | None, int]]:
    """Return number, outcome and seed of the rounds of a group."""
    return [tuple(row) for row in await house.rows(ROUNDS, id=who.chat_id)]


async def test_t24_carried_over_the_pot_is_the_seed_of_the_next_round_and_nobody_gets_anything(
    house: House,
) -> None:
    ana, ben = await group_of_two(house)
    before = [await house.wallet(who) for who in (ana, ben)]
    await house.reset(ana, "reset_carry")
    assert await house.tick() == []
    assert [await house.wallet(who) for who in (ana, ben)] == before
    assert await house.value(POT, id=ana.chat_id) == 110
    assert await rounds(house, ana) == [(1, "carried", 0), (2, None, 110)]
    proof = await ReadProof(db=house.db)(chat_id=ana.chat_id, round_no=1)
    assert verify(proof.content) is None


async def test_t24_a_reset_is_announced_in_the_group_with_the_admins_name_and_logged(house: House) -> None:
    ana, _ = await group_of_two(house)
    await house.reset(ana, "reset_carry")
    (told,) = house.told("reset_done")
    assert (told["name"], told["how"], told["round"], told["next_round"], told["left"]) == (
        "Ana",
        "carry",
        1,
        2,
        110,
    )
    assert house.happened("reset") == [
        {"pot": f"g:{ana.chat_id}", "round": 1, "how": "carry", "player": ana.player_id}
    ]


async def test_t24_paid_back_an_admin_gets_no_more_than_he_put_in(house: House) -> None:
    ana, ben = await group_of_two(house)
    house.clock.move(WEEK_AND_MORE)
    await house.reset(ana, "reset_refund")
    await house.tick()
    assert [await house.wallet(who) for who in (ana, ben)] == [(1_000, 0), (1_000, 0)]
    assert await house.value(POT, id=ana.chat_id) == 0
    assert [row[1] for row in await rounds(house, ana)] == ["refunded", None]


async def test_t24_what_was_carried_in_goes_to_nobody(house: House) -> None:
    ana, ben = await group_of_two(house)
    await house.reset(ana, "reset_carry")
    await house.gift(ana, 10)
    house.clock.move(WEEK_AND_MORE)
    await house.reset(ana, "reset_refund")
    await house.tick()
    assert [await house.wallet(who) for who in (ana, ben)] == [(995, 0), (895, 0)]
    assert await rounds(house, ana) == [(1, "carried", 0), (2, "refunded", 110), (3, None, 110)]


async def test_t24_paying_back_is_not_offered_before_nobody_has_paid_for_a_week(house: House) -> None:
    ana, ben = await group_of_two(house)
    house.clock.move(timedelta(days=6))
    await house.gift(ben, 1)
    for days, ways in ((0, 2), (6, 2), (2, 3)):
        house.clock.move(timedelta(days=days))
        assert len((await house.ask_reset(ana))["buttons"]) == ways


async def test_paying_back_is_not_offered_where_there_is_nothing_to_pay_back(house: House) -> None:
    ana = await house.group()
    house.clock.move(WEEK_AND_MORE)
    asked = await house.ask_reset(ana)
    assert set(asked["buttons"]) == {"reset_carry", "reset_keep"}


async def test_the_question_shows_what_each_way_does_in_figures(house: House) -> None:
    ana, ben = await group_of_two(house)
    await house.reset(ana, "reset_carry")
    await house.gift(ben, 7)
    house.clock.move(WEEK_AND_MORE)
    asked = await house.ask_reset(ana)
    figures = {name: asked[name] for name in ("round", "pot", "put_in", "carried", "n", "tickets")}
    assert figures == {"round": 2, "pot": 117, "put_in": 7, "carried": 110, "n": 1, "tickets": 0}


async def test_t24_somebody_pays_between_the_question_and_the_press(house: House) -> None:
    ana, ben = await group_of_two(house)
    house.clock.move(WEEK_AND_MORE)
    asked = await house.ask_reset(ana)
    await house.gift(ben, 1)
    with pytest.raises(PaidLately):
        await house.press(ana, asked["buttons"]["reset_refund"], is_admin=True)
    assert await rounds(house, ana) == [(1, None, 0)]
    await house.press(ana, asked["buttons"]["reset_carry"], is_admin=True)
    assert await rounds(house, ana) == [(1, "carried", 0), (2, None, 111)]


async def test_the_round_is_won_between_the_question_and_the_press(house: House) -> None:
    ana, _ = await group_of_two(house)
    asked = await house.ask_reset(ana)
    house.rules = replace(house.rules, pot=PotRules(ppm_per_credit=100_000))
    await house.pay(ana)
    with pytest.raises(RoundOver):
        await house.press(ana, asked["buttons"]["reset_carry"], is_admin=True)
    assert [row[1] for row in await rounds(house, ana)] == ["won", None]


async def test_t24_at_most_once_a_day_per_group(house: House) -> None:
    ana, ben = await group_of_two(house)
    second = await house.ask_reset(ben)
    await house.reset(ana, "reset_carry")
    with pytest.raises(ResetToday):
        await house.ask_reset(ana)
    with pytest.raises(ResetToday):
        await house.press(ben, second["buttons"]["reset_carry"], is_admin=True)
    other = await house.group(2)
    await house.reset(other, "reset_carry")
    house.clock.move(timedelta(days=1))
    await house.reset(ana, "reset_carry")
    assert len(await rounds(house, ana)) == 3


async def test_t24_two_admins_at_once_reset_once(house: House) -> None:
    ana, ben = await group_of_two(house)
    asked = [await house.ask_reset(who) for who in (ana, ben)]
    presses = [
        house.press(who, one["buttons"]["reset_carry"], is_admin=True)
        for who, one in zip((ana, ben), asked, strict=True)
    ]
    done = await asyncio.gather(*presses, return_exceptions=True)
    assert [type(one) for one in done].count(ResetToday) == 1
    assert len(await rounds(house, ana)) == 2


async def test_t66_a_clock_set_back_gives_no_second_reset_on_the_same_day(house: House) -> None:
    ana, _ = await group_of_two(house)
    await house.reset(ana, "reset_carry")
    for days in (-1, -30, 30):
        house.clock.move(timedelta(days=days))
        with pytest.raises(ResetToday):
            await house.ask_reset(ana)
    house.clock.move(timedelta(days=2))
    await house.reset(ana, "reset_carry")


async def test_t66_a_clock_set_back_gives_no_early_refund(house: House) -> None:
    ana, ben = await group_of_two(house)
    house.clock.move(timedelta(days=-30))
    assert "reset_refund" not in (await house.ask_reset(ana))["buttons"]
    house.clock.move(timedelta(days=36))
    assert "reset_refund" not in (await house.ask_reset(ana))["buttons"]
    await house.gift(ben, 1)


async def test_t21_a_press_without_rights_does_nothing_and_uses_nothing_up(house: House) -> None:
    ana, ben = await group_of_two(house)
    asked = await house.ask_reset(ana)
    with pytest.raises(NotAdmin):
        await house.press(ana, asked["buttons"]["reset_carry"])
    with pytest.raises(NotYours):
        await house.press(ben, asked["buttons"]["reset_carry"], is_admin=True)
    assert await rounds(house, ana) == [(1, None, 0)]
    await house.press(ana, asked["buttons"]["reset_carry"], is_admin=True)
    with pytest.raises(UsedButton):
        await house.press(ana, asked["buttons"]["reset_keep"])


async def test_keeping_the_round_changes_nothing(house: House) -> None:
    ana, _ = await group_of_two(house)
    asked = await house.ask_reset(ana)
    assert (await house.press(ana, asked["buttons"]["reset_keep"])).action == "reset_keep"
    assert await rounds(house, ana) == [(1, None, 0)]
    assert house.told("reset_done") == []


async def test_a_message_under_way_becomes_a_ticket_of_the_next_round(house: House) -> None:
    ana, ben = await group_of_two(house)
    await house.say(ben)
    await house.reset(ana, "reset_carry")
    receipt = await house.settle()
    assert (receipt["round"], receipt["ticket"]) == (2, 1)


async def test_there_is_nothing_to_reset_where_pots_are_off(house: House) -> None:
    ana = await house.group()
    house.rules = replace(UNGUARDED, pot=PotRules(enabled=False))
    with pytest.raises(PotsOff):
        await house.ask_reset(ana)
