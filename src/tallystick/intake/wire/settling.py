"""Settling what the spool's reader holds: calls of tools whose logs keep no ids of the API go to the ledger once it is known as what.

A call that is found in a log is told as a view of the log's event, from a source of its own (`ALIGNED`). One that the log
leaves out (a title, a search, a choice of model) counts by itself: once the log has gone on beyond it, or a day has
passed. One that may be a call that the log has with other counts is never added; after a day it is noted as such.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from tallystick.intake.follow import kept, recalled
from tallystick.intake.packing import pack
from tallystick.intake.walk import text_of
from tallystick.ledger.aligning import BEFORE_MS, Alignment, Half, align, is_of
from tallystick.ledger.ledger import Batch, Ledger, Source
from tallystick.ledger.merging import ALIGNED
from tallystick.tools.tool import Found
from tallystick.tools.wire import NAME
from tallystick.tools.wire.held import HELD, Row, released
from tallystick.usage.event import UsageEvent

APART: Final = "kept apart: it may be a call that the log has with other counts, and was not added"
_GRACE_MS: Final = 120_000
"""How long a log may take to write down what it is going to."""
_DAY_MS: Final = 86_400_000
_WITNESS: Final = "wire"
_SENT: Final = "push:"
"""How the paths of sources begin that were sent."""


class _Call(NamedTuple):
    """A call that is held, with the source that holds it and how it stands there."""

    source: Source
    row: Row
    event: UsageEvent
    parent: str


class _Logged(NamedTuple):
    """An event that a log tells of."""

    half: Half
    tool: str
    key: int
    request: int


def settle(folder: str, ledger: Ledger, whose: tuple[str, str], now: int) -> int:
    """Tell the ledger of what is held of a spool and can be told now; return how many calls that were.

    `whose` is the machine and the user, `now` is in milliseconds since 1970.
    """
    calls = _held(folder, ledger)
    if not calls:
        return 0
    first, last = min(each.event.time - each.event.work_ms for each in calls), max(each.event.time for each in calls)
    logged = _logged(ledger, first - BEFORE_MS, last + _DAY_MS, {each.event.context.tool for each in calls})
    aligned, told, left = Found(), dict[Source, Found](), dict[Source, list[Row]]()
    for tool in {each.event.context.tool for each in calls}:
        mine = [each for each in calls if each.event.context.tool == tool]
        _decide(mine, [each for each in logged if each.tool == tool], now, (aligned, told, left))
    settled = len(calls) - sum(map(len, left.values()))
    if settled:
        machine, user = whose
        batches = [pack(aligned, Source(ALIGNED, NAME, _WITNESS), fresh=False, machine=machine, user=user)]
        batches += [_batch(source, told, left, whose) for source in dict.fromkeys(each.source for each in calls)]
        ledger.add(batches)
    return settled


def holds(folder: str, ledger: Ledger) -> bool:
    """Tell whether anything is held of a spool."""
    return bool(_held(folder, ledger))


def _batch(source: Source, told: dict[Source, Found], left: dict[Source, list[Row]], whose: tuple[str, str]) -> Batch:
    """Return what is told of a file of the spool, which from then on holds only what is left."""
    rows = left.get(source, [])
    after = source._replace(state=kept({HELD: rows} if rows else {}))
    return pack(told.get(source, Found()), after, fresh=False, machine=whose[0], user=whose[1])


def _held(folder: str, ledger: Ledger) -> list[_Call]:
    found = []
    within = text_of(folder)
    for path, *_ in ledger.ask("marks"):
        # Also of files that are long gone: what they held waits in the ledger.
        if path.startswith(within):
            source = Source(*ledger.ask("source", path=path)[0])
            rows = (recalled(source.state) or {}).get(HELD, ())
            found += [_Call(source, row, *each) for row, each in zip(rows, released(rows), strict=True)]
    return found


def _logged(ledger: Ledger, since: int, until: int, tools: set[str]) -> list[_Logged]:
    """Return the events of some tools that a log tells of, and that the wire has not been found to have seen as another call."""
    contexts = {row[0]: row for row in ledger.ask("contexts") if row[1] in tools}
    models = {row[0]: row[2] for row in ledger.ask("variants")}
    keys = {number: ids for number, *ids in ledger.ask("keys", since=since, until=until)}
    found = []
    for row in ledger.ask("events", since=since, until=until):
        context = contexts.get(row[2])
        # What is derived from running totals is no call, what the wire told by itself is of no log, and what another
        # machine sent says nothing of the calls of this one.
        if context is None or not row[21] or row[15].startswith(_SENT) or (row[17] == _WITNESS and row[15] != ALIGNED):
            continue
        taken = row[1] if row[15] == ALIGNED else 0
        half = Half(row[0], row[1], row[1], models[row[3]], _names(context[2]), _counts(row[4:9]), taken)
        found.append(_Logged(half, context[1], *keys[row[0]]))
    return found


def _names(*names: str) -> frozenset[str]:
    return frozenset(name for name in names if name)


def _counts(tokens: Iterable[int]) -> tuple[int, int, int, int]:
    fresh, read, five, hour, output = tokens
    return fresh, read, five + hour, output


def _decide(
    calls: list[_Call],
    logged: list[_Logged],
    now: int,
    into: tuple[Found, dict[Source, Found], dict[Source, list[Row]]],
) -> None:
    """Divide the calls of one tool among what is aligned, what is told by itself, and what is left."""
    aligned, told, left = into
    halves = [_half(number, call) for number, call in enumerate(calls)]
    found = align(halves, (each.half for each in logged))
    of_log = {each.half.number: each for each in logged}
    for number, call in enumerate(calls):
        age, event = now - call.event.time, call.event
        if number in found.pairs:
            log = of_log[found.pairs[number]]
            aligned.events.append(event._replace(key=log.key, request=log.request))
        elif _is_alone(halves[number], found, logged, age):
            told.setdefault(call.source, Found()).events.append(event)
        elif age > _DAY_MS:
            told.setdefault(call.source, Found()).skip(event.offset, APART)
        else:
            left.setdefault(call.source, []).append(call.row)


def _half(number: int, call: _Call) -> Half:
    event = call.event
    sessions = _names(event.context.session, call.parent)
    began = event.time - event.work_ms
    return Half(number, began, event.time, event.variant.model, sessions, _counts(event.tokens[:5]))


def _is_alone(half: Half, found: Alignment, logged: list[_Logged], age: int) -> bool:
    """Tell whether a log leaves a call out for sure: it has nothing like it, and has gone on since."""
    if half.number in found.apart:
        return False
    gone_on = any(each.half.time >= half.began and is_of(half, each.half) for each in logged)
    return age > _DAY_MS or (gone_on and age > _GRACE_MS)
