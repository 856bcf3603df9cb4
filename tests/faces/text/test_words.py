"""Figures and names as people read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.answers.sample import NOW

from tallystick.faces.text import words
from tallystick.usage.period import Zone


@pytest.mark.parametrize(
    "count, compact, full",
    [
        (0, "0", "0"),
        (999, "999", "999"),
        (1_000, "1.00k", "1,000"),
        (9_994, "9.99k", "9,994"),
        (9_996, "10.0k", "9,996"),
        (99_960, "100k", "99,960"),
        (999_499, "999k", "999,499"),
        (999_950, "1.00M", "999,950"),
        (12_345_678, "12.3M", "12,345,678"),
        (4_567_000_000, "4.57B", "4,567,000,000"),
        (10**20, "100E", "100,000,000,000,000,000,000"),
        (10**24, "1.0e+24", f"{10**24:,}"),
    ],
)
def test_counts(count: int, compact: str, full: str) -> None:
    assert words.number(count, compact=True) == compact
    assert words.number(count, compact=False) == full


@given(st.integers(0, 10**20))
def test_a_compact_count_takes_five_columns_and_is_nearly_right(count: int) -> None:
    text = words.number(count, compact=True)
    assert len(text) <= 5
    power = {"k": 3, "M": 6, "B": 9, "T": 12, "P": 15, "E": 18}.get(text[-1], 0)
    assert float(text[:-1] if power else text) * 10**power == pytest.approx(count, rel=0.006)


@pytest.mark.parametrize(
    "pico, rounded, exact",
    [
        (0, "$0.00", "$0.00"),
        (1, "<$0.01", "$0.000000000001"),
        (4_999_999_999, "<$0.01", "$0.004999999999"),
        (5 * 10**9, "$0.01", "$0.005"),
        (10**12, "$1.00", "$1.00"),
        (1_234_567_895 * 10**9, "$1,234,567.90", "$1,234,567.895"),
        (285 * 10**9, "$0.29", "$0.285"),
    ],
)
def test_money(pico: int, rounded: str, exact: str) -> None:
    assert words.money(pico) == rounded
    assert words.exact(pico) == exact


@pytest.mark.parametrize(
    "ms, told",
    [
        (0, "0"),
        (999, "0s"),
        (45_000, "45s"),
        (59_999, "59s"),
        (60_000, "1m"),
        (90_000, "2m"),
        (3_570_000, "1h 00m"),
        (11_100_000, "3h 05m"),
        (187_200_000, "2d 04h"),
    ],
)
def test_durations(ms: int, told: str) -> None:
    assert words.duration(ms) == told


def test_moments_are_on_the_clock_of_the_zone() -> None:
    assert words.moment(NOW, Zone("Asia/Kolkata")) == "11-22 09:49"
    assert words.moment(NOW, Zone(), year=True) == "2026-11-22 04:19"


@pytest.mark.parametrize(
    "first, last, told",
    [
        ("2026-11-01", "2026-11-02", "2026-11-01 to 2026-11-02"),
        ("2026-11-01", "2026-11-01", "2026-11-01"),
        ("2026-11-01", "", "since 2026-11-01"),
        ("", "2026-11-01", "until 2026-11-01"),
        ("", "", "nothing yet"),
    ],
)
def test_days(first: str, last: str, told: str) -> None:
    assert words.days(first, last) == told


@pytest.mark.parametrize(
    "part, whole, bar",
    [(0, 10, ""), (10, 10, "████"), (5, 10, "██"), (1, 1_000, "▏"), (9, 32, "█▏"), (3, 0, ""), (20, 10, "████")],
)
def test_bars(part: int, whole: int, bar: str) -> None:
    assert words.bar(part, whole, 4) == bar


def test_a_chart_of_columns() -> None:
    # Of 16 eighths: all, half, a sixteenth of the highest, next to nothing, and nothing.
    assert words.columns([160, 80, 10, 1, 0], 2, 1) == ["█", "██▁▁·"]
    assert words.columns([8, 0], 1, 3) == ["██ ··"]
    assert words.columns([0, 0], 2, 1) == ["", "··"]


@pytest.mark.parametrize(
    "name, undated, short",
    [
        ("claude-opus-4-1-20250805", "claude-opus-4-1", "opus-4-1"),
        ("claude-opus-4-8", "claude-opus-4-8", "opus-4-8"),
        ("gpt-5.2-codex", "gpt-5.2-codex", "gpt-5.2-codex"),
        ("20250805", "20250805", "20250805"),
        ("", "", "(no name)"),
    ],
)
def test_names_of_models(name: str, undated: str, short: str) -> None:
    assert words.undated(name) == undated
    assert words.model(name) == short


@pytest.mark.parametrize(
    "path, tail",
    [("/home/dev/shop", "shop"), ("/home/dev/shop/", "shop"), (r"C:\work\shop", "shop"), ("/", "/"), ("", "")],
)
def test_the_last_part_of_a_path(path: str, tail: str) -> None:
    assert words.tail(path) == tail


@pytest.mark.parametrize(
    "width, text",
    [(20, "one, two, three"), (15, "one, two, three"), (14, "one, two +1"), (10, "one +2"), (2, "one +2")],
)
def test_as_many_names_as_fit(width: int, text: str) -> None:
    assert words.listed(["one", "two", "three"], width) == text
    assert words.listed([], width) == ""


def test_what_steers_a_terminal_is_not_shown() -> None:
    assert words.clean("a\x1b[31mb\nc\u202e") == "a�[31mb�c�"
    assert words.clean("Grüße 世界") == "Grüße 世界"


def test_wide_characters_take_two_columns() -> None:
    assert words.cells("世界!") == 5
    assert words.shortened("世界世界", 5) == "世界…"
    assert words.shortened("世界世界", 4) == "世…"
    assert words.shortened("/home/dev/shop", 8, keep_end=True) == "…ev/shop"
    assert words.shortened("abc", 0) == ""


@given(st.text(max_size=20), st.integers(0, 12), st.booleans())
def test_what_is_shortened_fits(text: str, width: int, keep_end: bool) -> None:  # noqa: FBT001  drawn
    assert words.cells(words.shortened(text, width, keep_end=keep_end)) <= max(width, 0)


def test_nouns_agree_with_their_number() -> None:
    assert words.counted(1, "row") == "1 row"
    assert words.counted(1_000, "row") == "1,000 rows"
    assert words.counted(2, "search", "searches") == "2 searches"
