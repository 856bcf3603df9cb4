"""Telling: batches become rows of the tables in which nothing is ever changed, and one row that says what of them is to be settled."""

import os
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from tallystick.ledger.clickhouse.numbers import MOST, of_text, worth_of
from tallystick.ledger.clickhouse.renamed import Renamed
from tallystick.ledger.clickhouse.server import Server, literal
from tallystick.ledger.ledger import Arrival, Batch, Row, Source
from tallystick.ledger.merging import WITNESS_BITS

AT_ONCE: Final = 100_000
"""Sightings that one addition holds at most: so many are settled in one go."""
ANEW: Final = -2
"""The place that says that a source was read from its beginning."""
_ALL: Final = 2**64 - 1


class _Touched:
    """What an addition has to be settled for."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.keys: set[int] = set()
        self.sources: set[int] = set()
        self.prompts: set[int] = set()
        self.asked: set[int] = set()
        self.contexts: set[int] = set()
        self.sessions: set[str] = set()
        self.readings = 0

    def row(self, number: int, came: int) -> Row:
        """Return it as a row of `additions`."""
        sets = (self.sources, self.prompts, self.asked - self.keys, self.contexts)
        # Which quarter-hours change is found out when it is settled.
        return (number, came, sorted(self.keys), [], *map(sorted, sets), self.readings, sorted(self.sessions))


class Known(NamedTuple):
    """What the ledger has, as far as this process knows: numbers of contexts and variants, and names that were given others."""

    contexts: set[int]
    variants: set[int]
    renamed: Renamed

    @classmethod
    def of(cls, server: Server) -> "Known":
        """Ask for them."""
        contexts, variants = (set(server.numbers(f"SELECT id FROM {table}")) for table in ("contexts", "variants"))
        return cls(contexts, variants, Renamed.of(server.rows("SELECT what, old, shown FROM renamed")))


class Telling:
    """One addition on its way into the tables."""

    def __init__(self, server: Server, known: Known, clock: Callable[[], int]) -> None:
        """Begin; the clock tells nanoseconds, and never one of them twice."""
        self._server, self._known, self._clock = server, known, clock
        self._rows: dict[str, list[Row]] = {}
        self._named: dict[str, dict[int, Row]] = {"contexts": {}, "variants": {}}
        self._touched = _Touched()
        self._done: list[Row] = []
        self.came: Counter[int] = Counter()
        """How many sightings of each key there were."""
        self.renames = False
        """Whether it told of names that were given others."""

    def tell(self, batches: Iterable[Batch], arrivals: Iterable[Arrival]) -> list[int]:
        """Write what batches and arrivals tell; it counts once the last rows stand, which are those of the additions. Return their numbers."""
        for batch in batches:
            self._take(batch)
            if len(self._rows.get("told", ())) >= AT_ONCE:
                # What is written before the addition stands is in no answer, if the rest should never come.
                self._server.put("told", self._rows.pop("told"))
                self._end_portion()
        for arrival in sorted(map(self._known.renamed.arrival, arrivals)):
            self._arrive(arrival)
        tags = self._new_tags()
        self._end_portion()
        for table, named in self._named.items():
            self._server.put(table, list(named.values()))
        for table, rows in self._rows.items():
            self._server.put(table, rows)
        self._server.put("tags", tags)
        self._server.put("additions", self._done)
        self._known.contexts.update(self._named["contexts"])
        self._known.variants.update(self._named["variants"])
        return [row[0] for row in self._done]

    def _end_portion(self) -> None:
        number = int.from_bytes(os.urandom(8)) & MOST
        self._done.append(self._touched.row(number, self._clock()))
        self._touched = _Touched()

    def _add(self, table: str, rows: Iterable[Row]) -> None:
        self._rows.setdefault(table, []).extend(rows)

    def _take(self, batch: Batch) -> None:
        came, touched = self._clock(), self._touched
        source = self._source(batch.source, came)
        contexts = [self._number("contexts", context) for context in self._known.renamed.contexts(batch)]
        variants = [self._number("variants", variant) for variant in batch.variants]
        self._take_events(batch, contexts, variants, source)
        for meter, rank, time, since, context, variant, *rest in batch.readings:
            self._add("readings", [(meter, rank, time, since, contexts[context], variants[variant], *rest, source)])
            touched.contexts.add(contexts[context])
            touched.readings += 1
        for key, time, context, place in batch.prompts:
            self._add("prompts_told", [(key, source, time, contexts[context], place)])
            touched.prompts.add(key)
        self._add("calls", [(*call, worth_of(tuple(call))) for call in batch.calls])
        touched.asked.update(call[1] for call in batch.calls)
        self._add("titles_told", batch.titles)
        self._add("limits_told", batch.limits)
        self._add("tags", batch.tags)
        self._add("newer_told", batch.newer)
        self._add("renamed", [(*row, came) for row in batch.renamed or ()])
        self.renames = self.renames or bool(batch.renamed)
        self._skip(batch, source, came)

    def _take_events(self, batch: Batch, contexts: list[int], variants: list[int], source: int) -> None:
        if not batch.events:
            return
        seen, touched = WITNESS_BITS[batch.source.witness], self._touched
        self._add(
            "told",
            [
                (key, request, time, contexts[context], variants[variant], *rest, source, seen)
                for key, request, time, context, variant, *rest in batch.events
            ],
        )
        keys = [row[0] for row in batch.events]
        self.came.update(keys)
        touched.keys.update(keys)
        touched.contexts.update(contexts)

    def _number(self, table: str, named: Iterable[str]) -> int:
        parts = tuple(named)
        number = of_text(*parts)
        if number not in getattr(self._known, table) and number not in self._named[table]:
            self._named[table][number] = (number, *parts)
            if table == "contexts":
                self._touched.sessions.add(parts[1])
        return number

    def _source(self, source: Source, came: int) -> int:
        number = of_text(source.path)
        path, tool, witness, inode, size, mtime, offset, head, state, last = source
        self._add(
            "source_states", [(number, path, tool, witness, inode, size, mtime, offset, head, bytes(state), came)]
        )
        self._add("source_times", [(number, last, mtime)])
        self._touched.sources.add(number)
        return number

    def _skip(self, batch: Batch, source: int, came: int) -> None:
        found: Counter[tuple[int, str]] = Counter()
        for place, reason in batch.skipped:
            if place >= 0:
                found[place, reason] = 1
            else:
                found[place, "more"] += int(reason)
        self._add("skipped_told", [(source, *what, number, came) for what, number in found.items()])
        if batch.fresh:
            self._add("skipped_told", [(source, ANEW, "", 0, came)])

    def _arrive(self, arrival: Arrival) -> None:
        machine, name, user, time, *rest = arrival
        self._add("machines_first", [(machine, name, time, _ALL - self._clock())])
        self._add("machines_last", [(machine, user, time, *rest)])

    def _new_tags(self) -> list[Row]:
        """Return the tags that are not known; what they are of is shown otherwise now."""
        tags = dict.fromkeys(map(tuple, self._rows.pop("tags", ())))
        if not tags:
            return []
        sessions = ", ".join(literal(tag[1]) for tag in tags)
        known = self._server.rows(f"SELECT tool, session, name, value FROM tags WHERE session IN ({sessions})")
        new = [tag for tag in tags if tag not in set(known)]
        self._touched.sessions.update(tag[1] for tag in new)
        return new
