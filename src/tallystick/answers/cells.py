"""The cells of the daybook: what each session was at work in each quarter-hour of a day, packed."""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from operator import add
from typing import Final

from tallystick.answers.parts import pack, unpack
from tallystick.answers.told import Sessions, Told, spread
from tallystick.usage.period import Zone

type InSession = tuple[int, str]
"""Quarter-hour and session."""
type Times = tuple[int, ...]
"""Milliseconds, as the fields of `Activity`."""
type _Rows = list[tuple[int, str, list[int], tuple[int, int] | None]]
"""Quarter-hour, session, times and begins."""

_CUTS_MOST: Final = 4
"""Parts of a day that are kept: those at the ends of periods."""


class Cell:
    """What a session was at work in one quarter-hour: milliseconds."""

    __slots__ = ("begins", "times")

    def __init__(self, times: Iterable[int] = (0, 0, 0, 0, 0), begins: tuple[int, int] | None = None) -> None:
        """Begin with nothing."""
        self.times = list(times)
        """As the fields of `Activity`."""
        self.begins = begins
        """When the first and the last of the spans began that begin here; None when none does."""


class Cells(Mapping[InSession, Cell]):
    """The cells of a day, which never change: packed, and unpacked whenever they are looked at.

    Those of a day that goes on are not: they are looked at all the time.
    """

    __slots__ = ("_days", "_packed", "_plain", "_reach", "_sessions", "_told")

    def __init__(self, packed: bytes, plain: _Rows | None = None) -> None:
        """Begin with what `packed` of others was, or with plain rows."""
        self._packed, self._plain = packed, plain
        self._days: dict[str, list[tuple[str, list[int]]]] = {}
        self._sessions: frozenset[str] | None = None
        self._reach: tuple[int, int] | None = None
        self._told: dict[tuple[int, int] | None, Told[Times]] = {}

    @classmethod
    def of(cls, cells: Mapping[InSession, Cell]) -> "Cells":
        """Pack cells."""
        return cls(pack([(*place, cell.times, cell.begins) for place, cell in cells.items()]))

    def replaced(self, sessions: AbstractSet[str], anew: "Cells") -> "Cells":
        """Return these, but for those of some sessions, which are others."""
        kept = [row for row in self._rows() if row[1] not in sessions]
        cells = Cells(b"", kept + [(*place, cell.times, cell.begins) for place, cell in anew.every()])
        # Of many sessions, few go on.
        cells._sessions = (self.sessions - sessions) | anew.sessions
        if (told := self._told.get(None)) is not None:
            cells._told[None] = told.replaced(sessions, anew.told())
        return cells

    @property
    def packed(self) -> bytes:
        """Return them packed."""
        return self._packed if self._plain is None else pack(self._plain)

    def _rows(self) -> _Rows:
        if self._plain is not None:
            return self._plain
        rows: _Rows = unpack(self._packed)
        return rows

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._rows())

    def __iter__(self) -> Iterator[InSession]:
        """Yield the places."""
        return ((slot, session) for slot, session, *_ in self._rows())

    def __getitem__(self, place: InSession) -> Cell:
        """Return the cell of a place; raise KeyError when there is none."""
        return dict(self.every())[place]

    def every(self) -> Iterator[tuple[InSession, Cell]]:
        """Yield the cells with their places."""
        return (((slot, session), Cell(times, begins)) for slot, session, times, begins in self._rows())

    @property
    def sessions(self) -> frozenset[str]:
        """Return whose cells these are."""
        if self._sessions is None:
            self._sessions = frozenset(row[1] for row in self._rows())
        return self._sessions

    @property
    def plain(self) -> bool:
        """Whether they are not packed."""
        return self._plain is not None

    @property
    def reach(self) -> tuple[int, int]:
        """Return the first quarter-hour and the one after the last; nothing lies between those where there are no cells."""
        if self._reach is None:
            slots = [row[0] for row in self._rows()]
            self._reach = (min(slots), max(slots) + 1) if slots else (0, 0)
        return self._reach

    def told(self, slots: tuple[int, int] | None = None) -> Told[Times]:
        """Return the time at work of each session, and when its spans began; of some quarter-hours, or of all."""
        if slots is not None and slots[0] <= self.reach[0] and self.reach[1] <= slots[1]:
            slots = None
        known = self._told.get(slots)
        if known is None:
            found: Sessions[Times] = {}
            for slot, session, times, begins in self._rows():
                if slots is None or slots[0] <= slot < slots[1]:
                    moments, sums = found.get(session, ((), None))
                    found[session] = (
                        spread(moments, begins or ()),
                        tuple(times) if sums is None else tuple(map(add, sums, times)),
                    )
            if len(self._told) > _CUTS_MOST:
                self._told = {each: told for each, told in self._told.items() if each is None}
            known = self._told[slots] = Told(found, plain=self._plain is not None)
        return known

    def by_day(self, zone: Zone) -> list[tuple[str, list[int]]]:
        """Return the local days that these cells lie in, each with the sum of their times."""
        known = self._days.get(zone.name)
        if known is None:
            known = self._days[zone.name] = summed(zone, ((slot, times) for slot, _, times, _ in self._rows()))
        return known


def summed(zone: Zone, cells: Iterable[tuple[int, list[int]]]) -> list[tuple[str, list[int]]]:
    """Return the local days of some cells, given by their quarter-hours and times, each with the sum of those."""
    by_slot: dict[int, list[int]] = {}
    for slot, times in cells:
        held = by_slot.get(slot)
        by_slot[slot] = times if held is None else list(map(add, held, times))
    days: dict[str, list[int]] = {}
    for slot, times in by_slot.items():
        name = zone.span("day", slot)[0]
        held = days.get(name)
        days[name] = times if held is None else list(map(add, held, times))
    return list(days.items())


class Through(AbstractSet[InSession]):
    """Places in a day, packed like cells."""

    __slots__ = ("packed",)

    def __init__(self, packed: bytes) -> None:
        """Begin with what `packed` of others was."""
        self.packed = packed

    @classmethod
    def of(cls, places: Iterable[InSession]) -> "Through":
        """Pack places."""
        return cls(pack(sorted(places)))

    def __len__(self) -> int:
        """Return how many there are."""
        return len(unpack(self.packed))

    def __iter__(self) -> Iterator[InSession]:
        """Yield the places."""
        return iter(unpack(self.packed))

    def __contains__(self, place: object) -> bool:
        """Tell whether a place is among them."""
        return place in unpack(self.packed)
