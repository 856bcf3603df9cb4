"""A session's timeline, against the sample whose moments are known and against the report of sessions."""

import pytest
from tests.answers.sample import (
    EVENTS,
    HELPER,
    MAIN,
    OPUS,
    PROMPTS,
    READINGS,
    SONNET,
    asked,
    at,
    event,
    ledger_of,
)

from tallystick.answers.as_json import document
from tallystick.answers.reports.work import SESSIONS
from tallystick.answers.sessions import answer
from tallystick.answers.timeline import Span, session
from tallystick.errors import NotFound
from tallystick.prices.price_book import PriceBook
from tallystick.usage.event import ToolCall
from tallystick.usage.period import Zone
from tallystick.usage.tokens import Tokens

FAILED, NOT = True, False


def test_what_happened_in_a_session(book: PriceBook) -> None:
    found = session(ledger_of(), book, "s1", Zone())
    assert found.title == "Mend the till"
    assert found.contexts == [MAIN, HELPER]
    assert found.prompts == [PROMPTS[0].time]
    numbers = [each.number for each in found.events]
    assert found.spans == [
        Span("", 0, OPUS.model, at("2026-11-01T10:00:00"), at("2026-11-01T10:00:05"), NOT, numbers[0]),
        Span("", 1, "Bash", at("2026-11-01T10:00:05"), at("2026-11-01T10:00:15"), NOT, numbers[0]),
        Span("", 1, "Read", at("2026-11-01T10:00:10"), at("2026-11-01T10:00:20"), FAILED, numbers[0]),
        Span("a1", 0, OPUS.model, at("2026-11-01T10:00:30"), at("2026-11-01T10:01:00"), NOT, numbers[1]),
        Span("a1", 1, "Grep", at("2026-11-01T10:01:00"), at("2026-11-01T10:01:01"), NOT, numbers[1]),
    ]
    assert [each.time for each in found.events] == [each.time for each in EVENTS[:3]]
    # In thousandths of a cent: 0.285, 0.57, 0.5863.
    assert found.costs == [28_500 * 10**7, 57_000 * 10**7, 58_630 * 10**7]
    assert [(row.keys, row.figures.requests) for row in found.models] == [((OPUS.model,), 2), ((SONNET.model,), 1)]
    assert [(row.keys, row.figures.priced_pico) for row in found.agents] == [
        (("",), 30_130 * 10**7),
        (("a1",), 28_500 * 10**7),
    ]
    assert found.reach == (at("2026-11-01T10:00:00"), at("2026-11-01T10:20:00"))


@pytest.mark.parametrize("name", ["s1", "s2", "s3"])
def test_it_agrees_with_the_report_of_sessions(book: PriceBook, name: str) -> None:
    (row,) = (row for row in answer(ledger_of(), book, asked(SESSIONS)).rows if row.keys == (name,))
    found = session(ledger_of(), book, name, Zone())
    assert found.totals == row.figures
    assert row.details is not None
    assert {f"{key}_ms": value for key, value in found.active._asdict().items()}.items() <= row.details.items()
    assert (len(found.prompts), found.reach[0]) == (row.details["prompts"], row.details["first"])
    assert sum(span.kind == 1 for span in found.spans) == row.details["tool_calls"]
    assert found.costs[-1] == row.figures.priced_pico


def test_a_use_without_an_end_is_told_and_takes_no_time(book: PriceBook) -> None:
    events = [event("2026-11-01T10:00:05", OPUS, MAIN, Tokens(1))]
    calls = [ToolCall(1, events[0].key, "Bash", events[0].time)]
    found = session(ledger_of(events, (), calls, ()), book, "s1", Zone())
    assert [(span.name, span.end - span.begin) for span in found.spans] == [("Bash", 0)]
    assert found.told()["spans"][0]["end"] is None
    assert found.active.active == 0


def test_a_session_that_paused_for_days_is_whole(book: PriceBook) -> None:
    moved = MAIN._replace(project="/home/dev/other", branch="fix")
    events = [
        event("2026-10-01T10:00:00", OPUS, MAIN, Tokens(1)),
        event("2026-10-20T10:00:00", OPUS, MAIN._replace(session="s9"), Tokens(10)),
        event("2026-11-01T10:00:00", OPUS, moved, Tokens(100)),
    ]
    found = session(ledger_of(events, (), (), ()), book, "s1", Zone())
    assert found.totals.input == 101
    told = found.told()
    assert told["projects"] == ["/home/dev/shop", "/home/dev/other"]
    assert told["branches"] == ["main", "fix"]


def test_one_that_only_a_counter_told_of(book: PriceBook) -> None:
    found = session(ledger_of((), (), (), (), readings=READINGS), book, "s4", Zone())
    assert found.totals.requests == 6
    # 0.915 + 0.183 + 0.000018
    assert found.costs[-1] == 1_098_018 * 10**6


@pytest.mark.parametrize("name", ["", "S1", "s*", "nobody"])
def test_a_session_that_is_not_there(book: PriceBook, name: str) -> None:
    with pytest.raises(NotFound, match="no session"):
        session(ledger_of(), book, name, Zone())


def test_its_json(book: PriceBook) -> None:
    text = document(session(ledger_of(), book, "s1", Zone()))
    assert '"schema": "tallystick.session/1"' in text
    assert '"running_cost_usd": 0.5863' in text
