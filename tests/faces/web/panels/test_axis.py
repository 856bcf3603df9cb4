"""Axes of days: they span the period, and their labels stand in the middle of days."""

from itertools import pairwise

import pytest
from tests.answers.sample import at, book_of, ledger_of

from tallystick.answers.answer import Answer
from tallystick.answers.answers import Answers
from tallystick.answers.reports.places import ANY
from tallystick.faces.web.panels.axis import HALF, moments, params, reach
from tallystick.faces.web.state import Place, State
from tallystick.ledger.memory import MemoryLedger
from tallystick.usage.period import Zone

NOW = at("2026-11-22T04:19")
NOON = 12 * 3_600_000


def asked(state: State) -> Answer:
    return Answers(ledger_of(), book_of).ask(state.question(ANY, "day"))


def days(since: str, until: str = "", most: int = 10) -> tuple[list[int], object]:
    state = State(Place("UTC", NOW), since, until)
    found = params(asked(state), state, most)
    ticks = found["ticks"]
    assert isinstance(ticks, list)
    return ticks, found["pattern"]


@pytest.mark.parametrize(
    "since, until, expected",
    [
        # Something was used on the 1st and the 2nd only: three weeks at the end were empty, and so was a week before.
        ("30d", "", ("2026-10-24", "2026-11-22")),
        ("2026-10-01", "2026-11-10", ("2026-10-01", "2026-11-10")),
        ("all", "", ("2026-11-01", "2026-11-02")),
        ("all", "2026-11-05", ("2026-11-01", "2026-11-05")),
    ],
)
def test_an_axis_spans_the_period_and_for_all_time_what_there_is(
    since: str, until: str, expected: tuple[str, str]
) -> None:
    state = State(Place("UTC", NOW), since, until)
    assert reach(asked(state), state) == expected
    found = params(asked(state), state)
    assert (found["first"], found["last"]) == (at(f"{expected[0]}T00:00"), at(f"{expected[1]}T00:00") + 2 * NOON)


def test_the_last_day_is_that_of_the_zone() -> None:
    state = State(Place("Pacific/Auckland", at("2026-11-22T20:00")), "7d")
    # It is nine in the morning of the 23rd there.
    assert reach(asked(state), state) == ("2026-11-17", "2026-11-23")


def test_labels_stand_at_noon_and_the_last_one_at_the_last_day() -> None:
    # Thirty days in steps of three; ninety in steps of fourteen.
    ticks, pattern = days("30d")
    assert (ticks[0], ticks[-1], len(ticks)) == (at("2026-10-26T12:00"), at("2026-11-22T12:00"), 10)
    assert {later - earlier for earlier, later in pairwise(ticks)} == {3 * 2 * NOON}
    assert pattern == "%-d %b"
    assert days("2026-11-01", "2026-11-01")[0] == [at("2026-11-01T12:00")]
    assert len(days("90d")[0]) == 7


def test_of_many_days_months_are_labelled_and_of_many_years_years() -> None:
    # From 23 November 2025 on: December to November.
    ticks, pattern = days("365d")
    assert (ticks[0], pattern) == (at("2026-01-01T12:00"), "%b %Y")
    assert len(ticks) == 6
    ticks, pattern = days("2026-03-02", most=HALF)
    assert ticks == [at(f"2026-{month:02}-01T12:00") for month in (5, 7, 9, 11)]
    assert pattern == "%b"
    ticks, _ = days("2001-02-03")
    assert ticks == [at(f"{year}-01-01T12:00") for year in (2005, 2010, 2015, 2020, 2025)]


def test_of_nothing_there_is_no_axis() -> None:
    state = State(Place("UTC", NOW), "all")
    assert params(Answers(MemoryLedger(), book_of).ask(state.question(ANY, "day")), state) == {}


@pytest.mark.parametrize(
    "hours, ticks, pattern",
    [
        (
            5,
            ["2026-11-21T00:00", "2026-11-21T01:00", "2026-11-21T02:00", "2026-11-21T03:00", "2026-11-21T04:00"],
            "%H:%M",
        ),
        (24, ["2026-11-21T00:00", "2026-11-21T06:00", "2026-11-21T12:00", "2026-11-21T18:00"], "%H:%M"),
        (7 * 24, ["2026-11-21T00:00", "2026-11-23T00:00", "2026-11-25T00:00", "2026-11-27T00:00"], "%-d %b"),
    ],
)
def test_moments_have_labels_at_round_times(hours: int, ticks: list[str], pattern: str) -> None:
    begin = at("2026-11-20T23:30")
    found = moments(begin, begin + hours * 3_600_000, Zone())
    assert (found["first"], found["last"]) == (begin, begin + hours * 3_600_000)
    assert found["ticks"] == [at(each) for each in ticks]
    assert found["pattern"] == pattern


def test_moments_are_those_that_clocks_of_the_zone_show() -> None:
    begin = at("2026-11-20T18:30")
    found = moments(begin, begin + 3 * 3_600_000, Zone("Asia/Kolkata"))
    # Midnight in Kolkata.
    assert found["first"] == at("2026-11-21T00:00")


def test_of_many_years_there_are_no_more_labels_than_fit() -> None:
    begin = at("2020-01-01T00:00")
    ticks = moments(begin, at("2026-11-20T00:00"), Zone())["ticks"]
    assert isinstance(ticks, list)
    assert 4 <= len(ticks) <= 7
