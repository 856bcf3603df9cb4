"""What one day adds to what is told of each session: when it was at work in columns, everything else packed."""

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from sys import intern
from typing import Any, NamedTuple

from tallystick.answers.parts import pack, unpack

type Moments = tuple[()] | tuple[int, int]
"""First and last, in milliseconds since 1970, UTC; nothing where there is none."""
type Sessions[Row] = dict[str, tuple[Moments, Row]]
"""Moments and a row of plain values by session."""


class Timed(NamedTuple):
    """The sessions of a day that have moments."""

    names: tuple[str, ...]
    firsts: "array[int]"
    lasts: "array[int]"


class Told[Row]:
    """The sessions of a day, which never change.

    Reports of many sessions are in order of time, and few of the sessions are shown: rows stay packed until somebody looks.
    Those of a day that goes on are not packed: they are looked at all the time.
    """

    __slots__ = ("_packed", "_plain", "_rest", "_timed")

    def __init__(self, sessions: Sessions[Row], *, plain: bool = False) -> None:
        """Begin with the sessions."""
        self._plain: Sessions[Row] | None = sessions if plain else None
        self._timed: Timed | None = None
        self._rest: tuple[str, ...] = ()
        """The sessions without moments, whose rows come last."""
        self._packed = b""
        if not plain:
            self._timed = _timed(sessions)
            self._rest = tuple(intern(name) for name, (moments, _) in sessions.items() if not moments)
            self._packed = pack([sessions[name][1] for name in (*self._timed.names, *self._rest)])

    def __len__(self) -> int:
        """Return how many sessions there are."""
        return len(self.timed.names) + len(self._rest) if self._plain is None else len(self._plain)

    @property
    def timed(self) -> Timed:
        """Return the sessions that have moments."""
        if self._timed is None:
            self._timed = _timed(self._plain or {})
        return self._timed

    def every(self) -> Sessions[Row]:
        """Return all sessions."""
        if self._plain is not None:
            return self._plain
        rows: Iterator[Row] = iter(unpack(self._packed))
        moments = zip(self.timed.firsts, self.timed.lasts, strict=True)
        found: Sessions[Row] = dict(zip(self.timed.names, zip(moments, rows, strict=False), strict=True))
        found.update({name: ((), row) for name, row in zip(self._rest, rows, strict=True)})
        return found

    def some(self, sessions: AbstractSet[str]) -> Iterator[tuple[str, Moments, Row]]:
        """Yield some of them."""
        if self._plain is None and sessions.isdisjoint(self.timed.names) and sessions.isdisjoint(self._rest):
            return
        every = self.every()
        for name in sessions & every.keys():
            yield name, *every[name]

    def replaced(self, sessions: AbstractSet[str], anew: "Told[Row]") -> "Told[Row]":
        """Return these, but for some sessions, which are others."""
        found = dict(self.every())
        for name in sessions & found.keys():
            del found[name]
        found.update(anew.every())
        return Told(found, plain=True)

    def grown(self, more: "Told[Row]", add: Callable[[Row, Row], Row]) -> "Told[Row]":
        """Return these and more of the same day."""
        found = dict(self.every())
        for name, came in more.every().items():
            known = found.get(name)
            found[name] = came if known is None else (spread(known[0], came[0]), add(known[1], came[1]))
        return Told(found, plain=True)


def _timed(sessions: Sessions[Any]) -> Timed:
    timed = {name: moments for name, (moments, _) in sessions.items() if moments}
    # Several books name the same sessions: each name is kept once.
    names = tuple(map(intern, timed))
    firsts, lasts = zip(*timed.values(), strict=True) if timed else ((), ())
    return Timed(names, array("q", firsts), array("q", lasts))


def spread(one: Moments, other: Moments) -> Moments:
    """Return the first and the last of both."""
    return (min(one[0], other[0]), max(one[1], other[1])) if one and other else one or other


class Wanted(NamedTuple):
    """Which ends of sessions are asked for."""

    last: bool
    """Whether it is the last moments; else the first ones."""
    sessions: Mapping[tuple[str, ...], object]
    """Those that matter, each as the keys of a row."""
    most: int = 0
    """How many are enough: of first moments the earliest, of last moments the latest; 0 for all."""


def ends(days: Mapping[int, Sequence[Told[Any]]], wanted: Wanted, without: AbstractSet[str]) -> dict[str, int]:
    """Return by session its first or last moment, given what is told of each day, in which all of that lies.

    More than enough may be found: the days are looked at one after another.
    """
    found: dict[str, int] = {}
    for day in sorted(days, reverse=wanted.last):
        for name, moment in _of_day(days[day], last=wanted.last):
            if name not in found and name not in without and (name,) in wanted.sessions:
                found[name] = moment
        if wanted.most and len(found) >= wanted.most:
            break
    return found


def _of_day(told: Iterable[Told[Any]], *, last: bool) -> Iterable[tuple[str, int]]:
    found: dict[str, int] = {}
    for each in told:
        names, firsts, lasts = each.timed
        moments = lasts if last else firsts
        if not found:
            found = dict(zip(names, moments, strict=True))
            continue
        for name, moment in zip(names, moments, strict=True):
            known = found.get(name)
            if known is None or (moment > known if last else moment < known):
                found[name] = moment
    return found.items()
