"""The list of what must not hurt us: every row is claimed by a test named after it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

TESTS: Final = Path(__file__).parents[1]
_CLAIM: Final = re.compile(r"test_((?:t\d+_)+)")

ROWS: Final[dict[int, str]] = {
    # delivery
    1: "the same update twice",
    2: "the same message under a new update id",
    3: "a button press repeated with new ids",
    4: "a callback before the message it belongs to",
    5: "after an outage",
    6: "a payment that no update told of",
    7: "an update id lower than before",
    8: "webhook with a wrong or missing secret",
    9: "body over 1 MiB, wrong type, broken JSON, deep nesting",
    10: "JSON with NaN, 1e999, lone surrogates, NUL",
    11: "two pollers",
    12: "polling while a webhook is set, or the other way round",
    # amounts
    13: "digits of other scripts and other ways to write numbers",
    14: "amounts that are none",
    15: "overflow of 64 bits",
    16: "ids above 2^52",
    17: "a payment whose amount or currency is not the order's",
    # who may do what
    18: "another member presses my button",
    19: "callback data changed, invented, from elsewhere",
    20: "a button of an old or inaccessible message",
    21: "a non-admin's /reset or settings",
    22: "anonymous admin",
    23: "channels, automatic forwards, bots, inline-bot messages",
    24: "/reset can't move money to an admin",
    25: "operator commands",
    26: "a username that went to someone else",
    27: "a deleted account",
    # life of chats
    28: "a player blocks the bot in a duel",
    29: "the bot is removed from a group with a live pot",
    30: "group to supergroup",
    31: "topics",
    32: "names and titles with anything in them",
    # messages
    33: "an edited message",
    34: "forwarded commands and invoices",
    35: "an album",
    36: "stickers, voice, files, dice, polls",
    37: "4,096 characters and a long history",
    38: "a flood by one player",
    39: "free messages gain nothing",
    # the model
    40: "prompts that ask for credits or secrets",
    41: "output with markup, huge, empty",
    42: "timeout, errors, a trickle",
    43: "the process dies between answer and settling",
    44: "cost runs away",
    45: "words of others in the context",
    # money games
    46: "two messages at once with money for one",
    47: "two winning tickets at once",
    48: "duel with oneself or a second start",
    49: "farming the 105 %",
    50: "an answer late, twice, for another's duel",
    51: "the bot was down in someone's 15 seconds",
    52: "a full tie",
    53: "refund of Stars whose credits are spent",
    # payments
    54: "pre-checkout for an unknown, expired or paid order",
    55: "successful_payment twice",
    56: "a payment unknown to Telegram",
    57: "CHARGE_ALREADY_REFUNDED",
    58: "a subscription renewed, cancelled or failed without an update",
    # processes, database, host
    59: "kill -9 at any instruction",
    60: "a process paused beyond its lease",
    61: "two schedulers",
    62: "Postgres restarts in a transaction",
    63: "pool empty, statements stuck",
    64: "disk full",
    65: "two processes on one SQLite file",
    66: "clock jumps",
    67: "old and new code on one database",
    68: "a backup of yesterday restored",
    # text and files
    69: "SQL, wildcards and full-text syntax in texts",
    70: "format strings, paths, newlines and ANSI codes",
    71: "question files",
    72: "token in logs, exceptions, repr",
    73: "health and metrics listen on loopback",
}


def claims(name: str) -> list[int]:
    """Return the rows that a test's name claims: test_t01_t02_… claims 1 and 2."""
    match = _CLAIM.match(name)
    return [int(number[1:]) for number in match[1].split("_") if number] if match else []


def claimed() -> dict[int, list[str]]:
    """Return the tests that claim each number, found by reading the files, not by importing them."""
    found: dict[int, list[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        for name in _tests_of(ast.parse(path.read_text(encoding="utf-8"))):
            for number in claims(name):
                found.setdefault(number, []).append(f"{path.relative_to(TESTS)}::{name}")
    return found


def _tests_of(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            yield node.name


def test_the_list_is_whole() -> None:
    assert list(ROWS) == list(range(1, 74))


def test_every_row_has_a_test() -> None:
    found = claimed()
    assert {number: title for number, title in ROWS.items() if number not in found} == {}


def test_no_test_claims_a_row_that_does_not_exist() -> None:
    assert {number: tests for number, tests in claimed().items() if number not in ROWS} == {}


def test_claims_are_read_from_names() -> None:
    assert claims("test_t07_lower_update_ids") == [7]
    assert claims("test_t01_t02_t73_all_at_once") == [1, 2, 73]
    assert claims("test_t2_without_its_zero") == [2]
    assert claims("test_the_t01_of_nothing") == claims("test_ten") == claims("helper_t01_x") == []
