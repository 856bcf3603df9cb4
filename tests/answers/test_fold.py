"""Folding: hand-made events against sums and costs that were worked out by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.answers.sample import (
    CLI,
    CODEX,
    EVENTS,
    MAIN,
    NOBODY,
    OPUS,
    OTHER,
    READINGS,
    SONNET,
    asked,
    at,
    book_of,
    event,
    ledger_of,
)

from tallystick.answers.answer import Answer, Figures
from tallystick.answers.fold import answer
from tallystick.answers.question import Wish
from tallystick.answers.reports.places import ANY, MODELS, PROJECTS
from tallystick.answers.reports.times import DAILY
from tallystick.prices.price_book import PriceBook
from tallystick.usage.event import Context, UsageEvent, Variant
from tallystick.usage.period import HOUR_MS, SLOT_MS, Zone
from tallystick.usage.tokens import Tokens

CENT = 10**10
"""A cent in pico-dollars."""
MILLIONTH = 10**6


def by_keys(found: Answer) -> dict[tuple[str, ...], Figures]:
    """Return an answer's rows by their keys."""
    return {row.keys: row.figures for row in found.rows}


def test_a_day_by_model(book: PriceBook) -> None:
    found = answer(ledger_of(), book, asked(DAILY))
    assert by_keys(found) == {
        ("2026-11-01", OPUS.model): Figures(3, 3_000, 90_000, 12_000, 0, 6_000, 0, 0, 855_000 * MILLIONTH, 3, 0),
        ("2026-11-01", SONNET.model): Figures(1, 100, 0, 0, 500, 200, 0, 1, 6_300 * MILLIONTH + CENT, 1, 0),
        ("2026-11-02", "gpt-5.2-codex"): Figures(1, 1_000, 10_000, 0, 0, 100, 60, 0, 4_900 * MILLIONTH, 1, 0),
        ("2026-11-02", NOBODY.model): Figures(1, 7, 0, 0, 0, 3, 0, 0, 0, 0, 10),
    }
    # 3 x 37 000 + 800 + 11 100 + 10
    assert found.totals.total == 122_910
    assert found.totals.cost_usd == (855_000 + 6_300 + 10_000 + 4_900) * MILLIONTH
    assert found.totals.requests == 6
    assert found.days == ("2026-11-01", "2026-11-02")


def test_what_has_no_price_is_unpriced_and_never_free(book: PriceBook) -> None:
    found = answer(ledger_of(), book, asked(MODELS))
    figures = by_keys(found)[NOBODY.model,]
    assert figures.cost_usd is None
    assert figures.unpriced_tokens == figures.total == 10
    assert found.coverage.unpriced == ((NOBODY.model, 10),)
    # 122 900 of 122 910 tokens: rounded down, so that only all is 1.
    assert found.priced_share == 0.9999
    # Without a cost it comes last, whatever the order.
    assert found.rows[-1].keys == (NOBODY.model,)
    assert answer(ledger_of(), book, asked(MODELS, Wish(order="asc"))).rows[-1].keys == (NOBODY.model,)


def test_a_cell_in_which_only_something_has_a_price_has_a_cost_and_unpriced_tokens(book: PriceBook) -> None:
    found = by_keys(answer(ledger_of(), book, asked(ANY, Wish(by="tool"))))
    assert found["codex",].cost_usd == 4_900 * MILLIONTH
    assert found["codex",].unpriced_tokens == 10


def test_without_prices_nothing_is_priced() -> None:
    found = answer(ledger_of(), None, asked(MODELS, Wish(prices=False)))
    assert {row.figures.priced_pico + row.figures.unpriced_tokens for row in found.rows} == {0}
    assert found.totals.total == 122_910


def test_who_ran_what_where(book: PriceBook) -> None:
    found = answer(
        ledger_of(), book, asked(ANY, Wish(by="session,agent,project,branch,machine,user,tool,provider,tier"))
    )
    assert {row.keys: row.figures.requests for row in found.rows} == {
        ("s1", "", "/home/dev/shop", "main", "box", "dev", "claude-code", "anthropic", "standard"): 2,
        ("s1", "a1", "/home/dev/shop", "main", "box", "dev", "claude-code", "anthropic", "standard"): 1,
        ("s2", "", "/home/dev/tools/shop", "fix", "laptop", "dev", "claude-code", "anthropic", "standard"): 1,
        ("s3", "", "/home/dev/blog", "", "box", "dev", "codex", "openai", "standard"): 1,
        ("s3", "", "/home/dev/blog", "", "box", "dev", "codex", "somewhere", "standard"): 1,
    }


@pytest.mark.parametrize(
    "where, requests",
    [
        ({"tool": ["claude-code"]}, 4),
        ({"tool": ["CODEX"]}, 2),
        ({"tool": ["codex", "claude-code"]}, 6),
        ({"model": ["claude-*"]}, 4),
        ({"model": ["claude-*"], "machine": ["laptop"]}, 1),
        ({"project": ["shop"]}, 4),
        ({"project": ["/home/dev/shop"]}, 3),
        ({"project": ["*/tools/*"]}, 1),
        ({"provider": ["somewhere"]}, 1),
        ({"session": ["s3"], "model": ["gpt*"]}, 1),
        ({"model": ["gpt"]}, 0),
    ],
)
def test_filters(where: dict[str, list[str]], requests: int) -> None:
    found = answer(ledger_of(), None, asked(MODELS, Wish(where=where, prices=False)))
    assert found.totals.requests == sum(row.figures.requests for row in found.rows) == requests


def test_days_are_those_of_the_zone() -> None:
    ledger = ledger_of()
    found = {
        zone: {row.keys[0]: row.figures.requests for row in answer(ledger, None, asked(ANY, Wish(by="day"), zone)).rows}
        for zone in ("UTC", "Asia/Kolkata", "America/New_York", "Pacific/Apia", "Pacific/Chatham")
    }
    assert found == {
        "UTC": {"2026-11-01": 4, "2026-11-02": 2},
        "Asia/Kolkata": {"2026-11-01": 3, "2026-11-02": 3},
        "America/New_York": {"2026-11-01": 4, "2026-11-02": 2},
        # 13 hours ahead, and 13 and three quarters: 10:20 in UTC is five past midnight there.
        "Pacific/Apia": {"2026-11-01": 3, "2026-11-02": 3},
        "Pacific/Chatham": {"2026-11-01": 2, "2026-11-02": 4},
    }


def test_the_period_begins_and_ends_with_its_days() -> None:
    ledger = ledger_of()
    question = asked(DAILY, zone="Asia/Kolkata", since="2026-11-02", until="2026-11-02")
    found = answer(ledger, None, question)
    # 23:30 UTC on the first is 05:00 in Kolkata on the second.
    assert found.totals.requests == 3
    assert found.days == ("2026-11-02", "2026-11-02")


def test_an_empty_period_has_no_rows_and_costs_nothing(book: PriceBook) -> None:
    found = answer(ledger_of(), book, asked(DAILY, since="2026-11-05"))
    assert found.rows == []
    assert found.totals == Figures()
    assert found.totals.cost_usd == 0
    assert found.priced_share is None
    assert found.days == ("2026-11-05", "")
    assert found.coverage.witnesses == {}


def test_witnesses_and_skipped_input_are_told() -> None:
    found = answer(ledger_of(skipped=3), None, asked(PROJECTS, Wish(prices=False)))
    assert found.coverage.witnesses == {"log": 6}
    assert found.coverage.skipped == 3


@pytest.mark.parametrize("prompt, rate", [(200_000, 3), (200_001, 6)])
def test_the_long_context_price_holds_for_the_whole_request_above_its_edge(
    book: PriceBook, prompt: int, rate: int
) -> None:
    # Beside a short call in the same quarter-hour, whose price must not change.
    events = [
        event("2026-03-01T10:00:00", SONNET, MAIN, Tokens(prompt, 0, 0, 0, 0)),
        event("2026-03-01T10:01:00", SONNET, MAIN, Tokens(1_000, 0, 0, 0, 0)),
    ]
    found = answer(ledger_of(events, (), (), ()), book, asked(DAILY))
    assert found.totals.cost_usd == (prompt * rate + 1_000 * 3) * MILLIONTH


def test_each_request_is_priced_at_its_date() -> None:
    # A price of one's own that begins in the middle of what one row sums up.
    book = book_of({"made-up-1": {"input": 2, "output": 4, "since": "2026-11-02"}})
    made_up = OPUS._replace(provider="somewhere", model="made-up-1")
    events = [
        event("2026-11-01T23:59:59", made_up, MAIN, Tokens(1_000)),
        event("2026-11-02T00:00:00", made_up, MAIN, Tokens(10_000)),
        event("2026-11-02T12:00:00", made_up, MAIN, Tokens(100_000)),
    ]
    ledger = ledger_of(events, (), (), ())
    for report in (MODELS, DAILY):
        found = answer(ledger, book, asked(report, zone="Asia/Kolkata"))
        assert found.totals.cost_usd == 110_000 * 2 * MILLIONTH
        assert found.totals.unpriced_tokens == 1_000


def test_a_price_that_changes_within_a_row_counts_on_each_side() -> None:
    # Its own price of 1.75 until the day from which a person has another one.
    book = book_of({CODEX.model: {"input": 100, "output": 100, "since": "2026-11-02"}})
    events = [event(f"2026-11-{day}T12:00:00", CODEX, CLI, Tokens(1_000_000)) for day in ("01", "02", "03")]
    (row,) = answer(ledger_of(events, (), (), ()), book, asked(MODELS)).rows
    assert row.figures.cost_usd == (1_750_000 + 100_000_000 + 100_000_000) * MILLIONTH


def test_a_year_of_days_adds_up_to_its_months_in_every_zone() -> None:
    # Four events an hour around the changes of the clock, each with its own power of two so that none can hide.
    starts = [
        at(text)
        for text in ("2026-03-07T22:00", "2026-03-28T20:00", "2026-04-04T10:00", "2026-10-24T20:00", "2026-10-31T20:00")
    ]
    events = [
        event_at(start + slot * SLOT_MS, 1 + (number * 197 + slot) % 1_000)
        for number, start in enumerate(starts)
        for slot in range(48 * 4)
    ]
    ledger = ledger_of(events, (), (), ())
    for zone in ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Chatham"):
        found = {unit: answer(ledger, None, asked(ANY, Wish(by=unit), zone)).rows for unit in ("hour", "day", "month")}
        for smaller, larger in (("hour", "day"), ("day", "month")):
            for row in found[larger]:
                parts = [part for part in found[smaller] if part.keys[0].startswith(row.keys[0])]
                assert sum(part.figures.input for part in parts) == row.figures.input
        # The same by asking the zone for each event alone.
        alone: dict[str, int] = {}
        for each in events:
            day = Zone(zone).local(each.time).date().isoformat()
            alone[day] = alone.get(day, 0) + each.tokens.input
        assert {row.keys[0]: row.figures.input for row in found["day"]} == alone


def test_the_day_of_25_hours_has_25_hours() -> None:
    start = at("2026-10-25T00:00+02:00")
    events = [event_at(start + hour * HOUR_MS, 1) for hour in range(25)]
    ledger = ledger_of(events, (), (), ())
    found = answer(ledger, None, asked(ANY, Wish(by="hour"), "Europe/Berlin", "2026-10-25", "2026-10-25"))
    assert [row.figures.requests for row in found.rows] == [1] * 25


def event_at(time: int, tokens: int) -> UsageEvent:
    """Return an event at a moment."""
    return event("2026-01-01T00:00:00", OPUS, MAIN, Tokens(tokens))._replace(key=time, time=time)


CALLS = st.lists(
    st.tuples(
        st.integers(0, 40 * 96),
        st.sampled_from([OPUS, SONNET, NOBODY]),
        st.sampled_from([MAIN, OTHER, CLI]),
        st.integers(0, 400_000),
    ),
    max_size=30,
)


@given(calls=CALLS)
def test_any_grouping_has_the_same_totals(book: PriceBook, calls: list[tuple[int, Variant, Context, int]]) -> None:
    start = at("2026-10-01T00:00:00")
    events = [
        event("2026-01-01T00:00:00", variant, context, Tokens(size, 1, 2, 3, 4, 1))._replace(
            key=number, time=start + slot * SLOT_MS + number
        )
        for number, (slot, variant, context, size) in enumerate(calls)
    ]
    ledger = ledger_of(events, (), (), ())
    # One by one, without any sums.
    cost = sum(
        quote.cost(each.tokens)
        for each in events
        if (quote := book.quote(each.variant, each.tokens.prompt, each.time)) is not None
    )
    for by in (
        "day",
        "month,model",
        "hour,tool",
        "week,project,agent",
        "session",
        "machine,user,branch",
        "provider,tier",
    ):
        totals = answer(ledger, book, asked(ANY, Wish(by=by), "Europe/Berlin")).totals
        assert totals.cost_usd == (cost if totals.priced or not totals.requests else None)
        assert totals.total == sum(each.tokens.total for each in events)
        assert totals.unpriced_tokens == sum(each.tokens.total for each in events if each.variant == NOBODY)


def test_the_sample_is_what_the_tests_take_it_for() -> None:
    assert [each.tokens.total for each in EVENTS] == [37_000, 37_000, 800, 37_000, 11_100, 10]


COUNTED = ledger_of(readings=READINGS)


def test_running_totals_stand_on_their_days_with_the_price_of_their_average_prompt(book: PriceBook) -> None:
    rows = by_keys(answer(COUNTED, book, asked(ANY, Wish("day", {"session": ["s4"]}))))
    third, fifth = rows["2026-11-03",], rows["2026-11-05",]
    assert (third.requests, third.input, third.output) == (3, 300_000, 1_000)
    # 300 000 x 3 + 1 000 x 15; all of it in one prompt would cost twice as much.
    assert third.cost_usd == 915_000 * MILLIONTH
    assert (fifth.requests, fifth.input, fifth.output, fifth.priced) == (3, 60_001, 201, 3)
    assert fifth.cost_usd == 183_018 * MILLIONTH


@pytest.mark.parametrize(
    "wish, since, derived, coarse",
    [
        (Wish("day"), "", 60_200, 301_000),
        # By context, too.
        (Wish("project"), "", 60_200, 301_000),
        (Wish("day"), "2026-11-04", 60_200, 0),
        (Wish("day", {"model": ["*opus*"]}), "", 0, 0),
        (Wish("day", {"session": ["s4"]}), "", 60_200, 301_000),
        (Wish("day", {"session": ["s1"]}), "", 0, 0),
    ],
)
def test_an_answer_tells_how_much_of_it_is_not_dated_exactly(
    book: PriceBook, wish: Wish, since: str, derived: int, coarse: int
) -> None:
    found = answer(COUNTED, book, asked(ANY, wish, since=since)).coverage
    assert (found.derived, found.coarse) == (derived, coarse)
