"""Stored numbers: reasoning in and out of the output, moments in either unit, costs."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tools.opencode.stored import NOON, Base, answered, counts, step

from tallystick.tools.opencode import KILO_CLI, MIMO_CODE, OPENCODE
from tallystick.tools.opencode.counts import MOST, Implausible, cost_of, in_seconds, is_at_least, tokens_of
from tallystick.tools.opencode.shape import Cache, Counts
from tallystick.tools.tool import Tool
from tallystick.usage.tokens import Tokens


def stored(total: float | None = None, fresh: float | None = 10, output: float | None = 100, reasoning: float | None = 40, read: float = 5, written: float = 3) -> Counts:  # fmt: skip
    return Counts(total, fresh, output, reasoning, Cache(read, written))


@pytest.mark.parametrize("apart", [True, False])
def test_a_total_tells_where_the_reasoning_is(apart: bool) -> None:  # noqa: FBT001 - a parameter of the test
    outside, inside = tokens_of(stored(158), apart=apart), tokens_of(stored(118), apart=apart)
    assert outside == Tokens(10, 5, 3, 0, 140, 40)
    assert inside == Tokens(10, 5, 3, 0, 100, 40)
    assert (outside.total, inside.total) == (158, 118)


@pytest.mark.parametrize("total", [None, 999])
def test_without_a_total_that_fits_the_version_tells(total: int | None) -> None:
    assert tokens_of(stored(total), apart=True).output == 140
    assert tokens_of(stored(total), apart=False).output == 100


def test_reasoning_that_exceeds_the_output_cannot_be_in_it() -> None:
    assert tokens_of(stored(output=0), apart=False) == Tokens(10, 5, 3, 0, 40, 40)


def test_a_provider_that_counts_more_reasoning_than_output_leaves_a_negative_rest() -> None:
    # 77 generated, 78 of them reasoned: stored as -1 and 78.
    assert tokens_of(stored(output=-1, reasoning=78), apart=True) == Tokens(10, 5, 3, 0, 77, 77)


def test_more_cached_than_prompted_leaves_nothing_uncached() -> None:
    assert tokens_of(stored(fresh=-200, reasoning=0), apart=True) == Tokens(0, 5, 3, 0, 100, 0)


def test_what_is_missing_is_zero() -> None:
    assert tokens_of(Counts(), apart=True) == Tokens()
    assert tokens_of(Counts(input=1, cache=Cache()), apart=True) == Tokens(1)


@pytest.mark.parametrize(
    "counts",
    [Counts(input=1.5), Counts(output=math.nan), Counts(output=math.inf), Counts(input=MOST + 1), Counts(output=-1),
     Counts(reasoning=-1), Counts(cache=Cache(read=-1)), Counts(cache=Cache(write=-1)), Counts(cache=Cache(write=0.5))],
)  # fmt: skip
def test_counts_that_cannot_be_are_refused(counts: Counts) -> None:
    with pytest.raises(Implausible):
        tokens_of(counts, apart=True)


def test_whole_numbers_may_be_written_with_a_point() -> None:
    assert tokens_of(Counts(input=12.0, output=3.0), apart=True) == Tokens(12, output=3)


@given(*[st.integers(0, 10**9)] * 5, st.booleans())
def test_a_total_is_always_met(fresh: int, output: int, reasoning: int, read: int, written: int, inside: bool) -> None:  # noqa: FBT001 - drawn
    generated = max(output, reasoning) if inside else output + reasoning
    told = generated if inside else output
    total = fresh + read + written + generated
    for apart in (True, False):
        tokens = tokens_of(Counts(total, fresh, told, reasoning, Cache(read, written)), apart=apart)
        assert tokens.total in (total, total + reasoning)
        if not inside or reasoning < told:
            assert tokens.total == total


# Version 1.4 took the reasoning out of the output; the other tools began later. Google's thoughts were never in it.
@pytest.mark.parametrize(
    "tool, version, provider, output",
    [
        (OPENCODE, "1.0.62", "openai", 100),
        (OPENCODE, "1.0.62", "google", 140),
        (OPENCODE, "1.3.17", "openai", 100),
        (OPENCODE, "1.4.0", "openai", 140),
        (OPENCODE, "2.0.3", "openai", 140),
        (OPENCODE, "0.0.0-next-17028", "openai", 140),
        (OPENCODE, "local", "openai", 140),
        (KILO_CLI, "0.3.1", "openai", 140),
        (MIMO_CODE, "0.1.0", "openai", 140),
    ],
)
def test_versions_differ_in_where_the_reasoning_is(
    base: Base, tool: Tool, version: str, provider: str, output: int
) -> None:
    # formats.md §22 (16): reasoning in and out of the output.
    base.session(version=version)
    base.part(base.message(answered(NOON, counts(1, 100, 40), providerID=provider)), step(counts(1, 100, 40)))
    assert base.tokens(tool) == [(1, 0, 0, 0, output, 40)]


def test_a_cache_may_be_left_out(base: Base) -> None:
    base.session()
    base.message(answered(NOON, {"input": 4, "output": 2}))
    assert base.tokens(MIMO_CODE) == [(4, 0, 0, 0, 2, 0)]


def test_seconds_are_told_from_milliseconds() -> None:
    assert [in_seconds(each) for each in (NOON // 1000, NOON, None)] == [True, False, False]


@pytest.mark.parametrize(
    "cost, free, nano",
    [(0.000_000_001, False, 1), (1.5, False, 1_500_000_000), (0, False, None), (0, True, 0), (None, True, None), (-1, True, None),
     (math.nan, True, None), (1e12, True, None)],
)  # fmt: skip
def test_a_cost_is_in_billionths(cost: float | None, free: bool, nano: int | None) -> None:  # noqa: FBT001 - a parameter of the test
    assert cost_of(cost, free_is_free=free) == nano


@pytest.mark.parametrize(
    "version, is_new",
    [
        ("1.4.0", True),
        ("1.3.99", False),
        ("1.10", True),
        ("2", True),
        ("", True),
        ("0.9.1", False),
        ("0.0.0-beta", True),
        ("v1.2.0", True),
    ],
)
def test_versions_compare_by_number(version: str, is_new: bool) -> None:  # noqa: FBT001 - a parameter of the test
    assert is_at_least(version, (1, 4)) is is_new
