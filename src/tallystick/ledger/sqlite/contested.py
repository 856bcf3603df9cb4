"""Keys with several sightings: they are settled anew from all of them, and what changes is written."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from tallystick.ledger.ledger import Row
from tallystick.ledger.merging import Event, Sighting, Standing, settle
from tallystick.ledger.sqlite.sums import Sums

_COLUMNS: Final = (
    "key", "request", "time", "context", "variant", "input", "cache_read", "cache_write_5m", "cache_write_1h", "output",
    "reasoning", "grade", "replay", "copied", "work_ms", "searches", "fetches", "cost_nano", "place", "source",
)  # fmt: skip
SIGHTING: Final = ", ".join(_COLUMNS)
INSERT: Final = f"INSERT INTO events (id, {SIGHTING}, seen, views, lead) VALUES ({', '.join('?' * 24)})"
_UPDATE: Final = f"UPDATE events SET {', '.join(f'{name}=?' for name in _COLUMNS)}, seen=?, views=?, lead=? WHERE id=?"
KEEP: Final = f"INSERT INTO sightings (event, {SIGHTING}) VALUES ({', '.join('?' * 21)})"
_ASKED_AT_ONCE: Final = 500


class Contested:
    """The keys of one transaction that the ledger knew already, or that came twice."""

    def __init__(self, db: sqlite3.Connection, sums: Sums, standing: Callable[[int], Standing], first: int) -> None:
        """Begin; events numbered from `first` on are not in the sums yet."""
        self._db, self._sums, self._standing, self._first = db, sums, standing, first
        self.contexts: set[int] = set()
        """Those of the events that came or changed, before and after."""
        self.joined: set[tuple[int, int]] = set()
        """Contexts of views, each with one that an event of the same key has now or had before."""
        self._came: dict[int, list[Sighting]] = {}
        self._updates: list[Row] = []
        self._forgotten: list[Row] = []
        self._kept: list[Row] = []

    def add(self, sighting: Sighting) -> None:
        """Take a further sighting of a key."""
        self._came.setdefault(sighting.key, []).append(sighting)

    def again(self, sources: list[int]) -> None:
        """Settle anew whatever these sources share with others: their standing may have changed."""
        for part in _portions(sources):
            for (key,) in self._db.execute(
                f"SELECT DISTINCT key FROM sightings WHERE source IN ({_marks(part)})", part
            ):
                self._came.setdefault(key, [])

    def withdraw(self, keys: list[int]) -> None:
        """Take away all events of these keys, and what came of them."""
        for part in _portions(keys):
            for key in part:
                self._came.pop(key, None)
            text = f"SELECT id, {SIGHTING}, seen, views, lead FROM events WHERE key IN ({_marks(part)}) AND views > 0"
            for row in self._db.execute(text, part).fetchall():
                self._delete(row)

    def settle(self, next_id: int) -> tuple[int, int, int]:
        """Settle all of them; return how many events were new, how many changed, and how many sightings told nothing new."""
        new = changed = known = 0
        for part in _portions(list(self._came)):
            for key, rows, held in self._held(part):
                came = self._came[key]
                events = settle([*held, *came], self._standing)
                before = {row[2]: row for row in rows}
                self._join([*held, *came], {row[4] for row in rows} | {event.counted.context for event in events})
                for number, event in enumerate(events):
                    lead = int(number == 0)
                    row = before.pop(event.counted.request, None)
                    if row is None and len(events) == 1:
                        # The one event had another request id: that of a replay whose original has come now.
                        row = before.pop(next(iter(before)))
                    if row is None:
                        self._insert(next_id, event, lead)
                        next_id, new = next_id + 1, new + 1
                        continue
                    if came:
                        self._keep(row[0], event, views=row[22])
                    if self._replace(row, (*event.counted, event.seen, len(event.sightings), lead)):
                        changed += 1
                    else:
                        known += len(came)
                for row in before.values():
                    self._delete(row)
        self._write()
        return new, changed, known

    def _join(self, views: list[Sighting], events: set[int]) -> None:
        contexts = {view.context for view in views}
        if contexts != events or len(events) > 1:
            self.joined.update((view, event) for view in contexts for event in events if view != event)

    def _held(self, keys: list[int]) -> Iterator[tuple[int, list[Row], list[Sighting]]]:
        """Yield for each key its events as rows and the sightings from which they were settled."""
        rows: dict[int, list[Row]] = {}
        for row in self._db.execute(
            f"SELECT id, {SIGHTING}, seen, views, lead FROM events WHERE key IN ({_marks(keys)}) ORDER BY id", keys
        ):
            rows.setdefault(row[1], []).append(row)
        several: dict[int, list[Sighting]] = {}
        for view in self._db.execute(f"SELECT {SIGHTING} FROM sightings WHERE key IN ({_marks(keys)})", keys):
            several.setdefault(view[0], []).append(Sighting(*view))
        for key in keys:
            single = [Sighting(*row[1:21]) for row in rows[key] if row[22] == 1]
            yield key, rows[key], single + several.get(key, [])

    def _insert(self, number: int, event: Event, lead: int) -> None:
        self.contexts.add(event.counted.context)
        self._db.execute(INSERT, (number, *event.counted, event.seen, len(event.sightings), lead))
        self._keep(number, event, views=1)

    def _replace(self, row: Row, after: Row) -> bool:
        """Put an event in the place of its row; tell whether it is another one."""
        number = row[0]
        if row[1:] == after:
            return False
        self.contexts |= {row[4], after[3]}
        if number < self._first:
            self._sums.change(row, -1)
            self._sums.change((number, *after), 1)
        self._updates.append((*after, number))
        return True

    def _delete(self, row: Row) -> None:
        """Take away an event that turned out to be a view of another one."""
        self.contexts.add(row[4])
        if row[0] < self._first:
            self._sums.change(row, -1)
        self._db.execute("DELETE FROM sightings WHERE event=?", (row[0],))
        self._db.execute("DELETE FROM events WHERE id=?", (row[0],))

    def _keep(self, number: int, event: Event, *, views: int) -> None:
        if views > 1:
            self._forgotten.append((number,))
        if len(event.sightings) > 1:
            self._kept += ((number, *view) for view in event.sightings)

    def _write(self) -> None:
        self._db.executemany(_UPDATE, self._updates)
        self._db.executemany("DELETE FROM sightings WHERE event=?", self._forgotten)
        self._db.executemany(KEEP, self._kept)


def _marks(items: list[int]) -> str:
    return ", ".join("?" * len(items))


def _portions(items: list[int]) -> Iterable[list[int]]:
    return (items[at : at + _ASKED_AT_ONCE] for at in range(0, len(items), _ASKED_AT_ONCE))
