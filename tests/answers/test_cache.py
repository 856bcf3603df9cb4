"""Caching: its part of the prompts, and what the same work would have cost without it."""

import pytest
from tests.answers.sample import EVENTS, MAIN, OPUS, asked, at, book_of, event, ledger_of

from tallystick.answers.cache import Uncached, answer
from tallystick.answers.fold import answer as plain
from tallystick.answers.question import Wish
from tallystick.answers.reports.times import CACHE
from tallystick.prices.price_book import PriceBook
from tallystick.usage.tokens import Tokens


def test_what_caches_did_for_each_day(book: PriceBook) -> None:
    rows = {row.keys: row.details for row in answer(ledger_of(), book, asked(CACHE)).rows}
    # Four requests: 3 100 + 90 000 + 12 000 + 500 tokens of prompts. Three of 35 000 at 15 and 2 000 at 75 millionths, that is
    # $0.675; then 600 x 3 + 200 x 15 millionths and a search for a cent.
    assert rows["2026-11-01",] == {
        "cache_share": 90_000 / 105_600,
        "uncached_usd": 3 * 675 * 10**9 + 4_800 * 10**6 + 10**10,
        "saved_usd": 3 * 390 * 10**9 + (4_800 - 6_300) * 10**6,
    }
    # Codex: 11 000 x 1.75 + 100 x 14 = 20 650 millionths, against 4 900; the other model has no price.
    second = rows["2026-11-02",]
    assert second == {
        "cache_share": 10_000 / 11_007,
        "uncached_usd": 20_650 * 10**6,
        "saved_usd": 15_750 * 10**6,
    }


def test_totals_tell_everything_together_and_agree_with_the_report(book: PriceBook) -> None:
    found = answer(ledger_of(), book, asked(CACHE, Wish(limit=1)))
    assert found.totals == plain(ledger_of(), book, asked(CACHE)).totals
    assert found.details is not None
    assert found.details["saved_usd"] == (3 * 390_000 - 1_500 + 15_750) * 10**6
    assert found.details["uncached_usd"] - found.details["saved_usd"] == found.totals.priced_pico


def test_writing_what_is_never_read_costs_more_than_no_cache(book: PriceBook) -> None:
    events = [event("2026-11-01T10:00", OPUS, MAIN, Tokens(cache_write_5m=1_000_000))]
    (row,) = answer(ledger_of(events, (), (), ()), book, asked(CACHE)).rows
    # 15 - 18.75
    assert (row.details or {})["saved_usd"] == -3_750 * 10**9
    assert (row.details or {})["cache_share"] == 0


def test_without_prices_only_the_share_is_told() -> None:
    (row, _) = answer(ledger_of(), None, asked(CACHE, Wish(prices=False))).rows
    assert row.details == {"cache_share": 90_000 / 105_600, "uncached_usd": None, "saved_usd": None}


def test_what_has_no_price_saves_nothing_that_is_known(book: PriceBook) -> None:
    found = answer(ledger_of(), book, asked(CACHE, Wish(where={"model": ["nobody*"]})))
    assert found.details == {"cache_share": 0, "uncached_usd": None, "saved_usd": None}


def test_an_answer_without_a_prompt_has_no_share(book: PriceBook) -> None:
    events = [event("2026-11-01T10:00", OPUS, MAIN, Tokens(output=5))]
    (row,) = answer(ledger_of(events, (), (), ()), book, asked(CACHE)).rows
    assert (row.details or {})["cache_share"] is None


def test_with_another_grouping_there_are_no_details(book: PriceBook) -> None:
    assert {row.details for row in answer(ledger_of(), book, asked(CACHE, Wish(by="model"))).rows} == {None}


@pytest.mark.parametrize("prompt", [1, 200_001])
def test_prices_without_caches_keep_the_tier_of_the_whole_prompt(prompt: int) -> None:
    book = book_of()
    sonnet = EVENTS[2].variant
    with_caches, without = (each.quote(sonnet, prompt, at("2026-11-01T00:00")) for each in (book, Uncached(book)))
    assert with_caches is not None
    assert without is not None
    assert without[:4] == (with_caches.input,) * 4
    assert without[4:] == with_caches[4:]
    assert Uncached(book).thresholds(sonnet) == book.thresholds(sonnet)
    assert Uncached(book).quote(EVENTS[5].variant, 1, 0) is None
