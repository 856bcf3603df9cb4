"""Renamed: names that were given others, kept for whoever goes on coming under the old one."""

import sqlite3
from typing import Final

from tallystick.ledger.ledger import Arrival, Batch
from tallystick.usage.event import Context

MACHINE: Final = "machine"
USER: Final = "account"
_PUSHED: Final = "push:"
_TAKE: Final = """INSERT INTO renamed (what, old, shown) VALUES (?, ?, ?)
ON CONFLICT (what, old) DO UPDATE SET shown = excluded.shown"""


class Renamed:
    """What a writer knows of them."""

    def __init__(self, db: sqlite3.Connection) -> None:
        """Begin with none known."""
        self._db = db
        self._machines: dict[str, str] = {}
        self._users: dict[str, str] = {}

    def learn(self) -> None:
        """Look all of them up anew."""
        rows = self._db.execute("SELECT what, old, shown FROM renamed").fetchall()
        self._machines = {old: shown for what, old, shown in rows if what == MACHINE}
        self._users = {old: shown for what, old, shown in rows if what == USER}

    def contexts(self, batch: Batch) -> list[Context]:
        """Return the contexts of a batch under the names that are shown."""
        if batch.renamed is not None or not (self._machines or self._users):
            return batch.contexts
        machines = {} if is_paired(batch.source.path) else self._machines
        return [
            context._replace(
                machine=machines.get(context.machine, context.machine), user=self._users.get(context.user, context.user)
            )
            for context in batch.contexts
        ]

    def take(self, batch: Batch) -> None:
        """Keep what a batch from another ledger tells of names there, within a transaction; all writers are to learn it."""
        known = {(MACHINE, *each) for each in self._machines.items()} | {(USER, *each) for each in self._users.items()}
        new = sorted(set(map(tuple, batch.renamed or ())) - known)
        if new:
            self._db.executemany(_TAKE, new)
            self._db.execute("UPDATE naming SET state = state + 1")
            self.learn()

    def arrival(self, arrival: Arrival) -> Arrival:
        """Return what came of a machine under the names that are shown."""
        machines = {} if is_paired(f"{_PUSHED}{arrival.machine}:") else self._machines
        name, user = machines.get(arrival.name, arrival.name), self._users.get(arrival.user, arrival.user)
        return arrival._replace(name=name, user=user)


def keep(db: sqlite3.Connection, what: str, old: str, new: str) -> None:
    """Keep that a machine or a user has another name, within a transaction."""
    db.execute("UPDATE renamed SET shown = ? WHERE what = ? AND shown = ?", (new, what, old))
    # Whoever came under this name before, and has another one already, is not who is meant.
    db.execute("INSERT OR IGNORE INTO renamed (what, old, shown) VALUES (?, ?, ?)", (what, old, new))
    if what == MACHINE:
        db.execute("DELETE FROM renamed WHERE what = ? AND old = shown", (what,))
    else:
        # Users have no id beside their name: one that is given again means whoever has it now.
        db.execute("DELETE FROM renamed WHERE what = ? AND old = ?", (what, new))


def forget(db: sqlite3.Connection, what: str, shown: str) -> None:
    """Forget by what names somebody came who is no more."""
    db.execute("DELETE FROM renamed WHERE what = ? AND shown = ?", (what, shown))


def is_paired(path: str) -> bool:
    """Tell whether a source is from a machine that was paired: its token tells the name that is shown.

    The ids of others that push are empty or have a slash in them, which no name has (usage/names.py).
    """
    machine = path[len(_PUSHED) :].partition(":")[0] if path.startswith(_PUSHED) else ""
    return bool(machine) and "/" not in machine
