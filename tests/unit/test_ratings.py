"""Ratings of duels: Glickman's own example, and what must hold for any duel."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.models.duels import Outcome
from services.duels.ratings import Strength, _Rated, after_duel

STRENGTHS = st.builds(
    Strength,
    st.floats(min_value=0, max_value=3_500),
    st.floats(min_value=10, max_value=350),
    st.floats(min_value=0.01, max_value=0.5),
)


def test_the_example_of_the_paper_comes_out_as_printed() -> None:
    player = _Rated(1500, 200, 0.06)
    player.update_player([1400, 1550, 1700], [30, 100, 300], [1, 0, 0])
    assert (player.rating, player.rd) == (pytest.approx(1464.06, abs=0.02), pytest.approx(151.52, abs=0.01))
    assert player.vol == pytest.approx(0.0599960, abs=0.0000005)  # the library by itself is off by 0.0000026


def test_two_new_players_move_apart_by_the_same_and_a_tie_moves_neither() -> None:
    won, lost = (after_duel(Strength(), Strength(), one) for one in (Outcome.WON, Outcome.LOST))
    assert won.rating - 1500 == pytest.approx(1500 - lost.rating) == pytest.approx(162.3, abs=0.1)
    assert after_duel(Strength(), Strength(), Outcome.TIE).rating == pytest.approx(1500)
    assert won.deviation < 350


@given(mine=STRENGTHS, other=STRENGTHS)
def test_who_wins_never_falls_and_who_loses_never_rises(mine: Strength, other: Strength) -> None:
    won, lost = (after_duel(mine, other, one) for one in (Outcome.WON, Outcome.LOST))
    assert lost.rating <= mine.rating <= won.rating
    assert lost.rating <= after_duel(mine, other, Outcome.TIE).rating <= won.rating


@given(mine=STRENGTHS, other=STRENGTHS, outcome=st.sampled_from(Outcome))
def test_every_update_ends_with_sane_figures(mine: Strength, other: Strength, outcome: Outcome) -> None:
    now = after_duel(mine, other, outcome)
    assert abs(now.rating - mine.rating) < 1_500
    assert 0 < now.deviation < 400
    assert 0 < now.volatility < 1


def test_an_upset_in_the_narrow_band_where_the_search_has_least_to_hold_on_to_ends() -> None:
    """There the expected and the seen spread are nearly the same, and the search begins with two equal ends."""
    for step in range(4_000):
        after_duel(Strength(1500, 40, 0.06), Strength(1500 + step / 2, 40), Outcome.WON)
