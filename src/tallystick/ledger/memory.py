"""The ledger in memory: the promise kept in plain Python, without sums or shortcuts, against which other engines are held.

Every sighting is kept as it came. Events are settled from all of them again whenever more come in; sums are worked
out when they are asked for.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from tallystick.ledger.beside import Beside, shown
from tallystick.ledger.ledger import Arrival, Batch, Receipt, Row, Source
from tallystick.ledger.machines import Machines
from tallystick.ledger.merging import WITNESS_BITS, Event, Sighting, Standing, closed_at, settle, sooner_ended
from tallystick.ledger.readings import Kept, Told, Usage, derive, known, together
from tallystick.ledger.whole import ANSWERS, Held
from tallystick.usage.event import CUT_OFF, FINISHED, Context, Reading, Variant
from tallystick.usage.period import DAY_MS, SLOT_MS
from tallystick.usage.size import size_class
from tallystick.usage.tokens import Tokens

type _Values = dict[str, int | str]


class MemoryLedger:
    """Keeps the promise of `Ledger` for as long as the process lives."""

    def __init__(self) -> None:
        """Begin empty."""
        self._sources: dict[str, Source] = {}
        self._paths: list[str] = []
        """The paths of the sources, each at its number."""
        self._contexts: dict[Context, int] = {}
        self._variants: dict[Variant, int] = {}
        self._sightings: dict[int, dict[Sighting, None]] = {}
        """By key; a sighting that is told again is the same one."""
        self._prompts: dict[int, dict[str, tuple[int, int]]] = {}
        """By key and path: time and context."""
        self._calls: dict[int, Row] = {}
        self._beside = Beside()
        self._state = 0
        """Another number after each addition."""
        self._settled: dict[int, list[Event]] = {}
        self._readings: set[Kept] = set()
        self._derived: list[Event] = []
        self._machines = Machines()

    def add(self, batches: Iterable[Batch], arrivals: Iterable[Arrival] = ()) -> Receipt:
        """Take batches in, all or none: nothing is touched before the last one has come."""
        taken = list(batches)
        self._machines.take(arrivals)
        self._state = int.from_bytes(os.urandom(8), signed=True)
        before, came = self._settled, dict[int, int]()
        for batch in taken:
            self._take(batch)
            for row in batch.events:
                came[row[0]] = came.get(row[0], 0) + 1
        self._settled = {key: settle(views, self._standing) for key, views in self._sightings.items()}
        new = changed = known = 0
        for key, number in came.items():
            was, now = _outcome(before.get(key, ())), _outcome(self._settled[key])
            more, other = len(now) - len(was), len(now - was)
            new, changed = new + more, changed + other - more
            known += 0 if other else number
        derived = list(self._due())
        more, less = len(_beyond(derived, self._derived)), len(_beyond(self._derived, derived))
        self._derived = derived
        return Receipt(new + max(more - less, 0), changed + min(more, less), known)

    def ask(self, question: str, **values: int | str) -> list[Row]:
        """Return the rows that the named question has for these values."""
        if question in ANSWERS:
            return ANSWERS[question](self._held(), values)
        answer: Callable[[_Values], list[Row]] = getattr(self, f"_ask_{question}")
        return answer(values)

    def snapshot[T](self, asking: Callable[[], T]) -> T:
        """Return what `asking` returns; nothing is added while this process asks."""
        return asking()

    def close(self) -> None:
        """Forget nothing: there is nothing to let go of."""

    def _take(self, batch: Batch) -> None:
        self._machines.take_told(batch)
        source = self._source(batch.source)
        contexts = [self._contexts.setdefault(context, len(self._contexts) + 1) for context in batch.contexts]
        variants = [self._variants.setdefault(variant, len(self._variants) + 1) for variant in batch.variants]
        for key, request, time, context, variant, *rest in batch.events:
            sighting = Sighting._make((key, request, time, contexts[context], variants[variant], *rest, source))
            self._sightings.setdefault(key, {})[sighting] = None
        path = batch.source.path
        for meter, rank, time, since, context, variant, requests, *tokens, cost, offset in batch.readings:
            named = batch.variants[variant], batch.contexts[context]
            reading = Reading(meter, rank, time, since, *named, requests, Tokens(*tokens), cost, offset)
            self._readings.add(Kept(reading, path))
        for key, time, context, _ in batch.prompts:
            self._prompts.setdefault(key, {}).setdefault(path, (time, contexts[context]))
        for key, *call in batch.calls:
            self._calls[key] = sooner_ended(tuple(call), self._calls.get(key))
        self._beside.take(batch)

    def _source(self, source: Source) -> int:
        before = self._sources.get(source.path)
        if before is None:
            self._paths.append(source.path)
        last, mtime = (before.last, before.mtime) if before else (0, 0)
        # Pushes may come in any order, a log is looked at in its own.
        mtime = max(mtime, source.mtime) if source.path.startswith("push:") else source.mtime
        self._sources[source.path] = source._replace(last=max(source.last, last), mtime=mtime)
        return self._paths.index(source.path)

    def _standing(self, number: int) -> Standing:
        source = self._sources[self._paths[number]]
        return Standing(WITNESS_BITS[source.witness], closed_at(source.last, source.mtime), source.path)

    def _events(self) -> list[Event]:
        """Return all events; their numbers are their places, counted from 1."""
        return [*chain.from_iterable(self._settled.values()), *self._derived]

    def _due(self) -> Iterator[Event]:
        """Yield the events that the readings stand for."""
        contexts, variants = list(self._contexts), list(self._variants)
        stands = together((each.reading.meter, each.reading.context[:2]) for each in self._readings)

        def work(context: Context, variant: Variant) -> Row:
            """Return what several counters may count in common: session and model."""
            return stands.get(context[:2], context[:2]), variant.model

        told: dict[Row, list[Told]] = {}
        for seen in (each.counted for each in chain.from_iterable(self._settled.values())):
            place = work(contexts[seen.context - 1], variants[seen.variant - 1])
            told.setdefault(place, []).append(known(seen.time, seen[5:11]))
        kept: dict[Row, list[Kept]] = {}
        for each in self._readings:
            kept.setdefault(work(each.reading.context, each.reading.variant), []).append(each)
        for place, readings in kept.items():
            for usage in derive(told.get(place, ()), readings):
                yield self._stood_for(usage)

    def _stood_for(self, usage: Usage) -> Event:
        reading, path = usage.kept
        place = self._contexts[reading.context], self._variants[reading.variant]
        state = (FINISHED, False, False, 0, 0, 0, usage.cost_nano)
        origin = (reading.offset, self._paths.index(path))
        counted = Sighting._make((reading.meter, 0, reading.time, *place, *usage.tokens, *state, *origin))
        seen = WITNESS_BITS[self._sources[path].witness]
        return Event(counted, seen, (), usage.requests, usage.dated, usage.since)

    def _held(self) -> Held:
        return Held(
            *(self._sources, self._paths, self._contexts, self._variants, self._sightings, self._events()),
            *(self._prompts, self._calls, self._readings, self._beside, self._machines, self._standing),
        )

    def _within(self, values: _Values) -> list[tuple[int, Event]]:
        return [(number, event) for number, event in enumerate(self._events(), 1) if _in(event.counted.time, values)]

    def _in_slots(self, values: _Values) -> list[Sighting]:
        counted = (event.counted for event in self._events())
        return [seen for seen in counted if _in(seen.time // SLOT_MS, values)]

    def _usage(self, values: _Values, *, by_context: bool) -> list[Row]:
        sums: dict[Row, list[int]] = {}
        for event in self._events():
            seen = event.counted
            slot = seen.time // SLOT_MS
            if _in(slot, values):
                place = (slot, seen.variant, size_class(sum(seen[5:9]) // event.requests), event.seen)
                held = sums.setdefault((*place, seen.context) if by_context else place, [0] * 8)
                counts = (event.requests, *seen[5:11], seen.searches)
                held[:] = [old + more for old, more in zip(held, counts, strict=True)]
        return [(*place, *sums[place]) for place in sorted(sums)]

    def _ask_usage_by_context(self, values: _Values) -> list[Row]:
        return self._usage(values, by_context=True)

    def _ask_usage_by_variant(self, values: _Values) -> list[Row]:
        return self._usage(values, by_context=False)

    def _ask_usage_timed(self, values: _Values) -> list[Row]:
        times: dict[Row, list[int]] = {}
        for event in self._events():
            seen = event.counted
            size = size_class(sum(seen[5:9]) // event.requests)
            times.setdefault((seen.time // SLOT_MS, seen.variant, size, event.seen, seen.context), []).append(seen.time)
        sums = {row[:5]: row[5:] for row in self._usage(values, by_context=True)}
        return [(*place, min(times[place]), max(times[place]), *sums[place]) for place in sums]

    def _ask_sightings(self, values: _Values) -> list[Row]:
        views = self._events()[int(values["event"]) - 1].sightings
        rows: list[Row] = []
        for view in views if len(views) > 1 else ():
            path = self._paths[view.source]
            told = (view.context, *view[5:11], view.grade, view.copied)
            rows.append((path, view.place, self._sources[path].witness, *told))
        return sorted(rows)

    def _ask_events(self, values: _Values) -> list[Row]:
        rows = [self._told(number, event) for number, event in self._within(values)]
        return sorted(rows, key=lambda row: (row[1], row[0]))

    def _ask_keys(self, values: _Values) -> list[Row]:
        return [(number, event.counted.key, event.counted.request) for number, event in self._within(values)]

    def _ask_event(self, values: _Values) -> list[Row]:
        number, events = int(values["event"]), self._events()
        return [self._told(number, events[number - 1])] if 0 < number <= len(events) else []

    def _told(self, number: int, event: Event) -> Row:
        seen, path = event.counted, self._paths[event.counted.source]
        told = (seen.grade, seen.work_ms, seen.searches, seen.fetches, seen.cost_nano)
        origin = (path, seen.place, self._sources[path].witness)
        dated = (event.requests, event.dated, event.since, len(event.sightings))
        return (number, seen.time, seen.context, seen.variant, *seen[5:11], *told, *origin, *dated)

    def _ask_extent(self, _: _Values) -> list[Row]:
        times = [event.counted.time for event in self._events()]
        return [(min(times), max(times))] if times else []

    def _ask_presence(self, values: _Values) -> list[Row]:
        return sorted({(seen.time // SLOT_MS, seen.context) for seen in self._in_slots(values)})

    def _ask_lanes(self, values: _Values) -> list[Row]:
        contexts, times = list(self._contexts), dict[Row, list[int]]()
        for seen in self._in_slots(values):
            times.setdefault((seen.time // SLOT_MS, contexts[seen.context - 1].tool), []).append(seen.time)
        return [(*place, min(times[place]), max(times[place])) for place in sorted(times)]

    def _ask_quarters(self, values: _Values) -> list[Row]:
        contexts = list(self._contexts)
        seen = (event.counted for event in self._events())
        slots = {each.time // SLOT_MS for each in seen if contexts[each.context - 1].session == values["session"]}
        return [(slot,) for slot in sorted(slots)]

    def _ask_work(self, values: _Values) -> list[Row]:
        sums: dict[Row, list[int]] = {}
        for seen in self._in_slots(values):
            held = sums.setdefault((seen.context, seen.variant), [0, 0, 0, seen.time])
            if seen.work_ms > 0:
                held[:3] = [held[0] + 1, held[1] + seen.work_ms, held[2] + seen.output]
            held[3] = max(held[3], seen.time)
        return [(*place, *sums[place]) for place in sorted(sums)]

    def _ask_events_by_tool(self, values: _Values) -> list[Row]:
        return self._by_tool(each for each in self._events() if _in(each.counted.time // SLOT_MS, values))

    def _ask_cut_off(self, _: _Values) -> list[Row]:
        return [row[:2] for row in self._by_tool(each for each in self._events() if each.counted.grade == CUT_OFF)]

    def _by_tool(self, events: Iterable[Event]) -> list[Row]:
        tools = {number: context.tool for context, number in self._contexts.items()}
        found: dict[str, Row] = {}
        for event in events:
            number, newest = found.get(tool := tools[event.counted.context], (0, event.counted.time))
            found[tool] = number + event.requests, max(newest, event.counted.time)
        return [(tool, *found[tool]) for tool in sorted(found)]

    def _ask_tokens_of(self, values: _Values) -> list[Row]:
        every = self._usage({"since": -(2**62), "until": 2**62}, by_context=False)
        return [(slot, size, sum(counts[:5])) for slot, one, size, _, _, *counts in every if one == values["variant"]]

    def _ask_dated(self, values: _Values) -> list[Row]:
        found: dict[Row, list[Event]] = {}
        for _, event in self._within(values):
            if event.dated:
                found.setdefault((event.counted.context, event.counted.variant, event.dated), []).append(event)
        sums = {of: [(each.counted.total, 1, each.requests) for each in found[of]] for of in sorted(found)}
        return [(*of, *map(sum, zip(*sums[of], strict=True))) for of in sums]

    def _ask_reach(self, values: _Values) -> list[Row]:
        seen: dict[int, list[Sighting]] = {}
        for each in self._in_slots(values):
            seen.setdefault(each.context, []).append(each)
        times = {context: [each.time for each in seen[context]] for context in sorted(seen)}
        return [(each, min(times[each]), max(times[each]), sum(one.total for one in seen[each])) for each in times]

    def _called(self) -> list[tuple[str, int, int, int, int]]:
        """Return (name, context, started, ended, failed) of the calls whose event is known, in order of their beginning."""
        return [call[:5] for call in self._runs()]

    def _runs(self) -> list[tuple[str, int, int, int, int, int]]:
        """Return the same, and the number of the event, of the calls whose event is known."""
        numbers: dict[int, int] = {}
        for number, event in enumerate(chain.from_iterable(self._settled.values()), 1):
            numbers.setdefault(event.counted.key, number)
        found = []
        for key, (event, name, started, ended, failed) in self._calls.items():
            if self._settled.get(event):
                told = (name, self._settled[event][0].counted.context, started, ended, int(failed), numbers[event])
                found.append((started, key, told))
        return [told for *_, told in sorted(found)]

    def _ask_runs(self, values: _Values) -> list[Row]:
        return [run for run in self._runs() if _in(run[2], values)]

    def _ask_uses(self, values: _Values) -> list[Row]:
        times = {number: event.counted.time for number, event in self._within(values)}
        return [(*run, times[run[5]]) for run in self._runs() if run[5] in times]

    def _ask_days(self, _: _Values) -> list[Row]:
        moments = [event.counted.time for event in self._events()] + [time for time, *_ in self._prompted()]
        return [(day, self._state) for day in sorted({time // DAY_MS for time in moments})]

    def _ask_grown(self, _: _Values) -> list[Row]:
        # Of what comes, nothing is noted apart: whoever asks works the day out anew.
        return []

    def _ask_calls(self, values: _Values) -> list[Row]:
        sums: dict[Row, list[int]] = {}
        for name, context, started, ended, failed in self._called():
            if _in(started, values):
                kept = sums.setdefault((name, context), [0, 0, 0])
                sums[name, context] = [kept[0] + 1, kept[1] + failed, kept[2] + max(ended - started, 0)]
        return [(*place, *sums[place]) for place in sorted(sums)]

    def _ask_model_spans(self, values: _Values) -> list[Row]:
        seen = [event.counted for _, event in self._within(values) if event.counted.work_ms > 0]
        spans = [(each.context, each.time - each.work_ms, each.time) for each in seen]
        return sorted(spans, key=lambda span: span[::-1])

    def _ask_spans(self, values: _Values) -> list[Row]:
        spans: list[Row] = [(span[0], 0, *span[1:]) for span in self._ask_model_spans(values)]
        spans += [(call[1], 1, *call[2:4]) for call in self._called() if call[3] > call[2] and _in(call[3], values)]
        return sorted(spans, key=lambda span: (span[0], span[2], span[3], span[1]))

    def _ask_spans_of(self, values: _Values) -> list[Row]:
        contexts, uses = list(self._contexts), self._ask_uses(values)
        spans = [(context, 0, begin, end) for context, begin, end in self._ask_model_spans(values)]
        spans += [(context, 1, started, ended) for _, context, started, ended, *_ in uses if ended > started]
        of = (span for span in spans if contexts[span[0] - 1].session == values["session"])
        return sorted(of, key=lambda span: (span[0], span[2], span[3], span[1]))

    def _prompted(self) -> list[Row]:
        """Return (time, key, context) of each prompt as its original has it, in order of time."""
        rows = []
        for key, holders in self._prompts.items():
            path = min(holders, key=lambda path: self._standing(self._paths.index(path))[1:])
            time, context = holders[path]
            rows.append((time, key, context))
        return sorted(rows)

    def _ask_prompts(self, values: _Values) -> list[Row]:
        return [(time, context) for time, _, context in self._prompted() if _in(time, values)]

    def _ask_prompts_of(self, values: _Values) -> list[Row]:
        contexts = list(self._contexts)
        of = (row for row in self._prompted() if contexts[row[2] - 1].session == values["session"])
        return [(time, context) for time, _, context in of]

    def _ask_receivers(self, _: _Values) -> list[Row]:
        held: dict[Row, list[Source]] = {}
        for source in self._sources.values():
            held.setdefault((source.tool, source.witness), []).append(source)
        every = sorted(held.items())
        return [(*kind, len(of), sum(each.size for each in of), max(each.last for each in of)) for kind, of in every]

    def _ask_limits(self, values: _Values) -> list[Row]:
        return [row for row in self._beside.limits() if _in(row[5], values)]

    def _ask_skipped(self, _: _Values) -> list[Row]:
        return [(self._sources[row[0]].tool, *row) for row in self._beside.skipped()]

    def _ask_skipped_total(self, _: _Values) -> list[Row]:
        return [(sum(row[-1] for row in self._beside.skipped()),)]

    def _ask_tags(self, _: _Values) -> list[Row]:
        contexts = list(self._contexts)
        events = chain.from_iterable(self._settled.values())
        pairs = {(view.context, event.counted.context) for event in events for view in event.sightings}
        return self._beside.tags((contexts[view - 1], contexts[event - 1]) for view, event in pairs)

    def _ask_contexts(self, _: _Values) -> list[Row]:
        return [(number, *context) for number, context in enumerate(shown(self._contexts), 1)]

    def _ask_context(self, values: _Values) -> list[Row]:
        return [row for row in self._ask_contexts(values) if row[0] == values["context"]]

    def _ask_variants(self, _: _Values) -> list[Row]:
        return [(number, *variant) for variant, number in self._variants.items()]

    def _ask_source(self, values: _Values) -> list[Row]:
        return [tuple(source) for path, source in self._sources.items() if path == values["path"]]

    def _ask_marks(self, _: _Values) -> list[Row]:
        return [(path, source.inode, source.size, source.mtime) for path, source in self._sources.items()]


def _in(moment: int, values: _Values) -> bool:
    return int(values["since"]) <= moment < int(values["until"])


def _beyond(some: list[Event], others: list[Event]) -> list[Event]:
    """Return what is in the first list beyond the second one."""
    return list((Counter(some) - Counter(others)).elements())


def _outcome(events: Iterable[Event]) -> set[Row]:
    return {(event.counted, event.seen, len(event.sightings)) for event in events}
