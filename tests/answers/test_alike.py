"""What is found by sums is what every single event says: the same prices, the same events first, the same number."""

from typing import cast

from hypothesis import given
from hypothesis import strategies as st
from tests.answers.sample import EVENTS, HELPER, MAIN, NOBODY, OPUS, READINGS, SONNET, asked, at, event, ledger_of

from tallystick.answers.alike import Found, found
from tallystick.answers.question import Question, Wish
from tallystick.answers.reports.places import ANY
from tallystick.answers.single import Finder
from tallystick.ledger.ledger import Ledger, Row
from tallystick.prices.price_book import PriceBook, Quote
from tallystick.usage.event import Reading, UsageEvent, Variant
from tallystick.usage.hours import Hours
from tallystick.usage.period import END, SLOT_MS
from tallystick.usage.tokens import Tokens


class Watched:
    """A ledger of which single events are asked for by someone who takes note of that."""

    def __init__(self, ledger: Ledger) -> None:
        """Begin before the first question."""
        self._ledger = ledger
        self.read: list[int] = []
        """The lengths of the stretches of time."""

    def ask(self, question: str, **values: int | str) -> list[Row]:
        """Answer."""
        if question == "events":
            self.read.append(int(values["until"]) - int(values["since"]))
        return self._ledger.ask(question, **values)


def of(ledger: Ledger, book: PriceBook, question: Question, most: int) -> Found:
    """Return what is found for a question."""
    return found(Finder(ledger, book, question), book, question, most)


def calls(number: int) -> list[UsageEvent]:
    """Return calls, one in each quarter-hour, each with a larger prompt than the one before."""
    return [
        event("2026-11-01T00:00:00", OPUS, MAIN, Tokens(1_000 + each))._replace(
            key=each, time=at("2026-11-01") + each * SLOT_MS
        )
        for each in range(number)
    ]


def test_only_quarter_hours_that_can_hold_the_costliest_are_read(book: PriceBook) -> None:
    ledger = Watched(ledger_of(calls(300), (), (), ()))
    told = of(cast("Ledger", ledger), book, asked(ANY, Wish("day")), 3)
    assert [row[4] for row in told.costliest] == [1_299, 1_298, 1_297]
    assert told.number == 300
    # The first one tells since when a price holds; of the others three are shown, and a fourth ends the search at the latest.
    assert ledger.read == [SLOT_MS] * len(ledger.read)
    assert len(ledger.read) <= 5


def test_of_events_that_cost_the_same_the_largest_comes_first_then_the_earliest(book: PriceBook) -> None:
    sizes = [5, 9, 9, 7]
    events = [
        event("2026-11-01T00:00:00", NOBODY, MAIN, Tokens(size))._replace(
            key=key, time=at("2026-11-01") + key * SLOT_MS
        )
        for key, size in enumerate(sizes)
    ]
    told = of(ledger_of(events, (), (), ()), book, asked(ANY, Wish("day")), 3)
    assert [(row[4], (row[1] - at("2026-11-01")) // SLOT_MS) for row in told.costliest] == [(9, 1), (9, 2), (7, 3)]


def test_a_period_within_a_quarter_hour_counts_what_lies_in_it(book: PriceBook) -> None:
    question = asked(ANY, Wish("day"))
    first, second = EVENTS[:2]
    span = question.period._replace(since=first.time + 1, until=second.time + 1)
    told = of(ledger_of(), book, question._replace(period=span), 5)
    assert [row[1] for row in told.costliest] == [second.time]
    assert told.number == 1


def test_a_prompt_is_as_large_as_its_class_at_the_most(book: PriceBook) -> None:
    # Both are in the class from 128 001 to 199 999.
    events = [
        event(f"2026-11-01T{hour}:00:00", OPUS, MAIN, Tokens(size))._replace(key=size)
        for hour, size in ((10, 140_000), (11, 150_000), (12, 130_000))
    ]
    (row,) = of(ledger_of(events, (), (), ()), book, asked(ANY, Wish("day")), 1).costliest
    assert row[4] == 150_000


def test_what_stands_for_several_calls_is_one_event_larger_than_the_class_of_each(book: PriceBook) -> None:
    # $0.5001 beside $0.915 for three calls of 100 000 tokens each.
    events = [event("2026-11-01T10:00:00", SONNET, MAIN, Tokens(166_700))]
    told = of(ledger_of(events, (), (), (), readings=READINGS), book, asked(ANY, Wish("day")), 1)
    assert (told.costliest[0][4], told.number, sum(each.requests for each in told.alike)) == (300_000, 4, 7)


def test_prices_come_in_the_order_of_their_first_events(book: PriceBook) -> None:
    events = [
        event(f"2026-11-01T{when}", variant, MAIN, Tokens(size))
        for when, variant, size in (("10:01:00", OPUS, 9), ("10:00:30", SONNET, 7), ("10:00:00", OPUS, 8))
    ]
    told = of(ledger_of(events[:2], (), (), ()), book, asked(ANY, Wish("day")), 1)
    assert [(each.variant, each.first[4]) for each in told.alike] == [(SONNET, 7), (OPUS, 9)]
    told = of(ledger_of(events, (), (), ()), book, asked(ANY, Wish("day")), 1)
    assert [(each.variant, each.first[4], each.tokens.input) for each in told.alike] == [(OPUS, 8, 17), (SONNET, 7, 7)]


def test_a_price_that_changes_within_a_quarter_hour_is_that_of_each_event() -> None:
    events = [event(f"2026-11-01T00:{minute}:00", OPUS, MAIN, Tokens(10)) for minute in (16, 19, 21)]
    prices = cast("PriceBook", Odd(0, at("2026-11-01T00:20:00")))
    told = of(ledger_of(events, (), (), ()), prices, asked(ANY, Wish("day")), 1)
    assert [(each.requests, each.quote and each.quote.input) for each in told.alike] == [(2, 3), (1, 9)]
    assert told.costliest[0][1] == events[2].time


class Odd:
    """A book that changes its prices within a class of sizes and within a quarter-hour; reasoning is free."""

    def __init__(self, threshold: int, moment: int) -> None:
        """Begin with the size of prompt and the moment at which prices change."""
        self.threshold, self.moment = threshold, moment

    def thresholds(self, _: Variant) -> tuple[int, ...]:
        """Return the size at which prices change."""
        return (self.threshold,) if self.threshold else ()

    def quote(self, _: Variant, prompt: int, time: int) -> Quote:
        """Return twice the price above the size, and thrice that from the moment on."""
        times = (2 if self.threshold and prompt > self.threshold else 1) * (3 if time >= self.moment else 1)
        span = (self.moment, END) if time >= self.moment else (0, self.moment)
        return Quote(3 * times, times, 4 * times, 6 * times, 9 * times, 0, 7, *span)


CALLS = st.lists(
    st.tuples(
        st.sampled_from([OPUS, SONNET, NOBODY]),
        st.sampled_from([0, 1, 90_000, 150_000, 199_999, 200_000, 200_001, 600_000]),
        st.integers(0, 3_000),
        st.integers(0, 12),
        st.booleans(),
    ),
    max_size=16,
)
WHERE = st.sampled_from(
    [{}, {}, {}, {"agent": ["a1"]}, {"model": ["*opus*"]}, {"session": ["none"]}, {"tool": ["codex"]}]
)
ODD = st.sampled_from(
    [None, (0, END), (0, at("2026-11-01T00:20:00")), (120_000, END), (200_000, at("2026-11-01T00:30:00"))]
)


QUESTIONS = st.tuples(WHERE, st.sampled_from([None, None, None, Hours("", 0), Hours("sun", 1)]))


@given(CALLS, st.sampled_from([(), READINGS]), QUESTIONS, ODD, st.integers(1, 20))
def test_sums_tell_what_single_events_tell(
    book: PriceBook,
    made: list[tuple[Variant, int, int, int, bool]],
    readings: tuple[Reading, ...],
    way: tuple[dict[str, list[str]], Hours | None],
    odd: tuple[int, int] | None,
    most: int,
) -> None:
    events = [
        event(
            "2026-11-01T00:00:00", variant, HELPER if helper else MAIN, Tokens(size, 70, 5, 3, out, out // 2)
        )._replace(key=key, time=at("2026-11-01") + quarter * SLOT_MS // 2, web_searches=quarter % 3)
        for key, (variant, size, out, quarter, helper) in enumerate(made)
    ]
    prices = book if odd is None else cast("PriceBook", Odd(*odd))
    ledger = ledger_of(events, (), (), (), readings=readings)
    question = asked(ANY, Wish("day", way[0]))._replace(hours=way[1])
    every = of(ledger, prices, question, 0)
    some = of(ledger, prices, question, most)
    assert some == every._replace(costliest=every.costliest[:most])
    assert len(every.costliest) == every.number
