"""A node that adds made-up batches to a ledger on ClickHouse and tells of each that was acknowledged, until it is killed."""

import sys
import time

from tests.ledger.sample import COPY, LOG, MAIN, View, batch
from tests.ledger.worlds import SLOT

from tallystick.access.leases import Leases, Turn
from tallystick.access.store import Store, path
from tallystick.cli.control import Settling, Shared
from tallystick.ledger.clickhouse.engine import ClickhouseLedger
from tallystick.ledger.ledger import Batch
from tallystick.usage.tokens import Tokens

LEASE_MS = 700


def told(number: int) -> Batch:
    """Return the batch of a number: an event of its own, a better view of an earlier one, and a worse one of what others tell, too."""
    source = LOG._replace(path=f"/logs/{number}.jsonl", inode=number, mtime=(number + 1) * 1_000_000_000)
    views = [
        View(number, time=number * SLOT, context=COPY if number % 3 else MAIN, tokens=Tokens(number + 1), grade=1),
        View(number // 2, time=number * SLOT, tokens=Tokens(1_000 + number)),
        View(7, time=(number % 5) * SLOT, tokens=Tokens(number)),
    ]
    return batch(source, views, prompts=[(number // 3, number * SLOT, MAIN, 0)])


def node(url: str, folder: str, name: str) -> ClickhouseLedger:
    """Return a ledger whose turn to settle is shared with all of the same folder."""
    store = Store(path(folder))
    turn = Turn(Leases(store), "settle", name, LEASE_MS)
    return ClickhouseLedger(url, time.time_ns, turn=Settling(Shared(turn, store)))


def main(url: str, folder: str, name: str, numbers: str) -> None:
    """Add batches one by one."""
    ledger = node(url, folder, name)
    for number in map(int, numbers.split(",")):
        ledger.add([told(number)])
        print(number, flush=True)
    ledger.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
