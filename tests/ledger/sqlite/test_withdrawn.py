"""Withdrawals: whenever one comes, nothing counts under its key, and nothing else is touched."""

from collections.abc import Iterator
from contextlib import closing
from itertools import permutations
from pathlib import Path

import pytest
from tests.ledger.sample import EVER, LATER, LOG, View, batch

from tallystick.ledger.ledger import Source
from tallystick.ledger.memory import MemoryLedger
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.ledger.sqlite.maintenance import verify
from tallystick.ledger.sqlite.outbox import Outbox
from tallystick.ledger.sqlite.withdrawn import withdraws
from tallystick.usage.tokens import NO_TOKENS, Tokens

SPOOL = Source("/home/dev/spool/1-2.jsonl", "wire", "wire")
ALIGNED = Source("wire:aligned", "wire", "wire")
WITHDRAWAL = batch(ALIGNED, [View(1, tokens=NO_TOKENS)])
TOLD = (
    batch(SPOOL, [View(1), View(2, time=4_000)]),
    WITHDRAWAL,
    batch(SPOOL._replace(path="/home/dev/spool/3-4.jsonl"), [View(1, time=2_000)]),
    batch(LATER, [View(3)]),
)


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "ledger.db")


@pytest.fixture
def ledger(path: str) -> Iterator[SqliteLedger]:
    with closing(SqliteLedger(path, write=True)) as made:
        yield made


@pytest.mark.parametrize("order", list(permutations(range(4))))
@pytest.mark.parametrize("together", [True, False])
def test_the_order_does_not_matter(ledger: SqliteLedger, path: str, order: tuple[int, ...], together: bool) -> None:  # noqa: FBT001 - a parameter
    told, other = [TOLD[number] for number in order], MemoryLedger()
    for portion in [told] if together else [[each] for each in told]:
        ledger.add(portion)
        other.add(portion)
    times = [(row[1], sum(row[4:9])) for row in ledger.ask("events", **EVER)]
    assert times == [(3_000, 15), (4_000, 15)]
    assert sorted((row[1], sum(row[4:9])) for row in other.ask("events", **EVER)) == times
    assert sum(row[5] for row in ledger.ask("usage_by_context", **EVER)) == 2
    assert verify(path) == []


def test_only_the_wire_withdraws_and_only_without_any_token(ledger: SqliteLedger) -> None:
    ledger.add([batch(LOG, [View(1), View(2)]), batch(LATER, [View(1, tokens=NO_TOKENS)])])
    ledger.add([batch(ALIGNED, [View(2, tokens=Tokens(output=1))])])
    assert [row[0] for row in ledger.connection.execute("SELECT key FROM events ORDER BY key")] == [1, 2]
    assert withdraws((1, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0))
    assert not withdraws((1, 0, 3, 0, 0, 0, 0, 0, 0, 1, 0))


def test_a_server_is_told_of_it(ledger: SqliteLedger, path: str) -> None:
    ledger.add([TOLD[0]])
    with closing(Outbox(path)) as outbox:
        outbox.make("https://tally.example.com")
        outbox.done(outbox.take(100))
        ledger.add([WITHDRAWAL])
        with closing(SqliteLedger(":memory:", write=True)) as server:
            server.add([TOLD[0]])
            server.add(outbox.take(100).batches)
            assert [row[0] for row in server.connection.execute("SELECT key FROM events")] == [2]
