"""Duels looked back at: history, one of them, its answers, and the leaderboard of the week."""

from datetime import timedelta

import pytest

from db.models.duels import DuelState
from services.alias import SetAlias
from services.duels.past import Colour, DuelNotFound, ReadDuel, ReadDuels
from services.duels.review import NotSettled, ReadReview
from services.duels.week import By, ReadDuelBoard
from services.freezing import SetFrozen
from services.people import Met
from tests.house import House
from tests.past_duels import BONUS, BOUNTY, STAKE, Side, duellist, ended, settled, stock

LATER = (2_000, 4_000, 6_000, 8_000, 12_000)


async def two(house: House) -> tuple[Met, Met]:
    """Return two players; there are questions in two languages."""
    await stock(house, "science", "es")
    return await duellist(house), await duellist(house, 2, name="Ben")


async def test_history_shows_each_duel_in_its_colour_the_newest_first(house: House) -> None:
    ana, ben = await two(house)
    won, _ = await settled(house, Side(who=ana), Side(who=ben, right=2))
    _, lost = await settled(house, Side(who=ben), Side(who=ana, right=2))
    tie, _ = await settled(house, Side(who=ana), Side(who=ben))
    refunded = await ended(house, Side(who=ana), DuelState.REFUNDED)
    void = await ended(house, Side(who=ana), DuelState.VOID)
    waits = await ended(house, Side(who=ana), DuelState.WAITING)
    read = ReadDuels(db=house.db)
    first, second = [await read(player_id=ana.player_id, page=page) for page in (1, 9)]
    assert (first.pages, second.page) == (2, 2)
    assert [(one.number, one.colour, one.delta) for one in first.duels + second.duels] == [
        (waits, Colour.WAITING, None),
        (void, Colour.BACK, 0),
        (refunded, Colour.BACK, BONUS),
        (tie, Colour.BACK, 0),
        (lost, Colour.LOST, -STAKE),
        (won, Colour.WON, BOUNTY - STAKE),
    ]


async def test_what_was_right_is_seen_only_when_a_duel_is_settled(house: House) -> None:
    ana, ben = await two(house)
    alone = [await ended(house, Side(who=ana), state) for state in (DuelState.REFUNDED, DuelState.VOID)]
    alone.append(await ended(house, Side(who=ana), DuelState.WAITING))
    read, review = ReadDuel(db=house.db, clock=house.clock), ReadReview(db=house.db)
    for number in alone:
        seen = await read(player_id=ana.player_id, duel_id=number)
        assert (seen.mine, seen.theirs, seen.opponent) == (None, None, None)
        with pytest.raises(NotSettled):
            await review(player_id=ana.player_id, duel_id=number, position=1, language="en")
    number, _ = await settled(house, Side(who=ben), Side(who=await house.player(3, name="Cat"), right=1))
    seen = await read(player_id=ben.player_id, duel_id=number)
    assert seen.mine is not None
    assert (seen.mine.right, seen.mine.time_ms, seen.opponent and seen.opponent.name) == (3, 10_000, "Cat")


async def test_the_seed_is_shown_when_nobody_plays_the_set_any_more(house: House) -> None:
    ana, ben = await two(house)
    waits = await ended(house, Side(who=ana), DuelState.WAITING)
    number, _ = await settled(house, Side(who=ben), Side(who=await house.player(3), right=1))
    read = ReadDuel(db=house.db, clock=house.clock)
    assert (await read(player_id=ana.player_id, duel_id=waits)).seed is None
    assert (await read(player_id=ben.player_id, duel_id=number)).seed is not None
    await house.write("UPDATE question_set SET is_open = :is_open", is_open=True)
    assert (await read(player_id=ben.player_id, duel_id=number)).seed is None
    await house.write("UPDATE question_set SET is_open = :is_open", is_open=False)


async def test_a_receipt_is_the_entry_where_there_is_one(house: House) -> None:
    ana, ben = await two(house)
    won, _ = await settled(house, Side(who=ana), Side(who=ben, right=2))
    tie, _ = await settled(house, Side(who=ana), Side(who=ben))
    read = ReadDuel(db=house.db, clock=house.clock)
    entry = await house.value("SELECT id FROM entry WHERE kind = 'duel_won'")
    assert (await read(player_id=ana.player_id, duel_id=won)).receipt == str(entry)
    assert (await read(player_id=ana.player_id, duel_id=tie)).receipt == f"D{tie}"


async def test_t50_nobody_reads_another_players_duel(house: House) -> None:
    ana, ben = await two(house)
    _, bens = await settled(house, Side(who=ana), Side(who=ben, right=2))
    with pytest.raises(DuelNotFound):
        await ReadDuel(db=house.db, clock=house.clock)(player_id=ana.player_id, duel_id=bens)
    with pytest.raises(DuelNotFound):
        await ReadReview(db=house.db)(player_id=ana.player_id, duel_id=bens, position=1, language="en")


async def test_a_review_shows_both_answers_the_right_one_and_its_source_in_the_readers_language(
    house: House,
) -> None:
    ana, ben = await two(house)
    number, _ = await settled(house, Side(who=ana, right=5), Side(who=ben, right=1, at_ms=[900, 1_900]))
    read = ReadReview(db=house.db)
    for position in range(1, 6):
        seen = await read(player_id=ana.player_id, duel_id=number, position=position, language="es")
        assert (seen.text[:2], seen.source[:10], seen.total) == ("es", "https://es", 5)
        assert [one.is_mine for one in seen.options] == [one.is_right for one in seen.options]
        assert sum(one.is_right for one in seen.options) == 1
        assert sum(one.is_theirs for one in seen.options) == (position <= 2)
        assert (seen.my_time_ms, seen.their_time_ms is None) == (position * 2_000, position > 2)
    other = await read(player_id=ana.player_id, duel_id=number, position=1, language="de")
    assert other.text[:2] == "en"
    for position in (0, 6):
        with pytest.raises(DuelNotFound):
            await read(player_id=ana.player_id, duel_id=number, position=position, language="en")


async def test_the_week_is_led_by_who_won_most_or_is_rated_best(house: House) -> None:
    ana, ben = await two(house)
    cat = await duellist(house, 3, name="Cat")
    await settled(house, Side(who=cat), Side(who=ben, right=1))
    house.clock.move(timedelta(days=7))
    for _ in range(2):
        await settled(house, Side(who=ana), Side(who=ben, right=2))
    await settled(house, Side(who=ben), Side(who=cat, right=2))
    await settled(house, Side(who=ana, at_ms=LATER), Side(who=cat, at_ms=LATER))
    read = ReadDuelBoard(db=house.db, clock=house.clock)
    by_net = await read(chat_id=None, by=By.NET)
    assert [(one.who.name, one.duels, one.net) for one in by_net] == [
        ("Ana", 3, 600),
        ("Cat", 2, -500),
        ("Ben", 3, -700),
    ]
    by_rating = await read(chat_id=None, by=By.RATING)
    assert [one.rating for one in by_rating] == sorted((one.rating for one in by_rating), reverse=True)
    assert by_rating[0].who.name == "Ana"


async def test_the_hidden_are_nameless_on_the_leaderboard_and_the_frozen_not_on_it(house: House) -> None:
    ana, ben = await two(house)
    await settled(house, Side(who=ana), Side(who=ben, right=2))
    await SetAlias(db=house.db)(player_id=ana.player_id, alias=None, hidden=True)
    freeze = SetFrozen(db=house.db, clock=house.clock)
    await freeze(player_id=ben.player_id, operator_id=9, is_frozen=True)
    places = await ReadDuelBoard(db=house.db, clock=house.clock)(chat_id=None, by=By.NET)
    assert [one.who.name for one in places] == [None]


async def test_a_group_sees_the_duels_of_its_own_challenges(house: House) -> None:
    ana, ben = await two(house)
    group = await house.group()
    await settled(house, Side(who=ben), Side(who=ana, right=2))
    number, _ = await settled(house, Side(who=ana), Side(who=ben, right=2))
    await house.write(
        "INSERT INTO challenge (token, set_id, chat_id, player_id, rival_id, created_at, expires_at) "
        "SELECT 'x', set_id, :chat, player_id, player_id, created_at, created_at FROM duel WHERE id = :duel",
        chat=group.chat_id,
        duel=number,
    )
    read = ReadDuelBoard(db=house.db, clock=house.clock)
    assert [one.net for one in await read(chat_id=group.chat_id, by=By.NET)] == [300, -500]
    assert [one.net for one in await read(chat_id=None, by=By.NET)] == [-200, -200]
