"""Conversations: which one a turn joins, what a model is shown, lists, deletion and its undoing, on both databases."""

from datetime import timedelta
from typing import Any

import pytest

from services.buttons import ExpiredButton
from services.chats import ReadConversation, ReadConversations
from services.conversations import (
    BeginAnew,
    ContinueConversation,
    ConversationGone,
    DeleteConversation,
    Deleted,
    NoConversation,
    RenameConversation,
)
from services.people import Met
from services.rules import TalkRules
from services.search import SearchTurns
from tests.house import UNGUARDED, House, ScriptedModel, paying


async def begin_anew(house: House, who: Met, thread: int | None = None) -> bool:
    """End the conversation that goes on in the chat of ``who``."""
    return await BeginAnew(db=house.db)(player_id=who.player_id, chat_id=who.chat_id, thread_id=thread)


async def go_on(house: House, who: Met, key: int, thread: int | None = None) -> None:
    """Go on with a conversation."""
    where: dict[str, Any] = {"player_id": who.player_id, "chat_id": who.chat_id, "thread_id": thread}
    await ContinueConversation(db=house.db)(conversation_id=key, **where)


async def delete(house: House, who: Met, key: int) -> Deleted:
    """Delete a conversation."""
    use = DeleteConversation(db=house.db, stamps=house.stamps)
    return await use(player_id=who.player_id, chat_id=who.chat_id, conversation_id=key)


async def titles(house: House, who: Met) -> list[str]:
    """Return the titles of the conversations of ``who``, the latest used first."""
    page = await ReadConversations(db=house.db)(player_id=who.player_id, chat_id=who.chat_id)
    return [one.title for one in page.conversations]


async def keys(house: House) -> list[int]:
    """Return all conversations, the oldest first."""
    return [row.id for row in await house.rows("SELECT id FROM conversation ORDER BY id")]


async def shown(house: House, who: Met, words: str = "and now?", **more: Any) -> list[str]:
    """Ask something and return what of the past the model was shown, the oldest first."""
    model = ScriptedModel()
    await house.say(who, words, **more)
    await house.answer(model)
    return [one.text for one in model.questions[0].history]


async def test_a_model_is_shown_this_conversation_alone(house: House) -> None:
    ana = await paying(house)
    assert await shown(house, ana, "two") == ["hello"]
    assert await begin_anew(house, ana)
    assert not await begin_anew(house, ana)
    assert await shown(house, ana, "three") == []
    assert await shown(house, ana, "four") == ["three"]
    assert await titles(house, ana) == ["three", "hello"]
    await go_on(house, ana, (await keys(house))[0])
    assert await shown(house, ana, "five") == ["hello", "two"]
    assert await titles(house, ana) == ["hello", "three"]


async def test_the_oldest_turns_are_left_out_first(house: House) -> None:
    house.rules = UNGUARDED
    ana = await house.player()
    await house.pay(ana, "first")
    for words in ("a" * 50, "b" * 50, "c" * 50):
        await house.pay(ana, words)
    talk = TalkRules(guard=1_000, free_per_day=0, history_chars=120, history_turns=10)
    house.rules = type(UNGUARDED)(price=UNGUARDED.price, talk=talk)
    assert await shown(house, ana) == ["b" * 50, "c" * 50]
    talk = TalkRules(guard=1_000, free_per_day=0, history_turns=1)
    house.rules = type(UNGUARDED)(price=UNGUARDED.price, talk=talk)
    assert await shown(house, ana) == ["and now?"]


async def test_each_topic_has_a_conversation_of_its_own(house: House) -> None:
    ana = await paying(house)
    assert await shown(house, ana, "in two", thread_id=2) == []
    assert await shown(house, ana, "again in two", thread_id=2) == ["in two"]
    assert await shown(house, ana, "in none") == ["hello"]
    assert await begin_anew(house, ana, thread=2)
    assert await shown(house, ana, "new in two", thread_id=2) == []
    assert await shown(house, ana, "still in none") == ["hello", "in none"]
    await go_on(house, ana, (await keys(house))[0], thread=2)
    assert await shown(house, ana, "moved", thread_id=2) == ["hello", "in none", "still in none"]
    assert await shown(house, ana, "none goes on here") == []


async def test_a_group_has_one_conversation_and_shows_each_player_his_own_part(house: House) -> None:
    house.rules = UNGUARDED
    ana, ben = await house.group(9, player=1), await house.group(9, player=2)
    await house.pay(ana, "of ana")
    await house.pay(ben, "of ben")
    assert len(await keys(house)) == 1
    assert await shown(house, ana) == ["of ana"]
    assert await begin_anew(house, ben)
    assert await shown(house, ana, "later") == []
    assert await shown(house, ben) == []


async def test_a_deleted_conversation_is_out_of_lists_context_and_search_at_once(house: House) -> None:
    ana = await paying(house)
    await house.pay(ana, "marzipan")
    (key,) = await keys(house)
    await house.say(ana, "under way")
    deleted = await delete(house, ana, key)
    assert deleted.title == "hello"
    model = ScriptedModel()
    await house.answer(model)
    assert model.questions[0].history == ()
    assert await titles(house, ana) == []
    found = await SearchTurns(db=house.db)(player_id=ana.player_id, chat_id=ana.chat_id, wanted="marzipan")
    assert found.found == ()
    assert await shown(house, ana, "fresh") == []
    with pytest.raises(ConversationGone):
        await go_on(house, ana, key)
    assert house.happened("conversation_deleted") == [{"conversation": key, "player": ana.player_id}]


async def test_a_deletion_is_taken_back_within_ten_minutes(house: House) -> None:
    ana = await paying(house)
    (key,) = await keys(house)
    undo = (await delete(house, ana, key)).undo
    house.clock.move(timedelta(minutes=9, seconds=59))
    await house.press(ana, undo)
    house.clock.move(timedelta(minutes=5))
    assert await house.tick() == []
    assert await titles(house, ana) == ["hello"]
    assert await shown(house, ana) == ["hello"]


async def test_what_was_taken_back_does_not_push_a_newer_one_aside(house: House) -> None:
    ana = await paying(house)
    (key,) = await keys(house)
    undo = (await delete(house, ana, key)).undo
    await house.pay(ana, "newer")
    await house.press(ana, undo)
    assert await shown(house, ana) == ["newer"]
    assert sorted(await titles(house, ana)) == ["hello", "newer"]


async def test_a_second_press_on_delete_still_takes_back(house: House) -> None:
    ana = await paying(house)
    (key,) = await keys(house)
    await delete(house, ana, key)
    house.clock.move(timedelta(minutes=4))
    again = await delete(house, ana, key)
    assert again.left == timedelta(minutes=6)
    await house.press(ana, again.undo)
    assert await titles(house, ana) == ["hello"]


async def test_after_ten_minutes_the_texts_are_gone_and_the_books_stay(house: House) -> None:
    ana = await paying(house)
    await house.say(ana, "never answered")
    await house.release()
    (key,) = await keys(house)
    undo = (await delete(house, ana, key)).undo
    await house.pay(ana, "kept")
    house.clock.move(timedelta(minutes=10))
    assert [run.kind for run in await house.tick()] == ["erase"]
    rows = await house.rows("SELECT text, answer, entry_id FROM turn ORDER BY id")
    assert [(row.text, row.answer) for row in rows] == [("", ""), ("", None), ("kept", "fine")]
    assert rows[0].entry_id is not None
    with pytest.raises(ExpiredButton):
        await house.press(ana, undo)
    with pytest.raises(ConversationGone):
        await delete(house, ana, key)
    assert await titles(house, ana) == ["kept"]
    assert house.happened("conversation_erased") == [{"conversation": key}]


async def test_a_long_conversation_is_erased_in_batches(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.conversations.ERASE_AT_ONCE", 2)
    ana = await paying(house)
    for _ in range(4):
        await house.pay(ana)
    await delete(house, ana, (await keys(house))[0])
    house.clock.move(timedelta(minutes=10))
    assert [run.result for run in await house.tick()] == ["more", "more", "done"]
    assert await house.value("SELECT COUNT(*) FROM turn WHERE text <> ''") == 0


async def test_an_erased_turn_is_found_no_more_by_the_full_text(house: House) -> None:
    ana = await paying(house)
    await house.pay(ana, "marzipan")
    await delete(house, ana, (await keys(house))[0])
    house.clock.move(timedelta(minutes=10))
    await house.tick()
    if house.url.startswith("sqlite"):
        assert await house.value("SELECT COUNT(*) FROM turn_words WHERE turn_words MATCH 'marzipan'") == 0


async def test_a_conversation_is_renamed_by_number_or_where_it_goes_on(house: House) -> None:
    ana = await paying(house)
    (key,) = await keys(house)
    rename = RenameConversation(db=house.db)
    await rename(chat_id=ana.chat_id, thread_id=None, conversation_id=None, title="Here")
    assert await titles(house, ana) == ["Here"]
    await begin_anew(house, ana)
    with pytest.raises(NoConversation):
        await rename(chat_id=ana.chat_id, thread_id=None, conversation_id=None, title="Nowhere")
    await rename(chat_id=ana.chat_id, thread_id=None, conversation_id=key, title="By number")
    assert await titles(house, ana) == ["By number"]


async def test_nobody_reaches_the_conversation_of_another(house: House) -> None:
    await paying(house)
    (key,) = await keys(house)
    ben = await house.player(2, name="Ben")
    where: dict[str, Any] = {"player_id": ben.player_id, "chat_id": ben.chat_id}
    with pytest.raises(ConversationGone):
        await go_on(house, ben, key)
    with pytest.raises(ConversationGone):
        await delete(house, ben, key)
    with pytest.raises(ConversationGone):
        await ReadConversation(db=house.db)(conversation_id=key, **where)
    with pytest.raises(ConversationGone):
        await RenameConversation(db=house.db)(
            chat_id=ben.chat_id, thread_id=None, conversation_id=key, title="mine"
        )
    assert await titles(house, ben) == []


async def test_a_list_has_pages_with_turns_and_times(house: House) -> None:
    ana = await paying(house)
    for number in range(6):
        await begin_anew(house, ana)
        house.clock.move(timedelta(hours=1))
        await house.pay(ana, f"number {number}")
    await house.pay(ana, "once more")
    read = ReadConversations(db=house.db)
    first = await read(player_id=ana.player_id, chat_id=ana.chat_id)
    last = await read(player_id=ana.player_id, chat_id=ana.chat_id, page=9)
    assert (first.page, first.pages, last.page) == (1, 2, 2)
    newest = first.conversations[0]
    assert (newest.title, newest.turns, newest.is_current, newest.text) == ("number 5", 2, True, "once more")
    assert newest.used_at == house.clock.now()
    assert [one.title for one in last.conversations] == ["number 0", "hello"]
