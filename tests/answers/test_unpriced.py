"""Models without a price are the same, token by token, as a report over everything tells."""

from typing import cast

from hypothesis import given
from hypothesis import strategies as st
from tests.answers.sample import MAIN, NOBODY, OPUS, READINGS, SONNET, asked, at, event, ledger_of

from tallystick.answers.fold import answer
from tallystick.answers.reports.places import MODELS
from tallystick.answers.unpriced import unpriced
from tallystick.prices.price_book import PriceBook, Quote
from tallystick.usage.event import Reading, Variant
from tallystick.usage.period import DAY_MS
from tallystick.usage.tokens import Tokens


def test_models_without_a_price_are_told_most_tokens_first(book: PriceBook) -> None:
    lesser = NOBODY._replace(model="nobody-knows-2")
    events = [
        event("2026-11-01T10:00:00", variant, MAIN, Tokens(size, 1, 1, 1, 1))._replace(key=key)
        for key, (variant, size) in enumerate([(lesser, 10), (NOBODY, 20), (OPUS, 900), (lesser, 5)])
    ]
    # Twenty and four; ten and five, and twice four.
    assert unpriced(ledger_of(events, (), (), ()), book) == ((NOBODY.model, 24), (lesser.model, 23))


def test_an_empty_ledger_has_none(book: PriceBook) -> None:
    assert unpriced(ledger_of((), (), (), ()), book) == ()


class Later:
    """A book that knows no price before a day, and none on the day after the next one."""

    def __init__(self, day: int) -> None:
        """Begin with the day, counted from 1970-01-01."""
        self.since, self.until = day * DAY_MS, (day + 1) * DAY_MS

    def thresholds(self, _: Variant) -> tuple[int, ...]:
        """Return no change of price."""
        return ()

    def quote(self, _variant: Variant, _prompt: int, time: int) -> Quote | None:
        """Return the price of everything on one day."""
        return Quote(1, 1, 1, 1, 1, 1, 1, self.since, self.until) if self.since <= time < self.until else None


def test_only_what_was_used_while_there_was_no_price_is_told() -> None:
    events = [
        event(f"2026-11-0{day}T10:00:00", OPUS, MAIN, Tokens(10**day))._replace(key=day, time=at(f"2026-11-0{day}"))
        for day in (1, 2, 3)
    ]
    book = cast("PriceBook", Later(at("2026-11-02") // DAY_MS))
    assert unpriced(ledger_of(events, (), (), ()), book) == ((OPUS.model, 10 + 1_000),)


CALLS = st.lists(
    st.tuples(st.sampled_from([OPUS, SONNET, NOBODY]), st.integers(0, 400_000), st.integers(0, 60)), max_size=9
)


@given(CALLS, st.sampled_from([(), READINGS]))
def test_they_are_those_of_a_report_over_everything(
    book: PriceBook, calls: list[tuple[Variant, int, int]], readings: tuple[Reading, ...]
) -> None:
    events = [
        event("2026-11-01T10:00:00", variant, MAIN, Tokens(size, 7, 5, 3, 2))._replace(
            key=number, time=at("2026-09-01") + day * DAY_MS
        )
        for number, (variant, size, day) in enumerate(calls)
    ]
    ledger = ledger_of(events, (), (), (), readings=readings)
    assert unpriced(ledger, book) == answer(ledger, book, asked(MODELS)).coverage.unpriced
