"""The time at work of sessions in a period, from the daybook where that is worth it.

Where filters divide a session, or spans reach over an end of the period, it is not the whole session that counts: such
sessions are told of apart, by their single spans.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from tallystick.answers.book import BOOK, GROWING
from tallystick.answers.cells import Cell, Cells, InSession, Through, Times, summed
from tallystick.answers.daybook import Leaf
from tallystick.answers.pages import (
    NO_SHEET,
    SINGLY_MOST,
    Everyone,
    Page,
    Piece,
    Sheet,
    Whose,
    people,
    sheet_of,
    single,
)
from tallystick.answers.told import Told
from tallystick.ledger.ledger import Ledger
from tallystick.usage.period import BEGINNING, DAY_MS, END, SLOT_MS, Period

type Spell = tuple[int, int, int, int]
"""Context, kind, begin and end of a span."""


type Mended = tuple[tuple[int | None, tuple[Piece, ...]], Sheet]
"""The state of a day and what events of others asked for in it; the whole day."""


type Groups = Mapping[int, int] | None
"""The group of each context, negative when it is filtered out; None when none is."""


class Work(NamedTuple):
    """The work of a period."""

    cells: list[tuple[InSession, Cell]]
    """Of sessions that count as a whole."""
    spans: Iterable[Spell]
    """Of the others; some that do not lie in the period may be among them."""


def prepare(ledger: Ledger) -> None:
    """Work out what is needed of every day, so that nobody who asks has to wait for that."""
    _sheets(ledger, BOOK.leaves(ledger))


def work(ledger: Ledger, period: Period, groups: Groups, whose: Whose) -> Work:
    """Return the work of a period by those contexts whose group is not negative, from the daybook."""
    whole = Whole(ledger, period, groups, whose)
    cells = [
        (place, cell) for sheet in whole.sheets.values() for place, cell in sheet.cells.every() if whole.has(*place)
    ]
    return Work(cells, whole.others())


def work_by_day(
    ledger: Ledger, period: Period, groups: Groups, whose: Whose
) -> tuple[Iterator[tuple[str, list[int]]], Iterable[Spell]]:
    """Return the same with the cells added up by local day: its times, as the fields of `Activity`; a day may come several times."""
    whole = Whole(ledger, period, groups, whose)
    return whole.days(), whole.others()


class Whole:
    """The sessions that count as a whole, and the sheets of the days of a period."""

    def __init__(self, ledger: Ledger, period: Period, groups: Groups, whose: Whose) -> None:
        self._ledger, self._period = ledger, period
        self._groups, self._whose = groups, whose
        self._leaves = BOOK.leaves(ledger)
        self.pages = {day: leaf.page for day, leaf in self._leaves.items()}
        """Of all days."""
        first, after = self._slots = period.slots
        sheets = _sheets(ledger, self._leaves)
        self.sheets = {
            day: sheet
            for day, sheet in sheets.items()
            if (day + 1) * DAY_MS > first * SLOT_MS and day * DAY_MS < after * SLOT_MS
        }
        self.apart: set[str] = set() if groups is None else _divided(groups, whose)
        """The sessions that do not count as a whole."""
        for slot in (first - 1, after - 1):
            sheet = sheets.get(slot * SLOT_MS // DAY_MS, NO_SHEET)
            self.apart |= {session for at, session in sheet.through if at == slot}
        out = set() if groups is None else {whose[context][0] for context, group in groups.items() if group < 0}
        self._without = out | self.apart

    def has(self, slot: int, session: str) -> bool:
        """Tell whether a quarter-hour of a session counts."""
        return self._slots[0] <= slot < self._slots[1] and session not in self._without

    def told(self) -> dict[int, Told[Times]]:
        """Return what each day of the period tells of sessions; those that do not count as a whole are among them."""
        return {day: sheet.cells.told(self._slots) for day, sheet in self.sheets.items()}

    def days(self) -> Iterator[tuple[str, list[int]]]:
        """Yield times by local day."""
        first, after = self._slots
        zone = self._period.zone
        for day, sheet in self.sheets.items():
            inside = first * SLOT_MS <= day * DAY_MS and (day + 1) * DAY_MS <= after * SLOT_MS
            if inside and (not self._without or self._without.isdisjoint(sheet.cells.sessions)):
                yield from sheet.cells.by_day(zone)
            else:
                yield from summed(zone, ((at[0], cell.times) for at, cell in sheet.cells.every() if self.has(*at)))

    def others(self) -> Iterable[Spell]:
        """Return the spans of the other sessions."""
        if len(self.apart) <= SINGLY_MOST:
            span = {"since": BEGINNING, "until": END}
            rows = (row for session in self.apart for row in self._ledger.ask("spans_of", session=session, **span))
            return [row for row in rows if self._groups is None or self._groups[row[0]] >= 0]
        if self._groups is None:
            contexts = {context for context, (session, _) in people(self._ledger).items() if session in self.apart}
        else:
            fitting = (context for context, group in self._groups.items() if group >= 0)
            contexts = {context for context in fitting if self._whose[context][0] in self.apart}
        return _single(self._ledger, self._leaves, self._period, contexts) if contexts else []


def _divided(groups: Mapping[int, int], whose: Whose) -> set[str]:
    """Return the sessions of which some contexts fit, and some do not."""
    fits: set[str] = set()
    other: set[str] = set()
    for context, group in groups.items():
        (fits if group >= 0 else other).add(whose[context][0])
    return fits & other


def _single(ledger: Ledger, leaves: Mapping[int, Leaf[Page]], period: Period, contexts: set[int]) -> list[Spell]:
    """Return the spans of some contexts that may lie in a period, as (context, kind, begin, end)."""
    days = [
        day
        for day, (_, page) in leaves.items()
        if page.reach[1] >= period.since and page.reach[0] < period.until and not contexts.isdisjoint(page.contexts)
    ]
    return [
        (context, kind, begin, end)
        for day in days
        for begin, end, context, kind in single(ledger, day)
        if context in contexts
    ]


def _sheets(ledger: Ledger, leaves: Mapping[int, Leaf[Page]]) -> dict[int, Sheet]:
    """Return all days with what the events of other ones asked for in them."""
    strays: defaultdict[int, list[Piece]] = defaultdict(list)
    for leaf in leaves.values():
        for day, pieces in leaf.page.strays.items():
            strays[day] += pieces
    sheets = {day: leaf.page.sheet for day, leaf in leaves.items()}
    whose = Everyone(ledger)
    with BOOK.lock:
        for day, others in strays.items():
            if day not in leaves:
                # Such a day has no state that would tell it from the same one of another ledger.
                sheets[day] = sheet_of(others, whose)
                continue
            made_of = leaves[day].state, tuple(sorted(others))
            known = MENDED.get(day)
            if known is None or known[0] != made_of:
                known = _LATELY.get((day, made_of[0]))
            if known is None or known[0] != made_of:
                known = (made_of, _mended(ledger, (day, made_of[0]), sheets[day], others, whose))
                _keep(day, known)
            sheets[day] = known[1]
    return sheets


def _keep(day: int, mended: Mended) -> None:
    before = MENDED.get(day)
    if before is not None:
        _LATELY[day, before[0][0]] = before
        if len(_LATELY) > _LATELY_MOST:
            _LATELY.pop(next(iter(_LATELY)))
    MENDED[day] = mended


def _mended(ledger: Ledger, day: tuple[int, int], sheet: Sheet, others: list[Piece], whose: Whose) -> Sheet:
    """Return a day with what events of other ones asked for in it: only the sessions of those are worked out anew."""
    number, state = day
    sessions = {whose[context][0] for _, _, context, _ in others}
    mine = GROWING.own(ledger, number, state, sessions & sheet.cells.sessions, whose)
    anew = sheet_of([*mine, *others], whose)
    through = Through.of({place for place in sheet.through if place[1] not in sessions}.union(anew.through))
    if sheet.cells.plain:
        return Sheet(sheet.cells.replaced(sessions, anew.cells), through)
    cells = {place: cell for place, cell in sheet.cells.every() if place[1] not in sessions}
    return Sheet(Cells.of({**cells, **dict(anew.cells.every())}), through)


MENDED: Final[dict[int, Mended]] = {}
"""Each day in which something lies that other days asked for."""
_LATELY: Final[dict[tuple[int, int | None], Mended]] = {}
"""Some of them in states before, for those who still see these."""
_LATELY_MOST: Final = 8
