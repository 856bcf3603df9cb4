"""Models: last call, time at work, and what an hour and a second of it gave."""

from tests.answers.sample import CODEX, EVENTS, MAIN, NOBODY, OPUS, SONNET, asked, at, event, ledger_of

from tallystick.answers.answer import Figures
from tallystick.answers.fold import answer as plain
from tallystick.answers.models import Work, answer
from tallystick.answers.question import Wish
from tallystick.answers.reports.places import MODELS
from tallystick.prices.price_book import PriceBook
from tallystick.usage.tokens import Tokens


def test_what_is_told_of_a_model(book: PriceBook) -> None:
    found = answer(ledger_of(), book, asked(MODELS))
    rows = {row.keys[0]: row.details for row in found.rows}
    # Of Opus's three calls two have a length, 35 seconds with 4 000 tokens: too few of them for a cost per hour.
    assert rows[OPUS.model] == {
        "last": at("2026-11-01T23:30:00"),
        "work_ms": 35_000,
        "cost_usd_per_hour": None,
        "output_per_second": 4_000 / 35,
    }
    # $0.0049 and 100 tokens in two seconds, 1 800 of which are an hour.
    assert rows[CODEX.model] == {
        "last": at("2026-11-02T09:00:00"),
        "work_ms": 2_000,
        "cost_usd_per_hour": 8_820 * 10**9,
        "output_per_second": 50,
    }
    assert rows[SONNET.model] == {
        "last": at("2026-11-01T10:20:00"),
        "work_ms": 0,
        "cost_usd_per_hour": None,
        "output_per_second": None,
    }
    assert found.details is not None
    assert found.details["work_ms"] == 37_000
    assert found.details["last"] == at("2026-11-02T09:05:00")
    assert found.totals == plain(ledger_of(), book, asked(MODELS)).totals


def test_without_a_price_there_is_no_cost_per_hour(book: PriceBook) -> None:
    events = [event("2026-11-01T10:00", NOBODY, MAIN, Tokens(1, output=2), work_ms=1_000)]
    (row,) = answer(ledger_of(events, (), (), ()), book, asked(MODELS)).rows
    assert (row.details or {})["cost_usd_per_hour"] is None
    assert (row.details or {})["output_per_second"] == 2


def test_nine_tenths_of_the_requests_are_enough() -> None:
    figures = Figures(requests=10, priced_pico=5, priced=10)
    assert Work(9, 3_600_000, 1, 1).told(figures)["cost_usd_per_hour"] == 5
    assert Work(8, 3_600_000, 1, 1).told(figures)["cost_usd_per_hour"] is None
    assert Work().told(figures)["last"] is None


def test_periods_and_filters_divide_the_time_too() -> None:
    found = answer(ledger_of(), None, asked(MODELS, Wish(where={"agent": ["a1"]})))
    assert [(row.details or {})["work_ms"] for row in found.rows] == [30_000]
    found = answer(ledger_of(), None, asked(MODELS, Wish(where={"model": ["gpt*"]}), since="2026-11-02"))
    assert [(row.details or {})["work_ms"] for row in found.rows] == [2_000]
    assert (found.details or {})["last"] == EVENTS[4].time


def test_with_another_grouping_there_are_no_details() -> None:
    assert {row.details for row in answer(ledger_of(), None, asked(MODELS, Wish(by="model,day"))).rows} == {None}
