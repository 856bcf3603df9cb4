"""Nodes that share a ledger on ClickHouse, and by leases the turn to settle it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import time_ns

from tests.ledger.engines import OfTests

from tallystick.access.leases import Leases, Turn
from tallystick.access.store import Store, path
from tallystick.cli.control import Settling, Shared
from tallystick.ledger.clickhouse.engine import ClickhouseLedger

LEASE_MS = 10_000


class Nodes:
    """Nodes whose clocks, and that of the store, tell what a test says."""

    def __init__(self, ledger: OfTests, folder: Path) -> None:
        ((host, port),) = ledger.server.address.hosts
        self._url, self._folder = f"clickhouse://{host}:{port}/{ledger.server.address.database}", str(folder)
        self._stores: list[Store] = []
        self._made: list[ClickhouseLedger] = []
        self.now = 1_000_000

    def node(self) -> ClickhouseLedger:
        """Return another one."""
        store = Store(path(self._folder))
        self._stores.append(store)
        self.later(0)
        turn = Turn(Leases(store), "settle", f"node {len(self._made)}", LEASE_MS, lambda: self.now / 1_000)
        self._made.append(ClickhouseLedger(self._url, time_ns, turn=Settling(Shared(turn, store))))
        return self._made[-1]

    def later(self, ms: int) -> None:
        """Have so much time pass."""
        self.now += ms
        for store in self._stores:
            store.engine.clock = f"SELECT CAST({self.now} AS BIGINT)"

    def close(self) -> None:
        """Let go of all."""
        for each in self._made:
            each.close()


@contextmanager
def nodes(ledger: OfTests, folder: Path) -> Iterator[Nodes]:
    """Give nodes of a ledger that is there."""
    made = Nodes(ledger, folder)
    try:
        yield made
    finally:
        made.close()
