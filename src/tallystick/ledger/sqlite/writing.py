"""Writing: one transaction takes batches in, settles what they contest and keeps the sums in step.

Nearly every sighting is the only one of its event; those are appended in bulk. The few whose key is
known already are settled together with what the ledger holds (`contested`).
"""

import sqlite3
from collections.abc import Iterable
from typing import Final

from tallystick.ledger.ledger import Arrival, Batch, Receipt, Row, Source
from tallystick.ledger.merging import WITNESS_BITS, Sighting, closed_at
from tallystick.ledger.sqlite import places
from tallystick.ledger.sqlite.contested import Contested
from tallystick.ledger.sqlite.days import Days
from tallystick.ledger.sqlite.numbers import contexts, variants
from tallystick.ledger.sqlite.originals import Known, Prompts, portions
from tallystick.ledger.sqlite.renamed import Renamed
from tallystick.ledger.sqlite.sums import SLOT_MS, Sums
from tallystick.ledger.sqlite.tags import Tags
from tallystick.ledger.sqlite.totals import Totals
from tallystick.ledger.sqlite.wal import Wal
from tallystick.ledger.sqlite.wholesale import Wholesale
from tallystick.ledger.sqlite.withdrawn import Withdrawn

EVENT: Final = (
    "id, key, request, time, context, variant, input, cache_read, cache_write_5m, cache_write_1h, output, reasoning,"
    " grade, replay, copied, work_ms, searches, fetches, cost_nano, place, source, seen, views, lead"
)
_MARKS: Final = ", ".join("?" * 24)
_SOURCE: Final = """INSERT INTO sources (path, tool, witness, inode, size, mtime, place, head, state, last) VALUES (?,?,?,?,?,?,?,?,?,?)
ON CONFLICT (path) DO UPDATE SET tool=excluded.tool, witness=excluded.witness, inode=excluded.inode, size=excluded.size,
mtime=CASE WHEN excluded.path >= 'push:' AND excluded.path < 'push;' THEN max(mtime, excluded.mtime) ELSE excluded.mtime END, place=excluded.place, head=excluded.head, state=excluded.state, last=max(last, excluded.last) RETURNING id, witness, last, mtime"""
_STANDING: Final = "SELECT witness, last, mtime FROM sources WHERE path=?"
_CALL: Final = """INSERT INTO calls (key, event, name, started, ended, failed) VALUES (?,?,?,?,?,?)
ON CONFLICT (key) DO UPDATE SET ended=excluded.ended, failed=excluded.failed
WHERE excluded.ended > 0 AND (ended = 0 OR (excluded.ended, excluded.failed) < (ended, failed))"""
_TITLE: Final = """INSERT INTO titles (session, title, time) VALUES (?,?,?)
ON CONFLICT (session) DO UPDATE SET title=excluded.title, time=excluded.time
WHERE (excluded.time, excluded.title) > (time, title)"""
_LIMIT: Final = """INSERT INTO limits (provider, name, minutes, used_percent, resets_at, time, plan, account) VALUES (?,?,?,?,?,?,?,?)
ON CONFLICT (provider, name, account, time) DO UPDATE SET minutes=excluded.minutes, used_percent=excluded.used_percent,
resets_at=excluded.resets_at, plan=excluded.plan
WHERE (excluded.used_percent, excluded.resets_at, excluded.minutes, excluded.plan) > (used_percent, resets_at, minutes, plan)"""
_SKIPPED: Final = """INSERT INTO skipped (source, place, reason, number) VALUES (?,?,?,?)
ON CONFLICT (source, place, reason) DO UPDATE SET number = CASE WHEN place < 0 THEN number + excluded.number ELSE number END"""
_NEWER: Final = """INSERT INTO newer (topic, subject, field, told) VALUES (?,?,?,?)
ON CONFLICT (topic, subject, field) DO UPDATE SET told=excluded.told WHERE excluded.told > told"""
_ARRIVAL: Final = """INSERT INTO machines (machine, name, account, last, client, version, skew_ms, pending, trouble, first)
VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?4) ON CONFLICT (machine) DO UPDATE SET account=excluded.account, last=excluded.last,
client=excluded.client, version=excluded.version, skew_ms=excluded.skew_ms, pending=excluded.pending, trouble=excluded.trouble
WHERE excluded.last >= last"""
_WRITTEN_AT_ONCE: Final = 2_000


class Writer:
    """The one writer of a ledger."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Take over a connection that may write."""
        self._db = connection
        self._wal = Wal(connection)
        self._version = self._naming = -1
        """What SQLite calls the state that this connection saw last, which changes when another one writes, and the state of the names."""
        self._contexts, self._variants = contexts(connection), variants(connection)
        self._renamed = Renamed(connection)
        self._standing = Known(connection)
        self._keys: dict[int, int] = {}
        """The keys that this transaction has met and the ledger knows, each with an event that has it."""

    def _look(self) -> None:
        """Learn what others have written since the last transaction."""
        (version,) = self._db.execute("PRAGMA data_version").fetchone()
        (naming,) = self._db.execute("SELECT state FROM naming").fetchone()
        if (version, naming) == (self._version, self._naming):
            return
        if naming != self._naming:
            self._contexts.forget()
            self._renamed.learn()
        self._version, self._naming = version, naming
        self._contexts.learn()
        self._variants.learn()

    def _forget(self) -> None:
        self._version = self._naming = -1
        self._contexts.forget()
        self._variants.forget()
        self._standing.forget_all()
        self._keys.clear()

    def add(self, batches: Iterable[Batch], arrivals: Iterable[Arrival] = ()) -> Receipt:
        """Take batches in within one transaction, writing them as they come."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._look()
            receipt = self._add(batches)
            self._db.executemany(_ARRIVAL, sorted(map(self._renamed.arrival, arrivals)))
            self._db.execute("COMMIT")
        except BaseException:
            self._db.rollback()
            self._forget()
            raise
        self._keys.clear()
        self._standing.forget_all()
        self._wal.keep_short()
        return receipt

    def _add(self, batches: Iterable[Batch]) -> Receipt:
        (first,) = self._db.execute("SELECT coalesce(max(id), 0) + 1 FROM events").fetchone()
        (is_new,) = self._db.execute("SELECT NOT EXISTS (SELECT 1 FROM sources)").fetchone()
        self._next = first
        self._fresh: list[Row] = []
        self._calls: list[Row] = []
        self._limits: list[Row] = []
        self._days = days = Days(self._db, first)
        sums = Sums(self._db, days)
        self._contested = Contested(self._db, sums, self._standing, first)
        self._totals = Totals(self._db, sums)
        self._prompts = Prompts(self._db, days, self._standing)
        self._tags = Tags(self._db, days)
        self._withdrawn = Withdrawn(self._db)
        named = self._contexts.last
        wholesale = Wholesale(self._db, nothing_told=bool(is_new)) if first == 1 else None
        self._moved: list[int] = []
        touched = self._take_all(batches, is_new=bool(is_new))
        if wholesale:
            wholesale.index()
        else:
            self._contested.again(self._moved)
            # Of a call that is told of anew, or whose event came before it.
            days.touch_events(call[1] for call in self._calls if self._keys.get(call[1], 0) < first)
        self._contested.withdraw(self._withdrawn.came)
        new, changed, known = self._contested.settle(self._next)
        sums.add_new(first)
        derived, other = self._totals.settle(self._contested.contexts, self._next + new)
        sums.settle()
        self._prompts.sort_out(touched)
        if self._contexts.last > named:
            places.settle(self._db, days, named + 1)
        self._tags.settle(self._contested.joined)
        days.settle()
        if wholesale:
            wholesale.tell()
        return Receipt(self._next - first + new + derived, changed + other, known)

    def _take_all(self, batches: Iterable[Batch], *, is_new: bool) -> list[int]:
        """Write the rows of batches as they come; return the numbers of their sources."""
        touched = []
        for batch in batches:
            touched.append(self._take(batch, is_new=is_new))
            if len(self._fresh) >= _WRITTEN_AT_ONCE:
                self._flush()
        self._flush()
        # In the order of their keys, neighbours go to the same page.
        self._db.executemany(_CALL, sorted(self._calls))
        self._db.executemany(_LIMIT, sorted(self._limits))
        return touched

    def _take(self, batch: Batch, *, is_new: bool) -> int:
        source = self._source(batch.source, fresh=batch.fresh and not is_new)
        contexts = [self._contexts.of(context) for context in self._renamed.contexts(batch)]
        variants = [self._variants.of(variant) for variant in batch.variants]
        seen, keys, fresh, number = WITNESS_BITS[batch.source.witness], self._keys, self._fresh, self._next
        if not is_new:
            self._look_up(batch)
        for key, request, time, context, variant, *rest in self._withdrawn.standing(batch, contexts, variants, source):
            if key in keys:
                self._contested.add(
                    Sighting._make((key, request, time, contexts[context], variants[variant], *rest, source))
                )
            else:
                keys[key] = number
                fresh.append(
                    (number, key, request, time, contexts[context], variants[variant], *rest, source, seen, 1, 1)
                )
                number += 1
        self._next = number
        if batch.events:
            self._contested.contexts.update(contexts)
        if batch.readings:
            self._totals.take(batch.readings, contexts, variants, source)
        self._rest(batch, source, contexts)
        return source

    def _flush(self) -> None:
        self._db.executemany(f"INSERT INTO events ({EVENT}) VALUES ({_MARKS})", self._fresh)
        self._fresh.clear()

    def _rest(self, batch: Batch, source: int, contexts: list[int]) -> None:
        db = self._db
        if batch.prompts:
            self._prompts.keep(batch.prompts, source, contexts)
        self._calls += batch.calls
        self._limits += batch.limits
        if batch.titles:
            db.executemany(_TITLE, batch.titles)
        if batch.skipped:
            told = [
                (source, place, reason if place >= 0 else "more", 1 if place >= 0 else int(reason))
                for place, reason in batch.skipped
            ]
            db.executemany(_SKIPPED, told)
        if batch.tags:
            self._tags.take(batch.tags)
        if batch.newer:
            db.executemany(_NEWER, batch.newer)
        if batch.renamed:
            self._renamed.take(batch)

    def _source(self, source: Source, *, fresh: bool) -> int:
        before = self._db.execute(_STANDING, (source.path,)).fetchone()
        number, *after = self._db.execute(_SOURCE, source).fetchone()
        # Of a source that stands as it stood, nothing that it shares with others is settled otherwise.
        if before is not None and _standing(*before) != _standing(*after):
            self._moved.append(number)
        if fresh:
            self._db.execute("DELETE FROM skipped WHERE source=?", (number,))
        self._standing.forget(number)
        return int(number)

    def _look_up(self, batch: Batch) -> None:
        """Learn which keys of a batch the ledger knows."""
        wanted = {row[0] for row in batch.events}
        for part in portions(sorted(wanted.difference(self._keys))):
            marks = ", ".join("?" * len(part))
            self._keys.update(
                self._db.execute(f"SELECT key, min(id) FROM events WHERE key IN ({marks}) GROUP BY key", part)
            )


def _standing(witness: str, last: int, mtime: int) -> tuple[str, int]:
    return witness, closed_at(last, mtime)


__all__ = ["SLOT_MS", "Writer"]
