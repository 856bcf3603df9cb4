"""Originals: how sources stand to one another when several hold the same, and which of them a prompt belongs to."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from tallystick.ledger.ledger import Row
from tallystick.ledger.merging import WITNESS_BITS, Standing, Standings, closed_at
from tallystick.ledger.sqlite.days import Days

_SORT_OUT: Final = "UPDATE prompts SET copy = (source <> ?) WHERE key = ? AND copy <> (source <> ?) RETURNING time"
_KEEP: Final = "INSERT OR IGNORE INTO prompts (key, source, time, context, place, copy) VALUES (?,?,?,?,?,0)"
_ASKED_AT_ONCE: Final = 500


class Known:
    """How each source stands, looked up once."""

    def __init__(self, db: sqlite3.Connection) -> None:
        """Begin with none known."""
        self._db = db
        self._found: dict[int, Standing] = {}

    def __call__(self, source: int) -> Standing:
        """Return how a source stands."""
        found = self._found.get(source)
        if found is None:
            witness, last, mtime, path = self._db.execute(
                "SELECT witness, last, mtime, path FROM sources WHERE id=?", (source,)
            ).fetchone()
            found = self._found[source] = Standing(WITNESS_BITS[witness], closed_at(last, mtime), path)
        return found

    def forget(self, source: int) -> None:
        """Look a source up anew: it has changed."""
        self._found.pop(source, None)

    def forget_all(self) -> None:
        """Look all of them up anew."""
        self._found.clear()


class Prompts:
    """The prompts of one transaction, and which of those that lie in several sources are the originals."""

    def __init__(self, db: sqlite3.Connection, days: Days, standing: Standings) -> None:
        """Begin."""
        self._db, self._days, self._standing = db, days, standing

    def keep(self, prompts: Iterable[Row], source: int, contexts: Sequence[int]) -> None:
        """Keep prompts (key, time, context, place) of a source; what is known stays as it is."""
        rows = [(key, source, time, contexts[context], place) for key, time, context, place in prompts]
        self._days.touch_prompts([row[2] for row in rows])
        self._db.executemany(_KEEP, rows)

    def sort_out(self, sources: list[int]) -> None:
        """Mark all but the original as copies, of what lies in one of these sources and in others."""
        ours = set(sources)
        self._mark((key, holding) for key, holding in self._shared(sources) if not ours.isdisjoint(holding))

    def sort_out_keys(self, keys: Iterable[int]) -> None:
        """Do so for prompts of which some were taken out."""
        for part in portions(sorted(keys)):
            text = f"SELECT key, source FROM prompts WHERE key IN ({', '.join('?' * len(part))})"
            self._mark(_held(self._db.execute(text, part)))

    def _mark(self, holding: Iterable[tuple[int, list[int]]]) -> None:
        for key, sources in list(holding):
            original = min(sources, key=lambda source: self._standing(source)[1:])
            moved = self._db.execute(_SORT_OUT, (original, key, original)).fetchall()
            self._days.touch_prompts([time for (time,) in moved])

    def _shared(self, sources: list[int]) -> Iterable[tuple[int, list[int]]]:
        """Return the prompts that lie in several sources, with these; at least those of which one is among `sources`."""
        if len(sources) > _ASKED_AT_ONCE:
            several = "SELECT key FROM prompts GROUP BY key HAVING count(*) > 1"
            return _held(self._db.execute(f"SELECT key, source FROM prompts WHERE key IN ({several})"))
        marks = ", ".join("?" * len(sources))
        # Found by their sources: a growing log has few prompts, a ledger many.
        several = f"SELECT a.key FROM prompts a JOIN prompts b ON b.key = a.key AND b.source <> a.source WHERE a.source IN ({marks})"
        return _held(self._db.execute(f"SELECT key, source FROM prompts WHERE key IN ({several})", sources))


def _held(rows: Iterable[tuple[int, int]]) -> Iterable[tuple[int, list[int]]]:
    holders: dict[int, list[int]] = {}
    for key, source in rows:
        holders.setdefault(key, []).append(source)
    return holders.items()


def portions[T](items: list[T]) -> Iterator[list[T]]:
    """Yield as many at a time as one question can name."""
    return (items[at : at + _ASKED_AT_ONCE] for at in range(0, len(items), _ASKED_AT_ONCE))
