"""Pages of the daybook: what the events of one day asked for, and its prompts, by quarter-hour.

Time that is covered in one quarter-hour and time that is covered in another one add up, so that each quarter-hour of a
session can be reckoned by itself.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain
from operator import itemgetter
from sys import intern
from types import MappingProxyType
from typing import Final, NamedTuple

from tallystick.answers.cells import Cell, Cells, InSession, Through
from tallystick.ledger.ledger import Ledger
from tallystick.usage.activity import MODEL, TOOL
from tallystick.usage.period import DAY_MS, SLOT_MS

_CONTINUED: Final = 2
"""Added to the kind of what goes on from the day before."""
_LONG_AGO: Final = -(2**63)
SINGLY_MOST: Final = 500
"""Sessions whose spans are asked for one by one: a ledger finds each sooner than it tells those of all."""
_BEGIN, _END, _CONTEXT = map(itemgetter, range(3))
"""Of a piece."""
_NOBODY: Final[Mapping[int, int]] = MappingProxyType({})

type InContext = tuple[int, int]
"""Quarter-hour and context."""
type Piece = tuple[int, int, int, int]
"""Begin, end, context and kind of a span, or of what of it lies in one day."""


class Sheet(NamedTuple):
    """The quarter-hours of one day, packed: those of a year are many, and few are looked at again."""

    cells: Cells
    through: Through
    """Those at whose end a span ends, or goes on beyond it."""


NO_SHEET: Final = Sheet(Cells.of({}), Through.of(()))


class Used:
    """The uses of tools that began in one quarter-hour, asked for in one context."""

    __slots__ = ("failed", "lengths", "names")

    def __init__(self) -> None:
        """Begin with none."""
        self.names: list[str] = []
        """One for each use."""
        self.lengths: list[int] = []
        """Milliseconds of each; -1 where no end was seen."""
        self.failed: list[str] = []
        """The names of those that failed."""


class Prompted(NamedTuple):
    """The prompts of one quarter-hour and context."""

    number: int
    first: int
    """Milliseconds since 1970, UTC."""
    last: int


class Page(NamedTuple):
    """What the events of one day asked for."""

    sheet: Sheet
    """The day itself, as far as these events go."""
    strays: Mapping[int, Sequence[Piece]]
    """What of it lies in other days."""
    contexts: Collection[int]
    reach: tuple[int, int]
    """From the first begin to the last end."""
    used: Mapping[InContext, Used]
    prompted: Mapping[InContext, Prompted]


type _Lane = tuple[str, str, int]
"""Session, agent and kind; of a whole session -1."""
type Whose = Mapping[int, tuple[str, str]]
"""Session and agent by context."""
type _Use = tuple[str, int, int, int, int]
"""Name, context, begin, end and whether it failed."""


def pages(ledger: Ledger, first: int, after: int) -> dict[int, Page]:
    """Return the pages of the days from one to another, the latter excluded."""
    whose = Everyone(ledger)
    days = range(first, after)
    uses: dict[int, list[_Use]] = {day: [] for day in days}
    prompts: dict[int, list[tuple[int, int]]] = {day: [] for day in days}
    lying: dict[int, defaultdict[int, list[Piece]]] = {day: defaultdict(list) for day in days}
    span = _span(first, after)
    # These loops and the one of a sheet run for each event of the past: nearly everything lies within the day that it belongs to.
    for context, begin, end in ledger.ask("model_spans", **span):
        day = end // DAY_MS
        if begin >= day * DAY_MS:
            lying[day][day].append((begin, end, context, MODEL))
        else:
            _cut(lying[day], begin, end, context, MODEL)
    for name, context, started, ended, failed, _, time in ledger.ask("uses", **span):
        day = time // DAY_MS
        uses[day].append((name, context, started, ended, failed))
        if ended > started >= day * DAY_MS and ended <= (day + 1) * DAY_MS:
            lying[day][day].append((started, ended, context, TOOL))
        elif ended > started:
            _cut(lying[day], started, ended, context, TOOL)
    for time, context in ledger.ask("prompts", **span):
        prompts[time // DAY_MS].append((time, context))
    return {day: _page(day, lying[day], whose, (uses[day], prompts[day])) for day in days}


def _page(
    day: int,
    lying: defaultdict[int, list[Piece]],
    whose: Whose,
    others: tuple[Iterable["_Use"], Iterable[tuple[int, int]]],
) -> Page:
    every = list(chain.from_iterable(lying.values()))
    reach = (min(map(_BEGIN, every)), max(map(_END, every))) if every else (0, 0)
    contexts = frozenset(map(_CONTEXT, every))
    sheet = sheet_of(lying.pop(day, []), whose)
    return Page(sheet, dict(lying), contexts, reach, gathered(others[0]), counted(others[1]))


def _cut(lying: defaultdict[int, list[Piece]], begin: int, end: int, context: int, kind: int) -> None:
    """Add a span to each of the days in which it lies."""
    within = begin // DAY_MS
    if within == (end - 1) // DAY_MS:
        lying[within].append((begin, end, context, kind))
        return
    for day in range(within, (end - 1) // DAY_MS + 1):
        cut = max(begin, day * DAY_MS), min(end, (day + 1) * DAY_MS)
        lying[day].append((*cut, context, kind if day == within else kind + _CONTINUED))


def split(spans: Iterable[Piece]) -> dict[int, list[Piece]]:
    """Return by day what of some spans lies in it."""
    lying: defaultdict[int, list[Piece]] = defaultdict(list)
    for span in spans:
        _cut(lying, *span)
    return dict(lying)


def single(ledger: Ledger, day: int) -> list[Piece]:
    """Return the spans that the events of a day asked for, each whole."""
    span = _span(day, day + 1)
    found = [(begin, end, context, MODEL) for context, begin, end in ledger.ask("model_spans", **span)]
    for _, context, started, ended, *_ in ledger.ask("uses", **span):
        if ended > started:
            found.append((started, ended, context, TOOL))
    return found


def own(ledger: Ledger, day: int, sessions: Collection[str], whose: Whose) -> list[Piece]:
    """Return what of those lies in the day itself, of some sessions."""
    if len(sessions) > SINGLY_MOST:
        return split(piece for piece in single(ledger, day) if whose[piece[2]][0] in sessions).get(day, [])
    asked = [row for each in sessions for row in ledger.ask("spans_of", session=each, **_span(day, day + 1))]
    return split((begin, end, context, kind) for context, kind, begin, end in asked).get(day, [])


def people(ledger: Ledger, groups: Mapping[int, int] = _NOBODY, names: Sequence[tuple[str, ...]] = ()) -> Whose:
    """Return whose each context is; groups whose names begin with session and agent spare asking when everyone is in one."""
    if groups and min(groups.values()) >= 0:
        pairs = [(name[0], name[1]) for name in names]
        return {context: pairs[group] for context, group in groups.items()}
    return {row[0]: (row[2], row[5]) for row in ledger.ask("contexts")}


class Everyone(dict[int, tuple[str, str]]):
    """Whose each context is, looked up when it is asked for: a day knows few of all there are."""

    def __init__(self, ledger: Ledger) -> None:
        """Begin with nobody."""
        super().__init__()
        self._ledger = ledger

    def __missing__(self, context: int) -> tuple[str, str]:
        """Look a context up."""
        ((_, _, session, _, _, agent, *_),) = self._ledger.ask("context", context=context)
        found = self[context] = session, agent
        return found


def _span(first: int, after: int) -> dict[str, int]:
    return {"since": first * DAY_MS, "until": after * DAY_MS}


def gathered(rows: Iterable[_Use]) -> dict[InContext, Used]:
    """Return uses by the quarter-hour in which they began."""
    found: defaultdict[InContext, Used] = defaultdict(Used)
    for name, context, started, ended, failed in rows:
        uses = found[started // SLOT_MS, context]
        uses.names.append(intern(name))
        uses.lengths.append(max(ended - started, 0) if ended else -1)
        if failed:
            uses.failed.append(name)
    return found


def counted(rows: Iterable[tuple[int, int]]) -> dict[InContext, Prompted]:
    """Return prompts, given by time and context, by their quarter-hour."""
    times: defaultdict[InContext, list[int]] = defaultdict(list)
    for time, context in rows:
        times[time // SLOT_MS, context].append(time)
    return {place: Prompted(len(each), min(each), max(each)) for place, each in times.items()}


def sheet_of(pieces: list[Piece], whose: Whose) -> Sheet:
    """Return the quarter-hours of the pieces of one day."""
    cells: defaultdict[InSession, Cell] = defaultdict(Cell)
    through: set[InSession] = set()
    reaches: defaultdict[_Lane, int] = defaultdict(lambda: _LONG_AGO)
    ways: dict[tuple[int, int], tuple[str, tuple[tuple[_Lane, int], ...]]] = {}
    for begin, end, context, kind in sorted(pieces):
        way = ways.get((context, kind))
        if way is None:
            way = ways[context, kind] = whose[context][0], _lanes(*whose[context], kind & 1)
        session, lanes = way
        slot = begin // SLOT_MS
        cell = cells[slot, session]
        if kind < _CONTINUED:
            cell.begins = (cell.begins[0] if cell.begins else begin, begin)
        after = (slot + 1) * SLOT_MS
        if end >= after:
            through.update((each, session) for each in range(slot, end // SLOT_MS))
        times = cell.times
        for lane, place in lanes:
            reached = reaches[lane]
            start = begin if begin > reached else reached  # noqa: FURB136  a call costs more than all the rest here
            if start < end:
                reaches[lane] = end
                if end <= after:
                    times[place] += end - start
                else:
                    _spread(cells, session, place, start, end)
    return Sheet(Cells.of(cells), Through.of(through))


def _lanes(session: str, agent: str, kind: int) -> tuple[tuple[_Lane, int], ...]:
    """Return in which lines a span covers time, each with its place among the fields of `Activity`."""
    return ((session, "", -1), 0), ((session, agent, kind), 1 + kind + 2 * bool(agent))


def _spread(cells: defaultdict[InSession, Cell], session: str, column: int, begin: int, end: int) -> None:
    """Add a time to each of the quarter-hours in which it lies."""
    while begin < end:
        cut = min(end, (begin // SLOT_MS + 1) * SLOT_MS)
        cells[begin // SLOT_MS, session].times[column] += cut - begin
        begin = cut
