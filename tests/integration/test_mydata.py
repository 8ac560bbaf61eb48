"""All about a player in one file: complete, nobody else's, and made page by page."""

import json
from time import process_time
from typing import Any

from db.models import metadata
from db.models.duels import DuelState
from db.queries.mydata import MOST, SECTIONS
from services.duels.reports import ReportQuestion
from services.mydata import ReadMyData
from services.operator_grants import GrantCredits
from services.paybacks import begin_payback
from services.people import Met
from tests.buying import SELLING, checkout, order, pay, payment_id
from tests.house import House, paying
from tests.past_duels import Side, duellist, ended, settled, stock

EXPORTED = {
    "player": "profile",
    "account": "wallet",
    "entry": "entries",
    "ticket": "entries",
    "hold": "holds",
    "purchase": "purchases",
    "payment": "payments",
    "round_player": "rounds",
    "refund_due": "rounds",
    "chat": "chats",
    "duel": "duels",
    "duel_answer": "duel_answers",
    "challenge": "challenges",
    "rating": "ratings",
    "question_report": "question_reports",
    "conversation": "conversations",
    "turn": "turns",
}
LEFT_OUT = {
    "button": "a press that is still possible; gone a day later",
    "inbox": "updates as they came, for some days; what was said in them are turns",
    "outbox": "what was sent, for some days; answers are turns, money is entries",
    "star_transaction": "Telegram's own list, as far as it was read; what was paid are payments",
    "timer": "what is due: nothing about a player but the number of one who is being forgotten",
    "pot": "the pot of a group, which is nobody's own",
    "pot_sample": "how much was in a pot",
    "transfer": "the movements of an entry, which says what it changed",
}
ABOUT_PEOPLE = {"player_id", "telegram_id", "telegram_chat_id", "chat_id", "owner_id", "account_id", "body"}


async def file_of(house: House, who: Met) -> dict[str, Any]:
    """Return what is in a player's file."""
    read = ReadMyData(db=house.db, clock=house.clock)
    text = b"".join([piece async for piece in read(player_id=who.player_id)])
    found: dict[str, Any] = json.loads(text)
    return found


def test_every_table_that_knows_of_players_is_in_the_file_or_left_out_for_a_reason() -> None:
    about = {name for name, table in metadata.tables.items() if ABOUT_PEOPLE & set(table.columns.keys())}
    assert about - EXPORTED.keys() - LEFT_OUT.keys() == set()
    assert {*EXPORTED.values()} - {"profile", "wallet"} == set(SECTIONS)


def test_every_column_of_these_tables_is_in_the_file_or_left_out_for_a_reason() -> None:
    """Left out: who owns the row just now, our own keys of the player, and the hash of who was forgotten."""
    left_out = {"player_id", "account_id", "lease_owner", "lease_token", "lease_until"}
    left_out |= {"shown_by", "opponent_id", "rival_id"}
    for table, section in EXPORTED.items():
        if section not in SECTIONS or table in ("chat", "refund_due"):
            continue
        shown = {column.name.removeprefix("ticket_") for column in SECTIONS[section].selected_columns}
        missing = set(metadata.tables[table].columns.keys()) - shown - left_out
        assert missing - {"entry_id"} == set(), table


async def test_the_file_holds_all_that_a_player_did_and_nothing_of_others(house: House) -> None:
    ana, ben = await paying(house), await house.player(2, name="Ben")
    group = await house.group()
    await house.pay(group, "a secret of mine")
    await house.gift(group, 7)
    await house.pay(ben, "words of another")
    found = await file_of(house, ana)
    assert (found["format"], found["profile"]["name"], found["wallet"]["held"]) == (
        "potluck/mydata/1",
        "Ana",
        0,
    )
    assert [one["kind"] for one in found["entries"]] == ["welcome", "message", "message", "gift"]
    tickets = [
        (one["ticket_n"], len(one["ticket_pseudonym"])) for one in found["entries"] if "ticket_n" in one
    ]
    assert [n for n, _ in tickets] == [1, 1]
    assert [(one["state"], one["amount"]) for one in found["holds"]] == [("captured", 5), ("captured", 10)]
    assert [(one["pot"], one["fed_credits"]) for one in found["rounds"]] == [
        ("global", 5),
        (f"g:{group.chat_id}", 16),
    ]
    assert [one["kind"] for one in found["chats"]] == ["private", "group"]
    assert [one["title"] for one in found["conversations"]] == ["hello"]
    assert [(one["text"], one["answer"]) for one in found["turns"]] == [
        ("hello", "fine"),
        ("a secret of mine", "fine"),
    ]
    assert "another" not in json.dumps(found)
    assert "forgotten_hash" not in found["profile"]


async def test_the_file_holds_what_a_player_bought_and_nothing_that_others_did(house: House) -> None:
    ana, ben = await house.player(), await house.player(2)
    house.rules = SELLING
    for who, charge in ((ana, "c1"), (ben, "c2")):
        await pay(house, checkout(await order(house, who), telegram_id=who.player_id), charge)
    number = await payment_id(house)
    await house.db.transact(begin_payback, number, ana.player_id, house.rules, house.stamps.take())
    found = await file_of(house, ana)
    assert [(one["product"], one["stars"]) for one in found["purchases"]] == [("credits", 100)]
    assert [(one["charge_id"], one["state"]) for one in found["payments"]] == [("c1", "refunding")]
    assert [one["id"] for one in found["holds"]] == [found["payments"][0]["hold_id"]]


async def test_a_grant_in_the_file_says_nothing_of_the_operator(house: House) -> None:
    ana = await house.player()
    grant = GrantCredits(db=house.db, stamps=house.stamps)
    await grant(telegram_id=1, credits=5, reason="a bug", operator_id=77_001, cause="3:12")
    (entry,) = [one for one in (await file_of(house, ana))["entries"] if one["kind"] == "grant"]
    assert "77001" not in json.dumps(entry)
    assert entry["facts"]["reason"] == "a bug"


async def test_the_file_holds_duels_and_tells_what_was_right_only_of_settled_ones(house: House) -> None:
    await stock(house)
    ana, ben = await duellist(house), await duellist(house, 2, name="Ben")
    number, _ = await settled(house, Side(who=ana, right=3), Side(who=ben, right=1))
    await ended(house, Side(who=ana), DuelState.REFUNDED)
    await ended(house, Side(who=ana), DuelState.WAITING)
    report = ReportQuestion(db=house.db, stamps=house.stamps)
    await report(player_id=ana.player_id, duel_id=number, position=1)
    found = await file_of(house, ana)
    assert [(one["state"], one.get("score")) for one in found["duels"]] == [
        ("settled", 3),
        ("refunded", None),
        ("waiting", None),
    ]
    assert [one.get("is_right") for one in found["duel_answers"]] == [True] * 3 + [False] * 2 + [None] * 10
    assert [one["duel_id"] for one in found["holds"]] == [one["id"] for one in found["duels"]]
    assert (len(found["ratings"]), len(found["question_reports"])) == (1, 1)
    assert not any("seed" in one for one in found["duels"])


async def test_ten_thousand_turns_are_read_page_by_page_within_three_seconds(house: House) -> None:
    ana = await paying(house)
    await house.write(
        "INSERT INTO turn (chat_id, player_id, telegram_chat_id, message_id, sent_at, text, always_paid, state, "
        "created_at, answer) WITH RECURSIVE many(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < 10000) "
        "SELECT t.chat_id, t.player_id, t.telegram_chat_id, t.message_id + n, t.sent_at, :text, t.always_paid, "
        "t.state, t.created_at, :text FROM many, turn t",
        text="word " * 100,
    )
    began = process_time()  # of this process alone: others may be at work on the machine
    read = ReadMyData(db=house.db, clock=house.clock)
    pages = [len(piece) async for piece in read(player_id=ana.player_id)]
    assert process_time() - began < 3
    assert sum(pages) > 10_000_000
    assert max(pages) < MOST * 2_000
    await house.write("DELETE FROM turn WHERE entry_id IS NULL")
