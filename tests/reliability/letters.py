"""Updates held back, and sent out again as Telegram never would: shuffled, doubled, renumbered, damaged."""

import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bot.playground.models import Json
from bot.playground.telegram import Telegram

DEEP = 20_000
ODD = (
    "NaN",
    "1e999",
    "-0.0",
    "null",
    "true",
    "[]",
    "{}",
    '""',
    "-1",
    "1.5",
    str(2**70),
    '"\\ud800"',
    '"a\\u0000b"',
    '"\\udfff\\ud800"',
    '"' + "x" * 5_000 + '"',
    "[" * 50 + "]" * 50,
)
"""Values, as JSON, that stand where something else is expected."""
_MARK = "a-place-to-fill"


@dataclass(frozen=True, slots=True)
class Letter:
    """An update without a number."""

    kind: str
    payload: Json
    queue: str

    def text(self, update_id: int) -> str:
        """Return the update as JSON."""
        return json.dumps({"update_id": update_id, self.kind: self.payload})


@contextmanager
def held_back(telegram: Telegram) -> Iterator[list[Letter]]:
    """Collect what would become updates, instead of queueing it."""
    letters: list[Letter] = []

    def keep(kind: str, payload: Any, *, queue: str, expires_at: float) -> None:
        letters.append(Letter(kind, payload, queue))

    queue: Any = telegram.updates
    real, queue.add = queue.add, keep
    try:
        yield letters
    finally:
        queue.add = real


def doubled(letters: list[Letter], first_id: int, chance: random.Random) -> list[tuple[int, str]]:
    """Return every letter several times, under old and new numbers, out of order."""
    copies = [(first_id + n, letter) for n, letter in enumerate(letters)]
    number = first_id + len(letters)
    for old, letter in list(copies):
        copies += [(old, letter)] * chance.randrange(3)
        for _ in range(chance.randrange(3)):
            copies.append((number, letter))
            number += 1
        copies.append((first_id - 1_000 - old % 1_000, letter))
    chance.shuffle(copies)
    return [(update_id, letter.text(update_id)) for update_id, letter in copies]


def damaged(letter: Letter, update_id: int, chance: random.Random, *, is_deep: bool) -> str:
    """Return a letter of which something is missing, wrong, odd, doubled or (if wanted) far too deep."""
    update = json.loads(letter.text(update_id))
    places = list(_places(update[letter.kind]))
    holder, key = chance.choice(places)
    kinds: list[Callable[[Any, Any, random.Random], str]] = [_remove, _replace, _double]
    value = chance.choice([*kinds, _deepen] if is_deep else kinds)(holder, key, chance)
    return json.dumps(update).replace(f'"{_MARK}"', value)


def put(telegram: Telegram, letter: Letter, change: Callable[[Letter, int], str]) -> tuple[int, str]:
    """Queue a letter under the next number, changed; return the number and the text."""
    number, telegram.updates.next_id = telegram.updates.next_id, telegram.updates.next_id + 1
    text = change(letter, number)
    telegram.updates.add_odd(text, queue=letter.queue, update_id=number)
    return number, text


def broken(letter: Letter, update_id: int, chance: random.Random) -> str:
    """Return the beginning of a letter, with its number."""
    text = letter.text(update_id)
    return text[: chance.randrange(text.index(",") + 1, len(text))]


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield all places in a value: what holds them, and their keys."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from _places(value[key])


def _remove(holder: Any, key: Any, _: random.Random) -> str:
    del holder[key]
    return ""


def _replace(holder: Any, key: Any, chance: random.Random) -> str:
    holder[key] = _MARK
    return chance.choice(ODD)


def _deepen(holder: Any, key: Any, _: random.Random) -> str:
    holder[key] = _MARK
    return "[" * DEEP + "]" * DEEP


def _double(holder: Any, key: Any, chance: random.Random) -> str:
    """Say the same name twice, which JSON leaves to the reader."""
    if isinstance(holder, dict):
        holder[f"{key}"] = _MARK
        return f'1, "{key}": {chance.choice(ODD)}'
    return _replace(holder, key, chance)
