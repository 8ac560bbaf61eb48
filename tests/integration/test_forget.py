"""A forgotten player: his name and words are gone from every table, his books stay, coming back gains nothing."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select

from db.models import metadata
from db.models.people import ChatKind
from services import inbox
from services.alias import SetAlias
from services.breaks import take_break
from services.duels.challenges import ChallengeOver
from services.duels.inviting import PostChallenge, ReadChallenge
from services.duels.past import ReadDuels
from services.edits import Edit, Edited, EditMessage
from services.forget import ACTIONS, StillAnswering, StillDuelling, forget_player
from services.forgotten import Forgotten, StalePlayer, number_of
from services.gifts import AskGift
from services.grants import DailyTaken, TakeDaily
from services.inbox import RawUpdate
from services.limits import LimitKind, SetLimit
from services.people import Meet, Met, Place, Sender
from services.profile import ReadPlayer, SetLanguage, SetSeed
from services.retry import NothingToRetry, RetryTurn
from services.turns import Accepted, Message
from tests.duels import Arena
from tests.house import FORGET_KEY, House, ScriptedModel, paying

TELEGRAM_ID = 7_312_455_901
SECRET = "Wintergreen"
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
PRIVATE = Place(telegram_id=TELEGRAM_ID, kind=ChatKind.PRIVATE, title=SECRET)
GROUP = Place(telegram_id=-55, kind=ChatKind.GROUP, title="Friends")
SENDER = Sender(telegram_id=TELEGRAM_ID, name=SECRET, username=f"{SECRET}_u", language="es")


def meeting(house: House) -> Meet:
    return Meet(db=house.db, stamps=house.stamps, rules=house.rules, key=FORGET_KEY)


async def meet(house: House, place: Place = PRIVATE, sender: Sender = SENDER) -> Met:
    return await meeting(house)(sender=sender, place=place)


async def say(house: House, who: Met, words: str = SECRET, **more: Any) -> Accepted:
    """Have the player write, under Telegram's number of the chat."""
    number = await house.value("SELECT telegram_id FROM chat WHERE id = :id", id=who.chat_id)
    return await house.say(who, words, **{"telegram_chat_id": number, **more})


async def forget(house: House, who: Met) -> None:
    """Have the player forgotten by his button."""
    tokens = await house.offer(who, {action: {} for action in ACTIONS})
    await house.press(who, tokens["forget"])


async def all_of_it(house: House) -> dict[str, str]:
    """Return all that stands in the books, as one text for each table."""

    def read(tx: Connection) -> dict[str, str]:
        return {
            name: repr([tuple(row) for row in tx.execute(select(table))])
            for name, table in metadata.tables.items()
        }

    return await house.db.read(read)


async def played(house: House) -> Met:
    """Return a player who did all sorts of things."""
    await paying(house)
    ana, group = await meet(house), await meet(house, GROUP)
    for who in (ana, group):
        await say(house, who, always_paid=True)
        if await house.rows("SELECT 1 FROM turn WHERE state = 'asking'"):
            await house.press(who, house.told("guard")[-1]["buttons"]["pay"])
        await house.settle(words=f"yes, {SECRET}")
    await house.db.transact(_store, house)
    await SetSeed(db=house.db)(player_id=ana.player_id, seed=SECRET)
    ask = AskGift(db=house.db, stamps=house.stamps, rules=house.rules)
    await ask(player_id=ana.player_id, chat_id=group.chat_id, thread_id=None, message_id=1, credits=5)
    await house.press(group, house.told("gift_ask")[-1]["buttons"]["gift"])
    await house.write("UPDATE outbox SET state = 'sent', ended_at = created_at WHERE notice <> 'daily'")
    return ana


def _store(tx: Connection, house: House) -> None:
    body = json.dumps({"message": {"from": {"id": TELEGRAM_ID, "first_name": SECRET}}}).encode()
    stamp = house.stamps.take()
    for number, lane in enumerate((f"c{TELEGRAM_ID}", f"u{TELEGRAM_ID}", "c-55")):
        (update,) = inbox.store_updates(tx, [RawUpdate(number, lane, body)], stamp)
        if lane == f"u{TELEGRAM_ID}":
            inbox.park_update(tx, update, 5, f"KeyError({SECRET})", stamp)
        else:
            inbox.finish_update(tx, update, stamp)
    inbox.store_updates(tx, [RawUpdate(9, "c8", b'{"message": {"from": {"id": 8}}}')], stamp)


async def test_nothing_is_left_of_a_forgotten_players_name_words_and_id(house: House) -> None:
    ana = await played(house)
    before = await all_of_it(house)
    assert any(SECRET in text for text in before.values())
    await forget(house, ana)
    house.clock.move(2 * MINUTE)
    assert {run.result for run in await house.tick()} == {"done"}
    left = await all_of_it(house)
    assert [name for name, text in left.items() if SECRET in text] == []
    assert [name for name, text in left.items() if str(TELEGRAM_ID) in text] == []
    assert '"id": 8' in left["inbox"]
    assert len(house.happened("player_forgotten")) == 1


async def test_the_books_of_a_forgotten_player_stay(house: House) -> None:
    ana = await played(house)
    before = await all_of_it(house)
    await forget(house, ana)
    after = await all_of_it(house)
    for table in ("account", "entry", "transfer", "ticket", "round_player", "round", "hold"):
        assert after[table] == before[table]
    board = await house.rows(
        "SELECT name, alias, hidden, telegram_id FROM player WHERE id = :id", id=ana.player_id
    )
    assert tuple(board[0]) == ("", None, True, number_of(ana.player_id))


async def test_t39_coming_back_gains_nothing(house: House) -> None:
    ana = await played(house)
    await house.leave(ana, 100)
    daily = TakeDaily(db=house.db, stamps=house.stamps, rules=house.rules.grants)
    await daily(player_id=ana.player_id, chat_id=ana.chat_id)
    limit = SetLimit(db=house.db, stamps=house.stamps, rules=house.rules)
    await limit(player_id=ana.player_id, kind=LimitKind.DAY_CAP, credits=0)
    await house.db.transact(take_break, ana.player_id, 7, house.stamps.take())
    kept = (
        "SELECT welcomed, day, window_key, paid_in_window, paid_today, paid_total, spent_today, wins, daily_day, "
        "daily_streak, day_cap_credits, break_until, created_at FROM player WHERE id = :id"
    )
    before = await house.rows(kept, id=ana.player_id), await house.wallet(ana)
    await forget(house, ana)
    assert await house.wallet(ana) == before[1]
    back = await meet(house, sender=Sender(telegram_id=TELEGRAM_ID, name="New", username=None, language="en"))
    assert (back.player_id, back.chat_id, back.is_new) == (ana.player_id, ana.chat_id, False)
    assert (await house.rows(kept, id=ana.player_id), await house.wallet(ana)) == before
    with pytest.raises(DailyTaken):
        await daily(player_id=ana.player_id, chat_id=ana.chat_id)
    await say(house, back)
    assert (await house.turns())[-1] == ("declined", None)
    assert len(house.told("on_break")) == 1
    names = "SELECT name, username, telegram_language, forgotten_hash FROM player WHERE id = :id"
    assert tuple((await house.rows(names, id=ana.player_id))[0]) == ("New", None, "en", None)


async def test_the_free_messages_of_the_day_stay_used_up(house: House) -> None:
    ana = await meet(house)
    for _ in range(5):
        await say(house, ana, always_paid=False)
        await house.settle()
    await forget(house, ana)
    house.clock.move(-DAY)
    back = await meet(house)
    await say(house, back, always_paid=False)
    assert (await house.turns())[-1] == ("asking", 5)


async def test_who_comes_back_in_a_group_has_his_private_chat_again(house: House) -> None:
    ana = await played(house)
    await forget(house, ana)
    await meet(house, GROUP)
    assert await meet(house) == Met(player_id=ana.player_id, chat_id=ana.chat_id)


async def test_a_message_from_before_is_not_taken_twice(house: House) -> None:
    ana = await meet(house)
    said: dict[str, Any] = {"message_id": 77, "telegram_chat_id": TELEGRAM_ID, "always_paid": False}
    await house.say(ana, **said)
    await house.settle()
    await forget(house, ana)
    back = await meet(house)
    assert await house.say(back, **said) is Accepted.DUPLICATE


async def test_only_who_writes_comes_back(house: House) -> None:
    ana = await meet(house)
    await forget(house, ana)
    with pytest.raises(Forgotten):
        await meeting(house)(sender=SENDER, place=PRIVATE, may_return=False)
    left = await house.rows("SELECT name FROM player UNION ALL SELECT title FROM chat")
    assert SECRET not in [row.name for row in left]


async def test_nobody_is_forgotten_while_something_of_his_is_under_way(house: House) -> None:
    ana = await meet(house)
    await say(house, ana, always_paid=False)
    with pytest.raises(StillAnswering):
        await forget(house, ana)
    await house.settle()
    await forget(house, ana)


async def test_nobody_is_forgotten_while_a_duel_of_his_has_not_ended(house: House) -> None:
    arena = await Arena.open(house)
    ana, ben = await arena.player(1), await arena.player(2)
    await arena.play(ana, right=3)
    with pytest.raises(StillDuelling):
        await forget(house, ana)
    await arena.play(ben, right=1)
    await forget(house, ana)
    assert len(house.happened("player_forgotten")) == 1


async def test_a_forgotten_players_name_goes_from_what_his_opponents_were_told(house: House) -> None:
    arena = await Arena.open(house)
    ana, ben = await arena.player(1), await arena.player(2)
    await house.write("UPDATE player SET name = :name WHERE id = :id", name=SECRET, id=ana.player_id)
    await arena.play(ana, right=3)
    await arena.play(ben, right=1)
    await house.write("UPDATE outbox SET state = 'sent', ended_at = created_at")
    assert SECRET in (await all_of_it(house))["outbox"]
    await forget(house, ana)
    house.clock.move(2 * MINUTE)
    await house.tick()
    assert [name for name, text in (await all_of_it(house)).items() if SECRET in text] == []
    seen = await ReadDuels(db=house.db)(player_id=ben.player_id)
    assert [one.opponent and one.opponent.name for one in seen.duels] == [None]


async def test_the_open_challenge_of_a_forgotten_player_is_over(house: House) -> None:
    arena = await Arena.open(house)
    ana, group = await arena.player(1), await house.group()
    post = PostChallenge(db=house.db, stamps=house.stamps, rules=house.rules)
    where: dict[str, Any] = {"chat_id": group.chat_id, "thread_id": None, "message_id": 5}
    posted = await post(player_id=ana.player_id, category="science", **where)
    await forget(house, ana)
    with pytest.raises(ChallengeOver):
        await ReadChallenge(db=house.db, clock=house.clock)(token=posted.token, player_id=group.player_id)


async def test_an_asked_price_is_declined_and_its_words_are_erased(house: House) -> None:
    ana = await meet(house)
    await say(house, ana)
    await forget(house, ana)
    assert [tuple(row) for row in await house.rows("SELECT state, text FROM turn")] == [("declined", "")]
    assert await house.wallet(ana) == (1_000, 0)


async def test_a_process_that_remembers_a_forgotten_player_meets_him_anew(house: House) -> None:
    other = meeting(house)
    await other(sender=SENDER, place=PRIVATE)
    ana = await other(sender=SENDER, place=PRIVATE)
    await forget(house, ana)
    assert await other(sender=SENDER, place=PRIVATE) == ana
    with pytest.raises(StalePlayer):
        await house.say(ana)
    with pytest.raises(StalePlayer):
        await ReadPlayer(db=house.db)(player_id=ana.player_id)
    assert await house.value("SELECT name FROM player WHERE id = :id", id=ana.player_id) == ""
    other.drop(ana.player_id)
    assert await other(sender=SENDER, place=PRIVATE) == ana
    assert await house.value("SELECT name FROM player WHERE id = :id", id=ana.player_id) == SECRET


async def test_the_process_itself_forgets_at_once(house: House) -> None:
    meet_again = meeting(house)
    house.db.on_commit(meet_again.on_commit)
    ana = await meet_again(sender=SENDER, place=PRIVATE)
    await forget(house, ana)
    with pytest.raises(Forgotten):
        await meet_again(sender=SENDER, place=PRIVATE, may_return=False)


async def test_of_a_message_and_forgetting_at_once_one_comes_first(house: House) -> None:
    ana = await meet(house)
    tokens = await house.offer(ana, {action: {} for action in ACTIONS})
    results = await asyncio.gather(
        say(house, ana, always_paid=False), house.press(ana, tokens["forget"]), return_exceptions=True
    )
    failed = [type(one) for one in results if isinstance(one, BaseException)]
    assert failed in ([StalePlayer], [StillAnswering])
    if failed == [StillAnswering]:
        await house.settle()


async def test_being_forgotten_again_is_no_error_and_nothing_more(house: House) -> None:
    ana = await meet(house)
    await forget(house, ana)
    await house.db.transact(forget_player, ana.player_id, FORGET_KEY, house.stamps.take())
    assert len(house.happened("player_forgotten")) == 1
    await meet(house)
    await forget(house, ana)
    assert len(house.happened("player_forgotten")) == 2


async def test_many_turns_are_erased_batch_by_batch(house: House) -> None:
    ana = await meet(house)
    await say(house, ana, always_paid=False)
    await house.settle()
    await house.write(
        "INSERT INTO turn (chat_id, player_id, telegram_chat_id, message_id, sent_at, text, always_paid, state, "
        "created_at) WITH RECURSIVE many(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < 1700) "
        "SELECT t.chat_id, t.player_id, t.telegram_chat_id, t.message_id + n, t.sent_at, t.text, t.always_paid, "
        "'released', t.created_at FROM many, turn t"
    )
    await forget(house, ana)
    left = f"SELECT count(*) FROM turn WHERE text <> '' OR telegram_chat_id = {TELEGRAM_ID}"
    assert await house.value(left) == 1_201
    await meet(house)
    assert await house.value("SELECT count(*) FROM turn WHERE text <> ''") == 1_201
    house.clock.move(2 * MINUTE)
    runs = [run for run in await house.tick() if run.kind == "forget"]
    assert len(runs) >= 5
    assert await house.value("SELECT count(*) FROM turn WHERE text <> '' OR answer <> ''") == 0
    assert await house.value(f"SELECT count(*) FROM turn WHERE telegram_chat_id <> {TELEGRAM_ID}") == 0


async def test_what_is_paid_back_to_a_forgotten_player_is_told_to_nobody(house: House) -> None:
    ana = await played(house)
    group = await meet(house, GROUP)
    await forget(house, ana)
    balance, _ = await house.wallet(ana)
    admin = await house.meet(5, GROUP, name="Admin")
    house.clock.move(8 * DAY)
    await house.reset(admin, "reset_refund")
    await house.tick()
    assert group.player_id == ana.player_id
    assert (await house.wallet(ana))[0] > balance
    assert house.told("refund_paid") == []


async def test_nothing_that_comes_late_writes_a_name_to_who_is_forgotten(house: House) -> None:
    ana = await meet(house)
    await forget(house, ana)
    await SetAlias(db=house.db)(player_id=ana.player_id, alias=SECRET, hidden=False)
    await SetSeed(db=house.db)(player_id=ana.player_id, seed=SECRET)
    await SetLanguage(db=house.db)(player_id=ana.player_id, language="es")
    shown = "SELECT alias, hidden, seed, language FROM player WHERE id = :id"
    assert tuple((await house.rows(shown, id=ana.player_id))[0]) == (None, True, "0", None)


async def test_others_of_the_group_can_still_edit_what_they_asked(house: House) -> None:
    await paying(house)
    eva = await house.meet(8, GROUP, name="Eva")
    await house.pay(eva, telegram_chat_id=GROUP.telegram_id, message_id=900)
    ana = await meet(house)
    await house.say(await meet(house, GROUP))
    await house.press(await meet(house, GROUP), house.told("guard")[-1]["buttons"]["cancel"])
    await house.write("UPDATE outbox SET state = 'sent', message_id = id, ended_at = created_at")
    await forget(house, ana)
    house.clock.move(2 * MINUTE)
    await house.tick()
    use = EditMessage(db=house.db, stamps=house.stamps, rules=house.rules)
    edit = Edit(telegram_id=8, telegram_chat_id=GROUP.telegram_id, message_id=900, text="new")
    assert await use(edit) is Edited.AGAIN
    await house.answer(ScriptedModel(["newer"]))
    assert house.told("answer")[-1]["text"] == "newer"


async def test_what_was_erased_is_not_asked_again(house: House) -> None:
    ana = await meet(house)
    await say(house, ana, always_paid=False)
    await house.release()
    await forget(house, ana)
    ana = await meet(house)
    message = Message(
        player_id=ana.player_id,
        chat_id=ana.chat_id,
        telegram_chat_id=TELEGRAM_ID,
        message_id=900,
        thread_id=None,
        media_group_id=None,
        sent_at=house.clock.now(),
        text="",
        always_paid=False,
    )
    with pytest.raises(NothingToRetry):
        await RetryTurn(db=house.db, stamps=house.stamps, rules=house.rules)(message)


async def test_the_news_of_a_reset_loses_the_name_of_an_admin_who_never_asked(house: House) -> None:
    await paying(house)
    eva = await house.meet(8, GROUP, name="Eva")
    await house.pay(eva, telegram_chat_id=GROUP.telegram_id)
    admin = await meet(house, GROUP)
    await house.reset(admin, "reset_carry")
    await house.write("UPDATE outbox SET state = 'sent', ended_at = created_at")
    await forget(house, await meet(house))
    house.clock.move(2 * MINUTE)
    await house.tick()
    assert await house.value("SELECT COUNT(*) FROM outbox WHERE notice = 'reset_done'") == 1
    assert SECRET not in (await all_of_it(house))["outbox"]


async def test_what_waited_to_be_sent_is_erased_when_it_has_been(house: House) -> None:
    ana = await played(house)
    await house.write("UPDATE outbox SET state = 'waiting', ended_at = NULL")
    await forget(house, ana)
    house.clock.move(2 * MINUTE)
    await house.tick()
    assert SECRET in (await all_of_it(house))["outbox"]
    await house.write("UPDATE outbox SET state = 'sent', ended_at = created_at")
    house.clock.move(timedelta(days=1))
    await house.tick()
    assert SECRET not in (await all_of_it(house))["outbox"]
