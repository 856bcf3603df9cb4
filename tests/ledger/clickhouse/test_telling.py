"""Telling: an addition stands with its last row, and names what it touches."""

from itertools import count

import pytest
from tests.ledger.engines import OfTests
from tests.ledger.sample import EVER, LOG, MAIN, View, batch, reading

from tallystick.ledger.clickhouse import telling
from tallystick.ledger.clickhouse.numbers import of_text
from tallystick.ledger.clickhouse.telling import Known, Telling
from tallystick.ledger.ledger import Batch
from tallystick.usage.period import SLOT_MS
from tallystick.usage.tokens import Tokens


def tell(ledger: OfTests, *batches: Batch) -> Telling:
    made = Telling(ledger.server, Known.of(ledger.server), count(1).__next__)
    made.tell(batches, ())
    return made


def test_an_addition_names_what_it_touches(ledger: OfTests) -> None:
    views = [View(7, time=5), View(8, time=SLOT_MS), View(7, time=6)]
    calls = [(1, 7, "Read", 1, 2, False), (2, 99, "Read", 1, 2, False)]
    made = tell(ledger, batch(LOG, views, calls=calls, prompts=[(4, 5, MAIN, 0)], readings=[reading(9, Tokens(1))]))
    assert made.came == {7: 2, 8: 1}
    (row,) = ledger.server.rows(
        "SELECT keys, slots, sources, prompts, asked, contexts, readings, sessions FROM additions"
    )
    # The call of an event that came with it is settled with that.
    assert row == ([7, 8], [], [of_text(LOG.path)], [4], [99], [of_text(*MAIN)], 1, ["s1"])


def test_what_is_not_settled_is_in_no_answer(ledger: OfTests) -> None:
    tell(ledger, batch(LOG, [View(7)]))
    assert ledger.ask("usage_by_context", **EVER) == []
    ledger.add([])
    assert len(ledger.ask("usage_by_context", **EVER)) == 1


def test_what_is_larger_comes_in_portions_that_stand_together(ledger: OfTests, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "AT_ONCE", 2)
    tell(ledger, batch(LOG, [View(1), View(2)]), batch(LOG, [View(3), View(4), View(5)]), batch(LOG, [View(6)]))
    rows = ledger.server.rows("SELECT keys FROM additions ORDER BY came")
    assert rows == [([1, 2],), ([3, 4, 5],), ([6],)]


def test_names_are_told_once_and_sessions_with_them(ledger: OfTests) -> None:
    known = Known.of(ledger.server)
    for _ in range(2):
        made = Telling(ledger.server, known, count(1).__next__)
        made.tell([batch(LOG, [View(7)])], ())
    assert sorted(ledger.server.rows("SELECT sessions FROM additions")) == [([],), (["s1"],)]
