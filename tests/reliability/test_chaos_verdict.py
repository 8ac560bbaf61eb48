"""The verdict of the rig: nothing is found in a good run, and every fault that is put into its evidence is."""

import asyncio
from collections.abc import Callable
from copy import copy
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.chaos import books
from bot.chaos.changes import Changes
from bot.chaos.evidence import Evidence, Harm
from bot.chaos.plan import SETTINGS, WELCOME_CREDITS
from bot.chaos.players import BASIC_GROUPS, Players
from bot.chaos.sights import Kind, read
from bot.chaos.verdict import judge
from bot.playground.telegram import Telegram
from services.census import Census
from tests.app import running
from tests.reliability import chaos_faults as faults

UPDATES = 400


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    """Give the evidence of a run in which nothing was broken; it is only copied."""
    return asyncio.run(played(tmp_path_factory.mktemp("books") / "books.db"))


async def is_done(url: str, chat: int, below: int) -> bool:
    """Return whether nothing of a chat is still to be done."""
    return books.is_done(url, chat, below)


async def played(path: Path) -> Evidence:
    """Let the rig's people play against a bot that nobody kills."""
    telegram = Telegram(journal_limit=1_000_000)
    first_update_id = telegram.updates.next_id
    players = Players(telegram, 7, players=8, groups=2)
    settings: dict[str, Any] = {name.lower(): value for name, value in SETTINGS.items()}
    changes = Changes(telegram, players, 7, partial(is_done, f"sqlite:///{path}"), pause_seconds=0.01)
    async with running(f"sqlite:///{path}", telegram=telegram, **settings) as app:
        changing = asyncio.create_task(changes.run())
        await players.play(lambda: players.sent >= UPDATES and len(players.diary.moves) == BASIC_GROUPS)
        changes.finish()
        await changing
        await app.settled()
    census, audit = books.read(f"sqlite:///{path}")
    return Evidence(
        diary=players.diary,
        telegram=telegram,
        census=census,
        audit=audit,
        first_update_id=first_update_id,
        welcome_credits=WELCOME_CREDITS,
        admin=players.admin.id,
    )


def test_nothing_is_found_in_a_good_run(good: Evidence) -> None:
    assert judge(good) == []
    kinds = {entry.kind for entry in good.census.entries}
    assert kinds == {"welcome", "daily", "message", "win", "gift"}
    assert good.diary.absences
    assert any(row.notice == "group_back" for row in good.census.notices)
    assert any(row.notice == "reset_done" for row in good.census.notices)
    assert {row.chat: row.home for row in good.census.chats if row.chat != row.home} == dict(good.diary.moves)
    states = {question.state for question in good.census.questions}
    assert {"settled", "declined"} <= states


@pytest.mark.parametrize(
    ("put_in", "harm", "said"),
    [
        (faults.a_lost_update, Harm.LOST, "is not in the inbox"),
        (faults.a_parked_update, Harm.LOST, "is parked"),
        (faults.a_question_without_a_turn, Harm.LOST, "has no turn"),
        (faults.a_question_answered_as_two_turns, Harm.TWICE, "has 2 turns"),
        (faults.a_turn_that_never_ended, Harm.LOST, "is still reserved"),
        (faults.an_answer_for_nothing, Harm.LOST, "was answered and not charged"),
        (faults.a_second_charge, Harm.TWICE, "charges for 0 turns"),
        (faults.a_wrong_price, Harm.WRONG, "has amounts that differ"),
        (faults.a_missing_ticket, Harm.WRONG, "have gaps"),
        (faults.a_missing_credit, Harm.WRONG, "what Telegram showed gives"),
        (faults.a_hold_that_never_ended, Harm.WRONG, "5 held"),
        (faults.a_second_gift, Harm.TWICE, "gave 2 times"),
        (faults.a_second_daily_grant, Harm.TWICE, "got 2 daily grants"),
        (faults.a_notice_that_was_not_sent, Harm.LOST, "is failed"),
        (faults.a_notice_that_never_arrived, Harm.LOST, "has no message 1000000"),
        (faults.two_notices_of_one_message, Harm.LOST, "claim the same message"),
        (faults.a_player_who_was_never_told, Harm.LOST, "was never told"),
        (faults.a_press_without_effect, Harm.LOST, "had no effect and no word"),
        (faults.a_move_that_was_missed, Harm.LOST, "the books know of two chats"),
        (faults.a_move_of_a_group_that_stayed, Harm.WRONG, "are one in the books"),
        (faults.a_reset_without_a_press, Harm.TWICE, "rounds were closed"),
        (faults.a_reset_that_closed_nothing, Harm.LOST, "and 0 rounds were closed"),
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
    evidence.said = faults.without(good.said, receipt)
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
