"""Edited messages on both databases: what is written, what is taken over, and what never changes."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from db.models.chats import FileKind
from services.edits import Edit, Edited, EditMessage
from services.events import TurnFile, TurnReserved
from services.leases import claim_turns, give_up
from services.people import Met
from services.retry import NothingToRetry, retry
from services.rules import ModelRules
from services.settle import LeaseLost
from services.turns import Accepted, Message
from tests.house import House, ScriptedModel, paying

FIRST = "SELECT text, answer, edited_at FROM turn WHERE edit_of IS NULL ORDER BY id DESC LIMIT 1"
EDIT = "SELECT text, answer, state, is_free, price, message_id, conversation_id FROM turn WHERE edit_of IS NOT NULL"


async def edit(house: House, who: Met, text: str, *, telegram_id: int = 1) -> Edited:
    """Edit the message of the newest turn."""
    chat, message = (
        await house.rows(
            "SELECT telegram_chat_id, message_id FROM turn WHERE edit_of IS NULL ORDER BY id DESC LIMIT 1"
        )
    )[0]
    use = EditMessage(db=house.db, stamps=house.stamps, rules=house.rules)
    return await use(Edit(telegram_id=telegram_id, telegram_chat_id=chat, message_id=message, text=text))


async def delivered(house: House) -> None:
    """Mark all that waits in the outbox as sent."""
    await house.write("UPDATE outbox SET state = 'sent', message_id = id WHERE state = 'waiting'")


async def test_t33_an_edit_is_a_turn_without_price_hold_ticket_or_free_slot(house: House) -> None:
    who = await paying(house)
    await delivered(house)
    before = await house.wallet(who)
    holds, tickets = (
        await house.value("SELECT COUNT(*) FROM hold"),
        await house.value("SELECT COUNT(*) FROM ticket"),
    )
    assert await edit(house, who, "new") is Edited.AGAIN
    reserved = house.last_turn()
    assert (reserved.edit_of, reserved.text, reserved.message_id) == (1, "new", -101)
    await house.answer(ScriptedModel(["newer"]))
    assert tuple((await house.rows(EDIT))[0]) == ("", "", "settled", True, 0, -101, None)
    assert tuple((await house.rows(FIRST))[0])[:2] == ("new", "newer")
    assert await house.wallet(who) == before
    assert await house.value("SELECT COUNT(*) FROM hold") == holds
    assert await house.value("SELECT COUNT(*) FROM ticket") == tickets


async def test_t44_over_a_cap_of_the_model_an_edit_is_not_answered_again(house: House) -> None:
    who = await paying(house)
    await delivered(house)
    await house.write("UPDATE turn SET tokens_in = 60, tokens_out = 40, cost_micros = 0, model = 'fake:one'")
    house.rules = replace(house.rules, model=ModelRules(is_there=True, player_day_tokens=100))
    assert await edit(house, who, "new") is Edited.CAPPED
    assert len(house.told("player_cap")) == 1
    assert tuple((await house.rows(FIRST))[0])[:2] == ("hello", "fine")
    house.rules = replace(house.rules, model=ModelRules(is_there=True, player_day_tokens=101))
    assert await edit(house, who, "new") is Edited.AGAIN
    await house.answer(ScriptedModel(["newer"]))


async def test_an_edit_replaces_its_messages_and_keeps_the_receipt(house: House) -> None:
    who = await paying(house)
    await delivered(house)
    old = house.told("answer")[-1]
    await edit(house, who, "new")
    await house.answer(ScriptedModel(["newer"]))
    new = house.told("answer")[-1]
    assert new["receipt"] == old["receipt"]
    assert new["instead_of"]["chat_id"] == house.last_turn().telegram_chat_id
    assert new["text"] == "newer"


async def test_an_answer_that_is_not_sent_yet_is_not_edited(house: House) -> None:
    who = await paying(house)
    assert await edit(house, who, "new") is Edited.EARLY
    await delivered(house)
    assert await edit(house, who, "new") is Edited.AGAIN


async def test_an_edit_that_lost_its_worker_is_taken_over_with_its_conversation(house: House) -> None:
    who = await paying(house)
    await house.pay(who, "and now")
    await delivered(house)
    await edit(house, who, "and then")
    lost, other = house.last_turn(), house.other_worker()
    await house.db.transact(give_up, house.stamps.take())
    house.clock.move(timedelta(seconds=1))
    (taken,) = await house.db.transact(
        claim_turns, 10, alone=False, deadline=timedelta(minutes=1), stamp=other.take()
    )
    assert (taken.edit_of, taken.text, taken.conversation_id) == (2, "and then", lost.conversation_id)
    with pytest.raises(LeaseLost):
        await house.settle(lost)
    model = ScriptedModel(["fine again"])
    await house.answer(model, taken)
    assert [one.text for one in model.questions[0].history] == ["hello"]
    assert tuple((await house.rows(FIRST))[0])[:2] == ("and then", "fine again")


async def test_t26_an_edit_under_anothers_name_does_nothing(house: House) -> None:
    who = await paying(house)
    await delivered(house)
    assert await edit(house, who, "new", telegram_id=2) is Edited.NOTHING


async def test_what_was_edited_once_is_not_answered_a_third_time(house: House) -> None:
    who = await paying(house)
    await delivered(house)
    await edit(house, who, "new")
    await house.release()
    assert [await edit(house, who, text) for text in ("new", "hello", "newest")] == [
        Edited.NOTHING,
        Edited.NOTHING,
        Edited.TWICE,
    ]
    assert tuple((await house.rows(FIRST))[0]) == ("hello", "fine", None)


def again(who: Met, house: House, number: int, **more: Any) -> Message:
    """Return a message that asks to try again."""
    facts: dict[str, Any] = {
        "player_id": who.player_id,
        "chat_id": who.chat_id,
        "telegram_chat_id": 1_000 + who.chat_id,
        "message_id": number,
        "thread_id": None,
        "media_group_id": None,
        "sent_at": house.clock.now(),
        "text": "",
        "always_paid": False,
    }
    return Message(**{**facts, **more})


async def test_a_retry_takes_words_file_and_lane_along_and_happens_once(house: House) -> None:
    who = await paying(house)
    file = TurnFile(file_id="one", kind=FileKind.TEXT, name="a.txt")
    await house.say(who, "look", file=file)
    await house.release()
    rules, stamps = house.rules, house.stamps
    assert await house.db.transact(retry, again(who, house, 900), rules, stamps.take()) is Accepted.TAKEN
    reserved: TurnReserved = house.last_turn()
    assert (reserved.text, reserved.file, reserved.message_id) == ("look", file, 900)
    assert await house.db.transact(retry, again(who, house, 900), rules, stamps.take()) is Accepted.DUPLICATE
    with pytest.raises(NothingToRetry):
        await house.db.transact(retry, again(who, house, 901), rules, stamps.take())
    await house.settle()
    assert [state for state, _ in await house.turns()] == ["settled", "released", "settled"]


async def test_a_retry_that_was_refused_leaves_the_message_to_be_tried_again(house: House) -> None:
    who = await paying(house)
    await house.say(who)
    await house.release()
    rules, stamps = house.rules, house.stamps
    house.rules = replace(rules, talk=replace(rules.talk, per_minute=2))
    assert (
        await house.db.transact(retry, again(who, house, 900), house.rules, stamps.take()) is Accepted.FLOOD
    )
    assert await house.db.transact(retry, again(who, house, 901), rules, stamps.take()) is Accepted.TAKEN
    await house.settle()


async def test_a_retry_looks_at_its_own_topic_alone(house: House) -> None:
    who = await paying(house)
    await house.say(who, "in a topic", thread_id=7)
    await house.release()
    rules, stamps = house.rules, house.stamps
    with pytest.raises(NothingToRetry):
        await house.db.transact(retry, again(who, house, 900), rules, stamps.take())
    in_topic = again(who, house, 901, thread_id=7)
    assert await house.db.transact(retry, in_topic, rules, stamps.take()) is Accepted.TAKEN
    await house.settle()
