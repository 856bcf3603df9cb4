"""Each engine that keeps the promise, with how an empty ledger of it is made."""

from collections.abc import Callable

from tallystick.ledger.ledger import Ledger
from tallystick.ledger.memory import MemoryLedger
from tallystick.ledger.sqlite.engine import SqliteLedger

ENGINES: dict[str, Callable[[], Ledger]] = {
    "memory": MemoryLedger,
    "sqlite": lambda: SqliteLedger(":memory:", write=True),
}
