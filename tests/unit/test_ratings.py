"""Ratings of duels: Glickman's own example, and what must hold for any duel."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.duels.ratings import Strength, after_games, after_rest

STRENGTHS = st.builds(
    Strength, st.floats(min_value=0, max_value=3_500), st.floats(min_value=30, max_value=350)
)
REACHED = st.sampled_from([0.0, 0.5, 1.0])


def after(mine: Strength, other: Strength, reached: float) -> Strength:
    """Return how strong a player is after one duel."""
    return after_games(mine, [(other, reached)])


def test_the_example_of_the_paper_comes_out_as_printed() -> None:
    games = [(Strength(1400, 30), 1.0), (Strength(1550, 100), 0.0), (Strength(1700, 300), 0.0)]
    now = after_games(Strength(1500, 200), games)
    assert (round(now.rating), round(now.deviation, 1)) == (1464, 151.4)


def test_who_was_well_known_is_as_unknown_as_a_new_player_after_a_hundred_weeks() -> None:
    known = Strength(1700, 50)
    assert after_rest(known, 700).deviation == pytest.approx(350)
    assert after_rest(known, 5_000) == Strength(1700, 350)
    assert after_rest(known, -1) == known
    assert 50 < after_rest(known, 7).deviation < 65


def test_two_new_players_move_apart_by_the_same_and_a_tie_moves_neither() -> None:
    won, lost = (after(Strength(), Strength(), reached) for reached in (1.0, 0.0))
    assert won.rating - 1500 == pytest.approx(1500 - lost.rating) == pytest.approx(162.2, abs=0.1)
    assert after(Strength(), Strength(), 0.5).rating == pytest.approx(1500)
    assert won.deviation < 350


@given(mine=STRENGTHS, other=STRENGTHS)
def test_who_wins_never_falls_and_who_loses_never_rises(mine: Strength, other: Strength) -> None:
    won, tie, lost = (after(mine, other, reached) for reached in (1.0, 0.5, 0.0))
    assert lost.rating <= mine.rating <= won.rating
    assert lost.rating <= tie.rating <= won.rating


@given(mine=STRENGTHS, other=STRENGTHS, reached=REACHED)
def test_a_duel_makes_a_rating_surer_and_never_moves_it_far(
    mine: Strength, other: Strength, reached: float
) -> None:
    now = after(mine, other, reached)
    assert abs(now.rating - mine.rating) < 1_000
    assert 30 <= now.deviation <= mine.deviation
