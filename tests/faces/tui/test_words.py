"""Figures, names and moments as they are read."""

import pytest
from tests.answers.sample import at

from tallystick.faces.tui import words
from tallystick.usage.period import Zone


@pytest.mark.parametrize(
    "count, text",
    [(0, "0"), (999, "999"), (1000, "1.00k"), (12_345, "12.3k"), (999_950, "1.00M"), (4_890_000, "4.89M")],
)
def test_a_count_takes_five_characters_at_most(count: int, text: str) -> None:
    assert words.number(count) == text


@pytest.mark.parametrize(
    "pico, text",
    [(None, "no price"), (0, "$0.00"), (10**9, "<$0.01"), (5 * 10**9, "$0.01"), (1_234_567 * 10**10, "$12,345.67")],
)
def test_money_is_dollars_and_cents(pico: int | None, text: str) -> None:
    assert words.money(pico) == text


def test_all_is_said_only_of_all() -> None:
    assert [words.percent(share) for share in (0, 0.29, 0.999, 1)] == ["0 %", "29 %", "99 %", "100 %"]


@pytest.mark.parametrize(
    "ms, text",
    [(-5, "0s"), (59_999, "59s"), (60_000, "1m"), (3_900_000, "1h 05m"), (187_200_000, "2d 04h")],
)
def test_a_length_of_time_has_two_units(ms: int, text: str) -> None:
    assert words.duration(ms) == text


@pytest.mark.parametrize(
    "ms, text",
    [(0, "now"), (59_999, "now"), (60_000, "1m"), (3_599_999, "59m"), (47 * 3_600_000, "47h"), (48 * 3_600_000, "2d")],
)
def test_what_is_over_is_told_coarsely(ms: int, text: str) -> None:
    assert words.ago(ms) == text


def test_a_moment_on_another_day_says_which() -> None:
    now, zone = at("2026-11-02T22:30:00"), Zone("Europe/Berlin")
    assert words.clock(at("2026-11-02T09:05:07"), zone, now, seconds=True) == "10:05:07"
    # In Berlin it is half past eleven at night; an hour later it is Tuesday.
    assert words.clock(now + 3_600_000, zone, now) == "Tue 00:30"
    assert words.clock(at("2026-10-20T09:05:07"), zone, now) == "10-20 11:05"


def test_a_bar_fills_its_width_by_halves() -> None:
    assert [words.bar(share, 4) for share in (-1, 0, 0.01, 0.375, 0.5, 1, 7)] == [
        "",
        "",
        "╸",
        "━╸",
        "━━",
        "━━━━",
        "━━━━",
    ]


def test_a_line_of_columns_has_a_dot_for_nothing() -> None:
    assert words.spark([0, 1, 4, 8]) == "·▁▄█"
    assert words.spark([]) == ""


def test_names_are_short() -> None:
    assert words.model("claude-opus-4-1-20250805") == "opus-4-1"
    assert words.model("") == "(no name)"
    assert words.place("C:\\dev\\shop\\") == "shop"
    assert words.place("/") == "/"


def test_a_text_takes_as_many_columns_as_it_may() -> None:
    assert words.shortened("shop", 4) == "shop"
    assert words.shortened("workshop", 5) == "work…"
    assert words.shortened("日本語", 5) == "日本…"
    assert (words.cells("日本語"), words.cells("e\u0301")) == (6, 1)
    assert words.shortened("shop", 0) == ""


def test_what_steers_a_terminal_is_not_shown() -> None:
    assert words.clean("a\x1b[31mb") == "a�[31mb"
    assert words.model("x\x07y") == "x�y"


def test_one_is_one() -> None:
    assert (words.counted(1, "call"), words.counted(1200, "call")) == ("1 call", "1,200 calls")
