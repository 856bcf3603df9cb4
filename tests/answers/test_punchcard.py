"""The punchcard: hours of the asker's zone, days of 23 and 25 hours, and totals that agree with the report."""

from collections import defaultdict
from datetime import date

import pytest
from tests.answers.sample import EVENTS, MAIN, NOBODY, OPUS, asked, at, event, ledger_of

from tallystick.answers.answer import added
from tallystick.answers.as_json import document
from tallystick.answers.fold import answer
from tallystick.answers.punchcard import _came, _count, punchcard
from tallystick.answers.question import Question, Wish
from tallystick.answers.reports.places import ANY
from tallystick.prices.price_book import PriceBook
from tallystick.usage.period import Zone
from tallystick.usage.tokens import Tokens

SUNDAY, MONDAY = 6, 0


def told(wish: Wish = Wish("day"), **more: str) -> Question:  # noqa: B008
    """Return a question for a punchcard."""
    return asked(ANY, wish, **more)


def test_usage_lies_in_the_hours_of_the_zone(book: PriceBook) -> None:
    found = punchcard(ledger_of(), book, told())
    there = {(cell.weekday, cell.hour): cell.figures.requests for cell in found.cells if cell.figures.requests}
    # 1 November 2026 is a Sunday.
    assert there == {(SUNDAY, 10): 3, (SUNDAY, 23): 1, (MONDAY, 9): 2}
    found = punchcard(ledger_of(), book, told(zone="Asia/Kathmandu"))
    there = {(cell.weekday, cell.hour): cell.figures.requests for cell in found.cells if cell.figures.requests}
    # 5:45 ahead: 10:20 is 16:05, and 10:00:05 is 15:45.
    assert there == {(SUNDAY, 15): 2, (SUNDAY, 16): 1, (MONDAY, 5): 1, (MONDAY, 14): 2}


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
def test_totals_are_those_of_the_report(book: PriceBook, zone: str) -> None:
    for where in ({}, {"tool": ["codex"]}):
        question = told(Wish("day", where), zone=zone)
        found = punchcard(ledger_of(), book, question)
        assert found.totals == answer(ledger_of(), book, question).totals
        assert added(cell.figures for cell in found.cells) == found.totals
        assert added(figures for _, _, figures in found.hours()) == found.totals
        assert len(found.cells) == 168


def hours_of(day: str, *times: str) -> list[int]:
    """Return how often each hour came on a day in Berlin on which there was usage at some times."""
    events = [event(time, OPUS, MAIN, Tokens(1)) for time in times]
    found = punchcard(ledger_of(events, (), (), ()), None, told(zone="Europe/Berlin", since=day, until=day))
    assert found.totals.requests == len(times)
    return [times for _, times, _ in found.hours()]


def test_a_day_of_25_hours_has_one_twice() -> None:
    # 00:30 and 01:30 UTC are both half past two.
    came = hours_of("2026-10-25", "2026-10-25T00:30", "2026-10-25T01:30", "2026-10-25T02:30")
    assert came == [1, 1, 2, *[1] * 21]


def test_a_day_of_23_hours_lacks_one() -> None:
    assert hours_of("2026-03-29", "2026-03-29T00:30", "2026-03-29T01:30") == [1, 1, 0, *[1] * 21]


def test_the_hour_that_comes_twice_is_one_cell() -> None:
    events = [event(f"2026-10-25T0{hour}:30", OPUS, MAIN, Tokens(10**hour)) for hour in (0, 1, 2)]
    found = punchcard(ledger_of(events, (), (), ()), None, told(zone="Europe/Berlin"))
    there = {
        (cell.weekday, cell.hour): (cell.figures.input, cell.times) for cell in found.cells if cell.figures.requests
    }
    assert there == {(SUNDAY, 2): (11, 2), (SUNDAY, 3): (100, 1)}


def test_times_are_those_of_the_days_asked_for() -> None:
    # Three weeks and a Sunday, whether there was usage or not.
    found = punchcard(ledger_of(), None, told(since="2026-11-01", until="2026-11-22"))
    assert {cell.times for cell in found.cells if cell.weekday != SUNDAY} == {3}
    assert {cell.times for cell in found.cells if cell.weekday == SUNDAY} == {4}
    assert found.days == ("2026-11-01", "2026-11-22")


def test_the_strip_has_the_last_24_hours_whatever_the_period(book: PriceBook) -> None:
    events = [
        event(time, OPUS, MAIN, Tokens(1)) for time in ("2026-11-21T04:59", "2026-11-21T05:00", "2026-11-22T04:10")
    ]
    found = punchcard(ledger_of(events, (), (), ()), book, told(until="2026-11-01"))
    # It is 04:19 on the 22nd.
    assert len(found.strip) == 24
    assert (found.strip[0].name, found.strip[-1].name) == ("2026-11-21T05:00+00:00", "2026-11-22T04:00+00:00")
    assert (found.strip[0].begin, found.strip[0].figures.requests) == (at("2026-11-21T05:00"), 1)
    assert found.strip[-1].figures.priced_pico == 15 * 10**6
    assert sum(hour.figures.requests for hour in found.strip) == 2


def test_the_strip_over_a_change_of_clocks_has_24_hours_in_a_row() -> None:
    question = told(zone="Europe/Berlin")._replace(now=at("2026-10-25T11:30"))
    strip = punchcard(ledger_of((), (), (), ()), None, question).strip
    assert [hour.begin for hour in strip] == [at("2026-10-24T12:00") + 3_600_000 * n for n in range(24)]
    assert [hour.name[11:] for hour in strip if "T02" in hour.name] == ["02:00+02:00", "02:00+01:00"]


def test_nothing_is_no_day() -> None:
    found = punchcard(ledger_of((), (), (), ()), None, told())
    assert found.days == ("", "")
    assert {cell.times for cell in found.cells} == {0}


def test_its_json(book: PriceBook) -> None:
    found = punchcard(ledger_of(), book, told())
    assert '"schema": "tallystick.punchcard/1"' in document(found)
    assert [row["requests"] for row in found.told()["hours"] if row["requests"]] == [2, 3, 1]
    assert "cost_usd" not in document(punchcard(ledger_of(), None, told(Wish("day", prices=False))))
    assert len(EVENTS) == found.totals.requests


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Australia/Lord_Howe"])
def test_thousands_of_years_are_counted_by_weeks_and_come_out_as_by_days(zone: str) -> None:
    first, last = date(2026, 3, 2), date(2026, 11, 4)
    by_days: defaultdict[tuple[int, int], int] = defaultdict(int)
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        _count(by_days, Zone(zone), ordinal - date(1970, 1, 1).toordinal())
    found = _came(Zone(zone), first.isoformat(), last.isoformat())
    assert found == {place: by_days[place] for place in found}
    # 417 118 weeks and a Monday, as 1 January 2001 was one.
    whole = _came(Zone("UTC"), "2001-01-01", "9995-03-20")
    assert (whole[MONDAY, 0], whole[SUNDAY, 23]) == (417_119, 417_118)


def test_the_last_hours_have_a_coverage_of_their_own(book: PriceBook) -> None:
    question = told(since="2026-01-01", until="2026-01-02")._replace(now=at("2026-11-02T09:30"))
    found = punchcard(ledger_of(), book, question)
    # Nothing was used in that period; in the hours up to now there were all six calls, of which one has no price.
    assert (found.coverage.witnesses, found.coverage.unpriced) == ({}, ())
    assert (found.of_strip.witnesses, found.of_strip.unpriced) == ({"log": 6}, ((NOBODY.model, 10),))
