"""Figures of the status line: short, and never rounded to what they are not."""

import pytest

from tallystick.faces.statusline.figures import clock, count, money, percent, points

DOLLAR = 10**12
HOUR = 3_600_000


@pytest.mark.parametrize(
    "pico, unpriced, tokens, shown",
    [
        (0, 0, 0, "$0.00"),
        (1, 0, 5, "<$0.01"),
        (1, 7, 12, "<$0.01+"),
        (DOLLAR // 200, 0, 5, "$0.01"),
        (12 * DOLLAR + 404 * DOLLAR // 1000, 0, 5, "$12.40"),
        (1234 * DOLLAR, 9, 10, "$1,234.00+"),
        (None, 184_220, 184_220, "184k tokens, unpriced"),
        (None, 0, 0, ""),
    ],
)
def test_money_says_what_it_lacks(pico: int | None, unpriced: int, tokens: int, shown: str) -> None:
    assert money(pico, unpriced, tokens) == shown


@pytest.mark.parametrize(
    "number, shown",
    [(0, "0"), (999, "999"), (1000, "1.0k"), (9_949, "9.9k"), (99_499, "99.5k"), (184_220, "184k"), (999_499, "999k"),
     (999_500, "1.0M"), (1_920_000, "1.9M"), (2 * 10**15, "2000T")],
)  # fmt: skip
def test_counts_are_short(number: int, shown: str) -> None:
    assert count(number) == shown


@pytest.mark.parametrize(
    "share, shown",
    [(0.0, "0%"), (0.2, "1%"), (41.5, "42%"), (99.4, "99%"), (99.9, "99%"), (100.0, "100%"), (-1.0, "0%")],
)
def test_only_nothing_is_0_and_only_all_is_100_per_cent(share: float, shown: str) -> None:
    assert percent(share) == shown


def test_what_is_far_away_has_its_weekday() -> None:
    # 2026-11-23 was a Monday; 14:00 UTC is 15:00 an hour ahead.
    now = 1_795_442_400_000
    assert clock(now, now, 0) == "14:00"
    assert clock(now, now, HOUR) == "15:00"
    assert clock(now + 19 * HOUR, now, 0) == "09:00"
    assert clock(now + 20 * HOUR, now, 0) == "Tue 10:00"
    assert clock(now - 25 * HOUR, now, -HOUR) == "Sun 12:00"


def test_points_below_one_have_tenths() -> None:
    assert [points(each) for each in (0.01, 0.94, 0.96, 1.4, 56.5)] == ["0.1", "0.9", "1", "1", "56"]
