"""The verdict of the rig: nothing is found in a good run, and every fault that is put into its evidence is."""

import asyncio
from collections.abc import Callable
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.chaos import books
from bot.chaos.evidence import Evidence, Harm
from bot.chaos.plan import SETTINGS, WELCOME_CREDITS
from bot.chaos.players import Players
from bot.chaos.sights import Kind, read
from bot.chaos.verdict import judge
from bot.playground.telegram import Telegram
from services.census import Census
from tests.app import running

UPDATES = 400


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    """Give the evidence of a run in which nothing was broken; it is only copied."""
    return asyncio.run(played(tmp_path_factory.mktemp("books") / "books.db"))


async def played(path: Path) -> Evidence:
    """Let the rig's people play against a bot that nobody kills."""
    telegram = Telegram(journal_limit=1_000_000)
    first_update_id = telegram.updates.next_id
    players = Players(telegram, 7, players=8, groups=2)
    settings: dict[str, Any] = {name.lower(): value for name, value in SETTINGS.items()}
    async with running(f"sqlite:///{path}", telegram=telegram, **settings) as app:
        await players.play(lambda: players.sent >= UPDATES)
        await app.settled()
    census, audit = books.read(f"sqlite:///{path}")
    return Evidence(
        diary=players.diary,
        telegram=telegram,
        census=census,
        audit=audit,
        first_update_id=first_update_id,
        welcome_credits=WELCOME_CREDITS,
    )


def test_nothing_is_found_in_a_good_run(good: Evidence) -> None:
    assert judge(good) == []
    kinds = {entry.kind for entry in good.census.entries}
    assert kinds == {"welcome", "daily", "message", "win", "gift"}
    states = {question.state for question in good.census.questions}
    assert {"settled", "declined"} <= states


def without(rows: Any, unwanted: Any) -> list[Any]:
    """Return the rows but one."""
    return [row for row in rows if row is not unwanted]


def instead(rows: Any, old: Any, **changed: Any) -> list[Any]:
    """Return the rows with one changed."""
    return [replace(row, **changed) if row is old else row for row in rows]


def paid(census: Census) -> Any:
    return next(row for row in census.questions if row.is_paid)


def a_lost_update(census: Census) -> Census:
    return replace(census, updates=census.updates[:-1])


def a_parked_update(census: Census) -> Census:
    return replace(census, updates=instead(census.updates, census.updates[3], state="parked"))


def a_question_without_a_turn(census: Census) -> Census:
    return replace(census, questions=without(census.questions, paid(census)))


def a_question_answered_as_two_turns(census: Census) -> Census:
    return replace(census, questions=[*census.questions, replace(paid(census), id=10**6)])


def a_turn_that_never_ended(census: Census) -> Census:
    return replace(census, questions=instead(census.questions, paid(census), state="reserved"))


def an_answer_for_nothing(census: Census) -> Census:
    return replace(census, entries=[row for row in census.entries if row.id != paid(census).entry])


def a_second_charge(census: Census) -> Census:
    charge = next(row for row in census.entries if row.kind == "message")
    return replace(census, entries=[*census.entries, replace(charge, id=10**6)])


def a_wrong_price(census: Census) -> Census:
    return replace(census, questions=instead(census.questions, paid(census), taken=1))


def a_missing_ticket(census: Census) -> Census:
    return replace(census, tickets=census.tickets[1:])


def a_missing_credit(census: Census) -> Census:
    wallet = census.wallets[2]
    return replace(census, wallets=instead(census.wallets, wallet, balance=wallet.balance - 1))


def a_hold_that_never_ended(census: Census) -> Census:
    return replace(census, wallets=instead(census.wallets, census.wallets[0], held=5))


def a_second_gift(census: Census) -> Census:
    gift = next(row for row in census.entries if row.kind == "gift")
    return replace(census, entries=[*census.entries, replace(gift, id=10**6)])


def a_second_daily_grant(census: Census) -> Census:
    grant = next(row for row in census.entries if row.kind == "daily")
    return replace(census, entries=[*census.entries, replace(grant, id=10**6)])


def a_notice_that_was_not_sent(census: Census) -> Census:
    return replace(census, notices=instead(census.notices, census.notices[0], state="failed"))


def a_notice_that_never_arrived(census: Census) -> Census:
    return replace(census, notices=instead(census.notices, census.notices[0], message=10**6))


def two_notices_of_one_message(census: Census) -> Census:
    first = census.notices[0]
    second = next(row for row in census.notices[1:] if row.chat == first.chat)
    return replace(census, notices=instead(census.notices, second, message=first.message))


def a_player_who_was_never_told(census: Census) -> Census:
    return replace(
        census, notices=[row for row in census.notices if row.key != f"answer:{paid(census).id}:0"]
    )


def a_press_without_effect(census: Census) -> Census:
    used = next(row for row in census.buttons if row.pressed == row.action == "gift")
    return replace(census, buttons=instead(census.buttons, used, pressed=None))


@pytest.mark.parametrize(
    ("put_in", "harm", "said"),
    [
        (a_lost_update, Harm.LOST, "is not in the inbox"),
        (a_parked_update, Harm.LOST, "is parked"),
        (a_question_without_a_turn, Harm.LOST, "has no turn"),
        (a_question_answered_as_two_turns, Harm.TWICE, "has 2 turns"),
        (a_turn_that_never_ended, Harm.LOST, "is still reserved"),
        (an_answer_for_nothing, Harm.LOST, "was answered and not charged"),
        (a_second_charge, Harm.TWICE, "charges for 0 turns"),
        (a_wrong_price, Harm.WRONG, "has amounts that differ"),
        (a_missing_ticket, Harm.WRONG, "have gaps"),
        (a_missing_credit, Harm.WRONG, "what Telegram showed gives"),
        (a_hold_that_never_ended, Harm.WRONG, "5 held"),
        (a_second_gift, Harm.TWICE, "gave 2 times"),
        (a_second_daily_grant, Harm.TWICE, "got 2 daily grants"),
        (a_notice_that_was_not_sent, Harm.LOST, "is failed"),
        (a_notice_that_never_arrived, Harm.LOST, "has no message 1000000"),
        (two_notices_of_one_message, Harm.LOST, "claim the same message"),
        (a_player_who_was_never_told, Harm.LOST, "was never told"),
        (a_press_without_effect, Harm.LOST, "had no effect and no word"),
    ],
)
def test_a_fault_in_the_books_is_found(
    good: Evidence, put_in: Callable[[Census], Census], harm: Harm, said: str
) -> None:
    found = judge(replace(good, census=put_in(good.census)))
    assert [one for one in found if one.harm is harm and said in one.about], found


def test_a_receipt_that_never_came_is_found(good: Evidence) -> None:
    evidence = replace(good)
    receipt = next(one for one in good.said if (read(one.text) or (None,))[0] is Kind.RECEIPT)
    evidence.said = without(good.said, receipt)
    found = [one.about for one in judge(evidence)]
    assert any("has 0 receipts" in about for about in found)
    assert any("what Telegram showed gives" in about for about in found)


def test_a_receipt_that_came_twice_is_fine_and_one_that_differs_is_found(good: Evidence) -> None:
    evidence = replace(good)
    receipt = next(one for one in good.said if "· rolled " in one.text)
    evidence.said = [*good.said, replace(receipt, message=10**6)]
    assert judge(evidence) == []
    other = replace(good)
    other.said = [
        *good.said,
        replace(receipt, message=10**6, text=receipt.text.replace("· rolled ", "· rolled 1")),
    ]
    assert any("is shown and not booked" in one.about for one in judge(other))


def test_a_command_without_an_answer_is_found(good: Evidence) -> None:
    evidence = replace(good)
    evidence.said = [one for one in good.said if "Your next paid message costs" not in one.text]
    unanswered = [one.about for one in judge(evidence) if "had no answer" in one.about]
    assert any("/balance" in about for about in unanswered)


def test_an_update_that_telegram_dropped_is_found(good: Evidence) -> None:
    telegram = copy(good.telegram)
    telegram.journal = copy(good.telegram.journal)
    telegram.journal.deliveries = good.telegram.journal.deliveries.copy()
    telegram.journal.deliveries[0] = replace(telegram.journal.deliveries[0], outcome="expired")
    found = [one.about for one in judge(replace(good, telegram=telegram))]
    assert any("was expired by Telegram" in about for about in found)
    assert any("was never acknowledged" in about for about in found)
