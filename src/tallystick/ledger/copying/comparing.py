"""Comparing: what differs between two ledgers, day by day and table by table."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from tallystick.ledger.copying.events import Laid, Side, lay
from tallystick.ledger.copying.sums import Sum
from tallystick.ledger.copying.tables import TABLES, Table
from tallystick.ledger.ledger import Ledger
from tallystick.usage.period import DAY_MS


class Progress(NamedTuple):
    """How far a copy or a comparison has come."""

    days: int
    days_all: int
    events: int
    """Those that were looked at so far."""
    events_all: int


type Tell = Callable[[Progress], None]


class Difference(NamedTuple):
    """What differs of one day in one table."""

    day: int | None
    """UTC, counted from 1970-01-01; None of what is of no day."""
    what: str
    laid: Laid
    """Of other tables than events, what the rows come to and how many only one of both has."""


def days_of(ledger: Ledger) -> dict[int, int]:
    """Return the state of each day that a ledger knows of."""
    return dict(ledger.ask("days"))


def compare(here: Ledger, there: Ledger, tell: Tell | None = None) -> Iterator[Difference]:
    """Yield what differs, the earliest day first; what both have alike is passed over."""
    ours, theirs = Side(here), Side(there)
    days = sorted(days_of(here).keys() | days_of(there).keys())
    counted, every = 0, number_of_events(here)
    for done, day in enumerate(days):
        laid = Laid()
        for part in _parts(ours, theirs, day):
            laid = laid.plus(part)
            counted += part.here.number
            if tell is not None:
                tell(Progress(done, len(days), counted, every))
        if not laid.same:
            yield Difference(day, "events", laid)
    for table in TABLES:
        yield from differing(table, ours, theirs)


def _parts(ours: Side, theirs: Side, day: int) -> Iterator[Laid]:
    since, until = day * DAY_MS, (day + 1) * DAY_MS
    for page in ours.events(since, until):
        yield lay(ours, page, theirs, until).laid


def differing(table: Table, here: Side, there: Side) -> list[Difference]:
    """Return what differs in one table, the earliest day first."""
    ours, theirs = _by_day(table, here), _by_day(table, there)
    days = [day for day in ours | theirs if ours.get(day) != theirs.get(day)]
    if not days:
        return []
    wanted, known = set(days), digests(table, there, set(days))
    lacking: dict[int | None, int] = {}
    common: dict[int | None, int] = {}
    for told in table.read(here):
        if told.day in wanted:
            count = common if told.digest in known else lacking
            count[told.day] = count.get(told.day, 0) + 1
    found = []
    for day in sorted(days, key=lambda day: (day is None, day or 0)):
        one, other = ours.get(day, Sum()), theirs.get(day, Sum())
        beyond = max(other.number - common.get(day, 0), 0)
        found.append(Difference(day, table.name, Laid(one, other, lacking=lacking.get(day, 0), beyond=beyond)))
    return found


def _by_day(table: Table, side: Side) -> dict[int | None, Sum]:
    found: dict[int | None, list[int]] = {}
    for told in table.read(side):
        sums = found.setdefault(told.day, [0, 0])
        sums[0] += 1
        sums[1] += told.digest
    return {day: Sum(number, total % 2**64) for day, (number, total) in found.items()}


def digests(table: Table, side: Side, days: set[int | None]) -> set[int]:
    """Return the digests of a table's rows of some days."""
    return {told.digest for told in table.read(side) if told.day in days}


def number_of_events(ledger: Ledger) -> int:
    """Return about how many events a ledger has."""
    return sum(row[1] for row in ledger.ask("events_by_tool", since=-(2**62), until=2**62))
