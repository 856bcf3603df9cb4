"""Candidates: which events may be one call seen twice."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from tests.ledger.sample import LOG, MAIN, OPUS, View, batch

from tallystick.intake.wire.candidates import Alone, Candidates, Logged, arrived, candidates, counts, lonely_days, names
from tallystick.ledger.aligning import Half
from tallystick.ledger.ledger import Source
from tallystick.ledger.merging import ALIGNED
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.usage.event import UsageEvent
from tallystick.usage.tokens import Tokens

KILO = MAIN._replace(tool="kilo-cli")
SPOOL = Source("/home/dev/spool/1-2.jsonl", "wire", "wire")
DAY = 86_400_000
TOKENS = Tokens(1, 2, 3, 4, 5, 0)
TOOLS = frozenset(("kilo-cli",))


@pytest.fixture
def ledger() -> Iterator[SqliteLedger]:
    with closing(SqliteLedger(":memory:", write=True)) as made:
        yield made


def half(number: int, time: int, taken: int = 0) -> Half:
    return Half(number, time, time, frozenset(("claude-opus-4-8",)), frozenset(("s1",)), (1, 2, 7, 5), taken)


def test_events_of_logs_and_of_the_wire_alone_are_told_apart(ledger: SqliteLedger) -> None:
    sent = LOG._replace(path="push:other:/home/dev/a.jsonl")
    ledger.add(
        [
            batch(LOG, [View(1, 5, 1_000, KILO), View(2, 0, 2_000, KILO), View(3, 0, 3_000, MAIN)]),
            batch(SPOOL, [View(4, 0, 4_000, KILO, work_ms=9, place=8), View(5, 0, 5_000, KILO, grade=2)]),
            batch(Source(ALIGNED, "wire", "wire"), [View(2, 0, 2_040, KILO)]),
            batch(sent, [View(6, 0, 6_000, KILO)]),
        ]
    )
    event = UsageEvent(4, 0, 4_000, OPUS, TOKENS, KILO._replace(machine="", user=""), 3, work_ms=9, offset=8)
    assert candidates(ledger, 0, 10_000, TOOLS) == Candidates(
        [Logged(half(1, 1_000), "kilo-cli", 1, 5), Logged(half(2, 2_040, 2_040), "kilo-cli", 2, 0)],
        [Alone(event, SPOOL.path)],
    )
    assert candidates(ledger, 4_001, 10_000, TOOLS) == Candidates([], [])


def test_days_are_known_on_which_only_the_wire_told(ledger: SqliteLedger) -> None:
    ledger.add(
        [
            batch(SPOOL, [View(1, 0, 2 * DAY, KILO), View(2, 0, 5 * DAY - 1, KILO), View(3, 0, 9 * DAY, MAIN)]),
            batch(LOG, [View(1, 0, 2 * DAY, KILO), View(4, 0, 7 * DAY, KILO)]),
        ]
    )
    assert lonely_days(ledger, TOOLS) == frozenset((4,))


def test_what_came_after_a_number_is_told_by_its_times(ledger: SqliteLedger) -> None:
    ledger.add([batch(LOG, [View(1, 0, 1_000, KILO), View(2, 0, 2_000, MAIN), View(3, 0, 3_000, KILO)])])
    ledger.add([batch(SPOOL, [View(4, 0, 4_000, KILO)])])
    assert arrived(ledger, 0, TOOLS.__contains__) == (4, [1_000, 3_000])
    assert arrived(ledger, 1, TOOLS.__contains__) == (4, [3_000])
    assert arrived(ledger, 4, TOOLS.__contains__) == (4, [])


def test_a_run_names_no_session() -> None:
    assert names("s1", "", "run-7") == frozenset(("s1",))
    assert counts(TOKENS[:5]) == (1, 2, 7, 5)
