"""When work is done: usage by weekday and hour of the day, and hour by hour over the last day."""

from collections import defaultdict
from datetime import date
from typing import Final, NamedTuple

from tallystick.answers.answer import Coverage, Details, Figures, added
from tallystick.answers.as_json import measures
from tallystick.answers.fold import answer
from tallystick.answers.question import Question, Wish, question
from tallystick.answers.reports.places import ANY
from tallystick.ledger.ledger import Ledger
from tallystick.prices.price_book import PriceBook
from tallystick.usage.period import HOUR_MS, SLOT_MS, Period, Zone

STRIP: Final = 24
"""Hours of the strip."""
_HOURS: Final = 24
_WEEK: Final = 7
_EPOCH: Final = date(1970, 1, 1).toordinal()


class Cell(NamedTuple):
    """One hour of the day on one weekday."""

    weekday: int
    """0 is Monday."""
    hour: int
    figures: Figures
    times: int
    """How often it came in the days of the answer: an hour that clocks skip does not, one that they repeat comes twice."""


class Hour(NamedTuple):
    """One hour of the strip."""

    name: str
    """As `Zone.span` has it, with the offset."""
    begin: int
    """Milliseconds since 1970, UTC."""
    figures: Figures


class Punchcard(NamedTuple):
    """Usage by weekday and hour over a period, and the last hours one by one."""

    question: Question
    days: tuple[str, str]
    """First and last local day; empty when there is nothing."""
    cells: list[Cell]
    """All 168, from Monday's first hour on."""
    strip: list[Hour]
    """The hours up to now, the present one last, whatever the period."""
    totals: Figures
    coverage: Coverage
    of_strip: Coverage
    """That of the last hours, which need not be in the period."""
    schema: str = "tallystick.punchcard/1"

    def hours(self) -> list[tuple[int, int, Figures]]:
        """Return each hour of the day on any weekday: (hour, how often it came, figures)."""
        columns = [[cell for cell in self.cells if cell.hour == hour] for hour in range(_HOURS)]
        return [
            (hour, sum(cell.times for cell in cells), added(cell.figures for cell in cells))
            for hour, cells in enumerate(columns)
        ]

    def told(self) -> Details:
        """Return it as the details of an answer."""
        prices = self.question.prices
        return {
            "timezone": self.question.period.zone.name,
            "since": self.days[0] or None,
            "until": self.days[1] or None,
            "cells": [
                {"weekday": weekday, "hour": hour, "times": times, **dict(measures(figures, prices=prices))}
                for weekday, hour, figures, times in self.cells
            ],
            "hours": [
                {"hour": hour, "times": times, **dict(measures(figures, prices=prices))}
                for hour, times, figures in self.hours()
            ],
            "strip": [{"hour": hour.name, **dict(measures(hour.figures, prices=prices))} for hour in self.strip],
            "totals": dict(measures(self.totals, prices=prices)),
        }


def punchcard(ledger: Ledger, book: PriceBook | None, asked: Question) -> Punchcard:
    """Return when the usage was that fits a question's period and filters."""
    by_hour = answer(ledger, book, _hourly(asked, asked.period))
    sums: defaultdict[tuple[int, int], list[Figures]] = defaultdict(list)
    for row in by_hour.rows:
        day, _, time = row.keys[0].partition("T")
        sums[date.fromisoformat(day).weekday(), int(time[:2])].append(row.figures)
    found = by_hour.days
    came = _came(asked.period.zone, *found) if all(found) else {}
    places = [(weekday, hour) for weekday in range(7) for hour in range(_HOURS)]
    cells = [Cell(*place, added(sums[place]), came.get(place, 0)) for place in places]
    strip, of_strip = _strip(ledger, book, asked)
    return Punchcard(asked, found, cells, strip, by_hour.totals, by_hour.coverage, of_strip)


def _hourly(asked: Question, span: Period) -> Question:
    wish = Wish("hour", asked.where, "hour", prices=asked.prices)
    return question(ANY, span, wish, asked.now)


def _came(zone: Zone, first: str, last: str) -> dict[tuple[int, int], int]:
    """Return how often each hour of each weekday came from one day to another."""
    came: defaultdict[tuple[int, int], int] = defaultdict(int)
    day, after, weeks = (
        date.fromisoformat(first).toordinal() - _EPOCH,
        date.fromisoformat(last).toordinal() - _EPOCH + 1,
        0,
    )
    while day < after:
        # A period may be of thousands of years: a week in which clocks stay as they are has each hour once.
        if day + _WEEK <= after and _steady(zone, day, day + _WEEK):
            day, weeks = day + _WEEK, weeks + 1
            continue
        _count(came, zone, day)
        day += 1
    return {(weekday, hour): came[weekday, hour] + weeks for weekday in range(_WEEK) for hour in range(_HOURS)}


def _steady(zone: Zone, first: int, after: int) -> bool:
    """Tell whether all days from one to another, the latter excluded, have all their hours once."""
    begin, end = zone.midnight(first), zone.midnight(after)
    whole = end - begin == (after - first) * _HOURS * HOUR_MS
    # Clocks that go back and forth again within a week are nowhere known; for single days they are looked for nowhere else.
    return whole and zone.offset(begin) == zone.offset(end) == zone.offset((begin + end) // 2)


def _count(came: defaultdict[tuple[int, int], int], zone: Zone, day: int) -> None:
    """Add the hours of one day."""
    # 1970-01-01 was a Thursday.
    weekday, begin, end = (day + 3) % _WEEK, zone.midnight(day), zone.midnight(day + 1)
    if end - begin == _HOURS * HOUR_MS and zone.offset(begin) == zone.offset(end):
        for hour in range(_HOURS):
            came[weekday, hour] += 1
        return
    slot = begin // SLOT_MS
    while slot * SLOT_MS < end:
        name, slot = zone.span("hour", slot)
        came[weekday, int(name[11:13])] += 1


def _strip(ledger: Ledger, book: PriceBook | None, asked: Question) -> tuple[list[Hour], Coverage]:
    zone = asked.period.zone
    # From the present hour backwards: where each begins is where the one before it ends.
    slot = asked.now // SLOT_MS
    _, after = zone.span("hour", slot)
    hours: list[tuple[str, int]] = []
    while len(hours) < STRIP:
        name, _ = zone.span("hour", slot)
        while zone.span("hour", slot - 1)[0] == name:
            slot -= 1
        hours.append((name, slot * SLOT_MS))
        slot -= 1
    span = Period(zone, hours[-1][1], after * SLOT_MS)
    by_hour = answer(ledger, book, _hourly(asked, span))
    found = {row.keys[0]: row.figures for row in by_hour.rows}
    return [Hour(name, begin, found.get(name, Figures())) for name, begin in reversed(hours)], by_hour.coverage
