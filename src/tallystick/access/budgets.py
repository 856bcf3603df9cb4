"""Budgets as they are defined, and what persons let be exceeded: who changed what is noted with each change."""

from collections.abc import Mapping, Sequence
from json import dumps, loads
from typing import Final, NamedTuple

from tallystick.access.store import Change, Store
from tallystick.errors import NotFound

_COLUMNS: Final = "id, filters, amount, unit, period, zone, soft, hard"


class Defined(NamedTuple):
    """A budget as a person defined it (`answers/budgets.py` tells what the fields mean)."""

    id: str
    """Given when it is defined first; never given again."""
    where: Mapping[str, Sequence[str]]
    amount: int
    unit: str
    period: str
    zone: str
    soft: float
    hard: bool


class Lifted(NamedTuple):
    """That a person lets a budget be exceeded: until a moment, or by so much in the period in which it was made."""

    budget: str
    made: int
    """Milliseconds since 1970, UTC."""
    until: int
    more: int


class Budgets:
    """Keeps budgets in a store. There is one for each filter, unit and length of period."""

    def __init__(self, store: Store) -> None:
        """Begin with the store."""
        self._store = store

    def defined(self) -> list[Defined]:
        """Return all budgets, in the order in which they were defined first."""
        return [_defined(row) for row in self._store.rows(f"SELECT {_COLUMNS} FROM budgets ORDER BY id")]  # noqa: S608  names of columns

    def lifted(self) -> list[Lifted]:
        """Return what persons let be exceeded, the oldest first."""
        rows = self._store.rows("SELECT budget, made, until, more FROM budget_overrides ORDER BY id")
        return [Lifted(str(budget), made, until, int(more)) for budget, made, until, more in rows]

    def define(self, wanted: Defined, told: str, who: str, now: int) -> Defined:
        """Define a budget, or change the one of the same filter, unit and period; `told` is what is noted of it."""
        where = dumps({name: list(wanted.where[name]) for name in sorted(wanted.where)}, ensure_ascii=False)
        with self._store.changing(who, now) as change:
            what = where, wanted.unit, wanted.period
            amount = str(wanted.amount), wanted.zone, str(wanted.soft), int(wanted.hard)
            # Not `ON CONFLICT`: that takes a number for what it then does not insert.
            found = change.do(
                "UPDATE budgets SET amount = ?, zone = ?, soft = ?, hard = ?"
                " WHERE filters = ? AND unit = ? AND period = ? RETURNING id",
                *(*amount, *what),
            ).fetchone()
            (number,) = (
                found
                or change.do(
                    "INSERT INTO budgets (amount, zone, soft, hard, filters, unit, period) VALUES (?, ?, ?, ?, ?, ?, ?)"
                    " RETURNING id",
                    *(*amount, *what),
                ).fetchone()
            )
            change.note("set budget", f"{number}: {told}")
        return wanted._replace(id=str(number))

    def remove(self, number: str, who: str, now: int) -> None:
        """Remove a budget; raise NotFound when there is none of that id."""
        with self._store.changing(who, now) as change:
            _existing(change, number)
            change.do("DELETE FROM budgets WHERE id = ?", int(number))
            change.note("remove budget", number)

    def lift(self, wanted: Lifted, told: str, who: str) -> None:
        """Let a budget be exceeded; raise NotFound when there is none of that id."""
        with self._store.changing(who, wanted.made) as change:
            _existing(change, wanted.budget)
            change.do(
                "INSERT INTO budget_overrides (budget, made, until, more) VALUES (?, ?, ?, ?)",
                *(int(wanted.budget), wanted.made, wanted.until, str(wanted.more)),
            )
            change.note("override budget", f"{wanted.budget}: {told}")

    def withdraw(self, number: str, who: str, now: int) -> None:
        """Let a budget be exceeded no more; raise NotFound when there is none of that id."""
        with self._store.changing(who, now) as change:
            _existing(change, number)
            change.do("DELETE FROM budget_overrides WHERE budget = ?", int(number))
            change.note("override budget", f"{number}: no more")


def _existing(change: Change, number: str) -> None:
    # More digits than that no id has, nor SQLite.
    known = number.isascii() and number.isdecimal() and len(number) <= 18  # noqa: PLR2004
    if not known or not change.do("SELECT 1 FROM budgets WHERE id = ?", int(number)).fetchone():
        raise NotFound(f"There is no budget {number[:40]!r}: `tally budget list` tells their numbers.")


def _defined(row: tuple[object, ...]) -> Defined:
    number, where, amount, unit, period, zone, soft, hard = row
    found = {name: tuple(patterns) for name, patterns in loads(str(where)).items()}
    return Defined(str(number), found, int(str(amount)), str(unit), str(period), str(zone), float(str(soft)), bool(hard))  # fmt: skip
