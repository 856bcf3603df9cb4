"""Aligning: which calls of the wire are which calls of a log that keeps no ids of the API.

Two views are the same call when their counts are equal kind by kind, their models (the one that answered, or the one that was
asked for) and sessions do not contradict one another, and the log's moment lies near the answer's. Each view is in one pair at the most; of several equal ones the
earlier go with the earlier. Equal counts alone are no identity: without nearness in time and the same model there is no pair.

A call of the wire that is in no pair, while the log has one that is in none either, of the same model and moment but with
other counts, may be that one: it stands apart and is added to nothing. All this is a function of the two sets.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

BEFORE_MS: Final = 5_000
"""How long before the request a log may have put the call: clocks and writes differ."""
AFTER_MS: Final = 60_000
"""How long after the answer's end."""


class Half(NamedTuple):
    """One view of a call."""

    number: int
    """By which whoever asks knows it."""
    began: int
    """Of the wire's, when the request began; a log's has one moment only, its `time`. Milliseconds since 1970, UTC."""
    time: int
    models: frozenset[str]
    """Names under which the log may have it: of the model that answered, and of the one that was asked for; a log's has one."""
    sessions: frozenset[str]
    """Names under which the log may have it (a subagent's own, its parent's); empty when they are not known."""
    counts: tuple[int, int, int, int]
    """Input, read from a cache, written to one, output: what every witness tells apart."""
    taken: int = 0
    """Of a log's, when the answer ended that was found to be the same call before; 0 when none was."""


class Alignment(NamedTuple):
    """What became of the wire's views, by their numbers."""

    pairs: dict[int, int]
    """To the log's."""
    apart: dict[int, int]
    """Those that may be calls that the log has with other counts, and which."""


def align(wire: Iterable[Half], log: Iterable[Half]) -> Alignment:
    """Return which views are the same call, and which only may be."""
    asked = sorted(wire, key=_place)
    there = sorted(log, key=_place)
    pairs = _matched(asked, there, same=True)
    taken = set(pairs.values())
    rest = [each for each in asked if each.number not in pairs]
    left = [each for each in there if each.number not in taken]
    return Alignment(pairs, _matched(rest, left, same=False))


def near(wire: Half, log: Half) -> bool:
    """Tell whether nothing but the counts can speak against two views being the same call."""
    return (
        log.taken in (0, wire.time)
        and bool(wire.models & log.models)
        and wire.began - BEFORE_MS <= log.time <= wire.time + AFTER_MS
        and is_of(wire, log)
    )


def is_of(wire: Half, log: Half) -> bool:
    """Tell whether two views may be of one session."""
    return not wire.sessions or not log.sessions or bool(wire.sessions & log.sessions)


def _place(half: Half) -> tuple[object, ...]:
    return half.time, half.began, sorted(half.models), half.counts, sorted(half.sessions), half.number


def _matched(wire: list[Half], log: list[Half], *, same: bool) -> dict[int, int]:
    """Give each of the wire's views, in order, the first one of the log's that fits and is still free."""
    free = dict.fromkeys(log)
    found: dict[int, int] = {}
    for each in wire:
        # What is explained already is no other call's: of the same moment, and yet with other counts, it is not this one.
        fitting = (
            other for other in free if near(each, other) and (each.counts == other.counts if same else not other.taken)
        )
        other = next(fitting, None)
        if other is not None:
            del free[other]
            found[each.number] = other.number
    return found
