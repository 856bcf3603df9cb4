"""Figures as a page words them."""

import pytest

from tallystick.faces.web.wording import (
    ago,
    change,
    clipped,
    clock,
    counted,
    dollars,
    duration,
    exact,
    fine,
    hours_said,
    lately,
    moment,
    moment_whole,
    money,
    nothing,
    percent,
    plain,
    points,
    short,
    span,
    time_of_day,
)
from tallystick.usage.hours import Hours
from tallystick.usage.period import Zone

HOUR = 3_600_000


@pytest.mark.parametrize(
    "pico, text",
    [
        (None, "no price"),
        (0, "$0.00"),
        (1, "< $0.01"),
        (-1, "> −$0.01"),
        (10**10 - 1, "< $0.01"),
        (10**10, "$0.01"),
        (1_234_565 * 10**9, "$1,234.57"),
        (12_345_678 * 10**10, "$123,456.78"),
        (995 * 10**9, "$1.00"),
        (-1_500 * 10**9, "−$1.50"),
    ],
)
def test_money_is_dollars_and_cents(pico: int | None, text: str) -> None:
    assert money(pico) == text


def test_a_chart_has_dollars() -> None:
    assert dollars(1_234_567_890_123) == 1.234568


@pytest.mark.parametrize(
    "count, text",
    [
        (0, "0"),
        (999, "999"),
        (9_999, "9,999"),
        (10_000, "10.0 k"),
        (123_456, "123 k"),
        (1_234_567, "1.23 M"),
        (98_765_432, "98.8 M"),
        (4_560_000_000, "4.56 B"),
    ],
)
def test_a_count_has_three_figures_and_a_unit(count: int, text: str) -> None:
    assert short(count) == text


def test_a_number_has_its_noun() -> None:
    assert (counted(1, "request"), counted(1_000, "request")) == ("1 request", "1,000 requests")
    assert counted(2, "child", "children") == "2 children"


@pytest.mark.parametrize(
    "ms, text",
    [
        (None, "–"),
        (0, "0.0 s"),
        (2_540, "2.5 s"),
        (59_000, "59 s"),
        (250_000, "4 min 10 s"),
        (3 * HOUR + 5 * 60_000, "3 h 05 min"),
        (1_234 * HOUR, "1,234 h 00 min"),
    ],
)
def test_a_length_of_time_has_its_two_greatest_units(ms: int | None, text: str) -> None:
    assert duration(ms) == text


@pytest.mark.parametrize(
    "ms, text",
    [
        (0, "just now"),
        (59_999, "just now"),
        (60_000, "1 minute ago"),
        (26 * HOUR, "1 day ago"),
        (2 * HOUR, "2 hours ago"),
    ],
)
def test_how_long_ago_something_was(ms: int, text: str) -> None:
    assert ago(ms) == text


@pytest.mark.parametrize(
    "share, digits, text",
    [
        (None, 1, "–"),
        (1, 1, "100.0 %"),
        (0.99999, 1, "99.9 %"),
        (0.9999, 2, "99.99 %"),
        (0.29, 0, "29 %"),
        (0, 1, "0.0 %"),
        # Little is not nothing.
        (0.0009, 1, "< 0.1 %"),
        (0.001, 1, "0.1 %"),
        (0.00005, 2, "< 0.01 %"),
        (0.004, 0, "< 1 %"),
    ],
)
def test_only_all_is_a_hundred_percent(share: float | None, digits: int, text: str) -> None:
    assert percent(share, digits) == text


@pytest.mark.parametrize(
    "share, text",
    [(None, "–"), (0.124, "+12 %"), (-0.03, "−3 %"), (0.001, "±0 %"), (-1, "−100 %"), (8.99, "+899 %"), (13, "× 14")],
)
def test_a_change_has_a_sign(share: float | None, text: str) -> None:
    assert change(share) == text


@pytest.mark.parametrize(
    "pico, text",
    [
        (0, "$0.00"),
        (15 * 10**12, "$15.00"),
        (75 * 10**9, "$0.075"),
        (1_234_500_000_000_001, "$1,234.500000000001"),
        (-5 * 10**11, "−$0.50"),
    ],
)
def test_a_price_has_all_its_decimals(pico: int, text: str) -> None:
    assert exact(pico) == text


def test_a_moment_is_told_in_its_zone() -> None:
    # 2026-11-01T23:30:07Z is on the next day in India.
    time, now = 1_793_575_807_000, 1_795_321_182_597
    assert moment(time, Zone("UTC"), now) == "1 Nov 23:30"
    assert moment(time, Zone("Asia/Kolkata"), now) == "2 Nov 05:00"
    assert time_of_day(time, Zone("Asia/Kolkata")) == "05:00:07"
    assert moment_whole(time, Zone("Asia/Kolkata")) == "2026-11-02 05:00:07, Asia/Kolkata"
    assert moment(time, Zone("UTC"), now + 365 * 24 * HOUR) == "1 Nov 2026"


def test_nothing_says_what_can_be_done() -> None:
    assert "filters" in nothing(filtered=True)
    assert "filters" not in nothing(filtered=False)


@pytest.mark.parametrize(
    "pico, text",
    [
        (None, "no price"),
        (0, "$0.0000"),
        (1, "< $0.0001"),
        (-1, "> −$0.0001"),
        (10**8, "$0.0001"),
        (285 * 10**9, "$0.2850"),
        (18 * 10**6 + 4_900 * 10**6, "$0.0049"),
        (1_234_567_850 * 10**9, "$1,234,567.8500"),
        (-(10**12), "−$1.0000"),
    ],
)
def test_a_small_amount_has_four_decimals(pico: int | None, text: str) -> None:
    assert fine(pico) == text


def test_a_name_that_is_too_long_is_cut() -> None:
    assert clipped("x" * 80) == "x" * 80
    assert clipped("x" * 81) == "x" * 79 + "…"
    assert clipped("abcd", 3) == "ab…"


def test_a_single_day_is_told_once() -> None:
    assert span("2026-11-22", "2026-11-22") == "2026-11-22"
    assert span("2026-11-21", "2026-11-22") == "2026-11-21 to 2026-11-22"


def test_moments_and_hours_of_the_week() -> None:
    assert clock("2026-11-22T14:00+01:00") == "2026-11-22 14:00 (+01:00)"
    assert clock("2026-11-22T14:00:30.125-03:30") == "2026-11-22 14:00:30.125 (-03:30)"
    assert clock("2026-11-22") == "2026-11-22"
    assert hours_said(None) == []
    assert hours_said(Hours("sun", 0)) == [("weekday", "Sundays"), ("hour", "00:00 to 01:00")]
    assert hours_said(Hours(hour=23)) == [("hour", "23:00 to 24:00")]
    assert hours_said(Hours("mon")) == [("weekday", "Mondays")]


@pytest.mark.parametrize(
    "ms, text",
    [
        (59999, "just now"),
        (60000, "1 min ago"),
        (3599999, "59 min ago"),
        (3600000, "1 h ago"),
        (86399999, "23 h ago"),
        (86400000, "1 day ago"),
        (172800000, "2 days ago"),
    ],
)
def test_how_long_ago_something_was_in_few_letters(ms: int, text: str) -> None:
    assert lately(ms) == text


def test_a_name_in_a_sentence_steers_nothing() -> None:
    assert plain("Ada\u2019s caf\u00e9 1") == "Ada\u2019s caf\u00e9 1"
    assert plain("a\u202eb\u2066\n") == "a\ufffdb\ufffd\ufffd"
    assert plain("") == "(no name)"


def test_points_of_a_window_have_their_noun() -> None:
    assert [points(each) for each in (0.01, 0.94, 0.96, 1.6, 11.4)] == ["0.1 points", "0.9 points", "1 point", "2 points", "11 points"]  # fmt: skip
