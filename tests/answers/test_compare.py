"""Comparisons: which days are held against which, and what explains the difference."""

import pytest
from tests.answers.sample import CLI, CODEX, MAIN, NOBODY, NOW, OPUS, asked, at, event, ledger_of

from tallystick.answers.as_json import document
from tallystick.answers.compare import TOP, Change, compare, periods
from tallystick.answers.fold import answer
from tallystick.answers.question import Question, Wish, question
from tallystick.answers.reports.places import ANY
from tallystick.errors import Misused
from tallystick.prices.price_book import PriceBook
from tallystick.usage.period import Period, Zone
from tallystick.usage.tokens import Tokens

MILLION = Tokens(1_000_000)
"""$15 on Opus 4.1, $1.75 on Codex."""


def told(wish: Wish = Wish("day"), **more: str) -> Question:  # noqa: B008
    """Return a question for a comparison."""
    return asked(ANY, wish, **more)


def span(since: str, until: str, zone: str = "UTC") -> Period:
    """Return a period by its moments."""
    return Period(Zone(zone), at(since), at(until))


def test_a_period_that_is_over_is_held_against_as_many_days() -> None:
    now, before, cut = periods(told(since="2026-11-08", until="2026-11-10"))
    assert now == span("2026-11-08T00:00", "2026-11-11T00:00")
    assert before == span("2026-11-05T00:00", "2026-11-08T00:00")
    assert not cut


def test_with_weekdays_it_goes_back_by_whole_weeks() -> None:
    _, before, _ = periods(told(since="2026-11-08", until="2026-11-10"), weekdays=True)
    assert before == span("2026-11-01T00:00", "2026-11-04T00:00")
    _, before, _ = periods(told(since="2026-11-01", until="2026-11-10"), weekdays=True)
    assert before == span("2026-10-18T00:00", "2026-10-28T00:00")


def test_a_day_that_is_not_over_is_held_against_the_same_part_of_the_other() -> None:
    # It is 04:19:42; sums are by quarter-hours, so that the one that runs counts.
    now, before, cut = periods(told(since="today"))
    assert now == span("2026-11-22T00:00", "2026-11-23T00:00")
    assert before == span("2026-11-21T00:00", "2026-11-21T04:30")
    assert cut
    _, before, _ = periods(told(since="7d"))
    assert before == span("2026-11-09T00:00", "2026-11-15T04:30")


def test_over_a_change_of_clocks_days_stay_days() -> None:
    # 25 October has 25 hours in Berlin.
    asked_for = told(zone="Europe/Berlin", since="2026-10-26", until="2026-10-26")
    assert periods(asked_for)[1] == span("2026-10-25T00:00+02:00", "2026-10-26T00:00+01:00", "Europe/Berlin")
    # At 23:30 of a day of 25 hours, the day before is over.
    late = told(zone="Europe/Berlin", since="2026-10-25")._replace(now=at("2026-10-25T23:40+01:00"))
    assert periods(late)[1] == span("2026-10-24T00:00+02:00", "2026-10-25T00:00+02:00", "Europe/Berlin")


def test_days_to_come_are_held_against_days_that_are_over() -> None:
    _, before, cut = periods(told(since="2026-12-01", until="2026-12-02"))
    assert (before, cut) == (span("2026-11-29T00:00", "2026-12-01T00:00"), False)


def test_it_needs_a_beginning() -> None:
    with pytest.raises(Misused, match="--since"):
        compare(ledger_of(), None, told(until="today"))


EVENTS = [
    event("2026-11-01T10:00", OPUS, MAIN, MILLION),
    event("2026-11-01T11:00", CODEX, CLI, MILLION),
    event("2026-11-02T10:00", OPUS, MAIN, Tokens(2_000_000)),
    event("2026-11-02T11:00", NOBODY, MAIN, Tokens(8)),
]


def day(wish: Wish = Wish("day")) -> Question:  # noqa: B008
    """Return a question for a comparison of 2 November."""
    return told(wish, since="2026-11-02", until="2026-11-02")


def test_changes_and_what_explains_them(book: PriceBook) -> None:
    found = compare(ledger_of(EVENTS, (), (), ()), book, day())
    changes = found.changes()
    assert changes["cost_usd"] == Change(16_750 * 10**9, 30_000 * 10**9)
    assert changes["requests"] == Change(2, 2)
    assert (changes["input"].by, changes["output"].share) == (8, None)
    # 13.25 / 16.75
    assert changes["cost_usd"].share == 13.25 / 16.75
    assert found.measure == "cost_usd"
    movers = {each.key: [(mover.name, mover.by) for mover in each.rows] for each in found.movers}
    assert movers == {
        "model": [(OPUS.model, 15_000 * 10**9), (CODEX.model, -1_750 * 10**9)],
        "project": [("/home/dev/shop", 15_000 * 10**9), ("/home/dev/blog", -1_750 * 10**9)],
        "tool": [("claude-code", 15_000 * 10**9), ("codex", -1_750 * 10**9)],
    }


def test_without_prices_tokens_tell(book: PriceBook) -> None:
    found = compare(ledger_of(EVENTS, (), (), ()), None, day(Wish("day", prices=False)))
    assert found.measure == "total"
    assert "cost_usd" not in found.changes()
    assert [(mover.name, mover.by) for mover in found.movers[0].rows] == [
        (OPUS.model, 1_000_000),
        (CODEX.model, -1_000_000),
        (NOBODY.model, 8),
    ]
    only = day(Wish("day", {"model": ["nobody*"]}))
    found = compare(ledger_of(EVENTS, (), (), ()), book, only)
    assert (found.measure, found.changes()["cost_usd"]) == ("total", Change(0, None))
    assert found.changes()["cost_usd"].by is None


def test_movers_and_the_others_add_up_to_the_difference(book: PriceBook) -> None:
    events = [
        event(f"2026-11-02T1{number}:00", OPUS, MAIN._replace(project=f"/home/dev/{number}"), Tokens(number))
        for number in range(1, 9)
    ]
    found = compare(ledger_of(events, (), (), ()), book, day())
    projects = found.movers[1]
    assert [mover.name[-1] for mover in projects.rows] == ["8", "7", "6", "5", "4"]
    # 1 + 2 + 3 tokens at 15 millionths of a dollar.
    assert (len(projects.rows), projects.others, projects.others_by) == (TOP, 3, 6 * 15 * 10**6)
    assert sum(mover.by for mover in projects.rows) + projects.others_by == found.now.totals.priced_pico


def test_totals_are_those_of_the_reports(book: PriceBook) -> None:
    ledger = ledger_of()
    found = compare(ledger, book, told(Wish("day", {"tool": ["claude-code"]}), since="2026-11-01", until="2026-11-02"))
    for totals, period in ((found.now.totals, found.question.period), (found.then.totals, found.before)):
        wish = Wish("day", {"tool": ["claude-code"]})
        assert totals == answer(ledger, book, question(ANY, period, wish, NOW)).totals


def test_its_json(book: PriceBook) -> None:
    text = document(compare(ledger_of(EVENTS, (), (), ()), book, day()))
    assert '"schema": "tallystick.comparison/1"' in text
    assert '{"measure": "cost_usd", "before": 16.75, "now": 30.0, "by": 13.25, "share": ' in text
    assert '"before": {"since": "2026-11-01", "until": "2026-11-01"}' in text


def test_a_period_before_which_there_are_no_days_is_told(book: PriceBook) -> None:
    with pytest.raises(Misused, match="would begin before there were days"):
        compare(ledger_of(), book, asked(ANY, Wish("day"), since="99999w"))
