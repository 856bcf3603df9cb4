"""Settling: what breaks off is seen to by the next round, and additions of other nodes are settled with one's own."""

from collections.abc import Callable, Iterable
from itertools import count
from typing import Any

import pytest
from tests.ledger.engines import OfTests
from tests.ledger.sample import COPY, EVER, LATER, LOG, MAIN, View, batch, decoded, reading, usage

from tallystick.ledger.clickhouse import settling
from tallystick.ledger.clickhouse.engine import ClickhouseLedger
from tallystick.ledger.clickhouse.settling import Settler
from tallystick.ledger.clickhouse.telling import Known, Telling
from tallystick.ledger.ledger import Batch
from tallystick.ledger.memory import MemoryLedger
from tallystick.usage.period import SLOT_MS
from tallystick.usage.tokens import Tokens

FIRST = batch(
    LOG,
    [View(1, time=5, grade=1, tokens=Tokens(7)), View(2, time=5)],
    prompts=[(4, 5, MAIN, 0)],
    calls=[(5, 1, "Read", 5, 9, False)],
)
MOVED = batch(
    LATER, [View(1, time=3 * SLOT_MS, context=COPY), View(3, time=6)], readings=[reading(9 * SLOT_MS, Tokens(90))]
)


def straight(*batches: Batch) -> dict[str, list[Any]]:
    memory = MemoryLedger()
    for each in batches:
        memory.add([each])
    return decoded(memory)


def breaking(real: Callable[..., None]) -> Callable[..., None]:
    """Return a function that fails once, before it does anything."""
    times = count()

    def broken(*values: object) -> None:
        if next(times) == 0:
            raise OSError("the cable is cut")
        real(*values)

    return broken


@pytest.mark.parametrize("step", ["sum_anew", "touch"])
def test_a_round_that_breaks_off_is_seen_to_by_the_next(
    ledger: OfTests, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    ledger.add([FIRST])
    days: dict[int, int] = dict(ledger.ask("days"))
    monkeypatch.setattr(settling, step, breaking(getattr(settling, step)))
    with pytest.raises(OSError, match="cut"):
        ledger.add([MOVED])
    # What comes next touches neither the quarter-hour that the event left nor the one to which it went.
    ledger.add([batch(LOG, [View(9, time=40 * SLOT_MS)])])
    assert decoded(ledger) == straight(FIRST, MOVED, batch(LOG, [View(9, time=40 * SLOT_MS)]))
    after: dict[int, int] = dict(ledger.ask("days"))
    assert after[0] != days[0]


@pytest.mark.parametrize("broken", ["events", "sightings", "prompts", "settled", "rounds"])
def test_whichever_write_fails_nothing_is_lost(ledger: OfTests, monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    ledger.add([FIRST])
    put = ledger.server.put
    once = iter([True])

    def fails(table: str, rows: Iterable[Any]) -> None:
        written = list(rows)
        if table == broken and written and any(once):
            raise OSError("the cable is cut")
        put(table, written)

    monkeypatch.setattr(ledger.server, "put", fails)
    both = [batch(LATER, [View(1, context=COPY, time=3 * SLOT_MS)], prompts=[(4, 5, COPY, 0)]), MOVED]
    with pytest.raises(OSError, match="cut"):
        ledger.add(both)
    ledger.add([])
    assert decoded(ledger) == straight(FIRST, *both)


def test_additions_of_other_nodes_are_settled_too(ledger: OfTests) -> None:
    ((host, port),) = ledger.server.address.hosts
    other = ClickhouseLedger(f"clickhouse://{host}:{port}/{ledger.server.address.database}", count(1).__next__)
    for each in (FIRST, MOVED):
        Telling(other.server, Known.of(other.server), count(10).__next__).tell([each], ())
    ledger.add([])
    assert decoded(ledger) == decoded(other) == straight(FIRST, MOVED)
    assert Settler(other.server).pending() == []
    other.close()


def test_rounds_take_so_many_keys_at_a_time(ledger: OfTests, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "MOST", 3)
    for key in range(3):
        views = [View(2 * key), View(2 * key + 1)]
        Telling(ledger.server, Known.of(ledger.server), count(1).__next__).tell([batch(LOG, views)], ())
    ledger.add([])
    assert ledger.server.numbers("SELECT count(DISTINCT number) AS n FROM rounds") == [3]
    assert usage(ledger)[0][3] == 6
    assert len(ledger.ask("events", **EVER)) == 6
