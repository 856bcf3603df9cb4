"""Care of the file: copies, checks that find what does not add up, and how it fares."""

import os
import sqlite3
from collections.abc import Iterator
from typing import Final, NamedTuple

from tallystick.errors import Misused, NotFound, Unavailable
from tallystick.ledger.ledger import Row
from tallystick.ledger.merging import WITNESS_BITS, Event, Sighting, Standing, closed_at, settle
from tallystick.ledger.sqlite import opening
from tallystick.ledger.sqlite.sums import SELECT
from tallystick.ledger.sqlite.totals import difference, together

_SIGHTING: Final = (
    "key, request, time, context, variant, input, cache_read, cache_write_5m, cache_write_1h, output, reasoning,"
    " grade, replay, copied, work_ms, searches, fetches, cost_nano, place, source"
)
_REFERENCES: Final = (
    ("events", "context", "contexts"),
    ("events", "variant", "variants"),
    ("events", "source", "sources"),
    ("sightings", "event", "events"),
    ("sightings", "context", "contexts"),
    ("sightings", "variant", "variants"),
    ("sightings", "source", "sources"),
    ("readings", "context", "contexts"),
    ("readings", "variant", "variants"),
    ("readings", "source", "sources"),
    ("usage", "context", "contexts"),
    ("usage", "variant", "variants"),
    ("withdrawn", "context", "contexts"),
    ("withdrawn", "variant", "variants"),
    ("withdrawn", "source", "sources"),
    ("places", "context", "contexts"),
    ("prompts", "context", "contexts"),
    ("prompts", "source", "sources"),
    ("skipped", "source", "sources"),
)
"""What points where: table, column, the table whose `id` it names. A call may wait for its event, which it knows by key."""
_SUMS: Final = f"{SELECT} GROUP BY 1, 2, 3, 4, 5"
_MOST_TOLD: Final = 20
"""Findings of one kind that are told one by one; of the others only the number."""


class Health(NamedTuple):
    """How a ledger's file fares."""

    bytes: int
    """With what stands beside it and is not yet written into it."""
    pages: int
    free: int
    """Pages that hold nothing; `vacuum` gives them back."""
    version: int


def health(path: str) -> Health:
    """Return how the file fares; raise `NotFound` or `Unavailable`."""
    with _Opened(path) as db:
        pages, free, version = (
            db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "user_version")
        )
    size = sum(os.path.getsize(file) for file in (path, f"{path}-wal") if os.path.exists(file))
    return Health(size, pages, free, version)


def backup(path: str, target: str) -> None:
    """Write a whole, consistent copy to `target`, replacing an older copy, while others go on using the ledger."""
    with _Opened(path) as db:
        if os.path.exists(target) and os.path.samefile(path, target):
            raise Misused(f"{target} is the ledger itself. Name another file for its copy.")
        try:
            opening.backup(db, target)
        except (sqlite3.Error, OSError) as error:
            raise Unavailable(
                f"The copy {target} cannot be written ({error}). Name a file in a folder that can."
            ) from None


def vacuum(path: str) -> int:
    """Write the file anew without its free pages; return how many bytes that saved."""
    before = health(path).bytes
    lock = opening.WriterLock(path)
    if not lock.take(wait=False):
        raise Unavailable(f"Another program is writing to the ledger {path}. Try again when it is done.")
    try:
        db = opening.open_to_write(path)
        try:
            db.execute("VACUUM")
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as error:
            raise Unavailable(f"The ledger {path} could not be written anew ({error}); it is as it was.") from None
        finally:
            db.close()
    finally:
        lock.release()
    return before - health(path).bytes


def verify(path: str) -> list[str]:
    """Return what is wrong with the ledger, each finding as a sentence; nothing when all adds up."""
    try:
        with _Opened(path) as db:
            damage = [
                f"The file is damaged: {row[0]}." for row in db.execute("PRAGMA integrity_check(20)") if row[0] != "ok"
            ]
            # Figures that come out of damaged pages prove nothing.
            return damage or [
                *_dangling(db),
                *_briefly(_wrong_sums(db)),
                *_briefly(_unsettled(db)),
                *_briefly(_withdrawn(db)),
                *_briefly(_underived(db)),
            ]
    except Unavailable as error:
        return [str(error)]
    except sqlite3.DatabaseError as error:
        return [f"The file is damaged: {error}."]


class _Opened:
    """A connection for reading that is closed at the end; a missing file is `NotFound`, not damage."""

    def __init__(self, path: str) -> None:
        if not os.path.exists(path):
            raise NotFound(f"There is no ledger at {path} yet. Any command that reads logs makes it.")
        self._connection = opening.open_to_read(path)

    def __enter__(self) -> sqlite3.Connection:
        return self._connection

    def __exit__(self, *_: object) -> None:
        self._connection.close()


def _dangling(db: sqlite3.Connection) -> list[str]:
    found = []
    for table, column, other in _REFERENCES:
        text = f"SELECT count(*) FROM {table} WHERE {column} NOT IN (SELECT id FROM {other})"
        (number,) = db.execute(text).fetchone()
        if number:
            found.append(f"{number} of {table} name a {column} that is not in {other}.")
    return found


def _wrong_sums(db: sqlite3.Connection) -> Iterator[str]:
    """Yield where the sums are not those of the events."""
    kept = "SELECT * FROM usage"
    places: dict[Row, None] = {}
    for one, other in ((kept, _SUMS), (_SUMS, kept)):
        for row in db.execute(f"SELECT * FROM ({one}) EXCEPT SELECT * FROM ({other})"):
            places[row[:5]] = None
    for slot, variant, size, seen, context in places:
        yield (
            f"The sums of slot {slot} (variant {variant}, size {size}, seen {seen}, context {context})"
            " are not those of its events."
        )


def _unsettled(db: sqlite3.Connection) -> Iterator[str]:
    """Yield the keys whose events are not what their sightings settle to."""
    standings = {
        number: Standing(WITNESS_BITS[witness], closed_at(last, mtime), path)
        for number, witness, last, mtime, path in db.execute("SELECT id, witness, last, mtime, path FROM sources")
    }
    for key, events, sightings in _shared(db):
        try:
            settled = [_shown(event, number) for number, event in enumerate(settle(sightings, standings.__getitem__))]
        except (KeyError, ValueError):
            yield f"The events of key {key} cannot be settled from the sightings that are kept."
            continue
        if sorted(settled, key=repr) != sorted(events, key=repr):
            yield f"The events of key {key} are not what their sightings settle to."


def _withdrawn(db: sqlite3.Connection) -> Iterator[str]:
    """Yield the keys that were withdrawn and still have events."""
    text = "SELECT DISTINCT key FROM events WHERE views > 0 AND key IN (SELECT key FROM withdrawn) ORDER BY 1"
    for (key,) in db.execute(text):
        yield f"The event of key {key} was withdrawn, yet it is there."


def _shown(event: Event, number: int) -> Row:
    """Return an event as its row in the ledger; of those with one key the first one leads."""
    counted = (int(value) if isinstance(value, bool) else value for value in event.counted)
    return (*counted, event.seen, len(event.sightings), int(number == 0))


def _shared(db: sqlite3.Connection) -> Iterator[tuple[int, list[Row], list[Sighting]]]:
    """Yield each key with more than one sighting: key, its events (a sighting's fields, seen, views, lead), all its sightings.

    An event with one sighting is that sighting; of such ones only a missing witness could be wrong, which the sums show.
    """
    keys = db.execute(
        "SELECT key FROM events WHERE views > 0 GROUP BY key HAVING count(*) > 1 OR max(views) > 1 OR min(lead) < 1"
        " UNION SELECT key FROM sightings"
    )
    for (key,) in keys:
        events = db.execute(
            f"SELECT {_SIGHTING}, seen, views, lead FROM events WHERE key=? AND views > 0", (key,)
        ).fetchall()
        views = [Sighting(*row[:20]) for row in events if row[21] == 1]
        views += (Sighting(*row) for row in db.execute(f"SELECT {_SIGHTING} FROM sightings WHERE key=?", (key,)))
        yield key, events, views


def _underived(db: sqlite3.Connection) -> Iterator[str]:
    """Yield the sessions whose derived events are not those that their readings stand for, and ordinary events that seem derived."""
    sessions = db.execute(
        "SELECT DISTINCT c.tool, c.session FROM contexts c JOIN"
        " (SELECT context FROM readings UNION SELECT context FROM events WHERE views = 0) x ON x.context = c.id ORDER BY 1, 2"
    )
    done: set[Row] = set()
    for session in sessions.fetchall():
        if session in done:
            continue
        names = together(db, session)
        done.update(names)
        over, lacking = difference(db, names)
        if over or lacking:
            yield f"The events derived in session {session[1] or '(none)'} of {session[0]} are not what its readings stand for."
    wrong = "SELECT key FROM events WHERE views > 0 AND (requests, dated, since) <> (1, 0, 0) ORDER BY 1"
    for (key,) in db.execute(wrong):
        yield f"The event of key {key} was seen by itself, yet it is dated or counted as a derived one."


def _briefly(findings: Iterator[str]) -> list[str]:
    told: list[str] = []
    more = 0
    for finding in findings:
        if len(told) < _MOST_TOLD:
            told.append(finding)
        else:
            more += 1
    return [*told, f"The same is wrong in {more} further places."] if more else told
