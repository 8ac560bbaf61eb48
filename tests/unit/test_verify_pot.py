"""The verifier as a function: right proofs pass, changed ones don't, garbage is no traceback."""

import copy
import hmac
import json
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.proof import ClosedRound, DrawnTicket, build_proof, proof_file
from services.verify_pot import verify
from tests.unit.rounds import facts_of, play, won_round

TOP_KEYS = ["scheme", "pot", "round", "anchor", "commitment", "seed", "start", "tickets", "count", "head"]
TICKET_KEYS = ["chat_msg", "date", "n", "ppm", "price", "seed", "user", "roll", "won"]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


def check_values_proof() -> dict[str, object]:
    """Return the proof of the round that the rules give as check values."""
    seed = bytes(range(32))
    anchor = seed
    for _ in range(7):
        anchor = sha256(anchor).digest()
    rolls = [841_137, 810_134, 734_179]
    tickets = [DrawnTicket(facts=facts_of(n), roll=rolled, won=False) for n, rolled in enumerate(rolls, 1)]
    closed = ClosedRound(
        pot_key="g:12",
        round_no=7,
        anchor=anchor,
        commitment=bytes.fromhex("630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd"),
        seed=seed,
        head=bytes.fromhex("416f8fe7") + bytes(28),
        prize=None,
    )
    return build_proof(closed, tickets)


def changed(value: Any) -> Any:
    """Return something else of the same type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        return ("1" if value[:1] != "1" else "2") + value[1:]
    return value[:-1]


@pytest.mark.parametrize(
    "proof",
    [
        won_round(),
        won_round(1),
        won_round(4_096),
        won_round(4_097),
        play(round_no=5, chances_ppm=[0, 0, 0], prize=None),
        play(round_no=5, chances_ppm=[], prize=None),
        play(round_no=5, chances_ppm=[1_000_000], prize=4),
    ],
    ids=["won", "first", "last of a chain", "second chain", "reset", "no ticket", "one ticket"],
)
def test_a_right_proof_passes(proof: dict[str, object]) -> None:
    """As a dict, and as the bytes of the file that players get."""
    assert verify(proof) is None
    assert verify(proof_file(proof)) is None


def test_the_check_values_of_the_rules_pass_up_to_the_head_that_they_give_in_part() -> None:
    """The verifier agrees on chain, start, tickets and rolls; only the made-up end of the head is wrong."""
    assert verify(check_values_proof()) == "head is wrong"


@pytest.mark.parametrize("key", TOP_KEYS)
def test_a_change_of_any_field_is_found(key: str) -> None:
    """Each field of the proof but the amount of the prize, which nothing public can prove."""
    proof = won_round()
    assert verify(proof | {key: changed(proof[key])}) is not None


@pytest.mark.parametrize("key", TICKET_KEYS)
@pytest.mark.parametrize("index", [0, 1, 2])
def test_a_change_of_any_field_of_a_ticket_is_found_at_that_ticket(key: str, index: int) -> None:
    """Facts, roll and result alike."""
    proof: Any = copy.deepcopy(won_round())
    proof["tickets"][index][key] = changed(proof["tickets"][index][key])
    assert verify(proof) == f"ticket {index + 1} is wrong"


@pytest.mark.parametrize("key", [*TOP_KEYS, "prize"])
def test_a_missing_field_is_found(key: str) -> None:
    """No field may be left out."""
    proof = won_round()
    del proof[key]
    assert verify(proof) == "this is not a proof"


@pytest.mark.parametrize("key", TICKET_KEYS)
def test_a_missing_field_of_a_ticket_is_found(key: str) -> None:
    """No field of a ticket may be left out, and none added."""
    proof: Any = copy.deepcopy(won_round())
    del proof["tickets"][1][key]
    assert verify(proof) is not None
    proof["tickets"][1] = won_round()["tickets"][1] | {"extra": 1}  # type: ignore[index]
    assert verify(proof) == "ticket 2 is wrong"


def test_a_prize_without_a_winner_and_a_winner_without_a_prize_are_found() -> None:
    """The last ticket won exactly if there is a prize."""
    assert verify(won_round() | {"prize": None}) == "winner is wrong"
    lost = play(round_no=5, chances_ppm=[0, 0], prize=None)
    assert verify(lost | {"prize": 900}) == "winner is wrong"
    assert verify(play(round_no=5, chances_ppm=[], prize=900)) == "winner is wrong"


@pytest.mark.parametrize("prize", [None, 900])
@pytest.mark.parametrize("chances", [[1_000_000, 0], [1_000_000, 1_000_000], [0, 1_000_000, 0]])
def test_a_ticket_after_a_winning_one_is_found(chances: list[int], prize: int | None) -> None:
    """A win ends its round, whatever the operator says."""
    assert verify(play(round_no=5, chances_ppm=chances, prize=prize)) == "winner is wrong"


def test_a_winner_that_is_called_a_loser_is_found() -> None:
    """The flag must follow from roll and chance."""
    proof: Any = play(round_no=5, chances_ppm=[1_000_000, 0], prize=None)
    proof["tickets"][0]["won"] = False
    assert verify(proof) == "ticket 1 is wrong"


@pytest.mark.parametrize("change", ["drop first", "drop last", "swap", "repeat"])
def test_tickets_left_out_swapped_or_repeated_are_found(change: str) -> None:
    """Numbers run without gaps, and the head fixes the order."""
    proof: Any = play(round_no=5, chances_ppm=[0, 0, 0], prize=None)
    first, second, third = proof["tickets"]
    proof["tickets"] = {
        "drop first": [second, third],
        "drop last": [first, second],
        "swap": [second, first, third],
        "repeat": [first, first, second, third],
    }[change]
    proof["count"] = len(proof["tickets"])
    assert verify(proof) is not None


def test_a_whole_round_played_with_another_seed_is_found_by_its_commitment() -> None:
    """An operator can't choose a seed after the fact."""
    other = play(round_no=8, chances_ppm=[0, 0], prize=None)
    stated = play(round_no=7, chances_ppm=[0, 0], prize=None)
    assert verify(stated | {"seed": other["seed"], "tickets": other["tickets"]}) == "commitment is wrong"
    honest_chain = {"anchor": other["anchor"], "commitment": other["commitment"], "seed": other["seed"]}
    assert verify(stated | honest_chain) == "anchor is wrong"


def test_a_round_whose_tickets_are_numbered_with_a_gap_is_found() -> None:
    """Also when every hash and roll fits the wrong number."""
    assert verify(play(round_no=5, chances_ppm=[0, 0], prize=None, numbers=[1, 2])) is None
    for numbers in ([1, 3], [0, 1], [1, 1]):
        problem = verify(play(round_no=5, chances_ppm=[0, 0], prize=None, numbers=numbers))
        assert problem == f"ticket {1 if numbers[0] != 1 else 2} is wrong"


def test_rounds_before_the_first_are_found() -> None:
    """They count from one."""
    assert verify(play(round_no=0, chances_ppm=[0], prize=None)) == "round is wrong"


def test_a_seed_in_another_notation_is_found() -> None:
    """There is one way to write a proof."""
    proof = won_round()
    assert verify(proof | {"seed": str(proof["seed"]).upper()}) == "seed is wrong"


@pytest.mark.parametrize(("ppm", "won"), [(77, False), (78, True)])
def test_a_roll_that_equals_the_chance_loses(ppm: int, won: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has to be below."""
    monkeypatch.setattr(hmac, "digest", lambda *_: (77).to_bytes(8, "big") * 4)
    proof: Any = play(round_no=5, chances_ppm=[ppm], prize=5 if won else None)
    proof["tickets"][0] |= {"roll": 77, "won": won}
    assert verify(proof) is None
    proof["tickets"][0]["won"] = not won
    assert verify(proof) == "ticket 1 is wrong"


def test_the_verifier_passes_over_unfair_numbers_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """A first block that can't be used leads to the second."""

    def fake_block(_key: bytes, msg: bytes, _name: str) -> bytes:
        return b"\xff" * 32 if msg.endswith(b"|0") else (1_000_077).to_bytes(8, "big") * 4

    proof: Any = play(round_no=5, chances_ppm=[0], prize=None)
    proof["tickets"][0]["roll"] = 77
    monkeypatch.setattr(hmac, "digest", fake_block)
    assert verify(proof) is None


@given(json_values)
def test_garbage_is_a_problem_and_no_traceback(garbage: object) -> None:
    """Whatever JSON it is."""
    assert verify(garbage) == "this is not a proof"
    assert verify(json.dumps(garbage)) == "this is not a proof"


@given(st.sampled_from([*TOP_KEYS, "prize"]), json_values)
def test_garbage_in_any_field_is_no_traceback(key: str, garbage: object) -> None:
    """Whatever type stands where another belongs."""
    problem = verify(won_round() | {key: garbage})
    assert problem is not None or key == "prize" or garbage == won_round()[key]


@given(st.sampled_from(TICKET_KEYS), json_values)
def test_garbage_in_any_field_of_a_ticket_is_found(key: str, garbage: object) -> None:
    """Whatever type stands where another belongs."""
    proof: Any = copy.deepcopy(won_round())
    right, proof["tickets"][0][key] = proof["tickets"][0][key], garbage
    assert verify(proof) is not None or garbage == right
