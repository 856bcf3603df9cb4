"""Each engine that keeps the promise, with how an empty ledger of it is made."""

import atexit
import os
from collections.abc import Callable
from contextlib import ExitStack
from functools import cache
from importlib.util import find_spec
from itertools import count
from tempfile import TemporaryDirectory
from time import time_ns

from tests.ledger.clickhouse.engine_server import serving

from tallystick.ledger.clickhouse.engine import ClickhouseLedger
from tallystick.ledger.ledger import Ledger
from tallystick.ledger.memory import MemoryLedger
from tallystick.ledger.sqlite.engine import SqliteLedger

_numbers = count()
_free: list["OfTests"] = []


@cache
def _port() -> int:
    """Return the port of the one server of these tests, which ends with them."""
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(serving(stack.enter_context(TemporaryDirectory())))


def clickhouse_url() -> str:
    """Return the address of a ledger on ClickHouse that is not there yet."""
    return f"clickhouse://127.0.0.1:{_port()}/t{next(_numbers)}"


class OfTests(ClickhouseLedger):
    """A ledger that is emptied instead of closed, since an empty one takes a while to make."""

    def close(self) -> None:
        """Forget everything, and wait for the next test."""
        parts = "SELECT DISTINCT table FROM system.parts WHERE active AND database = currentDatabase()"
        for (table,) in self.server.rows(parts):
            if table != "migrations":
                self.server.do(f"TRUNCATE TABLE {table}")
        self.forget()
        _free.append(self)


def clickhouse() -> Ledger:
    """Return an empty ledger on ClickHouse."""
    return _free.pop() if _free else OfTests(clickhouse_url(), time_ns)


LIGHT: dict[str, Callable[[], Ledger]] = {
    "memory": MemoryLedger,
    "sqlite": lambda: SqliteLedger(":memory:", write=True),
}
"""Those that are quick enough to be made hundreds of times."""
ENGINES: dict[str, Callable[[], Ledger]] = dict(LIGHT)
if find_spec("chdb") or os.environ.get("TALLY_REQUIRE_ENGINE"):
    ENGINES["clickhouse"] = clickhouse
