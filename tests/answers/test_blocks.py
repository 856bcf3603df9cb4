"""Blocks of five hours: where they begin and end, gaps, pace and forecast."""

import random
from contextlib import closing
from typing import Any

import pytest
from tests.answers.sample import (
    CLI,
    CODEX,
    EVENTS,
    HELPER,
    MAIN,
    NOBODY,
    NOW,
    OPUS,
    OTHER,
    READINGS,
    THOUSAND,
    asked,
    event,
    ledger_of,
)
from tests.ledger.sample import LOG, View, batch

from tallystick.answers import as_json
from tallystick.answers.answer import Answer
from tallystick.answers.blocks import answer
from tallystick.answers.foldbook import Foldbook, close_book, open_book
from tallystick.answers.parts import KEPT
from tallystick.answers.question import Wish
from tallystick.answers.reports.work import BLOCKS
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.prices.price_book import PriceBook
from tallystick.usage.event import UsageEvent
from tallystick.usage.period import BEGINNING, DAY_MS, HOUR_MS
from tallystick.usage.tokens import Tokens


def moments(*times: str) -> list[Any]:
    """Return an event of one token at each time of 2026-11-10 and the days after."""
    return [event(f"2026-11-{time}", OPUS, MAIN, Tokens(1)) for time in times]


def shape(found: Answer) -> list[tuple[str, str, int]]:
    """Return each block as begin, end and requests; gaps have none."""
    blocks = [(row.details or {}, row.figures.requests) for row in found.rows]
    return [(details["start"].iso()[8:16], details["end"].iso()[8:16], requests) for details, requests in blocks]


@pytest.mark.parametrize(
    "times, found",
    [
        # From the full hour on, for five hours; an event at its very end is still inside.
        (["10T10:59:59", "10T15:00:00"], [("10T10:00", "10T15:00", 2)]),
        # More than five hours after the block's begin: a new block, without a pause between them.
        (["10T10:59:59", "10T15:00:01"], [("10T10:00", "10T15:00", 1), ("10T15:00", "10T20:00", 1)]),
        (["10T10:30:00", "10T14:00:00", "10T15:30:00"], [("10T10:00", "10T15:00", 2), ("10T15:00", "10T20:00", 1)]),
        # Exactly five hours of pause are none; a second more is a gap, from five hours after the last event on.
        (["10T10:00:00", "10T15:00:00", "10T20:00:00"], [("10T10:00", "10T15:00", 2), ("10T20:00", "11T01:00", 1)]),
        (
            ["10T10:30:00", "10T15:30:01"],
            [("10T10:00", "10T15:00", 1), ("10T15:30", "10T15:30", 0), ("10T15:00", "10T20:00", 1)],
        ),
        (
            ["10T10:00:00", "12T03:20:00"],
            [("10T10:00", "10T15:00", 1), ("10T15:00", "12T03:20", 0), ("12T03:00", "12T08:00", 1)],
        ),
    ],
)
def test_where_blocks_begin(times: list[str], found: list[tuple[str, str, int]]) -> None:
    assert sorted(shape(answer(ledger_of(moments(*times), (), (), ()), None, asked(BLOCKS)))) == sorted(found)


def test_each_tool_has_its_own_blocks(book: PriceBook) -> None:
    found = answer(ledger_of(), book, asked(BLOCKS))
    rows = {row.keys: row for row in found.rows}
    assert set(rows) == {
        ("2026-11-01T10:00:00.000Z", "claude-code"),
        ("2026-11-01T15:20:00.000Z", "claude-code"),
        ("2026-11-01T23:00:00.000Z", "claude-code"),
        ("2026-11-02T09:00:00.000Z", "codex"),
    }
    first = rows["2026-11-01T10:00:00.000Z", "claude-code"]
    assert first.details is not None
    assert first.details["models"] == ["claude-opus-4-1-20250805", "claude-sonnet-4-5-20250929"]
    assert first.details["inferred"] is True
    # Twice 0.285, and 0.0063 with a search for a cent.
    assert first.figures.cost_usd == (570_000 + 16_300) * 10**6
    assert found.coverage.unpriced == (("nobody-knows-1", 10),)
    assert found.coverage.witnesses == {"log": 6}
    assert found.days == ("2026-11-01", "2026-11-02")
    assert found.totals.requests == len(EVENTS)


def test_the_active_block_has_a_pace_and_a_forecast(book: PriceBook) -> None:
    # As ccusage 20.0.24 shows them for these three calls at the same moment of the block.
    events = [
        event(f"2026-11-22T{time}", OPUS, MAIN, THOUSAND) for time in ("03:29:42.597", "03:49:42.597", "04:14:42.597")
    ]
    found = answer(ledger_of(events, (), (), ()), book, asked(BLOCKS))
    (row,) = found.rows
    assert row.details is not None
    assert row.details["active"] is True
    assert row.details["burn_rate"] == {
        "tokens_per_minute": pytest.approx(111_000 / 45),
        "cost_usd_per_hour": 1_140_000 * 10**6,
    }
    assert row.details["projection"] == {
        "remaining_minutes": 220,
        "total": 653_667,
        "cost_usd": 855_000 * 10**6 + 1_140_000 * 10**6 * 220 // 60,
    }


@pytest.mark.parametrize(
    "time, active",
    [
        ("2026-11-22T04:19:42.000", True),
        ("2026-11-22T00:00:00.000", True),  # its block ends at 05:00
        ("2026-11-21T23:59:59.999", False),  # its block ended at 04:00
    ],
)
def test_a_block_is_active_until_it_ends(time: str, active: bool) -> None:  # noqa: FBT001  an expectation
    (row,) = answer(ledger_of([event(time, OPUS, MAIN, Tokens(1))], (), (), ()), None, asked(BLOCKS)).rows
    assert NOW == 1_795_321_182_597  # 04:19:42.597
    assert row.details is not None
    assert row.details["active"] is active
    # One event alone has no pace.
    assert row.details["burn_rate"] is None


def test_without_prices_the_pace_has_no_cost() -> None:
    events = [event(f"2026-11-22T{time}", OPUS, MAIN, THOUSAND) for time in ("03:30:00", "03:31:00")]
    (row,) = answer(ledger_of(events, (), (), ()), None, asked(BLOCKS, Wish(prices=False))).rows
    assert row.details is not None
    assert row.details["burn_rate"] == {"tokens_per_minute": 74_000, "cost_usd_per_hour": None}
    assert row.details["projection"]["cost_usd"] is None


def test_a_period_cuts_no_block() -> None:
    # The block that begins before midnight is the day before's, and its later event stays with it.
    events = moments("09T23:30:00", "10T01:00:00", "10T06:30:00")
    found = answer(ledger_of(events, (), (), ()), None, asked(BLOCKS, since="2026-11-10"))
    assert shape(found) == [("10T06:00", "10T11:00", 1), ("10T06:00", "10T06:30", 0)]
    assert answer(ledger_of(events, (), (), ()), None, asked(BLOCKS, until="2026-11-09")).totals.requests == 1


def test_filters_count_less_and_move_nothing() -> None:
    # The other project's call came first: the window began with it.
    events = [event("2026-11-10T08:59:00", OPUS, OTHER, Tokens(5)), event("2026-11-10T11:00:00", OPUS, MAIN, Tokens(1))]
    found = answer(ledger_of(events, (), (), ()), None, asked(BLOCKS, Wish(where={"project": ["/home/dev/shop"]})))
    assert shape(found) == [("10T08:00", "10T13:00", 1)]
    assert found.totals.total == 1


def test_pauses_are_told_of_a_whole_tool() -> None:
    events = [*moments("10T10:00:00", "12T10:00:00"), event("2026-11-10T10:00:00.001", OPUS, CLI, Tokens(1))]
    ledger = ledger_of(events, (), (), ())
    assert len(answer(ledger, None, asked(BLOCKS, Wish(where={"tool": ["claude-code"]}))).rows) == 3
    assert len(answer(ledger, None, asked(BLOCKS, Wish(where={"tool": ["codex"]}))).rows) == 1
    assert len(answer(ledger, None, asked(BLOCKS, Wish(where={"model": ["*opus*"]}))).rows) == 3


def test_a_difference_of_readings_counts_for_all_its_calls(book: PriceBook) -> None:
    found = answer(ledger_of((), (), (), (), readings=READINGS), book, asked(BLOCKS, Wish("", {"tool": ["codex"]})))
    assert [each for each in shape(found) if each[2]] == [("03T12:00", "03T17:00", 3), ("05T12:00", "05T17:00", 3)]
    # $0.915, $0.183 and 18 millionths.
    assert (found.totals.requests, found.totals.priced, found.totals.cost_usd) == (6, 6, 1_098_018 * 10**6)
    assert found.coverage.witnesses == {"log": 6}
    assert (found.coverage.derived, found.coverage.coarse) == (60_200, 301_000)


def test_blocks_of_a_period_are_those_of_all_time_that_begin_in_it(book: PriceBook) -> None:
    # Work every 3.4 hours for sixty days, with one pause on the twentieth: what is before a period may reach far back.
    start, step = 1_791_000_000_000, 12_240_000
    numbers = [number for number in range(424) if number not in {140, 141, 142}]
    made = [UsageEvent(number, 0, start + number * step, OPUS, THOUSAND, MAIN) for number in numbers]
    ledger = ledger_of(made, (), (), ())
    every = asked(BLOCKS, Wish(), "Asia/Kolkata")
    whole = answer(ledger, book, every)
    for days in (1, 7, 19, 20, 21, 22, 35, 59):
        since = every.period.zone.midnight(every.period.zone.day(start) + days)
        part = answer(ledger, book, every._replace(period=every.period._replace(since=since)))
        assert part.rows == [row for row in whole.rows if (row.details or {})["start"] >= since]


def test_models_called_in_the_same_millisecond_come_as_the_ledger_has_them(book: PriceBook) -> None:
    for order in ((OPUS, CODEX), (CODEX, OPUS)):
        # Long before, they were called in the other order.
        made = [UsageEvent(key, 0, key, variant, THOUSAND, MAIN) for key, variant in enumerate(reversed(order))]
        made += [UsageEvent(key + 5, 0, 10**10, variant, THOUSAND, MAIN) for key, variant in enumerate(order)]
        made.append(UsageEvent(9, 0, 10**10 + 1, NOBODY, THOUSAND, MAIN))
        *_, row = answer(ledger_of(made, (), (), ()), book, asked(BLOCKS)).rows
        assert (row.details or {})["models"] == [order[0].model, order[1].model, NOBODY.model]


def test_the_very_end_of_a_block_divides_a_quarter_hour() -> None:
    # One event in the last millisecond of the block from ten on, the rest of the quarter-hour in the next one.
    made = moments("10T10:00:00", "10T12:00:00", "10T15:00:00", "10T15:00:00.001", "10T15:10:00")
    assert sorted(shape(answer(ledger_of(made, (), (), ()), None, asked(BLOCKS)))) == [
        ("10T10:00", "10T15:00", 3),
        ("10T15:00", "10T20:00", 2),
    ]


def test_whoever_was_at_work_counts_at_the_very_end_of_a_block() -> None:
    made = [
        *moments("10T10:00:00", "10T12:00:00"),
        event("2026-11-10T15:00:00", OPUS, HELPER, Tokens(1)),
        event("2026-11-10T15:00:00.001", OPUS, MAIN, Tokens(1)),
        event("2026-11-10T15:10:00", OPUS, HELPER, Tokens(1)),
    ]
    for where, counts in (({}, (3, 2)), ({"agent": ["a1"]}, (1, 1)), ({"agent": [""]}, (2, 1))):
        found = answer(ledger_of(made, (), (), ()), None, asked(BLOCKS, Wish(where=where)))
        assert sorted(shape(found)) == [
            ("10T10:00", "10T15:00", counts[0]),
            ("10T15:00", "10T20:00", counts[1]),
        ]


@pytest.mark.parametrize("seed", range(12))
def test_blocks_of_days_that_are_long_over_are_kept_and_stay_the_same(seed: int, book: PriceBook) -> None:
    chance = random.Random(seed)
    start, late = 20_756 * DAY_MS, 20_776 * DAY_MS
    kept = Foldbook()
    with closing(SqliteLedger(":memory:", write=True)) as ledger:
        number = 0

        def come(count: int, since: int) -> None:
            nonlocal number
            views = []
            for _ in range(count):
                number += 1
                # In clusters and by themselves, so that there are blocks that touch and pauses of all lengths.
                time = since + chance.randrange((late - since) // HOUR_MS) * HOUR_MS + chance.choice((0, 1, 1_799_999))
                context, variant = chance.choice((MAIN, OTHER, CLI)), chance.choice((OPUS, NOBODY))
                views.append(View(number, time=time, context=context, variant=variant))
            ledger.add([batch(LOG._replace(path=f"/home/dev/{number}"), views)])

        def told(wish: Wish, since: int, now: int) -> str:
            question = asked(BLOCKS, wish)._replace(now=now)
            found = answer(ledger, book, question._replace(period=question.period._replace(since=since)))
            return f"{as_json.report(found)} {found.coverage} {found.days}"

        come(chance.choice((20, 150)), start)
        # New events of the last days, of any day, a new question.
        for since in (late - 2 * DAY_MS, late - 2 * DAY_MS, start, late - DAY_MS):
            for wish in (Wish(), Wish(where={"project": ["shop"]}), Wish(where={"tool": [CLI.tool]})):
                for begin in (BEGINNING, start + 3 * DAY_MS + 7):
                    for now in (late - HOUR_MS, late + DAY_MS):
                        close_book()
                        plain = told(wish, begin, now)
                        KEPT.book = kept
                        assert [told(wish, begin, now) for _ in range(2)] == [plain] * 2
            come(chance.choice((1, 10)), since)
    KEPT.book = None


def test_of_blocks_that_are_kept_only_the_last_days_are_looked_at() -> None:
    times = [f"{day:02}T{hour:02}:10:00" for day in range(1, 21) for hour in (9, 12)]
    with closing(SqliteLedger(":memory:", write=True)) as ledger:
        views = [View(number, time=each.time, context=MAIN) for number, each in enumerate(moments(*times), 1)]
        ledger.add([batch(LOG, views)])
        open_book()
        try:
            question = asked(BLOCKS)._replace(now=views[-1].time + HOUR_MS)
            first = answer(ledger, None, question)
            # Twenty days with a block and a pause each, but for the last pause.
            assert len(first.rows) == 39
            assert answer(ledger, None, question).rows == first.rows
            # What is kept are the blocks of all days but the last six.
            assert KEPT.book is not None
            (note,) = KEPT.book._notes.values()
            assert len(note[1].rows) == 2 * 14
        finally:
            close_book()
