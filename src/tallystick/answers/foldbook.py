"""The foldbook: what each day of a ledger adds to an answer, kept for as long as nothing of that day changes.

A report of the whole history is then the sum of its days, and after a change only the days that it touched are folded anew.
Whoever asks once is better off without it: only a process that goes on answering opens one.
"""

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sized
from operator import itemgetter
from typing import Any, Final

from tallystick.answers.parts import KEPT, Part, Span, Sums, pack, spans, unpack
from tallystick.ledger.ledger import Ledger, Row
from tallystick.usage.period import Period, Zone

_KEYS_MOST: Final = 250_000
"""Rows of days in all kinds of answers together: some 100 MiB."""
_BYTES_A_ROW: Final = 400
"""Room that a row takes, roughly."""
_BYTES_MOST: Final = 48 << 20
"""Of packed sums."""
_PLACE: Final = itemgetter(1, 2, 3, 4)
_FIRST: Final = itemgetter(0)


type Held = tuple[str, Span, int, bytes]
"""Zone, span, its state and its packed sums."""


class Foldbook:
    """The parts of answers by day, and the sums from which they are folded."""

    def __init__(self, keys_most: int = _KEYS_MOST, bytes_most: int = _BYTES_MOST) -> None:
        """Begin empty; what was asked for longest ago is let go beyond so many rows, and bytes of sums."""
        self.made = 0
        """How many parts were folded so far."""
        self._most = keys_most
        self._kinds: OrderedDict[Hashable, _Kind] = OrderedDict()
        self._packed = _Packed(bytes_most)
        self._lock = threading.Lock()

    def parts[P: Sized](
        self, ledger: Ledger, kind: Hashable, slots: Span, fold: Callable[[Span, Callable[[], Sums]], P], zone: Zone
    ) -> list[P]:
        """Return what each day of a time adds to answers of one kind: all that share what `fold` depends on besides a day.

        `fold` is given the span of a day and what returns its sums.
        """
        states = dict(spans(ledger, slots))
        held = self._kind(kind)
        with held.lock:
            for span, state in states.items():
                known = held.parts.get(span)
                if known is None or known[0] != state:
                    part = fold(span, lambda span=span, state=state: self._packed.sums(ledger, zone, span, state))  # type: ignore[misc]
                    held.put(span, state, part)
                    self.made += 1
            found = [held.parts[span][1] for span in states]
        self._trim()
        return found

    def prepare(self, ledger: Ledger, zone: Zone) -> int:
        """Have the sums of all days at hand, for answers in a zone; return of how many days they were not."""
        missing = [
            (span, state)
            for span, state in spans(ledger, Period(zone).slots)
            if not self._packed.has(zone, span, state)
        ]
        for span, state in missing:
            self._packed.sums(ledger, zone, span, state)
        return len(missing)

    def at_hand(self) -> list[Held]:
        """Return the packed sums."""
        return self._packed.at_hand()

    def lay_ready(self, earlier: Iterable[Held]) -> None:
        """Begin with sums of another run: those of days that are as they were then hold."""
        self._packed.lay_ready(earlier)

    def _kind(self, key: Hashable) -> "_Kind":
        with self._lock:
            kind = self._kinds.get(key)
            if kind is None:
                kind = self._kinds[key] = _Kind()
            self._kinds.move_to_end(key)
            return kind

    def _trim(self) -> None:
        with self._lock:
            while len(self._kinds) > 1 and sum(kind.size for kind in self._kinds.values()) > self._most:
                self._kinds.popitem(last=False)


class _Kind:
    """The parts of one kind of answer."""

    def __init__(self) -> None:
        self.parts: dict[Span, tuple[int, Any]] = {}
        self.size = 0
        """How many rows they have."""
        self.lock = threading.Lock()
        """Held while something is folded: whoever waits for it finds it here."""

    def put(self, span: Span, state: int, part: Sized) -> None:
        """Keep the part of a span."""
        before = self.parts.get(span)
        # A part without rows takes room, too.
        self.size += _rows(part) + 1 - (_rows(before[1]) + 1 if before else 0)
        self.parts[span] = state, part


def _rows(part: Sized) -> int:
    if isinstance(part, bytes):
        return len(part) // _BYTES_A_ROW
    return len(part.sums) if isinstance(part, Part) else len(part)


class _Packed:
    """The sums of spans, packed."""

    def __init__(self, most: int) -> None:
        self._most, self._bytes = most, 0
        self._held: OrderedDict[tuple[str, Span], tuple[int, bytes]] = OrderedDict()
        self._lock, self._making = threading.Lock(), threading.Lock()
        """The latter is held while sums are made: of those who need the same, one makes them."""

    def sums(self, ledger: Ledger, zone: Zone, span: Span, state: int) -> Sums:
        """Return the sums of a span, which is in some state."""
        key = zone.name, span
        found = self._found(key, state)
        if found is None:
            with self._making:
                found = self._found(key, state)
                if found is None:
                    found = _summed(ledger, zone, span)
                    self._put(key, state, pack(list(found)))
        return found

    def _found(self, key: tuple[str, Span], state: int) -> Sums | None:
        with self._lock:
            known = self._held.get(key)
            if known is None or known[0] != state:
                return None
            self._held.move_to_end(key)
        return Sums(*unpack(known[1]))

    def has(self, zone: Zone, span: Span, state: int) -> bool:
        """Tell whether the sums of a span in some state are here."""
        with self._lock:
            known = self._held.get((zone.name, span))
        return known is not None and known[0] == state

    def at_hand(self) -> list[Held]:
        """Return all sums."""
        with self._lock:
            return [(*key, *held) for key, held in self._held.items()]

    def lay_ready(self, earlier: Iterable[Held]) -> None:
        """Take sums in; those that are here already may be newer."""
        for zone, span, state, packed in earlier:
            if (zone, span) not in self._held:
                self._put((zone, span), state, packed)

    def _put(self, key: tuple[str, Span], state: int, packed: bytes) -> None:
        with self._lock:
            before = self._held.pop(key, None)
            self._held[key] = state, packed
            self._bytes += len(packed) - (len(before[1]) if before else 0)
            while self._bytes > self._most and len(self._held) > 1:
                _, (_, gone) = self._held.popitem(last=False)
                self._bytes -= len(gone)


def _summed(ledger: Ledger, zone: Zone, span: Span) -> Sums:
    rows: list[Row] = []
    begin, after = span
    while begin < after:
        end = min(zone.span("day", begin)[1], after)
        same: defaultdict[Row, list[Row]] = defaultdict(list)
        for row in ledger.ask("usage_by_context", since=begin, until=end):
            same[_PLACE(row)].append(row)
        rows += sorted((_together(place, members) for place, members in same.items()), key=_FIRST)
        begin = end
    contexts = [found for number in sorted({row[4] for row in rows}) for found in ledger.ask("context", context=number)]
    return Sums(rows, contexts)


def _together(place: Row, members: list[Row]) -> Row:
    if len(members) == 1:
        return (*members[0], members[0][0])
    columns: list[Any] = list(zip(*members, strict=True))
    return (members[0][0], *place, *map(sum, columns[5:]), members[-1][0])


def open_book() -> None:
    """From now on, keep what days add to the answers of this process."""
    if KEPT.book is None:
        KEPT.book = Foldbook()


def close_book() -> None:
    """Keep nothing any more."""
    KEPT.book = None
