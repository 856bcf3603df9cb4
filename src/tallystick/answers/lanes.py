"""Lanes: when each tool was used, from which follows the block in which it is at some moment, however long the history is."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from tallystick.answers.parts import KEPT, Span, pack, unpack
from tallystick.ledger.ledger import Ledger
from tallystick.usage.period import BEGINNING, DAY_MS, HOUR_MS, SLOT_MS, Zone

if TYPE_CHECKING:
    from tallystick.answers.growth import News

BLOCK_MS: Final = 5 * HOUR_MS
_LOOK_BACK: Final = 7 * DAY_MS // SLOT_MS
"""Quarter-hours before a moment in which a pause is looked for first."""
_FAR: Final = 10_000

type _Used = tuple[int, str, int, int]
"""A quarter-hour, a tool, and the first and the last millisecond in which it was used then."""
_SINGLY_MOST: Final = 1_000
"""Contexts that are asked for one by one: beyond that, it takes less to ask for all."""


class ToolOf(dict[int, str]):
    """The tool of each context, looked up when it is asked for: most answers go on from what is known of other contexts."""

    def __init__(self, ledger: Ledger) -> None:
        """Begin with none."""
        super().__init__()
        self._ledger = ledger

    def __missing__(self, context: int) -> str:
        """Look a context up."""
        if len(self) == _SINGLY_MOST:
            self.update((row[0], row[1]) for row in self._ledger.ask("contexts"))
        else:
            self.update((row[0], row[1]) for row in self._ledger.ask("context", context=context))
        return self.get(context, "")


class Block(NamedTuple):
    """The last block of a tool before some moment."""

    begin: int
    """Milliseconds since 1970, UTC: a whole hour."""
    last: int
    """When the tool was used last."""


def before(ledger: Ledger, tools: Mapping[int, str], slot: int, zone: Zone) -> dict[str, Block]:
    """Return by tool the last block that began before a quarter-hour; one that ended a week before that may be missing."""
    back = _LOOK_BACK
    while True:
        begin = max(slot - back, BEGINNING)
        lanes: defaultdict[str, list[_Used]] = defaultdict(list)
        for used in _used(ledger, (begin, slot), tools, zone):
            lanes[used[1]].append(used)
        # Behind a pause, a block begins with whatever comes: what was before it need not be known.
        if begin <= BEGINNING or all(_paused(lane, begin * SLOT_MS, slot * SLOT_MS) for lane in lanes.values()):
            return {tool: _walked(ledger, lane, tools) for tool, lane in lanes.items()}
        back = back * 4 if back < _FAR else -BEGINNING


def _paused(lane: Iterable[_Used], begin: int, end: int) -> bool:
    """Tell whether there was a pause that ends a block between two moments, from the first of which on all is known."""
    last = begin
    for _, _, first, until in lane:
        if first - last > BLOCK_MS:
            return True
        last = until
    return end - last > BLOCK_MS


def _walked(ledger: Ledger, lane: Sequence[_Used], tools: Mapping[int, str]) -> Block:
    begin = last = 0
    for slot, tool, first, until in lane:
        time = first
        if last and first == begin + BLOCK_MS:
            # What came in the last millisecond of a block is of that one, unlike the rest of the quarter-hour.
            asked = ledger.ask("events", since=first + 1, until=(slot + 1) * SLOT_MS)
            time = next((row[1] for row in asked if tools[row[2]] == tool), first)
        if not last or time - begin > BLOCK_MS or time - last > BLOCK_MS:
            begin = time - time % HOUR_MS
        last = until
    return Block(begin, last)


def _used(ledger: Ledger, slots: Span, tools: Mapping[int, str], zone: Zone) -> Iterator[_Used]:
    """Yield when tools were used in a time, in order of the quarter-hours."""
    if KEPT.book is None:
        yield from ledger.ask("lanes", since=slots[0], until=slots[1])
        return
    from tallystick.answers.foldbook import How

    def fold(span: Span, _: object) -> bytes:
        return pack([tuple(row) for row in ledger.ask("lanes", since=span[0], until=span[1])])

    def grow(known: bytes, _: Span, came: "News") -> bytes:
        places = {(slot, tool): (first, last) for slot, tool, first, last in unpack(known)}
        for row, timed in zip(came.sums.rows, came.timed, strict=True):
            place = row[0], tools[row[4]]
            first, last = places.get(place, timed[:2])
            places[place] = min(first, timed[0]), max(last, timed[1])
        return pack([(*place, *places[place]) for place in sorted(places)])

    for packed in KEPT.book.parts(ledger, "lanes", slots, How(fold, grow), zone):
        yield from unpack(packed)
