"""What of the ledger may be one call seen twice: the events that logs tell of, and those that only the wire saw."""

from collections.abc import Callable, Collection, Iterable
from typing import Final, NamedTuple

from tallystick.ledger.aligning import Half
from tallystick.ledger.ledger import Ledger, Row
from tallystick.ledger.merging import ALIGNED
from tallystick.usage.event import FINISHED, RUN, Context, UsageEvent, Variant
from tallystick.usage.tokens import Tokens

WITNESS: Final = "wire"
DAY_MS: Final = 86_400_000
_SENT: Final = "push:"
"""How the paths of sources begin that were sent."""
_SLOTS: Final = 96
"""Quarter-hours of a day."""
_ONLY_WIRE: Final = 2
_LOG: Final = 1
_ALL: Final = 2**62


class Logged(NamedTuple):
    """An event that a log tells of."""

    half: Half
    tool: str
    key: int
    request: int


class Alone(NamedTuple):
    """An event of which only the wire has told, and from which source."""

    event: UsageEvent
    path: str


class Candidates(NamedTuple):
    """The events of some tools in a time."""

    logged: list[Logged]
    alone: list[Alone]


def candidates(ledger: Ledger, since: int, until: int, tools: Collection[str]) -> Candidates:
    """Return the events of some tools in a time, in milliseconds, half open.

    Of those that a log tells of, the ones that the wire has been found to have seen say so (`Half.taken`).
    """
    contexts = {number: Context(*row) for number, *row in ledger.ask("contexts") if row[0] in tools}
    variants = {number: Variant(*row) for number, *row in ledger.ask("variants")}
    keys = {number: ids for number, *ids in ledger.ask("keys", since=since, until=until)}
    found = Candidates([], [])
    for row in ledger.ask("events", since=since, until=until):
        context = contexts.get(row[2])
        # What is derived from running totals is no call, and what another machine sent says nothing of the calls of this one.
        if context is None or not row[21] or row[15].startswith(_SENT):
            continue
        key, request = keys[row[0]]
        if row[17] != WITNESS or row[15] == ALIGNED:
            taken = row[1] if row[15] == ALIGNED else 0
            models, sessions = frozenset((variants[row[3]].model,)), names(context.session)
            half = Half(row[0], row[1], row[1], models, sessions, counts(row[4:9]), taken)
            found.logged.append(Logged(half, context.tool, key, request))
        elif row[10] == FINISHED:
            found.alone.append(Alone(_event(row, key, context, variants[row[3]]), row[15]))
    return found


def _event(row: Row, key: int, context: Context, variant: Variant) -> UsageEvent:
    work, searches, fetches, cost = row[11:15]
    return UsageEvent(
        key,
        0,
        row[1],
        variant,
        Tokens(*row[4:10]),
        context._replace(machine="", user=""),
        row[10],
        work_ms=work,
        web_searches=searches,
        web_fetches=fetches,
        cost_nano=cost,
        offset=row[16],
    )


def names(*sessions: str) -> frozenset[str]:
    """Return the sessions that are known; a run names no session of any log."""
    return frozenset(session for session in sessions if session and not session.startswith(RUN))


def counts(tokens: Iterable[int]) -> tuple[int, int, int, int]:
    """Return the counts that every witness tells apart."""
    fresh, read, five, hour, output = tokens
    return fresh, read, five + hour, output


def lonely_days(ledger: Ledger, tools: Collection[str]) -> frozenset[int]:
    """Return the days (UTC) with events of some tools that only the wire has told of."""
    contexts = {row[0] for row in ledger.ask("contexts") if row[1] in tools}
    slots = ledger.ask("usage_by_context", since=-_ALL, until=_ALL)
    return frozenset(
        slot // _SLOTS for slot, _, _, seen, context, *_ in slots if seen == _ONLY_WIRE and context in contexts
    )


def arrived(ledger: Ledger, after: int, is_of: Callable[[str], bool]) -> tuple[int, list[int]]:
    """Return the number of the event that came last, and the times of those that logs of some tools told after a number."""
    found: list[int] = []
    mine = {row[0] for row in ledger.ask("contexts") if is_of(row[1])}
    most = 10_000
    while True:
        rows = ledger.ask("came", first=after + 1, since=-_ALL, until=_ALL, most=most)
        found += [row[1] for row in rows if row[3] in mine and row[4] & _LOG]
        after = rows[-1][0] if rows else after
        if len(rows) < most:
            return after, found
