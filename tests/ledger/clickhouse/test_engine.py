"""The engine: worlds in any order, and several of its processes on one ledger."""

from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ledger.engines import ENGINES, OfTests
from tests.ledger.sample import LATER, LOG, View, batch, decoded, usage
from tests.ledger.test_whole import told
from tests.ledger.worlds import World, deliveries, in_turn, worlds

from tallystick.ledger.clickhouse.engine import ClickhouseLedger
from tallystick.ledger.ledger import Receipt
from tallystick.ledger.memory import MemoryLedger

THERE = pytest.mark.skipif("clickhouse" not in ENGINES, reason="chdb is not installed: make engine")


@THERE
@settings(max_examples=5)
@given(data=st.data())
def test_no_order_no_repetition_and_no_division_changes_the_outcome(data: st.DataObject) -> None:
    world: World = data.draw(worlds())
    straight = MemoryLedger()
    straight.add(in_turn(world, [[each] for each in world.told]))
    other = ENGINES["clickhouse"]()
    try:
        for transaction in data.draw(deliveries(world)):
            other.add(transaction)
        assert decoded(other) == decoded(straight)
    finally:
        other.close()


@THERE
@settings(max_examples=2)
@given(data=st.data())
def test_it_tells_whoever_copies_it_everything(data: st.DataObject) -> None:
    transactions = data.draw(deliveries(data.draw(worlds(withdrawals=False))))
    memory, other = MemoryLedger(), ENGINES["clickhouse"]()
    try:
        for transaction in transactions:
            memory.add(transaction)
            other.add(transaction)
        assert told(other) == told(memory)
    finally:
        other.close()


def test_what_one_process_took_in_the_other_answers_at_once(ledger: OfTests) -> None:
    ((host, port),) = ledger.server.address.hosts
    other = ClickhouseLedger(f"clickhouse://{host}:{port}/{ledger.server.address.database}", count(1).__next__)
    assert ledger.add([batch(LOG, [View(1)])]) == Receipt(new=1)
    assert decoded(other) == decoded(ledger)
    # Told there of the same: nothing is new.
    assert other.add([batch(LOG, [View(1)])]) == Receipt(known=1)
    assert other.add([batch(LATER, [View(2)])]) == Receipt(new=1)
    assert decoded(other) == decoded(ledger)
    other.close()


def test_several_answers_are_of_one_state(ledger: OfTests) -> None:
    ledger.add([batch(LOG, [View(1)])])
    assert ledger.snapshot(lambda: (ledger.ask("extent"), ledger.ask("skipped_total"))) == ([(3_000, 3_000)], [(0,)])


def test_many_sightings_at_once_all_arrive(ledger: OfTests) -> None:
    # More than one block of rows on its way to the server.
    assert ledger.add([batch(LOG, [View(key) for key in range(30_000)])]) == Receipt(new=30_000)
    assert [row[3] for row in usage(ledger)] == [30_000]
