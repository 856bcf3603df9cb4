"""Odds: held against distributions that are known exactly."""

from math import erfc, exp, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.answers.odds import amount, reached


@pytest.mark.parametrize("need", [0.3, 0.7, 1.0, 1.5, 2.5])
def test_where_the_deviation_is_the_mean_odds_are_those_of_waiting(need: float) -> None:
    # A gamma distribution of shape 1 is the exponential one: exp(-x / mean).
    assert reached(need * 40, 40, 1600) == pytest.approx(exp(-need), abs=0.01)


@pytest.mark.parametrize("need", [0.5, 1.0, 1.5, 2.0])
def test_where_it_is_half_of_the_mean_they_are_those_of_four_waits(need: float) -> None:
    # Shape 4, by Erlang: exp(-y) (1 + y + y²/2 + y³/6) with y = 4 x / mean.
    y = 4 * need
    assert reached(need * 60, 60, 900) == pytest.approx(exp(-y) * (1 + y + y**2 / 2 + y**3 / 6), abs=0.002)


def test_what_is_certain_is_told_as_such() -> None:
    assert (reached(5, 5, 0), reached(5.1, 5, 0), reached(0, 0, 0), reached(1, 0, 9), reached(-1, 3, 1)) == (
        1,
        0,
        1,
        0,
        1,
    )
    assert (amount(2, 7, 0), amount(2, 0, 3)) == (7, 0)


def test_what_is_expected_comes_in_a_quarter_of_cases_at_least() -> None:
    # Half of them where nothing is in doubt, and fewer the more seldom and larger things come.
    found = [reached(50, 50, (part * 50) ** 2) for part in (0.01, 0.5, 1, 2, 5, 1e6)]
    assert found == sorted(found, reverse=True)
    assert found[0] == pytest.approx(0.5, abs=0.01)
    assert found[-1] > 0.25


def test_an_amount_is_exceeded_as_seldom_as_its_deviations_say() -> None:
    # 1.2816 deviations leave a tenth on their side; of the exponential one a tenth lies above ln 10 = 2.303, and below 0.105.
    assert amount(1.2816, 40, 1600) == pytest.approx(40 * 2.303, abs=1)
    assert amount(-1.2816, 40, 1600) == pytest.approx(40 * 0.105, abs=0.6)


@given(st.floats(0.5, 200), st.floats(0.5, 200), st.floats(0.1, 1.5), st.floats(-1.5, 2.5))
def test_odds_and_amounts_are_each_others_inverse_and_more_is_less_likely(
    need: float, mean: float, part: float, deviations: float
) -> None:
    variance = (part * mean) ** 2
    assert 0 <= reached(need + 1, mean, variance) <= reached(need, mean, variance) <= 1
    found = amount(deviations, mean, variance)
    if found > 0.01 * mean:
        assert reached(found, mean, variance) == pytest.approx(erfc(deviations / sqrt(2)) / 2, abs=1e-6)
