"""A year of days: nought and not known are different, and the totals are the report's."""

import pytest
from tests.answers.sample import asked, at, ledger_of

from tallystick.answers.answer import Figures
from tallystick.answers.as_json import document
from tallystick.answers.fold import answer
from tallystick.answers.question import Wish
from tallystick.answers.reports.places import ANY
from tallystick.answers.year import DAYS, year
from tallystick.errors import Misused
from tallystick.prices.price_book import PriceBook


def test_days_before_the_first_event_are_not_known(book: PriceBook) -> None:
    found = year(ledger_of(), book, asked(ANY, Wish("day")))
    assert len(found.days) == DAYS
    # The 365 days up to 22 November 2026.
    assert (found.days[0][0], found.days[-1][0]) == ("2025-11-23", "2026-11-22")
    days = dict(found.days)
    assert days["2026-10-31"] is None
    assert (days["2026-11-01"] or Figures()).requests == 4
    assert days["2026-11-03"] == Figures()
    assert found.first == "2026-11-01"


def test_with_a_filter_days_since_the_first_event_of_all_are_known() -> None:
    found = year(ledger_of(), None, asked(ANY, Wish("day", {"tool": ["codex"]})))
    assert dict(found.days)["2026-11-01"] == Figures()
    assert found.totals.requests == 2


@pytest.mark.parametrize("number, length", [(2024, 366), (2026, 365)])
def test_a_calendar_year_is_whole(number: int, length: int) -> None:
    found = year(ledger_of(), None, asked(ANY, Wish("day")), number)
    assert (len(found.days), found.days[0][0], found.days[-1][0]) == (length, f"{number}-01-01", f"{number}-12-31")
    # What is to come is not known either.
    assert found.days[-1][1] is None


def test_totals_are_those_of_the_report(book: PriceBook) -> None:
    question = asked(ANY, Wish("day"), zone="America/New_York")
    found = year(ledger_of(), book, question)
    assert found.totals == answer(ledger_of(), book, question).totals
    assert sum(figures.requests for _, figures in found.days if figures) == 6


def test_the_period_asked_for_is_not_looked_at() -> None:
    assert year(ledger_of(), None, asked(ANY, Wish("day"), since="2026-11-02")).totals.requests == 6


def test_an_empty_ledger_knows_no_day() -> None:
    found = year(ledger_of((), (), (), ()), None, asked(ANY, Wish("day")))
    assert {figures for _, figures in found.days} == {None}
    assert found.first == ""


def test_today_is_the_day_of_the_zone() -> None:
    question = asked(ANY, Wish("day"), zone="Asia/Tokyo")._replace(now=at("2026-11-22T16:00"))
    assert year(ledger_of(), None, question).days[-1][0] == "2026-11-23"


@pytest.mark.parametrize("number", [0, 1969, 9999, 10**12])
def test_years_that_cannot_be_asked_for(number: int) -> None:
    with pytest.raises(Misused, match="no year"):
        year(ledger_of(), None, asked(ANY, Wish("day")), number)


def test_its_json(book: PriceBook) -> None:
    text = document(year(ledger_of(), book, asked(ANY, Wish("day"))))
    assert '"schema": "tallystick.year/1"' in text
    assert '{"day": "2026-10-31", "known": false}' in text
    assert '{"day": "2026-11-03", "known": true, "requests": 0' in text
