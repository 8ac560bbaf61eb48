"""What operators watch in duels: reports of questions and what becomes of them, and signs of cheating."""

from datetime import timedelta

import pytest

from db.models.duels import DuelState
from services.duels.past import DuelNotFound
from services.duels.reports import KEEP, WITHDRAW, ReadReported, ReportQuestion
from services.duels.review import NotSettled
from services.duels.signs import LEAST_DUELS, LEAST_STAKES, SINCE, ReadSigns, Signs
from services.freezing import SetFrozen
from services.people import Met
from tests.house import House
from tests.past_duels import STAKE, Side, duellist, ended, settled, stock

QUICK = (200, 400, 600, 800, 1_000)


async def two(house: House) -> tuple[Met, Met]:
    """Return two players; there are questions."""
    await stock(house, "science", "es")
    return await duellist(house), await duellist(house, 2, name="Ben")


async def report(house: House, who: Met, number: int, position: int = 1) -> None:
    """Have a player report a question."""
    use = ReportQuestion(db=house.db, stamps=house.stamps)
    await use(player_id=who.player_id, duel_id=number, position=position)


async def signs(house: House) -> Signs:
    """Return the signs of now."""
    return await ReadSigns(db=house.db, clock=house.clock, rules=house.rules.duels)()


async def test_a_player_reports_a_question_once_and_only_after_settlement(house: House) -> None:
    ana, ben = await two(house)
    number, other = await settled(house, Side(who=ana), Side(who=ben, right=2))
    waits = await ended(house, Side(who=ana), DuelState.WAITING)
    for _ in range(2):
        await report(house, ana, number)
    await report(house, ben, other)
    with pytest.raises(NotSettled):
        await report(house, ana, waits)
    with pytest.raises(DuelNotFound):
        await report(house, ana, other)
    found = await ReadReported(db=house.db)(language="es")
    assert found is not None
    assert (found.reports, found.text[:2], found.is_active, found.rest) == (2, "es", True, 0)
    assert len(house.happened("question_reported")) == 2


async def test_a_question_that_is_kept_leaves_the_list_and_stays_in_the_game(house: House) -> None:
    ana, ben = await two(house)
    number, _ = await settled(house, Side(who=ana), Side(who=ben, right=2))
    for position in (1, 2):
        await report(house, ana, number, position)
    read = ReadReported(db=house.db)
    found = await read(language="en")
    assert found is not None
    assert found.rest == 1
    tokens = await house.offer(ana, {KEEP: {"question": found.question_id}})
    await house.press(ana, tokens[KEEP])
    left = await read(language="en")
    assert left is not None
    assert left.question_id != found.question_id
    assert await house.value("SELECT COUNT(*) FROM question WHERE state <> 'active'") == 0


async def test_a_question_that_is_withdrawn_is_asked_no_more_and_its_duels_are_made_good(
    house: House,
) -> None:
    ana, ben = await two(house)
    number, _ = await settled(house, Side(who=ana), Side(who=ben, right=2))
    await report(house, ana, number)
    found = await ReadReported(db=house.db)(language="en")
    assert found is not None
    tokens = await house.offer(ana, {WITHDRAW: {"question": found.question_id}})
    await house.press(ana, tokens[WITHDRAW])
    assert await ReadReported(db=house.db)(language="en") is None
    pool = "SELECT COUNT(*) FROM question WHERE state = 'active'"
    assert await house.value(pool) == 11
    assert await house.value("SELECT kind FROM timer WHERE cause LIKE 'duel_doubt:%'") == "duel_doubt"
    decided = {"question": found.question_id, "decision": "withdrawn", "operator": ana.player_id}
    assert house.happened("reports_decided") == [decided]


async def test_pairs_that_meet_often_and_one_sided_flows_are_shown(house: House) -> None:
    ana, ben = await two(house)
    for _ in range(LEAST_DUELS - 1):
        await settled(house, Side(who=ana), Side(who=ben, right=2))
    seen = await signs(house)
    assert seen.repeated == ()
    assert [(one.one.name, one.other_net) for one in seen.flows] == [("Ana", -LEAST_STAKES * STAKE)]
    await settled(house, Side(who=ana), Side(who=ben, right=2))
    (pair,) = (await signs(house)).repeated
    assert (pair.one.name, pair.other.name, pair.duels, pair.one_net) == ("Ana", "Ben", LEAST_DUELS, 1_200)
    house.clock.move(SINCE + timedelta(seconds=1))
    assert (await signs(house)).repeated == ()


async def test_two_who_win_by_turns_are_no_one_sided_flow(house: House) -> None:
    ana, ben = await two(house)
    for _ in range(2):
        await settled(house, Side(who=ana), Side(who=ben, right=2))
        await settled(house, Side(who=ben), Side(who=ana, right=2))
    seen = await signs(house)
    assert (len(seen.repeated), seen.flows) == (1, ())


async def test_whole_duels_faster_than_anybody_reads_are_shown(house: House) -> None:
    ana, ben = await two(house)
    await settled(house, Side(who=ana, right=5, at_ms=QUICK), Side(who=ben, right=2))
    slow = (1_000, 1_200, 1_400, 1_600, 1_800)
    await settled(house, Side(who=ana, right=5, at_ms=slow), Side(who=ben, right=2))
    await settled(house, Side(who=ana, right=3, at_ms=QUICK[:3]), Side(who=ben, right=2))
    assert [(one.who.name, one.duels, one.right) for one in (await signs(house)).fast] == [("Ana", 1, 5)]


async def test_who_is_frozen_is_on_the_list_whatever_he_did(house: House) -> None:
    ana, ben = await two(house)
    freeze = SetFrozen(db=house.db, clock=house.clock)
    await freeze(player_id=ben.player_id, operator_id=ana.player_id, is_frozen=True)
    assert [(one.name, one.is_frozen) for one in (await signs(house)).people] == [("Ben", True)]
