"""Copilot's counts: what they hold, what they cost, and what is no count at all."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.tools.copilot_cli.counts import MOST, Misshapen, cost_of, count, inner, moment, number, text, tokens_of
from tallystick.usage.tokens import Tokens

FOREIGN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("\ud83d"),
    lambda each: st.lists(each, max_size=2) | st.dictionaries(st.text(max_size=3), each, max_size=2),
    max_leaves=4,
)


def test_input_holds_what_was_read_from_a_cache_and_what_was_written_to_one() -> None:
    # The captured answer msg_01Bv6WqmsjUzL2907muuWgE0: 25 tokens fresh, 6026 read, 589 written.
    assert tokens_of(6640, 6026, 589, 59, 0) == Tokens(25, 6026, 589, 0, 59, 0)


@pytest.mark.parametrize(
    "counts, fresh",
    [
        # Too little to hold both: the written ones stand outside, as versions before 1.0.51 wrote them, or all do.
        ((100, 90, 20), 10),
        ((50, 90, 20), 50),
        ((0, 90, 20), 0),
        ((110, 90, 20), 0),
    ],
)
def test_an_input_that_cannot_hold_the_cached_tokens_holds_less_of_them(
    counts: tuple[int, int, int], fresh: int
) -> None:
    prompt, read, written = counts
    assert tokens_of(prompt, read, written, 0, 0) == Tokens(fresh, read, written)


def test_reasoning_is_a_part_of_the_output() -> None:
    assert tokens_of(0, 0, 0, 10, 4) == Tokens(output=10, reasoning=4)
    assert tokens_of(0, 0, 0, 10, 40) == Tokens(output=10, reasoning=10)


def test_an_ai_unit_is_a_cent() -> None:
    # 1 AI credit is 0.01 USD (docs.github.com, usage-based billing): 10^9 of its billionths are 10^7 of a dollar's.
    assert cost_of(10**9) == 10**7
    assert cost_of(149) == 1
    assert cost_of(150) == 2
    assert cost_of(0) is None


@pytest.mark.parametrize("value, expected", [(12, 12), (12.0, 12), ("12", 12), (None, 0)])
def test_a_count_is_a_whole_number_however_it_is_written(value: object, expected: int) -> None:
    assert count({"input": value}, "input") == expected


@pytest.mark.parametrize("value", [True, -1, "many", "-1", [], {}, MOST + 1, float("nan"), float("inf"), "9" * 17])
def test_anything_else_is_no_count(value: object) -> None:
    with pytest.raises(Misshapen, match="input is not a count"):
        number(value, "input")


def test_of_several_names_the_first_that_is_there_counts() -> None:
    assert count({"new": None, "old": 3}, "new", "old") == 3
    assert count({"new": 0, "old": 3}, "new", "old") == 0


@pytest.mark.parametrize(
    "value, expected",
    [
        # 20 November 2026, 10:00 UTC is 1 795 168 800 s after 1970.
        ("2026-11-20T10:00:00.000Z", 1_795_168_800_000),
        ("2026-11-20 10:00:00", 1_795_168_800_000),
        ("2026-11-20T11:00:00+01:00", 1_795_168_800_000),
        (1_795_168_800, 1_795_168_800_000),
        (1_795_168_800_000, 1_795_168_800_000),
        (1_795_168_800_000.9, 1_795_168_800_000),
        ("yesterday", 0),
        ("1950-01-01T00:00:00Z", 0),
        ("0001-01-01T00:00:00+14:00", 0),
        (0, 0),
        (-5, 0),
        (10**20, 0),
        (True, 0),
        (None, 0),
        (float("nan"), 0),
    ],
)
def test_a_moment_is_a_text_or_a_number(value: object, expected: int) -> None:
    assert moment(value) == expected


def test_a_text_loses_what_is_no_character() -> None:
    assert text({"cwd": "caf\u00e9\ud83d"}, "cwd") == "caf\u00e9?"
    assert text({}, "cwd") == ""


@given(FOREIGN)
def test_whatever_stands_in_a_field_it_is_taken_or_refused(value: object) -> None:
    assert moment(value) >= 0
    for ask in (lambda: count({"a": value}, "a"), lambda: text({"a": value}, "a"), lambda: inner({"a": value}, "a")):
        with suppress(Misshapen):
            ask()
