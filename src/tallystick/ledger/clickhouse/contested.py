"""Keys with several sightings: settled from all of them as in every ledger, and held against what stands."""

from collections.abc import Iterable, Iterator
from typing import Final

from tallystick.ledger.clickhouse.numbers import of_event
from tallystick.ledger.clickhouse.server import Server, among
from tallystick.ledger.clickhouse.shapes import EVENT, SIGHTING
from tallystick.ledger.ledger import Row
from tallystick.ledger.merging import WITNESS_BITS, Event, Sighting, Standing, closed_at, settle
from tallystick.usage.period import SLOT_MS

AT_ONCE: Final = 20_000
KEY, TIME, CONTEXT, VIEWS, LEAD = 1, 3, 4, 22, 23
"""Where an event's row has them."""


class Changes:
    """What a round has to write."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.events: list[Row] = []
        """Rows of `events` without the round's number: what stands and what is gone."""
        self.views: list[Row] = []
        self.slots: set[int] = set()
        self.contexts: set[int] = set()
        self.joined: set[tuple[int, int]] = set()
        """Contexts of views, each with one that an event of the same key has now or had before."""
        self.new = self.changed = 0
        self.unchanged: set[int] = set()
        """Keys of which the events are the same as before."""

    def put(self, row: Row, *, gone: bool) -> None:
        """Take note of an event that stands now, or stands no more."""
        self.events.append((*row, gone))
        self.slots.add(row[TIME] // SLOT_MS)
        self.contexts.add(row[CONTEXT])

    def replace(self, before: Iterable[Row], after: Iterable[Row]) -> None:
        """Put events in the place of others."""
        # Beside what holds there may be what somebody wrote too late, the same event elsewhere: each is looked at where it stands.
        held, now = ({(row[0], _cell(row[TIME])): row for row in rows} for rows in (before, after))
        for place, row in held.items():
            other = now.get(place)
            if other is None:
                self.put(row, gone=True)
            elif other != row:
                self.slots.add(row[TIME] // SLOT_MS)
                self.contexts.add(row[CONTEXT])
        for place, row in now.items():
            if held.get(place) != row:
                self.put(row, gone=False)


class Contested:
    """Settles keys that have several sightings."""

    def __init__(self, server: Server, changes: Changes) -> None:
        """Begin."""
        self._server, self._changes = server, changes
        self._sources: dict[int, Standing] = {}

    def settle(self, keys: Iterable[int], came: set[int], standing: dict[int, list[Row]]) -> None:
        """Settle keys anew; `standing` has the events that they have, and `came` the keys of which something was told."""
        for part in portions(sorted(keys)):
            held = self._held(part)
            self._learn({view.source for views in held.values() for view in views})
            numbers = [row[0] for key in part for row in standing.get(key, ()) if row[VIEWS] > 1]
            kept = self._views(numbers)
            for key in part:
                self._settle(key, held.get(key, []), standing.get(key, []), kept, told=key in came)

    def _settle(
        self, key: int, views: list[Sighting], before: list[Row], kept: dict[int, set[Row]], *, told: bool
    ) -> None:
        changes = self._changes
        events = settle(views, self._sources.__getitem__)
        after = [_row(event, lead=place == 0) for place, event in enumerate(events)]
        changes.replace(before, after)
        was, now = ({row[1 : VIEWS + 1] for row in rows} for rows in (before, after))
        if told:
            more, other = len(now) - len(was), len(now - was)
            changes.new, changes.changed = changes.new + more, changes.changed + other - more
            if not other:
                changes.unchanged.add(key)
        for row, event in zip(after, events, strict=True):
            self._keep(row[0], event, kept)
        for row in before:
            changes.views += [(row[0], *view, True) for view in kept.pop(row[0], ())]
        seen, of = {view.context for view in views}, {row[CONTEXT] for row in (*before, *after)}
        if seen != of or len(of) > 1:
            changes.joined.update((view, event) for view in seen for event in of if view != event)

    def _keep(self, number: int, event: Event, kept: dict[int, set[Row]]) -> None:
        """Note which views an event has now that it had not, and the other way round."""
        before: set[Row] = kept.pop(number, set())
        now = {tuple(view) for view in event.sightings} if len(event.sightings) > 1 else set()
        self._changes.views += [(number, *view, False) for view in now - before]
        self._changes.views += [(number, *view, True) for view in before - now]

    def _held(self, keys: list[int]) -> dict[int, list[Sighting]]:
        """Return all sightings of keys; what was told twice and not put together yet is one in Python, too."""
        held: dict[int, dict[Sighting, None]] = {}
        for row in self._server.rows(f"SELECT {SIGHTING} FROM told WHERE key IN {among(keys)} SETTINGS final = 0"):
            held.setdefault(row[0], {})[Sighting._make(row)] = None
        return {key: list(views) for key, views in held.items()}

    def _views(self, events: list[int]) -> dict[int, set[Row]]:
        found: dict[int, set[Row]] = {}
        for part in portions(events):
            for number, *view in self._server.rows(
                f"SELECT event, {SIGHTING} FROM sightings WHERE event IN {among(part)}"
            ):
                found.setdefault(number, set()).add(tuple(view))
        return found

    def _learn(self, sources: set[int]) -> None:
        self._sources.update(standings(self._server, sources - self._sources.keys()))


def standings(server: Server, sources: Iterable[int]) -> dict[int, Standing]:
    """Return how sources stand to one another."""
    found = {}
    for part in portions(sorted(sources)):
        text = f"SELECT id, witness, last, mtime, path FROM sources WHERE id IN {among(part)}"
        for number, witness, last, mtime, path in server.rows(text):
            found[number] = Standing(WITNESS_BITS[witness], closed_at(last, mtime), path)
    return found


def portions[T](items: list[T]) -> Iterator[list[T]]:
    """Yield as many at a time as one question can name."""
    return (items[at : at + AT_ONCE] for at in range(0, len(items), AT_ONCE))


def _cell(time: int) -> int:
    """Return by what a row of a time is sorted in the engine, which divides towards nought."""
    return -(-time // SLOT_MS) if time < 0 else time // SLOT_MS


def _row(event: Event, *, lead: bool) -> Row:
    """Return an event as `EVENT` has it."""
    counted = event.counted
    number = of_event(counted.key, counted.request)
    return (number, *counted, event.seen, len(event.sightings), int(lead), event.requests, event.dated, event.since)


__all__ = ["EVENT", "Changes", "Contested", "portions", "standings"]
