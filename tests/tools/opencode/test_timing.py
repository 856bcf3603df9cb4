"""How long the model worked on a step."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.tools.opencode.timing import model_time

MINUTE = 60_000


@pytest.mark.parametrize(
    "end, moments, tools, told",
    [
        (1_000, [], [], 1_000),
        (1_000, [], [(200, 700)], 500),
        (1_000, [], [(200, 700), (600, 800)], 400),
        (1_000, [], [(600, 800), (200, 700)], 400),
        (1_000, [], [(200, 5_000)], 200),
        (1_000, [], [(2_000, 5_000)], 1_000),
        (0, [], [], 0),
        # Six minutes without a word are an absence; a word in between shows that it is at work.
        (6 * MINUTE, [], [], 0),
        (6 * MINUTE, [2 * MINUTE], [], 6 * MINUTE),
        (6 * MINUTE, [2 * MINUTE], [(3 * MINUTE, 5 * MINUTE)], 4 * MINUTE),
    ],
)
def test_model_time(end: int, moments: list[int], tools: list[tuple[int, int]], told: int) -> None:
    assert model_time(0, end, moments, tools) == told


@given(
    st.integers(0, 10**6),
    st.lists(st.integers(-10, 10**6)),
    st.lists(st.tuples(st.integers(-10, 10**6), st.integers(-10, 10**6))),
)
def test_it_never_exceeds_the_clock(end: int, moments: list[int], tools: list[tuple[int, int]]) -> None:
    assert 0 <= model_time(0, end, sorted(moments), tools) <= end
