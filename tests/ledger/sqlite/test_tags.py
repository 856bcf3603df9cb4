"""Tags in SQLite: which days a tag changes; what it holds for is in the promise of sessions."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from tests.ledger.sample import COPY, LATER, LOG, MAIN, View, batch

from tallystick.ledger.ledger import Batch, Row, Source
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.usage.period import DAY_MS

TAG: Row = ("claude-code", "s1", "ticket", "X-1")
RUN: Row = ("claude-code", "run-t1", "ticket", "X-1")
WIRE = Source("/home/dev/spool/1.jsonl", "wire", "wire")
IN_RUN = MAIN._replace(session="run-t1", project="", branch="")


@pytest.fixture
def ledger() -> Iterator[SqliteLedger]:
    """Return a ledger of a session on days 1 and 2, with a prompt on day 4, and of another one on day 3."""
    with closing(SqliteLedger(":memory:", write=True)) as made:
        views = [View(1, time=DAY_MS), View(2, time=2 * DAY_MS), View(3, time=3 * DAY_MS, context=COPY)]
        made.add([batch(LOG, views, prompts=[(9, 4 * DAY_MS, MAIN, 0)])])
        yield made


def changed(ledger: SqliteLedger, *told: Batch) -> list[int]:
    before: dict[int, int] = dict(ledger.ask("days"))
    ledger.add(told)
    return [day for day, state in ledger.ask("days") if before.get(day) != state]


def test_the_days_of_its_session_change_and_only_once(ledger: SqliteLedger) -> None:
    assert changed(ledger, batch(LOG, tags=[TAG])) == [1, 2, 4]
    assert changed(ledger, batch(LOG, tags=[TAG])) == []
    assert changed(ledger, batch(LOG, tags=[(*TAG[:3], "Y")])) == [1, 2, 4]


def test_of_another_tool_it_is_another_session(ledger: SqliteLedger) -> None:
    assert changed(ledger, batch(LOG, tags=[("codex", *TAG[1:])])) == []


def test_a_tag_with_a_sessions_first_event_is_no_change_of_what_was(ledger: SqliteLedger) -> None:
    context = MAIN._replace(session="s9")
    told = batch(LOG, [View(9, time=2 * DAY_MS + 1, context=context)], tags=[("claude-code", "s9", "a", "b")])
    before: dict[int, int] = dict(ledger.ask("days"))
    assert changed(ledger, told) == [2]
    # It only grew.
    assert ledger.ask("grown", day=2, state=before[2]) != []


def test_days_change_when_a_call_of_a_tagged_run_turns_out_to_be_of_a_session(ledger: SqliteLedger) -> None:
    assert changed(ledger, batch(WIRE, tags=[RUN])) == []
    assert changed(ledger, batch(WIRE, [View(1, time=DAY_MS, context=IN_RUN)])) == [1, 2, 4]
    assert changed(ledger, batch(LATER, [View(3, time=3 * DAY_MS, context=COPY)])) == [3]


def test_days_change_when_a_run_is_tagged_whose_calls_are_of_a_session(ledger: SqliteLedger) -> None:
    ledger.add([batch(WIRE, [View(1, time=DAY_MS, context=IN_RUN)])])
    assert changed(ledger, batch(LATER, tags=[RUN])) == [1, 2, 4]
