"""The overview: its periods and tops, against the sample."""

from tests.answers.sample import MAIN, NOW, OPUS, at, event, ledger_of

from tallystick.answers.overview import DAYS, TOP, overview
from tallystick.prices.price_book import PriceBook
from tallystick.usage.period import Zone
from tallystick.usage.tokens import Tokens

EVENTS = [
    event(f"{day}T12:00:00", OPUS, MAIN._replace(project=f"/home/dev/{number}"), Tokens(10**number))
    for number, day in enumerate(["2026-10-20", "2026-10-24", "2026-11-01", "2026-11-15", "2026-11-16", "2026-11-22"])
]


def test_periods(book: PriceBook) -> None:
    found = overview(ledger_of(EVENTS, (), (), ()), book, Zone(), NOW)
    assert found.today.input == 100_000
    assert found.week.input == 110_000  # 16 to 22 November
    assert found.month.input == 111_100
    # 24 October to 22 November are thirty days.
    assert found.span == ("2026-10-24", "2026-11-22")
    assert found.total.input == 111_110
    assert len(found.recent) == DAYS
    assert [(day, figures.input) for day, figures in found.recent if figures.requests] == [
        ("2026-10-24", 10),
        ("2026-11-01", 100),
        ("2026-11-15", 1_000),
        ("2026-11-16", 10_000),
        ("2026-11-22", 100_000),
    ]


def test_tops_are_few_and_the_costliest_first(book: PriceBook) -> None:
    found = overview(ledger_of(EVENTS, (), (), ()), book, Zone(), NOW)
    assert [row.keys[0] for row in found.projects] == [f"/home/dev/{number}" for number in (5, 4, 3, 2, 1)]
    assert len(found.projects) == TOP
    assert [row.keys[0] for row in found.models] == [OPUS.model]
    assert found.priced_share == 1.0


def test_on_the_last_of_a_long_month_the_month_begins_before_thirty_days(book: PriceBook) -> None:
    events = [event("2026-10-01T12:00:00", OPUS, MAIN, Tokens(7))]
    found = overview(ledger_of(events, (), (), ()), book, Zone(), at("2026-10-31T12:00:00"))
    assert found.month.input == 7
    assert len(found.recent) == DAYS
    assert not any(figures.requests for _, figures in found.recent)


def test_today_is_the_day_of_the_zone(book: PriceBook) -> None:
    # 04:19 UTC is the evening before in New York, where noon UTC of the 22nd is still to come.
    found = overview(ledger_of(EVENTS, (), (), ()), book, Zone("America/New_York"), NOW)
    assert found.recent[-1][0] == "2026-11-21"
    assert found.today.requests == 0


def test_where_the_last_thirty_days_are_empty_everything_counts(book: PriceBook) -> None:
    found = overview(ledger_of(EVENTS, (), (), ()), book, Zone(), at("2027-06-01T00:00:00"))
    assert found.total.requests == len(EVENTS)
    assert found.span == ("2026-10-20", "2026-11-22")
    assert found.month.requests == 0


def test_an_empty_ledger(book: PriceBook) -> None:
    found = overview(ledger_of((), (), (), ()), book, Zone(), NOW)
    assert found.span == ("", "")
    assert found.projects == found.models == []
    assert found.priced_share is None
