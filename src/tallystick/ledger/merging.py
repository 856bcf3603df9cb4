"""Settling: from all sightings that share a key to the events they tell of.

The outcome is a function of the set of sightings alone: neither the order in which they came, nor how
often, nor in which portions changes it. One whole sighting gives an event its counts, never a maximum
field by field; its context comes from the sighting that is the original, since copies of a line carry
the names of the session into which they were copied. A log knows project, branch and the agents' names,
of which the wire knows little, so that an original log goes before the wire; what a vendor or tool put as
the cost is taken from another sighting where the one that counts has none.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from tallystick.ledger.ledger import Row
from tallystick.usage.event import PENDING


class Sighting(NamedTuple):
    """One witness's view of an event, as the ledger keeps it: contexts, variants and sources by their numbers."""

    key: int
    request: int
    time: int
    context: int
    variant: int
    input: int
    cache_read: int
    cache_write_5m: int
    cache_write_1h: int
    output: int
    reasoning: int
    grade: int
    replay: bool
    copied: bool
    work_ms: int
    searches: int
    fetches: int
    cost_nano: int | None
    place: int
    source: int

    @property
    def total(self) -> int:
        """All tokens, each once."""
        return self.input + self.cache_read + self.cache_write_5m + self.cache_write_1h + self.output


class Standing(NamedTuple):
    """What the ledger knows of a source when sightings from several ones compete."""

    witness: int
    """Its bit: 1 log, 2 wire, 4 otlp, 8 push."""
    closed: int
    """When it was last written, in milliseconds: of a session and its copy the original ends first."""
    path: str


class Event(NamedTuple):
    """A settled event."""

    counted: Sighting
    """The sighting that counts, with the context of the original."""
    seen: int
    """The witnesses that saw it: the sum of their bits."""
    sightings: tuple[Sighting, ...]
    """All of them, the original first; one only for nearly every event, none where it is derived from running totals."""
    requests: int = 1
    """How many calls it stands for."""
    dated: int = 0
    """How it came by its time (`readings.EXACT`, `DERIVED`, `COARSE`)."""
    since: int = 0
    """When its usage began, where it is derived: milliseconds since 1970, UTC; 0 when that is not known."""


type Standings = Callable[[int], Standing]

WITNESS_BITS = {"log": 1, "wire": 2, "otlp": 4, "push": 8}
ALIGNED = "wire:aligned"
"""The source of what the wire saw and was found to be a call of a log without a common id."""
_WIRE = WITNESS_BITS["wire"]
_WORTH = {1: 2, 2: 3, 4: 1, 8: 2}
"""Of two finished views the wire's is nearest to the bill, telemetry's the farthest."""


def settle(sightings: Iterable[Sighting], standing: Standings) -> list[Event]:
    """Return the events that sightings with one key tell of, in the order of their request ids; none where one withdraws it."""
    best: dict[tuple[int, int, int], Sighting] = {}
    for sighting in sightings:
        if withdraws(sighting, standing):
            return []
        identity = (sighting.request, sighting.source, sighting.replay)
        other = best.get(identity)
        if other is None or _weight(sighting, standing) > _weight(other, standing):
            best[identity] = sighting
    return [_event(group, standing) for group in _grouped(list(best.values()))]


def withdraws(sighting: Sighting, standing: Standings) -> bool:
    """Tell whether a view says that its call is told under another key: the wire tells of no call without tokens otherwise."""
    return not sighting.total and standing(sighting.source).witness == _WIRE


def _grouped(sightings: list[Sighting]) -> list[list[Sighting]]:
    """Divide views of one key into events.

    A key is shared by different calls only where a gateway uses ids again; their request ids differ then.
    A replay (the copy of its parent's lines in a side question) has a request id of its own and is still
    the same call, so that it joins whatever original there is.
    """
    originals = [sighting for sighting in sightings if not sighting.replay]
    if not originals:
        return [sightings]
    groups: dict[int, list[Sighting]] = {}
    for sighting in originals:
        groups.setdefault(sighting.request, []).append(sighting)
    nameless = groups.pop(0, []) if len(groups) == 2 else []  # noqa: PLR2004 - itself and just one to join
    first = min(groups)
    groups[first] += nameless
    for sighting in sightings:
        if sighting.replay:
            groups[sighting.request if sighting.request in groups else first].append(sighting)
    return [groups[request] for request in sorted(groups)]


def _event(group: list[Sighting], standing: Standings) -> Event:
    if len(group) == 1:
        return Event(group[0], standing(group[0].source).witness, (group[0],))
    of_wire = {sighting.request for sighting in group if standing(sighting.source).witness == _WIRE}
    group.sort(key=lambda sighting: _seniority(sighting, of_wire, standing))
    owner, top = group[0], max(group, key=lambda sighting: _worth_of(sighting, of_wire, standing))
    seen = 0
    for sighting in group:
        seen |= standing(sighting.source).witness
    context, replay, copied = owner.context, owner.replay, owner.copied
    counted = top._replace(context=context, replay=replay, copied=copied, cost_nano=_cost(top, group, standing))
    return Event(counted, seen, tuple(group))


def _cost(top: Sighting, group: list[Sighting], standing: Standings) -> int | None:
    """Return the cost that was put: by the sighting that counts, else by the worthiest one that has any."""
    if top.cost_nano is not None or all(sighting.cost_nano is None for sighting in group):
        return top.cost_nano
    telling = (sighting for sighting in group if sighting.cost_nano is not None)
    return max(telling, key=lambda sighting: _weight(sighting, standing)).cost_nano


def _repeats(sighting: Sighting, of_wire: set[int]) -> bool:
    """Tell whether a line that may only repeat a call does so: not where the wire saw just its own request.

    Subagents' lines look like such repetitions, and have the request id of the call; a repetition has one of its own.
    """
    return sighting.replay and not (0 in of_wire or sighting.request in of_wire)


def _worth_of(sighting: Sighting, of_wire: set[int], standing: Standings) -> tuple[int | bool, ...]:
    return (not _repeats(sighting, of_wire), *_weight(sighting, standing)[1:], not sighting.replay)


def _weight(sighting: Sighting, standing: Standings) -> tuple[int | bool, ...]:
    """Return how much a sighting is worth as the one that counts; the counts decide before the place does."""
    witness = standing(sighting.source).witness
    worth = _WORTH[witness] if sighting.grade > PENDING else 0
    return (
        not sighting.replay,
        sighting.grade,
        worth,
        sighting.output,
        sighting.total,
        # What is asked for later tells the counts once more (batches, answers of the background): the first time was the nearest.
        -sighting.time if witness == _WIRE else sighting.time,
        *sighting[5:11],
        sighting.work_ms,
        sighting.searches,
        sighting.fetches,
        -1 if sighting.cost_nano is None else sighting.cost_nano,
        -sighting.place,
    )


def _seniority(
    sighting: Sighting, of_wire: set[int], standing: Standings
) -> tuple[bool, bool, bool, bool, int, str, int]:
    """Return the order in which sightings are taken for the original."""
    source = standing(sighting.source)
    known = (sighting.copied, _repeats(sighting, of_wire), source.witness == _WIRE, sighting.replay)
    return (*known, source.closed, source.path, sighting.request)


_PLAUSIBLE_MS = 7 * 86_400_000


def closed_at(last: int, mtime_ns: int) -> int:
    """Return when a source was last written, in milliseconds.

    A resumed session that has only copied lines so far ends where its original does; the file's own time
    still tells them apart. It is believed only within a week of the last line: a restored backup or a
    copied home has new times throughout.
    """
    written = mtime_ns // 1_000_000
    return written if last < written <= last + _PLAUSIBLE_MS else last


def sooner_ended(call: Row, other: Row | None) -> Row:
    """Return which of two views of a tool's use (event, name, begin, end, whether it failed) counts: one with an end, of two ends the first."""
    if other is None:
        return call
    return min(call, other, key=lambda view: (view[3] == 0, view[3], view[4]))
