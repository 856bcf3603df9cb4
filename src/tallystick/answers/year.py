"""A year of days: what each consumed and cost, with days of which nothing can be known told apart from days without work."""

from datetime import date
from typing import Final, NamedTuple

from tallystick.answers.answer import Coverage, Details, Figures
from tallystick.answers.as_json import measures
from tallystick.answers.fold import answer
from tallystick.answers.question import Question, Wish, question
from tallystick.answers.reports.places import ANY
from tallystick.errors import Misused
from tallystick.ledger.ledger import Ledger
from tallystick.prices.price_book import PriceBook
from tallystick.usage.period import Period, iso

DAYS: Final = 365
"""Days up to today, where no calendar year is asked for."""
_YEARS: Final = range(1970, 9999)
_EPOCH: Final = date(1970, 1, 1).toordinal()


class Year(NamedTuple):
    """Days in their order."""

    question: Question
    days: list[tuple[str, Figures | None]]
    """None for days before the ledger's first event, whoever's, and for days that are still to come."""
    first: str
    """The local day of the ledger's first event; empty when there is none."""
    totals: Figures
    coverage: Coverage
    schema: str = "tallystick.year/1"

    def told(self) -> Details:
        """Return it as the details of an answer."""
        prices = self.question.prices
        return {
            "timezone": self.question.period.zone.name,
            "since": self.days[0][0],
            "until": self.days[-1][0],
            "where": {name: list(patterns) for name, patterns in self.question.where.items()},
            "first": self.first or None,
            "days": [
                {"day": day, "known": False}
                if figures is None
                else {"day": day, "known": True, **dict(measures(figures, prices=prices))}
                for day, figures in self.days
            ],
            "totals": dict(measures(self.totals, prices=prices)),
        }


def year(ledger: Ledger, book: PriceBook | None, asked: Question, number: int | None = None) -> Year:
    """Return the days of a calendar year, or those up to today, with what fits a question's filters; its period is not looked at."""
    zone = asked.period.zone
    today = zone.day(asked.now)
    if number is None:
        first, last = today - DAYS + 1, today
    elif number in _YEARS:
        first, last = (date(each, 1, 1).toordinal() - _EPOCH for each in (number, number + 1))
        last -= 1
    else:
        raise Misused(f"{number} is no year that can be asked for: give one from {_YEARS[0]} to {_YEARS[-1]}.")
    span = Period(zone, zone.midnight(first), zone.midnight(last + 1))
    found = answer(ledger, book, question(ANY, span, Wish("day", asked.where, prices=asked.prices), asked.now))
    by_day = {row.keys[0]: row.figures for row in found.rows}
    extent = ledger.ask("extent")
    begin = zone.day(extent[0][0]) if extent else today + 1
    days = [
        (iso(day), by_day.get(iso(day), Figures() if begin <= day <= today else None)) for day in range(first, last + 1)
    ]
    return Year(asked._replace(period=span), days, iso(begin) if extent else "", found.totals, found.coverage)
