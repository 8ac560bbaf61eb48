"""What the rig of real kills reads in Telegram's chats is what the catalog says there."""

import re
from datetime import timedelta
from typing import Any

import pytest

from bot.chaos.plan import SETTINGS, DatabaseKind, Mode, WrongPlan, long_programme, plan_of
from bot.chaos.sights import ANSWERS, Kind, answer_to_gift, answer_to_seed, read
from bot.settings import load_settings
from handlers.words import Html, Words

FACTS: dict[str, Any] = {
    "price": 15,
    "amount": 1_250,
    "prize": 1_900,
    "ticket": 42,
    "round_no": 7,
    "next_round": 8,
    "chance_ppm": 15_000,
    "roll": 604_118,
    "pot": 1_905,
    "pot_left": 190,
    "balance": 940,
    "receipt": 12_345,
    "streak": 3,
    "name": "Player 07",
    "wait": timedelta(hours=3),
    "dearest": 1,
    "seed": "abc-1",
    "first": Html("Free ones first."),
    "house_bps": 1_000,
    "prize_bps": 9_000,
    "prize_cap": 1_000,
    "tickets": 3,
    "own_tickets": 1,
    "whose": "",
    "wins": Html(""),
    "commitment": "00",
    "base": 5,
    "step": 5,
    "cap": 100,
    "window": "",
}


@pytest.mark.parametrize(
    ("key", "kind", "numbers"),
    [
        ("receipt.line", Kind.RECEIPT, {"credits": 15, "ticket": 42, "roll": 604_118}),
        ("receipt.line_group", Kind.RECEIPT, {"credits": 15, "ticket": 42}),
        ("win.private", Kind.WIN, {"credits": 1_900, "ticket": 42, "round": 7, "receipt": 12_345}),
        ("win.group", Kind.WIN, {"credits": 1_900, "ticket": 42, "round": 7}),
        ("contribute.done", Kind.GIFT, {"credits": 1_250, "receipt": 12_345}),
        ("contribute.done_group", Kind.GIFT, {"credits": 1_250, "receipt": 12_345}),
        ("daily.granted", Kind.DAILY, {"credits": 1_250, "receipt": 12_345}),
    ],
)
def test_what_the_catalog_says_about_credits_is_understood(
    key: str, kind: Kind, numbers: dict[str, int]
) -> None:
    shown = shown_by_telegram(key)
    assert read(shown) == (kind, numbers)
    if kind is Kind.RECEIPT:
        assert read(f"An answer.\n\nOf two parts, 1 credit · ticket 1 · one.\n{shown}") == (kind, numbers)


@pytest.mark.parametrize(
    ("key", "pattern"),
    [
        ("start.welcome", ANSWERS["/start"]),
        ("start.welcome_back", ANSWERS["/start"]),
        ("balance.screen", ANSWERS["/balance"]),
        ("pot.screen", ANSWERS["/pot"]),
        ("price.screen", ANSWERS["/price"]),
        ("daily.granted", ANSWERS["/daily"]),
        ("error.daily_taken", ANSWERS["/daily"]),
        ("limit.lowered", ANSWERS["/limit"]),
        ("seed.set", answer_to_seed("abc-1")),
        ("contribute.ask", answer_to_gift(1_250)),
        ("contribute.ask_group", answer_to_gift(1_250)),
    ],
)
def test_answers_to_commands_are_known_by_their_beginnings(key: str, pattern: str) -> None:
    assert re.search(pattern, shown_by_telegram(key))


def shown_by_telegram(key: str) -> str:
    """Return the words of a key as they are read in a chat, without their marks."""
    text = Words("en").plain(key, **FACTS)
    for mark in ("<b>", "</b>", "<code>", "</code>"):
        text = text.replace(mark, "")
    return text


@pytest.mark.parametrize("text", ["", "Hello", "1 credit", "ticket 5 · 3", "Give 5 credits to the pot?"])
def test_other_words_tell_nothing_about_credits(text: str) -> None:
    assert read(text) is None


def test_the_settings_of_the_rig_are_settings_of_the_bot() -> None:
    settings = load_settings(SETTINGS, env_file=None)
    assert settings.model_fields_set == {name.lower() for name in SETTINGS}


def test_what_is_left_open_in_a_plan_follows_from_the_rest() -> None:
    several = plan_of(replicas=3, minutes=2, seed=5)
    assert (several.mode, several.database, several.kills) == (Mode.WEBHOOK, DatabaseKind.POSTGRES, None)
    taste = plan_of(seed=5)
    assert (taste.mode, taste.database, bool(taste.kills)) == (Mode.POLLING, DatabaseKind.SQLITE, True)
    assert several.command == (
        "python bot.py chaos --mode webhook --database postgres --replicas 3 --minutes 2 --seed 5"
    )


@pytest.mark.parametrize(
    "asked",
    [
        {"replicas": 2, "database": DatabaseKind.SQLITE},
        {"replicas": 2, "mode": Mode.POLLING},
        {"restarts": True, "database": DatabaseKind.SQLITE},
    ],
)
def test_plans_that_make_no_sense_are_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(WrongPlan):
        plan_of(seed=1, **asked)


def test_the_long_programme_is_300_kills_and_20000_updates_and_then_4_replicas() -> None:
    *combinations, replicas = long_programme(10)
    assert sum(plan.kills or 0 for plan in combinations) == 300
    assert sum(plan.updates or 0 for plan in combinations) == 20_000
    assert {(plan.mode, plan.database) for plan in combinations} == {
        (mode, database) for mode in Mode for database in DatabaseKind
    }
    assert (replicas.replicas, replicas.minutes, replicas.stops, replicas.restarts) == (4, 5, True, True)
    assert [plan.seed for plan in (*combinations, replicas)] == [10, 11, 12, 13, 14]
