"""The draw of a question set, scheme ``duel/v1``: pool, commitment, questions, order of options. Pure."""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from hmac import digest
from itertools import count
from typing import Final

SCHEME: Final = "duel/v1"
"""The name of the scheme, in proofs and in what is hashed."""

SEED_BYTES: Final = 32
"""Length of a seed."""

OPTIONS: Final = 4
"""Each question has so many."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a seed draws: places in the pool, and for each question its options in the order shown."""

    questions: tuple[int, ...]
    orders: tuple[tuple[int, ...], ...]


def pool_digest(questions: Sequence[tuple[str, bytes]]) -> bytes:
    """Return the hash of a pool: of (key, digest of its wording) for each question, ordered by key."""
    lines = (f"{key}|{wording.hex()}\n" for key, wording in questions)
    return sha256("".join(lines).encode()).digest()


def commitment(pool: bytes, seed: bytes) -> bytes:
    """Return what is public before a set's first duel: it binds both the pool (its digest) and the seed."""
    return sha256(b"%b|%b|%b" % (SCHEME.encode(), pool, seed)).digest()


def draw(seed: bytes, *, pool_size: int, questions: int) -> Drawn:
    """Return the questions of a set, all different, and the order of their options.

    Args:
        pool_size: at least ``questions``.
    """
    numbers = _numbers(seed)
    places = _shuffled(numbers, pool_size, questions)
    return Drawn(places, tuple(_shuffled(numbers, OPTIONS, OPTIONS) for _ in places))


def _shuffled(numbers: Iterator[int], size: int, most: int) -> tuple[int, ...]:
    """Return the first ``most`` of ``size`` places, shuffled as Fisher and Yates do."""
    places = list(range(size))
    for place in range(most):
        other = place + _below(numbers, size - place)
        places[place], places[other] = places[other], places[place]
    return tuple(places[:most])


def _below(numbers: Iterator[int], bound: int) -> int:
    """Return the next number that favours nothing, modulo ``bound`` (rejection sampling)."""
    fair = 2**64 - 2**64 % bound
    return next(number for number in numbers if number < fair) % bound


def _numbers(seed: bytes) -> Iterator[int]:
    for counter in count():
        yield from struct.unpack(">4Q", digest(seed, b"%b|%d" % (SCHEME.encode(), counter), "sha256"))
