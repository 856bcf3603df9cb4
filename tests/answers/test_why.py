"""Explanations: formulas that make the figure, and events with all their witnesses."""

from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.answers.sample import EVENTS, MAIN, NOBODY, OPUS, READINGS, SONNET, asked, at, event, ledger_of

from tallystick.answers.answers import Answers
from tallystick.answers.fold import answer
from tallystick.answers.punchcard import punchcard
from tallystick.answers.question import Wish
from tallystick.answers.reports.places import ANY
from tallystick.answers.why import SHOWN, why
from tallystick.intake.packing import pack
from tallystick.ledger.ledger import Source
from tallystick.prices.price_book import PriceBook, Quote
from tallystick.tools.tool import Found
from tallystick.usage.event import CUT_OFF, Variant
from tallystick.usage.hours import WEEKDAYS, Hours
from tallystick.usage.period import END, Zone, period
from tallystick.usage.tokens import Tokens


def test_a_formula_multiplies_units_with_dated_prices(book: PriceBook) -> None:
    found = why(
        ledger_of(), book, asked(ANY, Wish("day", {"model": ["*opus*"]}), since="2026-11-01", until="2026-11-01")
    )
    (formula,) = found.formulas
    assert formula.variant == OPUS
    assert formula.listing == "anthropic/claude-opus-4-1"
    # Per token in pico-dollars: $15 for a million is 15 millionths of a dollar each.
    assert [(term.name, term.units, term.pico) for term in formula.terms] == [
        ("input", 3_000, 15_000_000),
        ("cache_read", 90_000, 1_500_000),
        ("cache_write_5m", 12_000, 18_750_000),
        ("output", 6_000, 75_000_000),
    ]
    assert sum(term.cost for term in formula.terms) == found.figures.cost_usd == 855_000 * 10**6
    assert all(term.source.startswith("genai-prices ") for term in formula.terms)


def test_each_tier_has_a_formula_of_its_own(book: PriceBook) -> None:
    events = [
        event("2026-11-01T10:00:00", SONNET, MAIN, Tokens(200_000)),
        event("2026-11-01T10:00:01", SONNET, MAIN, Tokens(200_001)),
    ]
    found = why(ledger_of(events, (), (), ()), book, asked(ANY, Wish("day")))
    assert [(each.above, each.terms[0].pico) for each in found.formulas] == [(200_000, 6_000_000), (0, 3_000_000)]


def test_what_has_no_price_says_why(book: PriceBook) -> None:
    found = why(ledger_of(), book, asked(ANY, Wish("day", {"model": [NOBODY.model]})))
    (formula,) = found.formulas
    assert formula.terms == ()
    assert formula.notes == ("no price list knows nobody-knows-1",)
    assert found.figures.cost_usd is None
    assert found.events[0].cost is None


def test_the_costliest_events_come_first_and_the_rest_is_counted(book: PriceBook) -> None:
    found = why(ledger_of(), book, asked(ANY, Wish("day", limit=2)))
    assert [(each.time, each.cost) for each in found.events] == [
        (at("2026-11-01T10:00:05"), 285_000 * 10**6),
        (at("2026-11-01T10:01:00"), 285_000 * 10**6),
    ]
    assert found.left_off == len(EVENTS) - 2
    assert why(ledger_of(), book, asked(ANY, Wish("day", limit=0))).left_off == 0
    assert len(EVENTS) < SHOWN
    assert found.events[1].agent == "a1"
    assert found.events[0].counted.path == "/home/dev/logs/claude-code-box.jsonl"
    # By its number an event is to be had alone.
    again = Answers(ledger_of(), lambda: book)
    assert [again.event(each.number).event.time for each in found.events] == [each.time for each in found.events]


def test_every_witness_of_an_event_is_told(book: PriceBook) -> None:
    ledger = ledger_of([event("2026-11-01T10:00:00", OPUS, MAIN, Tokens(10, 0, 0, 0, 3))], (), (), ())
    early = event("2026-11-01T10:00:00", OPUS, MAIN, Tokens(10, 0, 0, 0, 1))._replace(
        grade=CUT_OFF, copied=True, offset=77
    )
    other = Found()
    other.events = [early]
    ledger.add([pack(other, Source("/home/dev/logs/copy.jsonl", "claude-code"), fresh=True, machine="box", user="dev")])
    (seen,) = why(ledger, book, asked(ANY, Wish("day"))).events
    assert (seen.counted.path, seen.counted.tokens.output) == ("/home/dev/logs/claude-code-box.jsonl", 3)
    (view,) = seen.others
    assert (view.witness, view.path, view.place, view.tokens.output) == ("log", "/home/dev/logs/copy.jsonl", 77, 1)
    assert view.grade == CUT_OFF
    assert view.copied


def test_a_web_search_is_a_term_and_what_a_tool_reported_stands_apart(book: PriceBook) -> None:
    events = [event("2026-11-01T10:00:00", SONNET, MAIN, Tokens(0), web_searches=3)._replace(cost_nano=5)]
    found = why(ledger_of(events, (), (), ()), book, asked(ANY, Wish("day")))
    assert [(term.name, term.units, term.cost) for term in found.formulas[0].terms] == [("web_search", 3, 3 * 10**10)]
    assert found.events[0].reported_nano == 5


class Apart:
    """A book in which reasoning costs 5 and everything else 1, with no list to name."""

    def thresholds(self, _: Variant) -> tuple[int, ...]:
        """Return no change of price."""
        return ()

    def quote(self, _variant: Variant, _prompt: int, _time: int) -> Quote:
        """Return the price of everything."""
        return Quote(1, 1, 1, 1, 1, 5, 1, 0, END)

    def explain(self, *_: object) -> None:
        """Know nothing about it."""


def test_reasoning_is_a_term_of_its_own_where_its_price_is() -> None:
    ledger = ledger_of([event("2026-11-01T10:00:00", OPUS, MAIN, Tokens(7, 0, 0, 0, 30, 20))], (), (), ())
    found = why(ledger, cast("PriceBook", Apart()), asked(ANY, Wish("day")))
    assert [(term.name, term.units, term.cost) for term in found.formulas[0].terms] == [
        ("input", 7, 7),
        ("output", 10, 10),
        ("reasoning", 20, 100),
    ]
    assert found.figures.cost_usd == 117
    assert found.formulas[0].listing == ""


def test_nothing_fits_and_nothing_is_explained(book: PriceBook) -> None:
    found = why(ledger_of(), book, asked(ANY, Wish("day", {"session": ["none"]})))
    assert (found.formulas, found.events, found.figures.requests) == ([], [], 0)


CALLS = st.lists(
    st.tuples(st.sampled_from([OPUS, SONNET, NOBODY]), st.integers(0, 400_000), st.integers(0, 3_000)), max_size=12
)


@given(CALLS, st.sampled_from(["*", "*opus*", "claude*"]))
def test_the_formulas_make_the_figure_of_the_report(
    book: PriceBook, calls: list[tuple[Variant, int, int]], model: str
) -> None:
    events = [
        event("2026-11-01T10:00:00", variant, MAIN, Tokens(size, 7, 5, 3, output, output // 2))._replace(
            key=number, time=at("2026-11-01") + number
        )
        for number, (variant, size, output) in enumerate(calls)
    ]
    wish = Wish("day", {"model": [model]}, limit=0)
    ledger = ledger_of(events, (), (), ())
    found = why(ledger, book, asked(ANY, wish))
    assert found.figures == answer(ledger, book, asked(ANY, wish)).totals
    assert sum(term.cost for formula in found.formulas for term in formula.terms) == found.figures.priced_pico
    assert sum(each.cost or 0 for each in found.events) == found.figures.priced_pico


def test_what_a_counter_told_is_named_with_its_span(book: PriceBook) -> None:
    ledger = ledger_of(readings=READINGS)
    wish = Wish("day", {"session": ["s4"]})
    found = why(ledger, book, asked(ANY, wish))
    assert found.figures == answer(ledger, book, asked(ANY, wish)).totals
    assert found.figures.requests == found.formulas[0].figures.priced == 6
    shown = [(each.time, each.since, each.requests, each.dated, each.reading, each.cost) for each in found.events]
    begun, *read = at("2026-10-30T09:00"), *(each.time for each in READINGS)
    assert shown == [
        (read[0], begun, 3, "coarse", True, 915_000 * 10**6),
        (read[1], read[0], 2, "derived", True, 183_000 * 10**6),
        (read[2], read[1], 1, "exact", True, 18 * 10**6),
    ]
    # The price that a store tells is a running total, too.
    assert [each.reported_nano for each in found.events] == [9, 2, 1]
    assert [each.counted.place for each in found.events] == [70, 80, 90]
    assert not any(each.reading for each in why(ledger, book, asked(ANY, Wish("day", {"session": ["s1"]}))).events)


ON_EDGES = [
    event(f"2026-10-25T{time}", OPUS, MAIN, Tokens(number))
    for number, time in enumerate(
        ("00:00", "00:59:59.999", "01:00", "01:30", "02:00", "09:29:59.999", "09:30", "10:29:59", "10:30"), 1
    )
]
"""A Sunday on which Berlin has 25 hours; $15 for a million tokens are 15 000 000 pico-dollars each."""


def explained(book: PriceBook, zone: str, since: str, until: str, hours: Hours | None = None) -> tuple[int, int]:
    """Return requests and cost of a stretch, in tokens of input."""
    question = asked(ANY, Wish("day"), zone)
    span = period(Zone(zone), 0, since, until, moments=True)
    found = why(ledger_of(ON_EDGES, (), (), ()), book, question._replace(period=span, hours=hours)).figures
    return found.requests, (found.cost_usd or 0) // 15_000_000


@pytest.mark.parametrize(
    "zone, since, until, hours, figure",
    [
        # The two hours that begin at two o'clock, and both of them.
        ("Europe/Berlin", "2026-10-25T02:00+02:00", "2026-10-25T02:00+01:00", None, (2, 1 + 2)),
        ("Europe/Berlin", "2026-10-25T02:00+01:00", "2026-10-25T03:00", None, (2, 3 + 4)),
        ("Europe/Berlin", "2026-10-25", "2026-10-25", Hours("sun", 2), (4, 1 + 2 + 3 + 4)),
        ("Europe/Berlin", "2026-10-25", "2026-10-25", Hours("sun", 3), (1, 5)),
        ("Europe/Berlin", "2026-10-25", "2026-10-25", Hours("mon"), (0, 0)),
        # Three in the afternoon is half past nine, UTC.
        ("Asia/Kolkata", "2026-10-25T15:00", "2026-10-25T16:00", None, (2, 7 + 8)),
        ("Asia/Kolkata", "", "", Hours("sun", 15), (2, 7 + 8)),
        ("Asia/Kolkata", "", "", Hours("sun", 14), (1, 6)),
        ("Asia/Kolkata", "", "", Hours(hour=16), (1, 9)),
        # To the millisecond, within a quarter-hour.
        ("UTC", "2026-10-25T00:59:59.999", "2026-10-25T01:00", None, (1, 2)),
        ("UTC", "2026-10-25T01:00", "2026-10-25T01:30", None, (1, 3)),
        ("UTC", "2026-10-25T01:30", "2026-10-25T01:31", None, (1, 4)),
        ("UTC", "2026-10-25T01:30", "2026-10-25", Hours("sun", 1), (1, 4)),
        ("UTC", "2026-10-25T10:15", "2026-10-25T10:29:59", None, (0, 0)),
        ("UTC", "2026-10-25T10:15", "2026-10-25T10:29:59.001", None, (1, 8)),
        ("UTC", "2026-10-25T01:30:00.001", "2026-10-25T01:45", None, (0, 0)),
    ],
)
def test_a_stretch_and_hours_of_the_week(
    book: PriceBook, zone: str, since: str, until: str, hours: Hours | None, figure: tuple[int, int]
) -> None:
    assert explained(book, zone, since, until, hours) == figure


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe"])
@given(st.lists(st.integers(at("2026-10-24"), at("2026-10-27")), max_size=8, unique=True))
def test_each_cell_of_the_punchcard_is_explained_to_the_digit(book: PriceBook, zone: str, times: list[int]) -> None:
    # Lord Howe is ten and a half hours ahead, and eleven in summer, which began on 4 October.
    events = [
        event("2026-11-01", (OPUS, SONNET, NOBODY)[number % 3], MAIN, Tokens(number + 1))._replace(
            key=number, time=time
        )
        for number, time in enumerate(times)
    ]
    ledger, question = ledger_of(events, (), (), ()), asked(ANY, Wish("day"), zone)
    for cell in punchcard(ledger, book, question).cells:
        if cell.figures.requests:
            hours = Hours(WEEKDAYS[cell.weekday], cell.hour)
            assert why(ledger, book, question._replace(hours=hours)).figures == cell.figures


def test_a_stretch_and_hours_are_told_with_the_figure(book: PriceBook) -> None:
    span = period(Zone("Asia/Kolkata"), 0, "2026-11-01T15:00", "2026-11-01T16:00", moments=True)
    found = why(
        ledger_of(), book, asked(ANY, Wish("day"), "Asia/Kolkata")._replace(period=span, hours=Hours("sun", 15))
    )
    assert (found.figures.requests, found.figures.cost_usd) == (3, 586_300 * 10**6)
    told = found.told()
    assert [told[name] for name in ("since", "until", "weekday", "hour")] == [
        "2026-11-01T15:00+05:30",
        "2026-11-01T16:00+05:30",
        "sun",
        15,
    ]
