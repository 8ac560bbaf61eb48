"""The draw, scheme ``pot/v1``: seeds, heads, rolls. Pure; ``verify_pot`` checks it by code of its own."""

import json
import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from hmac import digest
from itertools import count
from typing import Final

SCHEME: Final = "pot/v1"
"""The name of the scheme, in proofs and in what is hashed."""

CHAIN_LENGTH: Final = 4_096
"""Seeds, and so rounds, of one chain."""

SEED_BYTES: Final = 32
"""Length of a seed."""

NO_PLAYER_SEED: Final = "0"
"""What stands in a ticket whose player set no text of his own."""

ROLLS: Final = 1_000_000
"""A roll is below this."""

_FAIR_BELOW: Final = 2**64 - 2**64 % ROLLS
_PLAYER_SEED: Final = re.compile(r"[A-Za-z0-9_-]{1,32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketFacts:
    """What goes into a ticket's hash: fixed before the roll is known."""

    chat_msg: int
    date: int
    """Unix seconds of the player's message."""
    n: int
    ppm: int
    """Chance in millionths."""
    price: int
    seed: str
    user: str
    """The player's pseudonym in this round."""

    def canonical_json(self) -> bytes:
        """Return the facts as JSON: sorted keys, no spaces, ASCII."""
        facts = {key: getattr(self, key) for key in self.__slots__}
        return json.dumps(facts, sort_keys=True, separators=(",", ":")).encode("ascii")


def seed_index(round_no: int) -> int:
    """Return which seed of its chain a round uses, 1 to 4,096; rounds count from 1."""
    return (round_no - 1) % CHAIN_LENGTH + 1


def chain_no(round_no: int) -> int:
    """Return which of its pot's chains a round belongs to, from 1."""
    return (round_no - 1) // CHAIN_LENGTH + 1


@lru_cache(maxsize=256)
def chain_seed(top: bytes, i: int) -> bytes:
    """Return ``S_i`` of the chain whose ``S_4096`` is ``top``; ``i`` from 0 to 4,096."""
    seed = top
    for _ in range(CHAIN_LENGTH - i):
        seed = sha256(seed).digest()
    return seed


def anchor(top: bytes) -> bytes:
    """Return ``S_0``, public when the chain begins."""
    return chain_seed(top, 0)


def round_secret(top: bytes, round_no: int) -> bytes:
    """Return the seed of a round, secret until the round closes."""
    return chain_seed(top, seed_index(round_no))


def commitment(top: bytes, round_no: int) -> bytes:
    """Return the hash of a round's seed, public from the round's start."""
    return sha256(round_secret(top, round_no)).digest()


def start_head(pot_key: str, round_no: int) -> bytes:
    """Return the head before the first ticket of a round."""
    return sha256(f"{SCHEME}|{pot_key}|round {round_no}".encode()).digest()


def next_head(head: bytes, facts: TicketFacts) -> bytes:
    """Return the head after one more ticket."""
    return sha256(head + facts.canonical_json()).digest()


def roll(secret: bytes, head: bytes) -> int:
    """Return the roll, 0 to 999,999, of the ticket that made ``head``."""
    return first_fair(_numbers(secret, head))


def first_fair(numbers: Iterable[int]) -> int:
    """Return the first 64-bit number that favours no roll, modulo 1,000,000 (rejection sampling)."""
    return next(number for number in numbers if number < _FAIR_BELOW) % ROLLS


def wins(rolled: int, ppm: int) -> bool:
    """Tell whether a roll is below the chance in millionths."""
    return rolled < ppm


def valid_player_seed(text: str) -> bool:
    """Tell whether a player may use ``text`` as his part of the draw: 1-32 of ``[A-Za-z0-9_-]``."""
    return _PLAYER_SEED.fullmatch(text) is not None


def _numbers(secret: bytes, head: bytes) -> Iterator[int]:
    for counter in count():
        yield from struct.unpack(
            ">4Q", digest(secret, b"%b|%b|%d" % (SCHEME.encode(), head, counter), "sha256")
        )
