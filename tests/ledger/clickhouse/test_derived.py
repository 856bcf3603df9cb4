"""Running totals on this engine: what they stand for is found again under the same number."""

from tests.ledger.engines import OfTests
from tests.ledger.sample import COPY, EVER, LOG, View, batch, reading

from tallystick.ledger.clickhouse.contested import Changes
from tallystick.ledger.clickhouse.derived import work_out
from tallystick.ledger.clickhouse.numbers import of_text
from tallystick.usage.period import SLOT_MS
from tallystick.usage.tokens import Tokens


def test_what_is_derived_stands_until_something_else_is(ledger: OfTests) -> None:
    ledger.add([batch(LOG, readings=[reading(SLOT_MS, Tokens(60))])])
    (before,) = ledger.ask("events", **EVER)
    changes = Changes()
    work_out(ledger.server, [before[2]], changes)
    assert (changes.events, changes.new, changes.changed) == ([], 0, 0)
    ledger.add([batch(LOG, [View(1, tokens=Tokens(10))])])
    (after,) = [row for row in ledger.ask("events", **EVER) if row[21] == 0]
    assert (before[4], after[4], before[0] != after[0]) == (60, 50, True)


def test_sessions_without_counters_are_left_alone(ledger: OfTests) -> None:
    ledger.add([batch(LOG, [View(1, context=COPY)], readings=[reading(SLOT_MS, Tokens(60))])])
    changes = Changes()
    work_out(ledger.server, [of_text(*COPY)], changes)
    assert changes.events == []
