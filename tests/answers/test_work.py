"""The time at work from the daybook: the same, to the millisecond, as from all single spans, whatever is asked."""

from contextlib import closing
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.answers.sample import HELPER, MAIN, OPUS, OTHER, asked, ledger_of
from tests.ledger.sample import View as Seen
from tests.ledger.sample import batch

from tallystick.answers.activity import answer as by_day
from tallystick.answers.book import BOOK
from tallystick.answers.calls import calls
from tallystick.answers.pages import people
from tallystick.answers.question import Question, Wish, question
from tallystick.answers.reports.times import ACTIVITY
from tallystick.answers.reports.work import SESSIONS
from tallystick.answers.sessions import answer as by_session
from tallystick.answers.work import work
from tallystick.ledger.ledger import Ledger, Source
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.usage.event import Context, Prompt, ToolCall, UsageEvent
from tallystick.usage.period import DAY_MS, Period, Zone
from tallystick.usage.tokens import Tokens

HOUR = 3_600_000
START = 20_400 * DAY_MS
"""2025-11-08T00:00Z."""
CONTEXTS = (MAIN, HELPER, MAIN._replace(branch="fix"), OTHER, OTHER._replace(agent="a2", project="/home/dev/shop"))
WHERE: tuple[dict[str, list[str]], ...] = (
    {},
    {"tool": ["claude-code"]},
    {"branch": ["main"]},
    {"agent": [""]},
    {"project": ["shop"]},
    {"machine": ["laptop"]},
)

# Near the midnights of all zones that are asked about, and near the ends of quarter-hours.
moments = st.builds(
    lambda day, part, ms: START + day * DAY_MS + part * 900_000 + ms,
    st.integers(0, 3),
    st.sampled_from((0, 1, 19, 20, 21, 73, 74, 94, 95)),
    st.sampled_from((0, 1, 450_000, 899_999)),
)
lengths = st.sampled_from((0, 1, 450_000, 900_000, 2 * HOUR, DAY_MS, DAY_MS + HOUR))
events = st.lists(st.tuples(moments, st.sampled_from(CONTEXTS), lengths), min_size=1, max_size=10)
runs = st.lists(st.tuples(st.integers(0, 9), moments, lengths, st.booleans()), max_size=10)
days = st.sampled_from(("", "2025-11-07", "2025-11-08", "2025-11-09", "2025-11-10"))


def told(ledger: Ledger, question: Question) -> list[Any]:
    """Return what activity, sessions and uses of tools are told of, in an order."""
    answers = (
        by_day(ledger, None, question._replace(report=ACTIVITY, group_by=ACTIVITY.group_by)),
        by_session(ledger, None, question._replace(report=SESSIONS, group_by=SESSIONS.group_by, order=("last", True))),
    )
    rows = [sorted((row.keys, row.figures, row.details) for row in each.rows) for each in answers]
    return [rows, [each.details for each in answers], calls(ledger, question).told()]


def both(ledger: Ledger, question: Question) -> list[list[Any]]:
    """Return what is told from the daybook, and without it."""
    found = []
    for booked in (True, False):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(BOOK, "worth", lambda *_, booked=booked: booked)
            found.append(told(ledger, question))
    return found


@settings(max_examples=60, deadline=None)
@given(events, runs, days, days, st.sampled_from(("UTC", "Asia/Kolkata", "America/New_York")), st.sampled_from(WHERE))
def test_the_daybook_tells_what_single_spans_tell(
    seen: list[tuple[int, Context, int]],
    ran: list[tuple[int, int, int, bool]],
    since: str,
    until: str,
    zone: str,
    where: dict[str, list[str]],
) -> None:
    since, until = (min(since, until), max(since, until)) if since and until else (since, until)
    made = [
        UsageEvent(number, 0, time, OPUS, Tokens(1), context, work_ms=length)
        for number, (time, context, length) in enumerate(seen)
    ]
    uses = [
        ToolCall(number, event % len(made), f"tool {number % 3}", begin, begin + length if length else 0, failed)
        for number, (event, begin, length, failed) in enumerate(ran)
    ]
    prompts = [Prompt(number, time, context, 0) for number, (time, context, _) in enumerate(seen)]
    ledger = ledger_of(made, prompts, uses, ())
    question = asked(ACTIVITY, Wish(where=where, prices=False), zone, since, until)
    booked, single = both(ledger, question)
    assert booked == single


def test_a_span_over_midnight_is_seen_from_both_days() -> None:
    source = Source("/home/dev/a.jsonl", "claude-code")
    with closing(SqliteLedger(":memory:", write=True)) as ledger:
        ledger.add([batch(source, [Seen(1, time=DAY_MS + 60_000, context=MAIN, work_ms=120_000)])])
        wish = Wish(prices=False)
        every = question(ACTIVITY, Period(Zone()), wish, 0)
        for asked_for in (every, every._replace(period=Period(Zone(), DAY_MS, 2 * DAY_MS))):
            booked, single = both(ledger, asked_for)
            assert booked == single
        # What comes to the first day only is added to what the second one's event left there.
        ledger.add([batch(source, [Seen(2, time=DAY_MS - 30_000, context=MAIN, work_ms=90_000)])])
        booked, single = both(ledger, every)
        assert booked == single
        model = {row[0][0]: row[2]["model_ms"] for row in booked[0][0]}
        assert model == {"1970-01-01": 120_000, "1970-01-02": 60_000}


def test_only_a_session_that_filters_divide_is_told_of_by_spans() -> None:
    source = Source("/home/dev/a.jsonl", "claude-code")
    with closing(SqliteLedger(":memory:", write=True)) as ledger:
        views = [
            Seen(1, time=HOUR, context=MAIN, work_ms=5),
            Seen(2, time=HOUR, context=HELPER, work_ms=7),
            Seen(3, time=HOUR, context=OTHER, work_ms=9),
        ]
        ledger.add([batch(source, views)])
        whole = work(ledger, Period(Zone()), {1: 0, 2: 0, 3: 0}, people(ledger))
        assert {place[1]: cell.times for place, cell in whole.cells} == {"s1": [7, 5, 0, 7, 0], "s2": [9, 9, 0, 0, 0]}
        assert list(whole.spans) == []
        part = work(ledger, Period(Zone()), {1: 0, 2: -1, 3: 0}, people(ledger))
        assert [place[1] for place, _ in part.cells] == ["s2"]
        assert list(part.spans) == [(1, 0, HOUR - 5, HOUR)]


def test_what_goes_on_over_midnight_begins_only_once() -> None:
    source = Source("/home/dev/a.jsonl", "claude-code")
    with closing(SqliteLedger(":memory:", write=True)) as ledger:
        seen = [Seen(1, time=DAY_MS - 60_000, context=MAIN)]
        ledger.add([batch(source, seen, calls=[(9, 1, "Bash", DAY_MS - 30_000, DAY_MS + 30_000, False)])])
        booked, single = both(ledger, question(ACTIVITY, Period(Zone()), Wish(prices=False), 0))
        assert booked == single
        ((_, _, details),) = booked[0][1]
        assert (details["last"], details["tool_ms"]) == (DAY_MS - 30_000, 60_000)
