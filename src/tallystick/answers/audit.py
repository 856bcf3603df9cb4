"""The audit: what logs and the wire saw of the same calls, by day and tool: both, only one, and where they differ."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from tallystick.answers.answer import Details
from tallystick.answers.fold import grouped
from tallystick.answers.question import Question
from tallystick.ledger.ledger import Ledger, Row
from tallystick.ledger.merging import ALIGNED
from tallystick.tools.shelf import TOOLS
from tallystick.tools.tool import Tool
from tallystick.tools.wire import NAME as WIRE
from tallystick.usage.event import CUT_OFF
from tallystick.usage.period import iso


class Line(NamedTuple):
    """What was seen of one tool on one day; all but tokens are calls."""

    day: str
    tool: str
    both: int = 0
    log_only: int = 0
    wire_only: int = 0
    both_tokens: int = 0
    log_only_tokens: int = 0
    wire_only_tokens: int = 0
    differing: int = 0
    """Of those that both saw, those of which they counted otherwise."""
    wire_more: int = 0
    """Tokens that the wire counted in those beyond the log, kind by kind; `log_more` is the reverse."""
    log_more: int = 0
    aligned: int = 0
    """Of those that both saw, those that were found to be the same by order, model, counts and time, for want of ids."""
    cut_off: int = 0
    """Of those that only the wire saw, the answers that broke off, and those that searched the web."""
    searching: int = 0


class Gap(NamedTuple):
    """Calls that were not metered, and why."""

    reason: str
    number: int


class Audit(NamedTuple):
    """The two halves held against one another."""

    question: Question
    lines: list[Line]
    """In order of day and tool."""
    totals: Line
    gaps: list[Gap]
    """Of all times, the most frequent first: the spool's notes bear no day that is kept."""
    blind_spots: list[tuple[str, tuple[str, ...]]]
    """What the logs of those tools leave out of which the wire alone saw something."""
    schema: str = "tallystick.witnesses/1"

    def told(self) -> Details:
        """Return it as the details of an answer."""
        return {
            **{name: each for name, each in self.question.when.items() if name in ("timezone", "since", "until")},
            "where": {name: list(patterns) for name, patterns in self.question.where.items()},
            "rows": [line._asdict() for line in self.lines],
            "totals": {name: each for name, each in self.totals._asdict().items() if name not in ("day", "tool")},
            "not_metered": [gap._asdict() for gap in self.gaps],
            "left_out_by_logs": {tool: list(spots) for tool, spots in self.blind_spots},
        }


_COUNTS: Final = Line._fields[2:]


def audit(ledger: Ledger, asked: Question, tools: Sequence[Tool] = TOOLS) -> Audit:
    """Hold what the wire saw in a question's period against the logs; of its filters those of who called count."""
    lines = _lines(ledger, asked)
    beyond = {line.tool for line in lines if line.wire_only}
    return Audit(
        asked,
        lines,
        _added(lines),
        _gaps(ledger),
        [(tool.name, tool.blind_spots) for tool in tools if tool.name in beyond],
    )


def _lines(ledger: Ledger, asked: Question) -> list[Line]:
    period = asked.period
    groups, names = grouped(ledger, asked._replace(group_by=("tool",)))
    found: defaultdict[tuple[str, str], list[Line]] = defaultdict(list)
    for row in ledger.ask("events", since=period.since, until=period.until):
        group = groups[row[2]]
        if group >= 0:
            place = iso(period.zone.day(row[1])), names[group][0]
            found[place].append(_seen(ledger, row))
    return [_added(found[place])._replace(day=place[0], tool=place[1]) for place in sorted(found)]


def _seen(ledger: Ledger, row: Row) -> Line:
    """Return the line of one event alone."""
    number, total, grade, searches = row[0], sum(row[4:9]), row[10], row[12]
    witness, requests, views = row[17], row[18], row[21]
    sightings = ledger.ask("sightings", event=number) if views > 1 else []
    of_wire = [each for each in sightings if each[2] == WIRE]
    others = [each for each in sightings if each[2] != WIRE]
    if of_wire and others:
        aligned = any(each[0].endswith(ALIGNED) for each in of_wire)
        return _compared(of_wire, others)._replace(both=1, both_tokens=total, aligned=int(aligned))
    if of_wire or witness == WIRE:
        cut = grade == CUT_OFF
        return Line("", "", wire_only=1, wire_only_tokens=total, cut_off=int(cut), searching=int(searches > 0))
    return Line("", "", log_only=requests, log_only_tokens=total)


def _compared(of_wire: Iterable[Row], others: Iterable[Row]) -> Line:
    """Hold the best sighting of the wire against the nearest one of the others."""
    wire = _kinds(max(of_wire, key=_worth))
    # Of a tool's own lines those that were copied, or written before the end, say less than the best one.
    log = _kinds(max(others, key=lambda each: (_kinds(each) == wire, *_worth(each))))
    if wire == log:
        return Line("", "")
    more = sum(max(one - other, 0) for one, other in zip(wire, log, strict=True))
    less = sum(max(other - one, 0) for one, other in zip(wire, log, strict=True))
    return Line("", "", differing=1, wire_more=more, log_more=less)


def _worth(sighting: Row) -> tuple[int, int, int]:
    return sighting[10], sighting[8], sum(sighting[4:9])


def _kinds(sighting: Row) -> tuple[int, int, int, int]:
    """Return what all witnesses tell apart: not every one knows the lifetimes of cache writes."""
    fresh, read, five, hour, output = sighting[4:9]
    return fresh, read, five + hour, output


def _added(lines: Iterable[Line]) -> Line:
    sums = [0] * len(_COUNTS)
    for line in lines:
        sums = [one + other for one, other in zip(sums, line[2:], strict=True)]
    return Line("", "", *sums)


def _gaps(ledger: Ledger) -> list[Gap]:
    counts: defaultdict[str, int] = defaultdict(int)
    for reason, number in _noted(ledger.ask("skipped")):
        counts[reason] += number
    return [Gap(*each) for each in sorted(counts.items(), key=lambda each: (-each[1], each[0]))]


def _noted(rows: Iterable[Row]) -> Iterator[tuple[str, int]]:
    for tool, _, place, reason, number in rows:
        if tool == WIRE:
            yield (reason if place >= 0 else "further ones in the same files"), number
