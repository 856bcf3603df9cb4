"""Growth: what has come to a day since something was worked out of it, so that this can go on from there.

A ledger tells each addition to a day apart. What one of them brought is read and summed up once, for all answers that go on.
"""

import threading
from array import array
from bisect import bisect_right
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from operator import itemgetter
from typing import Any, Final, NamedTuple

from tallystick.answers.parts import Span, Sums
from tallystick.ledger.ledger import Ledger, Row
from tallystick.usage.period import BEGINNING, DAY_MS, SLOT_MS, Zone
from tallystick.usage.size import size_class

_SLOTS: Final = DAY_MS // SLOT_MS
_MOST: Final = 600_000
"""New events of a day beyond which it is no slower to work it out as a whole; and of which it is kept what they add up to."""
_AT_ONCE: Final = 20_000
"""Events that are read at a time."""
_STEPS_MOST: Final = 4_096
"""Additions that are kept: a ledger tells no more of them apart."""
_SLOT: Final = itemgetter(0)
_COLUMNS: Final = 3
"""Of a span in which a model worked."""

type Timed = tuple[int, int, int, int, int]
"""Of some events: when the first and the last were, how many have a length, milliseconds and output tokens of those."""
type Worked = tuple[int, int, int]
"""Context, begin and end of the span in which a model worked on an event."""


class Addition(NamedTuple):
    """The events that one transaction brought to a day."""

    places: list[Row]
    """As the question `usage_by_context` has their sums, in order of slot."""
    timed: list[Timed]
    """Of each place."""
    worked: array[int]
    """Three numbers for each span in which a model worked, one after another."""
    events: int


class News:
    """The events that have come to a span."""

    def __init__(self, sums: Sums, timed: list[Timed], worked: list[Worked], first: int, *, whole: bool) -> None:
        """Begin with what was read of them."""
        self.sums = sums
        """Theirs, each quarter-hour of each addition by itself."""
        self.timed = timed
        """Of each row of the sums."""
        self.worked = worked
        self.first = first
        """The events numbered from here on are new."""
        self.whole = whole
        """Whether that is all; else uses of tools that older events asked for came or changed, too."""
        self._by_day: dict[tuple[str, bool], list[Row]] = {}

    def by_day(self, zone: Zone, *, contexts: bool) -> list[Row]:
        """Return the rows of the sums, those of one local day as one; without contexts, these are all 0.

        Most answers ask for no more, and there are far fewer of these rows.
        """
        key = zone.name, contexts
        found = self._by_day.get(key)
        if found is None:
            found = self._by_day[key] = _by_day(self.sums.rows, zone, contexts=contexts)
        return found


type Grow[P: Sized] = Callable[[P, Span, News], P | None]
"""From what a span added to an answer, and what has come to it, to what it adds now; None where that does not tell."""


class Growth:
    """What came to the days of a ledger lately; for any thread."""

    def __init__(self, most: int = _MOST) -> None:
        """Begin empty; what came first is let go beyond so many events."""
        self._most, self._events = most, 0
        self._additions: OrderedDict[tuple[int, int], Addition] = OrderedDict()
        """By day and the state that it had before."""
        self._lock = threading.Lock()

    def news(self, ledger: Ledger, span: Span, state: int) -> News | None:
        """Return what has come to a span, which lies in one day, since that was in a state; None where more happened."""
        day = span[0] // _SLOTS
        steps: Sequence[tuple[int, int, int]] = ledger.ask("grown", day=day, state=state)
        if not steps:
            return None
        additions = self._every(ledger, day, steps)
        if additions is None:
            return None
        found = sorted(
            (
                (place, timed)
                for addition in additions
                for place, timed in zip(addition.places, addition.timed, strict=True)
                if span[0] <= place[0] < span[1]
            ),
            key=_slot_of,
        )
        rows = [place for place, _ in found]
        contexts = [row for number in sorted({row[4] for row in rows}) for row in ledger.ask("context", context=number)]
        since, until = span[0] * SLOT_MS, span[1] * SLOT_MS
        worked = [each for addition in additions for each in _spans(addition.worked) if since <= each[2] < until]
        return News(
            Sums(rows, contexts),
            [timed for _, timed in found],
            worked,
            steps[0][1],
            whole=all(step[2] for step in steps),
        )

    def _every(self, ledger: Ledger, day: int, steps: Sequence[tuple[int, int, int]]) -> list[Addition] | None:
        """Return what each step of a day brought; None when that is too much."""
        with self._lock:
            known = [self._additions.get((day, was)) for was, _, _ in steps]
            missing = next((number for number, each in enumerate(known) if each is None), len(steps))
            if missing < len(steps):
                made = self._read(ledger, day, steps[missing:])
                if made is None:
                    return None
                known[missing:] = made
                for (was, *_), addition in zip(steps[missing:], made, strict=True):
                    self._keep((day, was), addition)
        return [each for each in known if each is not None]

    def _read(self, ledger: Ledger, day: int, steps: Sequence[tuple[int, int, int]]) -> list[Addition] | None:
        span = {"since": day * DAY_MS, "until": (day + 1) * DAY_MS}
        firsts = [first for _, first, _ in steps]
        made: list[Addition] = []
        events: list[Row] = []
        after, number = firsts[0], 0
        while True:
            # So many more at once would take more room than all that is kept of them.
            read = ledger.ask("came", first=after, **span, most=_AT_ONCE)
            number += len(read)
            if number > self._most:
                return None
            for event in read:
                step = bisect_right(firsts, event[0]) - 1
                while len(made) < step:
                    made.append(_summed(events))
                    events = []
                events.append(event)
            if len(read) < _AT_ONCE:
                break
            after = read[-1][0] + 1
        while len(made) < len(steps):
            made.append(_summed(events))
            events = []
        return made

    def _keep(self, key: tuple[int, int], addition: Addition) -> None:
        before = self._additions.pop(key, None)
        self._additions[key] = addition
        self._events += addition.events - (before.events if before else 0)
        while len(self._additions) > 1 and (self._events > self._most or len(self._additions) > _STEPS_MOST):
            _, gone = self._additions.popitem(last=False)
            self._events -= gone.events


def _by_day(rows: Iterable[Row], zone: Zone, *, contexts: bool) -> list[Row]:
    same: defaultdict[Row, list[Row]] = defaultdict(list)
    end = BEGINNING
    for row in rows:
        if row[0] >= end:
            end = zone.span("day", row[0])[1]
        same[end, *row[1:4], row[4] if contexts else 0].append(row)
    found: list[Any] = []
    for (_, *place), members in same.items():
        columns: list[Any] = list(zip(*members, strict=True))
        found.append((members[0][0], *place, *map(sum, columns[5:-1]), members[-1][0]))
    return sorted(found, key=_SLOT)


def _spans(numbers: "array[int]") -> Iterator[Worked]:
    return zip(*(numbers[column::_COLUMNS] for column in range(_COLUMNS)), strict=True)


def _slot_of(found: tuple[Row, Timed]) -> int:
    slot: int = found[0][0]
    return slot


def _summed(events: Sequence[Row]) -> Addition:
    sums: defaultdict[Row, list[int]] = defaultdict(lambda: [0] * 8)
    times: dict[Row, list[int]] = {}
    worked = array("q")
    for _, time, variant, context, seen, requests, *counts, work_ms in events:
        place = time // SLOT_MS, variant, size_class(sum(counts[:4]) // requests), seen, context
        kept = sums[place]
        kept[0] += requests
        for column, value in enumerate(counts, 1):
            kept[column] += value
        timed = times.get(place)
        if timed is None:
            timed = times[place] = [time, time, 0, 0, 0]
        timed[0], timed[1] = min(timed[0], time), max(timed[1], time)
        if work_ms > 0:
            worked.extend((context, time - work_ms, time))
            timed[2:] = timed[2] + 1, timed[3] + work_ms, timed[4] + counts[4]
    places = sorted(sums)
    rows: list[Any] = [(*place, *sums[place], place[0]) for place in places]
    return Addition(rows, [tuple(times[place]) for place in places], worked, len(events))  # type: ignore[misc]


GROWTH: Final = Growth()
"""The one of this process."""
