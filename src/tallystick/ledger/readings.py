"""Running totals: from the readings of counters to the usage that nothing else has told of.

A *meter* is one counter of one store for one session and model. Its readings, in order of time, are cumulative;
identical ones are one. It began anew (a new *epoch*, which counts from zero) where a kind of tokens or the number of
requests is lower than in the reading before, or where it says that it began after that reading. The two lifetimes of
cache writes are one kind in this, and reasoning is none: stores that begin or cease to tell them apart have not begun anew.

The events that are known one by one, and other meters, may count the same work: that of one tool, session and model,
whatever the agent. Sessions that share a meter are one session under several names: machines may hide a name, or begin to. Events come first, then the meters by their rank; of equal rank, the one that was read first. What a
reading lacks is, kind by kind, what it shows beyond that which is *told* by then:

- of the events, those from the beginning of its epoch until a minute after it, since clocks and writes differ;
- of the usage derived from better meters, all that may have been before it: what such a meter counted between two of its
  readings may lie anywhere between them. Rather too little is derived than anything twice;
- told cache writes of one lifetime stand for lacking ones of the other, as not every witness tells them apart.

What a later reading of the epoch does not lack was told by then, so that what is missing at a reading is the least that it
and any later one lack. Each reading stands for what is missing beyond the reading before. So nothing derived is negative;
in one epoch the told and the derived come to no less than its last reading; and where all moments agree, to the greater of
the two, kind by kind (cache writes as one). Reasoning is a part of output and never more than the derived output.

Derived usage stands for as many requests as are missing by then and not derived yet, but for one at the least; for one
where the store does not count them. Requests without tokens wait for tokens.

How it is dated: *exact* when it is the whole difference and the store says that it is one request; *coarse* when it is the
first reading of a meter and the counter began more than a quarter of an hour before it, or nobody knows when; else *derived*.

All this is a function of the sets of events and readings: order and repetition change nothing, and events that come
later than readings lower what was derived from those.
"""

from collections.abc import Iterable, Iterator, Sequence
from operator import add, sub
from typing import Final, NamedTuple

from tallystick.usage.event import Reading
from tallystick.usage.tokens import Tokens

EXACT: Final = 0
DERIVED: Final = 1
COARSE: Final = 2

SLACK_MS: Final = 60_000
NEAR_MS: Final = 900_000
_BEGINNING: Final = -(2**62)

type Session = tuple[str, str]
"""Tool and session."""
type _Counts = tuple[int, ...]
"""The fields of `Tokens`, then requests."""

_NOTHING: Final[_Counts] = (0,) * 7


class Told(NamedTuple):
    """Usage that is known before a meter is asked."""

    first: int
    """The earliest moment at which a reading may hold it."""
    time: int
    counts: tuple[int, ...]
    """The fields of `Tokens`, then requests."""


class Kept(NamedTuple):
    """A reading, and the path of its source."""

    reading: Reading
    path: str


class Usage(NamedTuple):
    """What a reading stands for besides what was told otherwise."""

    kept: Kept
    since: int
    """When it began: the time of the reading before or that at which the counter began; 0 when that is not known."""
    requests: int
    tokens: Tokens
    cost_nano: int | None
    dated: int
    """`EXACT`, `DERIVED` or `COARSE`."""


class _Epoch(NamedTuple):
    """Readings of a counter that never went back."""

    begin: int
    """What was told until then is none of its counts."""
    since: int
    first: bool
    kept: list[Kept]
    counts: list[_Counts]
    """What each reading shows; requests that one does not count are those of the reading before."""


def together(kept: Iterable[tuple[int, Session]]) -> dict[Session, Session]:
    """Return for each session that has meters which one stands for it: the same for all that share one, also through others."""
    stands: dict[Session, Session] = {}
    first: dict[int, Session] = {}

    def of(session: Session) -> Session:
        while stands[session] != session:
            session = stands[session]
        return session

    for meter, session in kept:
        stands.setdefault(session, session)
        one, other = of(session), of(first.setdefault(meter, session))
        stands[max(one, other)] = min(one, other)
    return {session: of(session) for session in stands}


def known(time: int, tokens: Sequence[int]) -> Told:
    """Return an event that is known by itself as something told."""
    return Told(time - SLACK_MS, time, (*tokens, 1))


def derive(events: Iterable[Told], kept: Iterable[Kept]) -> list[Usage]:
    """Return the usage that readings of one tool, session and model add to the events of the same."""
    told = list(events)
    found: list[Usage] = []
    for readings in _meters(kept):
        usages = [usage for epoch in _epochs(readings) for usage in _usages(epoch, told)]
        for usage in usages:
            time = usage.kept.reading.time
            first = min(usage.since + 1, time) if usage.since else _BEGINNING
            told.append(Told(first, time, (*usage.tokens, usage.requests)))
        found += usages
    return found


def _meters(kept: Iterable[Kept]) -> Iterable[list[Kept]]:
    """Return the readings of each meter in order of time, the meters in the order in which they are asked."""
    meters: dict[int, list[Kept]] = {}
    for each in kept:
        meters.setdefault(each.reading.meter, []).append(each)
    ranked = []
    for meter, readings in meters.items():
        readings.sort(key=_worth)
        # Of those that are identical, the last is the one that tells most.
        alike = {(each.reading.time, each.reading.tokens): each for each in readings}
        ordered = sorted(alike.values(), key=lambda each: _place(each.reading))
        ranked.append((min(each.reading.rank for each in readings), ordered[0].reading.time, meter, ordered))
    return [ordered for *_, ordered in sorted(ranked, key=lambda each: each[:3])]


def _worth(kept: Kept) -> tuple[object, ...]:
    reading = kept.reading
    cost = -1 if reading.cost_nano is None else reading.cost_nano
    told = (reading.requests, cost, reading.since)
    return (*told, reading.context, reading.variant, kept.path, -reading.offset, -reading.rank)


def _place(reading: Reading) -> tuple[int, int, Tokens]:
    return reading.time, reading.tokens.total, reading.tokens


def _epochs(kept: Iterable[Kept]) -> list[_Epoch]:
    epochs: list[_Epoch] = []
    before = 0
    for each in kept:
        reading = each.reading
        counts = (*reading.tokens, reading.requests)
        since = reading.since if 0 < reading.since <= reading.time else 0
        if not epochs:
            epochs.append(_Epoch(since - SLACK_MS if since else _BEGINNING, since, True, [each], [counts]))  # noqa: FBT003
        elif since > before or _fell(counts, epochs[-1].counts[-1]):
            begin = max(before, since - SLACK_MS)
            epochs.append(_Epoch(begin, max(before, since), False, [each], [counts]))  # noqa: FBT003
        else:
            epochs[-1].kept.append(each)
            epochs[-1].counts.append((*reading.tokens, reading.requests or epochs[-1].counts[-1][6]))
        before = reading.time
    return epochs


def _fell(now: _Counts, before: _Counts) -> bool:
    """Tell whether a counter went back."""
    return (
        now[0] < before[0]
        or now[1] < before[1]
        or now[2] + now[3] < before[2] + before[3]
        or now[4] < before[4]
        or 0 < now[6] < before[6]
    )


def _usages(epoch: _Epoch, told: Iterable[Told]) -> Iterator[Usage]:
    """Yield what is missing at each reading beyond the one before."""
    missing = _missing(epoch, told)
    given, requests = _NOTHING, 0
    for place, counts in enumerate(missing):
        more = list(map(sub, counts, given))
        more[5] = min(more[5], more[4])
        tokens = Tokens(*more[:6])
        if tokens.total:
            number = max(counts[6] - requests, 1)
            requests += number
            yield _usage(epoch, place, number, tokens)
        given = counts


def _missing(epoch: _Epoch, told: Iterable[Told]) -> list[_Counts]:
    waiting = sorted((each for each in told if each.time > epoch.begin), reverse=True)
    so_far: _Counts = _NOTHING
    missing: list[_Counts] = []
    for each, counts in zip(epoch.kept, epoch.counts, strict=True):
        while waiting and waiting[-1].first <= each.reading.time:
            so_far = tuple(map(add, so_far, waiting.pop().counts))
        missing.append(_lacking(counts, so_far))
    for place in range(len(missing) - 2, -1, -1):
        missing[place] = tuple(map(min, missing[place], missing[place + 1]))
    return missing


def _lacking(counts: _Counts, told: _Counts) -> _Counts:
    over = list(map(sub, counts, told))
    # What is told of one lifetime beyond the reading stands for the other one.
    over[2], over[3] = over[2] + min(over[3], 0), over[3] + min(over[2], 0)
    return tuple([max(each, 0) for each in over])


def _usage(epoch: _Epoch, place: int, requests: int, tokens: Tokens) -> Usage:
    kept = epoch.kept[place]
    reading = kept.reading
    before = epoch.kept[place - 1].reading if place else None
    whole = Tokens(*map(sub, reading.tokens, before.tokens)) if before else reading.tokens
    since = before.time if before else epoch.since
    dated = DERIVED
    if tokens == whole and requests == 1 and _is_one(reading, before):
        dated = EXACT
    elif epoch.first and not before and not (since and reading.time - since <= NEAR_MS):
        dated = COARSE
    return Usage(kept, since, requests, tokens, _cost(reading, before, tokens.total, whole.total), dated)


def _is_one(reading: Reading, before: Reading | None) -> bool:
    """Tell whether a store says that one request was made between two readings."""
    if before is None:
        return reading.requests == 1
    return before.requests > 0 and reading.requests - before.requests == 1


def _cost(reading: Reading, before: Reading | None, part: int, whole: int) -> int | None:
    """Return what of the cost between two readings falls to so many of its tokens, rounded down; None when it is not known."""
    begun = before.cost_nano if before else 0
    if reading.cost_nano is None or begun is None or reading.cost_nano < begun:
        return None
    return (reading.cost_nano - begun) * min(part, whole) // whole if whole > 0 else None
