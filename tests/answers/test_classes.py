"""Classes of tokens: what each cost, which together is the whole."""

from tests.answers.sample import MAIN, OPUS, asked, event, ledger_of

from tallystick.answers.classes import CLASSES, answer
from tallystick.answers.fold import answer as plain
from tallystick.answers.question import Wish
from tallystick.answers.reports.times import CLASSES as REPORT
from tallystick.prices.price_book import PriceBook
from tallystick.usage.tokens import Tokens


def test_each_class_has_its_own_part_of_the_cost(book: PriceBook) -> None:
    tokens = Tokens(
        input=1_000, cache_read=2_000, cache_write_5m=3_000, cache_write_1h=4_000, output=5_000, reasoning=100
    )
    (row,) = answer(ledger_of([event("2026-11-01T10:00", OPUS, MAIN, tokens)], (), (), ()), book, asked(REPORT)).rows
    # Millionths of a dollar: 15 a token of input, 1.50 read, 18.75 and 30 written, 75 of output, reasoning inside.
    assert row.details == {
        "input_usd": 15_000 * 10**6,
        "cache_write_usd": (56_250 + 120_000) * 10**6,
        "cache_read_usd": 3_000 * 10**6,
        "output_usd": 375_000 * 10**6,
        "web_search_usd": 0,
    }


def test_together_they_are_the_whole_cost_of_each_day_and_of_all(book: PriceBook) -> None:
    found = answer(ledger_of(), book, asked(REPORT))
    assert found.totals == plain(ledger_of(), book, asked(REPORT)).totals
    for figures, details in [*((row.figures, row.details) for row in found.rows), (found.totals, found.details)]:
        assert sum((details or {}).values()) == figures.priced_pico
    # One search for a cent.
    assert (found.details or {})["web_search_usd"] == 10**10


def test_what_has_no_price_has_none_in_any_class(book: PriceBook) -> None:
    found = answer(ledger_of(), book, asked(REPORT, Wish(where={"model": ["nobody*"]})))
    assert found.details == dict.fromkeys(f"{name}_usd" for name in CLASSES)


def test_without_prices_there_are_none() -> None:
    found = answer(ledger_of(), None, asked(REPORT, Wish(prices=False)))
    assert [row.details for row in found.rows] == [None] * len(found.rows)
    assert found.details is None
