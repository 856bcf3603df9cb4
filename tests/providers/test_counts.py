"""Disjoint counts: what is inside what, by arithmetic where a total is told and by habit where none is."""

from hypothesis import given
from hypothesis import strategies as st

from tallystick.providers.counts import Habit, Told, disjoint
from tallystick.tools.gemini_format import Stored
from tallystick.tools.gemini_format import disjoint as as_the_log_does
from tallystick.usage.tokens import Tokens


def test_by_habit_the_cache_and_the_reasoning_are_inside() -> None:
    assert disjoint(Told(1000, 400, 100, 300, 120)) == (Tokens(500, 400, 100, 0, 300, 120), False)


def test_a_total_tells_that_the_reasoning_is_apart() -> None:
    # 32 + 9 = 41, and 41 + 94 = 135
    assert disjoint(Told(32, 6, 0, 9, 94, total=135)) == (Tokens(26, 6, 0, 0, 103, 94), False)


def test_a_total_tells_that_the_cache_is_apart() -> None:
    assert disjoint(Told(100, 300, 200, 40, total=640)) == (Tokens(100, 300, 200, 0, 40, 0), False)


def test_a_total_overrules_the_habit() -> None:
    apart = Habit(reasoning_inside=False)
    assert disjoint(Told(100, 0, 0, 60, 50, total=160), apart) == (Tokens(100, 0, 0, 0, 60, 50), False)
    assert disjoint(Told(100, 0, 0, 60, 50), apart) == (Tokens(100, 0, 0, 0, 110, 50), False)


def test_more_than_can_be_inside_is_apart() -> None:
    assert disjoint(Told(10, 30, 0, 5, 8)) == (Tokens(10, 30, 0, 0, 13, 8), False)


def test_a_total_that_fits_nothing_is_a_mismatch_and_the_habit_counts() -> None:
    assert disjoint(Told(100, 20, 0, 30, 5, total=999)) == (Tokens(80, 20, 0, 0, 30, 5), True)


def test_what_tools_added_is_input() -> None:
    told = Told(19912, 5123, 0, 449, 196, aside=107, total=20664)
    assert disjoint(told, Habit(reasoning_inside=False)) == (Tokens(14896, 5123, 0, 0, 645, 196), False)


small = st.integers(0, 50)


@given(small, small, small, small, small, small)
def test_a_total_that_fits_one_way_is_the_sum(a: int, b: int, c: int, d: int, e: int, aside: int) -> None:
    prompt, output = a + b + c, d + e
    total = prompt + output + aside
    tokens, mismatch = disjoint(Told(prompt, b, c, output, e, aside, total))
    assert not mismatch
    assert tokens.total in (total, total - aside) or not total


@given(small, small, small, small, small, st.integers(0, 250))
def test_wire_and_log_understand_googles_counts_alike(
    prompt: int, output: int, cached: int, thoughts: int, tool: int, total: int
) -> None:
    cached = min(cached, prompt)
    said = as_the_log_does(Stored(prompt, output, cached, thoughts, tool, total), inside=False)
    tokens, mismatch = disjoint(Told(prompt, cached, 0, output, thoughts, tool, total), Habit(reasoning_inside=False))
    assert (tokens, not mismatch) == said


def test_a_total_may_leave_out_what_tools_added() -> None:
    assert disjoint(Told(100, 0, 0, 60, 50, aside=9, total=160)) == (Tokens(109, output=60, reasoning=50), False)
