"""A group that becomes a supergroup: one chat, one pot, once, whatever tells of it and in which order."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from db.models.people import ChatKind
from db.schema import blocking_engine
from services import verify_pot
from services.board import PotUnknown, ReadRounds
from services.events import ChatMoved, Happened, TurnReserved
from services.membership import LeaveGroup
from services.migration import merge_chats
from services.people import Met, Place, home_of
from services.proofs import ReadProof
from tests.house import NEVER_WON, UNGUARDED, House, open_house

OLD, NEW = -1_001, -1_000_000_001_002
RULES = replace(UNGUARDED, pot=NEVER_WON)


@pytest_asyncio.fixture
async def house(books_url: str) -> AsyncIterator[House]:
    """Give a house in which nobody wins; its books are audited at the end."""
    async with open_house(books_url, RULES) as opened:
        yield opened


async def member(house: House, telegram_id: int = OLD, number: int = 1) -> Met:
    """Return a player in the group of a Telegram id."""
    return await house.meet(number, Place(telegram_id=telegram_id, kind=ChatKind.GROUP, title="Friends"))


async def merge(house: House, old: int = OLD, new: int = NEW) -> int | None:
    """Have a notice of the move handled."""
    return await house.db.transact(merge_chats, old, new, house.stamps.take())


async def chats(house: House) -> list[tuple[Any, ...]]:
    """Return id, Telegram id and survivor of all groups."""
    sql = "SELECT id, telegram_id, merged_into FROM chat WHERE kind = 'group' ORDER BY id"
    return [tuple(row) for row in await house.rows(sql)]


async def pots(house: House) -> dict[int, int]:
    """Return what is in the pots of all groups, by our key of the chat."""
    sql = (
        "SELECT p.chat_id, a.balance FROM pot p JOIN account a ON a.kind = 'pot' AND a.owner_id = p.id "
        "WHERE p.chat_id IS NOT NULL ORDER BY p.chat_id"
    )
    return {row.chat_id: row.balance for row in await house.rows(sql)}


async def paid(house: House, telegram_id: int = OLD, number: int = 1) -> Met:
    """Return a player who has paid once in a group."""
    who = await member(house, telegram_id, number)
    await house.pay(who, telegram_chat_id=telegram_id)
    return who


async def begin(house: House, who: Met, telegram_id: int, **more: Any) -> TurnReserved:
    """Return a paid turn of a player that is under way."""
    await house.say(who, telegram_chat_id=telegram_id, **more)
    if isinstance(house.events[-1], Happened) and house.events[-1].name == "price_asked":
        await house.press(who, house.told("guard")[-1]["buttons"]["pay"])
    return house.last_turn()


async def test_t30_the_rounds_of_a_pot_that_went_into_another_can_still_be_proved(house: House) -> None:
    who = await paid(house)
    house.clock.move(timedelta(minutes=1))
    eve = await paid(house, NEW, 2)
    await house.reset(eve, "reset_carry")
    await house.pay(eve, telegram_chat_id=NEW)
    await merge(house)
    read, prove = ReadRounds(db=house.db), ReadProof(db=house.db)
    where: dict[str, Any] = {"chat_id": who.chat_id, "in_group": True, "page": 1}
    assert (await read(**where)).formers == (eve.chat_id,)
    former = await read(**where, former=eve.chat_id)
    assert [(one.round_no, one.tickets) for one in former.rounds] == [(2, 1), (1, 1)]
    file = await prove(chat_id=who.chat_id, round_no=2, former=eve.chat_id)
    assert verify_pot.verify(file.content) is None
    assert f"g{eve.chat_id}" in file.name
    for other in (eve.chat_id + 1, who.chat_id):
        with pytest.raises(PotUnknown):
            await prove(chat_id=who.chat_id, round_no=1, former=other)


async def test_t30_a_group_whose_new_id_is_unknown_takes_it_with_all_that_it_has(house: House) -> None:
    who = await paid(house)
    assert await merge(house) == who.chat_id
    former = (await chats(house))[1][0]
    assert await chats(house) == [(who.chat_id, NEW, None), (former, OLD, who.chat_id)]
    assert await pots(house) == {who.chat_id: 5}
    for telegram_id in (OLD, NEW):
        assert (await member(house, telegram_id)).chat_id == who.chat_id


@pytest.mark.parametrize("times", [2, 3])
async def test_t30_a_move_that_is_told_again_changes_nothing(house: House, times: int) -> None:
    who = await paid(house)
    other = await paid(house, NEW, 2)
    for _ in range(times):
        assert await merge(house) == who.chat_id
    assert await pots(house) == {who.chat_id: 10, other.chat_id: 0}
    assert await house.value("SELECT COUNT(*) FROM entry WHERE kind = 'merge'") == 1
    assert len([event for event in house.events if isinstance(event, ChatMoved)]) == 1


async def test_t30_of_two_live_rounds_the_younger_closes_and_its_money_seeds_the_older(house: House) -> None:
    first = await paid(house)
    house.clock.move(timedelta(minutes=1))
    second = await paid(house, NEW, 2)
    await house.gift(second, 40)
    await merge(house)
    assert await pots(house) == {first.chat_id: 50, second.chat_id: 0}
    rounds = await house.rows(
        "SELECT p.chat_id, r.k, r.outcome, r.carried_in, r.tickets FROM round r JOIN pot p ON p.id = r.pot_id "
        "WHERE p.chat_id IS NOT NULL ORDER BY p.chat_id, r.k"
    )
    assert [tuple(row) for row in rounds] == [
        (first.chat_id, 1, None, 45, 1),
        (second.chat_id, 1, "carried", 0, 1),
        (second.chat_id, 2, None, 0, 0),
    ]
    told = {"credits": 45, "closed": 1, "round": 1, "pot": 50}
    assert house.told("pots_merged") == [told]


async def test_t30_the_older_live_round_goes_on_even_if_it_is_the_new_chats(house: House) -> None:
    first = await paid(house, NEW)
    house.clock.move(timedelta(minutes=1))
    second = await paid(house, OLD, 2)
    assert await merge(house) == first.chat_id
    assert await chats(house) == [(first.chat_id, NEW, None), (second.chat_id, OLD, first.chat_id)]
    assert await pots(house) == {first.chat_id: 10, second.chat_id: 0}


async def test_t30_a_round_without_anything_in_it_gives_way_to_a_live_one(house: House) -> None:
    first = await member(house)
    await house.write(
        "UPDATE chat SET language = 'es', quiet = TRUE, topic_id = 7 WHERE id = :id", id=first.chat_id
    )
    second = await paid(house, NEW, 2)
    assert await merge(house) == second.chat_id
    assert await pots(house) == {first.chat_id: 0, second.chat_id: 5}
    assert await house.value("SELECT COUNT(*) FROM round WHERE outcome = 'carried'") == 0
    sql = "SELECT language, quiet, topic_id FROM chat WHERE id = :id"
    assert [tuple(row) for row in await house.rows(sql, id=second.chat_id)] == [("es", True, 7)]


async def test_t30_settings_reports_and_the_days_reset_go_along(house: House) -> None:
    first, second = await paid(house), await paid(house, NEW, 2)
    for who, values in ((first, "report = 'daily', timezone = 'Europe/Berlin'"), (second, "quiet = TRUE")):
        await house.write(f"UPDATE chat SET {values} WHERE id = :id", id=who.chat_id)
    await house.write("UPDATE chat SET reset_day = '2026-11-21' WHERE id = :id", id=second.chat_id)
    await merge(house)
    sql = "SELECT report, timezone, quiet, pot_on FROM chat WHERE id = :id"
    assert [tuple(row) for row in await house.rows(sql, id=first.chat_id)] == [
        ("daily", "Europe/Berlin", 1, 1)
    ]
    sql = "SELECT COUNT(*) FROM chat WHERE id = :id AND reset_day IS NOT NULL"
    assert await house.value(sql, id=first.chat_id) == 1


async def test_t30_a_turn_under_way_in_the_chat_that_goes_feeds_the_one_that_stays(house: House) -> None:
    first, second = await paid(house), await member(house, NEW, 2)
    under_way = await begin(house, second, NEW)
    await merge(house)
    await house.settle(under_way)
    assert await pots(house) == {first.chat_id: 10, second.chat_id: 0}
    sql = "SELECT chat_id FROM outbox WHERE notice = 'answer' ORDER BY id DESC LIMIT 1"
    assert await house.value(sql) == first.chat_id
    assert await house.value(sql.replace("chat_id", "reply_to", 1)) == under_way.message_id


async def test_t30_a_question_of_the_old_group_is_answered_without_a_reply_to_what_is_not_there(
    house: House,
) -> None:
    who = await member(house)
    await begin(house, who, OLD)
    await merge(house)
    await house.settle()
    sql = "SELECT chat_id, reply_to FROM outbox WHERE notice = 'answer'"
    assert [tuple(row) for row in await house.rows(sql)] == [(who.chat_id, None)]


async def test_t30_what_a_process_still_knows_under_the_former_key_lands_in_the_right_chat(
    house: House,
) -> None:
    first, second = await paid(house), await paid(house, NEW, 2)
    await merge(house)
    await house.pay(second, telegram_chat_id=NEW)  # with the key that was known before
    await house.gift(second, 7)
    assert await pots(house) == {first.chat_id: 5 + 5 + 9 + 7, second.chat_id: 0}
    sql = "SELECT COUNT(*) FROM turn WHERE chat_id = :id"
    assert await house.value(sql, id=second.chat_id) == 0


async def test_t30_buttons_and_the_conversation_go_along(house: House) -> None:
    first, second = await paid(house), await paid(house, NEW, 2)
    asked = await house.ask_reset(second)
    await merge(house)
    assert await house.value("SELECT COUNT(*) FROM turn WHERE chat_id = :id", id=first.chat_id) == 2
    moved = Met(player_id=second.player_id, chat_id=first.chat_id)
    await house.press(moved, asked["buttons"]["reset_keep"])


async def test_t30_the_same_message_number_in_both_chats_is_two_messages(house: House) -> None:
    first, second = await member(house), await member(house, NEW, 2)
    await house.pay(first, telegram_chat_id=OLD, message_id=5)
    await merge(house)
    await house.pay(second, telegram_chat_id=NEW, message_id=5)
    assert (await pots(house))[first.chat_id] == 10


@pytest.mark.parametrize(("old", "new"), [(OLD, OLD), (1, NEW), (OLD, 1), (0, NEW)])
async def test_t30_what_can_not_be_a_move_is_none(house: House, old: int, new: int) -> None:
    who = await paid(house)
    assert await merge(house, old, new) is None
    assert await chats(house) == [(who.chat_id, OLD, None)]


async def test_t30_a_group_that_nobody_knows_gets_its_pot_under_the_new_id(house: House) -> None:
    survivor = await merge(house)
    assert survivor is not None
    assert await pots(house) == {survivor: 0}
    assert (await member(house, NEW)).chat_id == survivor


async def test_t30_that_the_bot_left_the_old_group_does_not_put_the_new_one_to_sleep(house: House) -> None:
    who = await paid(house)
    await house.write(
        "UPDATE chat SET removed_at = created_at, reach = 'kicked' WHERE id = :id", id=who.chat_id
    )
    await merge(house)
    sql = "SELECT reach, removed_at FROM chat WHERE id = :id"
    assert [tuple(row) for row in await house.rows(sql, id=who.chat_id)] == [("ok", None)]


@pytest.mark.parametrize("left", [(NEW,), (OLD, NEW), (NEW, OLD)])
@pytest.mark.parametrize("older", [OLD, NEW])
async def test_t29_t30_the_new_chat_sleeps_on_whichever_round_goes_on_and_is_paid_back_in_time(
    house: House, left: Sequence[int], older: int
) -> None:
    who = await paid(house, older)
    house.clock.move(timedelta(minutes=1))
    await paid(house, OLD + NEW - older, 2)
    left_at = house.clock.now()
    for telegram_id in left:
        house.clock.move(timedelta(minutes=1))
        left_at = house.clock.now() if telegram_id == NEW else left_at
        await LeaveGroup(db=house.db, stamps=house.stamps, rules=RULES)(telegram_id=telegram_id)
    await merge(house)
    outcomes = "SELECT outcome FROM round r JOIN pot p ON p.id = r.pot_id WHERE p.chat_id = :id ORDER BY k"
    for wait, expected in ((timedelta(seconds=-1), [None]), (timedelta(), ["refunded", None])):
        house.clock.move(left_at + RULES.pot.sleep + wait - house.clock.now())
        await house.tick()
        assert [row.outcome for row in await house.rows(outcomes, id=who.chat_id)] == expected


async def test_t30_many_notices_and_payments_at_once_merge_once_and_lose_nothing(house: House) -> None:
    first, second = await paid(house), await paid(house, NEW, 2)
    one, two = await begin(house, first, OLD), await begin(house, second, NEW)
    await asyncio.gather(
        merge(house), house.settle(one), merge(house), house.settle(two), merge(house), house.gift(second, 3)
    )
    assert await pots(house) == {first.chat_id: 5 + 9 + 5 + 9 + 3, second.chat_id: 0}
    assert await house.value("SELECT COUNT(*) FROM entry WHERE kind = 'merge'") == 1


async def test_t30_a_move_waits_for_whoever_is_about_to_feed_a_pot(postgres_books: str) -> None:
    waiting = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    async with open_house(postgres_books, RULES) as house:
        first = await paid(house)
        second = await paid(house, NEW, 2)
        engine = blocking_engine(postgres_books)
        with engine.begin() as tx:
            assert home_of(tx, second.chat_id).chat_id == second.chat_id
            move = asyncio.create_task(merge(house))
            async with asyncio.timeout(30):
                while not await house.value(waiting):
                    assert not move.done()
            assert not move.done()
        await move
        engine.dispose()
        assert (await house.db.transact(home_of, second.chat_id)).chat_id == first.chat_id
