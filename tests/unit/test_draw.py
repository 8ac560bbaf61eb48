"""The draw: the check values of the rules, chains, rejection sampling."""

import hmac
import json
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.draw import (
    CHAIN_LENGTH,
    anchor,
    chain_no,
    chain_seed,
    commitment,
    first_fair,
    next_head,
    roll,
    round_secret,
    seed_index,
    start_head,
    valid_player_seed,
    wins,
)
from tests.unit.rounds import TOP, facts_of

SEED = bytes(range(32))
FAIR_BELOW = 2**64 - 2**64 % 10**6


def test_the_hash_of_the_check_seed_is_the_one_of_the_rules() -> None:
    """An anchor is made by this hash."""
    assert sha256(SEED).hexdigest() == "630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd"
    assert chain_seed(SEED, CHAIN_LENGTH - 1) == sha256(SEED).digest()


def test_the_start_of_the_check_round_is_the_one_of_the_rules() -> None:
    """Pot key g:12, round 7."""
    expected = "2d9543ac3d9a37f2217fe92bba9b1b5c3b17fb75c56476461f3d08c2d11dac5d"
    assert start_head("g:12", 7).hex() == expected


def test_heads_and_rolls_of_the_check_tickets_are_those_of_the_rules() -> None:
    """Three tickets in a row."""
    head, heads, rolls = start_head("g:12", 7), [], []
    for n in (1, 2, 3):
        head = next_head(head, facts_of(n))
        heads.append(head.hex()[:8])
        rolls.append(roll(SEED, head))
    assert heads == ["13000acb", "204b2a84", "416f8fe7"]
    assert rolls == [841_137, 810_134, 734_179]


def test_a_ticket_is_hashed_as_sorted_json_without_spaces_in_ascii() -> None:
    """The exact bytes."""
    expected = b'{"chat_msg":101,"date":1795190001,"n":1,"ppm":2000,"price":11,"seed":"abc","user":"u1"}'
    assert facts_of(1).canonical_json() == expected
    assert list(json.loads(expected)) == sorted(json.loads(expected))


def test_every_seed_is_the_hash_of_the_one_used_after_it() -> None:
    """S_(i-1) = SHA256(S_i), down to the anchor."""
    assert chain_seed(TOP, CHAIN_LENGTH) == TOP
    for i in (1, 2, 7, CHAIN_LENGTH):
        assert chain_seed(TOP, i - 1) == sha256(chain_seed(TOP, i)).digest()
    assert anchor(TOP) == sha256(chain_seed(TOP, 1)).digest()


@pytest.mark.parametrize(
    ("round_no", "index", "chain"),
    [(1, 1, 1), (2, 2, 1), (4_096, 4_096, 1), (4_097, 1, 2), (8_192, 4_096, 2), (8_193, 1, 3)],
)
def test_rounds_use_the_seeds_of_a_chain_in_order_and_then_a_new_chain(
    round_no: int, index: int, chain: int
) -> None:
    """Round k uses S_((k-1) mod 4096 + 1)."""
    assert seed_index(round_no) == index
    assert chain_no(round_no) == chain
    assert round_secret(TOP, round_no) == chain_seed(TOP, index)


def test_the_commitment_of_a_round_is_the_seed_that_the_round_before_published() -> None:
    """So the whole chain is fixed by its anchor."""
    assert commitment(TOP, 1) == anchor(TOP)
    assert commitment(TOP, 8) == round_secret(TOP, 7)


def test_numbers_that_would_favour_low_rolls_are_passed_over() -> None:
    """The bound itself is refused, the number below it isn't."""
    assert first_fair([FAIR_BELOW, 2**64 - 1, 12_000_345]) == 345
    assert first_fair([FAIR_BELOW - 1, 5]) == 999_999
    assert FAIR_BELOW % 10**6 == 0
    assert 2**64 - FAIR_BELOW < 10**6


def test_a_block_of_unfair_numbers_leads_to_the_next_block(monkeypatch: pytest.MonkeyPatch) -> None:
    """The counter goes on from 0 to 1 and both are asked for."""
    asked: list[bytes] = []

    def fake_block(_key: bytes, msg: bytes, _name: str) -> bytes:
        asked.append(msg)
        return b"\xff" * 32 if len(asked) == 1 else b"\xff" * 8 + (77).to_bytes(8, "big") + b"\x00" * 16

    monkeypatch.setattr("services.draw.digest", fake_block)
    assert roll(SEED, b"H" * 32) == 77
    assert asked == [b"pot/v1|" + b"H" * 32 + b"|0", b"pot/v1|" + b"H" * 32 + b"|1"]


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_a_roll_is_always_below_a_million_and_always_the_same(secret: bytes, head: bytes) -> None:
    """The first number decides, but for one case in ten million million."""
    block = hmac.new(secret, b"pot/v1|" + head + b"|0", "sha256").digest()
    rolled = roll(secret, head)
    assert 0 <= rolled < 10**6
    assert rolled == roll(secret, head) == int.from_bytes(block[:8], "big") % 10**6


@given(st.integers(0, 999_999), st.integers(0, 1_000_000))
def test_a_ticket_wins_exactly_if_its_roll_is_below_its_chance(rolled: int, ppm: int) -> None:
    """No chance never wins, certainty always does."""
    assert wins(rolled, ppm) == (rolled < ppm)
    assert not wins(rolled, 0)
    assert wins(rolled, 1_000_000)


@given(st.integers(1, 2**40), st.sampled_from(["chat_msg", "date", "n", "ppm", "price", "seed", "user"]))
def test_every_fact_of_a_ticket_changes_the_head(n: int, key: str) -> None:
    """Nothing that is in a ticket can be changed afterwards."""
    head, facts = start_head("g", 1), facts_of(n)
    value = getattr(facts, key)
    changed = type(facts)(**json.loads(facts.canonical_json()) | {key: value + type(value)(1)})
    assert next_head(head, changed) != next_head(head, facts)


@pytest.mark.parametrize("text", ["0", "abc", "A-Z_09", "x" * 32])
def test_letters_digits_dash_and_underscore_make_a_player_seed(text: str) -> None:
    """One to 32 of them."""
    assert valid_player_seed(text)


@pytest.mark.parametrize("text", ["", "x" * 33, "a b", "é", "٣", "a\n", '"', "a|b", "\x00"])
def test_anything_else_is_no_player_seed(text: str) -> None:
    """Also letters and digits of other scripts."""
    assert not valid_player_seed(text)
