"""The foldbook: what each day of a ledger adds to an answer, kept for as long as nothing of that day changes.

A report of the whole history is then the sum of its days, and after a change only the days that it touched are folded anew.
Whoever asks once is better off without it: only a process that goes on answering opens one.
"""

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence, Sized
from operator import itemgetter
from typing import Any, Final, NamedTuple

from tallystick.answers.growth import GROWTH, Grow, News
from tallystick.answers.parts import KEPT, Part, Span, Sums, pack, spans, unpack
from tallystick.answers.states import States
from tallystick.answers.trunk import Trunk
from tallystick.ledger.ledger import Ledger, Row
from tallystick.usage.period import Period, Zone

_ROOM_MOST: Final = 48 << 20
"""Bytes that days in all kinds of answers together take."""
_BYTES_A_ROW: Final = 640
"""Room that a row of figures takes, roughly."""
_BYTES_A_VALUE: Final = 200
"""Room that any other takes, or a session of which little is told."""
_OPEN_MOST: Final = 6
"""Days of one kind of answer that are not packed: those that go on."""
_BYTES_MOST: Final = 48 << 20
"""Of packed sums."""
_NOTES_MOST: Final = 8
_PIECES: Final = 8
"""Packages of sums of one span that are kept before they are put together."""
_NEWS_MOST: Final = 8
_TRUNKS_ROWS_MOST: Final = 60_000
"""Rows of answers whose days are kept together: some 40 MiB."""
_BEFORE_MOST: Final = 4
_PLACE: Final = itemgetter(1, 2, 3, 4)
_FIRST: Final = itemgetter(0)


type Held = tuple[str, Span, int, bytes]
"""Zone, span, its state and its packed sums."""


class Foldbook:
    """The parts of answers by day, and the sums from which they are folded."""

    def __init__(
        self, room_most: int = _ROOM_MOST, rows_most: int = _TRUNKS_ROWS_MOST, bytes_most: int = _BYTES_MOST
    ) -> None:
        """Begin empty; what was asked for longest ago is let go beyond so many bytes of days, rows of trunks, and bytes of sums."""
        self.made = 0
        """How many parts were folded so far."""
        self._room_most, self._rows_most = room_most, rows_most
        self._kinds: OrderedDict[Hashable, _Kind] = OrderedDict()
        self._trunks: OrderedDict[Hashable, Trunk] = OrderedDict()
        self._notes: OrderedDict[Hashable, tuple[Hashable, Any]] = OrderedDict()
        self._packed = _Packed(bytes_most)
        self._lock = threading.Lock()

    def parts[P: Sized](self, ledger: Ledger, kind: Hashable, slots: Span, how: "How[P]", zone: Zone) -> list[P]:
        """Return what each day of a time adds to answers of one kind: all that share what folding depends on besides a day."""
        return self._parts(ledger, kind, spans(ledger, slots), how, zone)

    def whole(
        self, ledger: Ledger, kind: Hashable, slots: Span, how: "How[Part]", zone: Zone
    ) -> tuple[Part, Sequence[int]]:
        """Return what all days of a time add to answers of one kind together, and the totals of that."""
        with self._lock:
            trunk = self._trunks.setdefault((kind, slots), Trunk())
            self._trunks.move_to_end((kind, slots))
        states = dict(spans(ledger, slots))
        found = trunk.merged(
            states, lambda some: self._parts(ledger, kind, ((span, states[span]) for span in some), how, zone)
        )
        with self._lock:
            while len(self._trunks) > 1 and sum(map(len, self._trunks.values())) > self._rows_most:
                self._trunks.popitem(last=False)
        return found

    def _parts[P: Sized](
        self, ledger: Ledger, kind: Hashable, states: Iterable[tuple[Span, int]], how: "How[P]", zone: Zone
    ) -> list[P]:
        held = self._kind(kind)
        with held.lock:
            found = [self._part(ledger, (zone, span, state), held, how) for span, state in states]
        self._trim()
        return found

    def _part[P: Sized](self, ledger: Ledger, place: tuple[Zone, Span, int], held: "_Kind", how: "How[P]") -> P:
        _, span, state = place
        known: P | None = held.find(span, state)
        if known is not None:
            return known
        part = self._grown(ledger, place, held, how)
        if part is None:
            part = how.fold(span, lambda: self._packed.sums(ledger, *place))
            self.made += 1
            held.put(span, state, part)
        else:
            held.go_on(span, state, part)
        return part

    def _grown[P: Sized](self, ledger: Ledger, place: tuple[Zone, Span, int], held: "_Kind", how: "How[P]") -> P | None:
        """Return what a span adds that has changed, where nothing but events have come to it since it was worked out."""
        _, span, state = place
        for before, part in held.known(span):
            came = self._packed.news(ledger, span, before, state)
            if came is not None:
                return how.grow(part, span, came)
        return None

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

    def note(self, key: Hashable, of: Hashable) -> Any:  # noqa: ANN401  whatever was kept
        """Return what was kept under a key, if it was made of the same; else None."""
        with self._lock:
            made_of, value = self._notes.get(key, (None, None))
            return value if made_of == of else None

    def keep(self, key: Hashable, of: Hashable, value: object) -> None:
        """Keep what was made of something, such as the states of days."""
        with self._lock:
            self._notes[key] = of, value
            self._notes.move_to_end(key)
            if len(self._notes) > _NOTES_MOST:
                self._notes.popitem(last=False)

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
            while len(self._kinds) > 1 and sum(kind.size for kind in self._kinds.values()) > self._room_most:
                self._kinds.popitem(last=False)


class How[P: Sized](NamedTuple):
    """How what a span adds to answers of one kind is worked out."""

    fold: Callable[[Span, Callable[[], Sums]], P]
    """From the span and what returns its sums."""
    grow: Grow[P]


class _Kind:
    """The parts of one kind of answer; those of days that do not go on are packed."""

    def __init__(self) -> None:
        self._parts: States[Span, Any] = States()
        self._open: OrderedDict[Span, None] = OrderedDict()
        """The spans that went on last."""
        self.size = 0
        """How much room the newest of them take, in bytes."""
        self.lock = threading.Lock()
        """Held while something is folded: whoever waits for it finds it here."""

    def find(self, span: Span, state: int) -> Any:  # noqa: ANN401  of whatever kind the parts are
        """Return the part of a span in some state; None when there is none."""
        return _opened(self._parts.find(span, state))

    def known(self, span: Span) -> Iterator[tuple[int, Any]]:
        """Yield the parts of a span by state, the newest first."""
        for state, part in self._parts.known(span):
            yield state, _opened(part)

    def put(self, span: Span, state: int, part: Sized) -> None:
        """Keep the part of a span."""
        self._open.pop(span, None)
        self._put(span, state, _Closed(pack(list(part))) if isinstance(part, Part) else part)

    def go_on(self, span: Span, state: int, part: Sized) -> None:
        """Keep the part of a span that has grown, and is likely to grow again."""
        self._put(span, state, part)
        self._open[span] = None
        self._open.move_to_end(span)
        if len(self._open) > _OPEN_MOST:
            before, _ = self._open.popitem(last=False)
            for last, still in [next(self._parts.known(before))]:
                self.put(before, last, still)

    def _put(self, span: Span, state: int, part: Any) -> None:  # noqa: ANN401
        before = next(self._parts.known(span), None)
        self.size += _room(part) - (_room(before[1]) if before else 0)
        self._parts.put(span, state, part)


class _Closed(NamedTuple):
    """A part that is packed."""

    packed: bytes


def _opened(part: Any) -> Any:  # noqa: ANN401
    return Part(*unpack(part.packed)) if isinstance(part, _Closed) else part


def _room(part: Any) -> int:  # noqa: ANN401
    """Return how many bytes a part takes, roughly; one without rows takes room, too."""
    if isinstance(part, bytes | _Closed):
        return _BYTES_A_VALUE + len(part if isinstance(part, bytes) else part.packed)
    rows, each = (part.sums, _BYTES_A_ROW) if isinstance(part, Part) else (part, _BYTES_A_VALUE)
    return _BYTES_A_VALUE + len(rows) * each


class _Held(NamedTuple):
    """The sums of one span."""

    state: int
    """The span's, when the last of them were made."""
    packed: tuple[bytes, ...]
    """Those of all, and of what has come since."""

    @property
    def bytes(self) -> int:
        """Return how much room they take."""
        return sum(map(len, self.packed))


class _Packed:
    """The sums of spans, packed."""

    def __init__(self, most: int) -> None:
        self._most, self._bytes = most, 0
        self._held: OrderedDict[tuple[str, Span], _Held] = OrderedDict()
        self._before: OrderedDict[tuple[str, Span, int], _Held] = OrderedDict()
        """Some of states before, for those who still see these."""
        self._came: OrderedDict[tuple[Span, int, int], News | None] = OrderedDict()
        """What came to spans between two states."""
        self._lock, self._making = threading.Lock(), threading.Lock()
        """The latter is held while sums are made: of those who need the same, one makes them."""

    def sums(self, ledger: Ledger, zone: Zone, span: Span, state: int) -> Sums:
        """Return the sums of a span, which is in some state."""
        key = zone.name, span
        held = self._found(key, state)
        if held is None:
            with self._making:
                held = self._found(key, state)
                if held is None:
                    held = self._made(ledger, zone, span, state)
        if len(held.packed) == 1:
            return Sums(*unpack(held.packed[0]))
        whole = _joined(held.packed)
        if len(held.packed) > _PIECES:
            self._put(key, _Held(state, (pack(list(whole)),)))
        return whole

    def _made(self, ledger: Ledger, zone: Zone, span: Span, state: int) -> _Held:
        key = zone.name, span
        with self._lock:
            known = self._held.get(key)
        came = None if known is None else self.news(ledger, span, known.state, state)
        if known is None or came is None:
            held = _Held(state, (pack(list(_summed(ledger, zone, span))),))
        else:
            held = _Held(state, (*known.packed, pack(list(came.sums))))
        self._put(key, held)
        return held

    def news(self, ledger: Ledger, span: Span, before: int, state: int) -> News | None:
        """Return what came to a span between two states, the latter that of now; None where more happened."""
        key = span, before, state
        with self._lock:
            if key in self._came:
                self._came.move_to_end(key)
                return self._came[key]
        found = GROWTH.news(ledger, span, before)
        with self._lock:
            self._came[key] = found
            while len(self._came) > _NEWS_MOST:
                self._came.popitem(last=False)
        return found

    def _found(self, key: tuple[str, Span], state: int) -> _Held | None:
        with self._lock:
            known = self._held.get(key)
            if known is None or known.state != state:
                return self._before.get((*key, state))
            self._held.move_to_end(key)
            return known

    def has(self, zone: Zone, span: Span, state: int) -> bool:
        """Tell whether the sums of a span in some state are here."""
        with self._lock:
            known = self._held.get((zone.name, span))
        return known is not None and known.state == state

    def at_hand(self) -> list[Held]:
        """Return all sums."""
        with self._lock:
            every = list(self._held.items())
        return [
            (*key, held.state, held.packed[0] if len(held.packed) == 1 else pack(list(_joined(held.packed))))
            for key, held in every
        ]

    def lay_ready(self, earlier: Iterable[Held]) -> None:
        """Take sums in; those that are here already may be newer."""
        for zone, span, state, packed in earlier:
            if (zone, span) not in self._held:
                self._put((zone, span), _Held(state, (packed,)))

    def _put(self, key: tuple[str, Span], held: _Held) -> None:
        with self._lock:
            before = self._held.pop(key, None)
            self._held[key] = held
            self._bytes += held.bytes - (before.bytes if before else 0)
            if before is not None:
                self._before[*key, before.state] = before
                if len(self._before) > _BEFORE_MOST:
                    self._before.popitem(last=False)
            while self._bytes > self._most and len(self._held) > 1:
                _, gone = self._held.popitem(last=False)
                self._bytes -= gone.bytes


def _joined(packed: Iterable[bytes]) -> Sums:
    """Return sums that were packed one after another as one; a place may come several times in them."""
    rows: list[Row] = []
    contexts: dict[int, Row] = {}
    for each in packed:
        more, theirs = unpack(each)
        rows += more
        contexts.update({row[0]: row for row in theirs})
    rows.sort(key=_FIRST)
    return Sums(rows, [contexts[number] for number in sorted(contexts)])


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
