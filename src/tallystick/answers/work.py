"""The time at work of sessions in a period, from the daybook where that is worth it.

Where filters divide a session, or spans reach over an end of the period, it is not the whole session that counts: such
sessions are told of apart, by their single spans.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from tallystick.answers.daybook import Leaf
from tallystick.answers.pages import BOOK, NO_SHEET, Cell, InSession, Page, Sheet, Whose, own, people, sheet_of, single
from tallystick.ledger.ledger import Ledger
from tallystick.usage.period import DAY_MS, SLOT_MS, Period

type Spell = tuple[int, int, int, int]
"""Context, kind, begin and end of a span."""


class Work(NamedTuple):
    """The work of a period."""

    cells: list[tuple[InSession, Cell]]
    """Of sessions that count as a whole."""
    spans: Iterable[Spell]
    """Of the others; some that do not lie in the period may be among them."""


def work(ledger: Ledger, period: Period, groups: Mapping[int, int], whose: Whose) -> Work:
    """Return the work of a period by those contexts whose group is not negative, from the daybook."""
    leaves = BOOK.leaves(ledger)
    sheets = _sheets(ledger, leaves)
    first, after = period.slots
    apart = _divided(groups, whose)
    for slot in (first - 1, after - 1):
        sheet = sheets.get(slot * SLOT_MS // DAY_MS, NO_SHEET)
        apart |= {session for at, session in sheet.through if at == slot}
    out = {whose[context][0] for context, group in groups.items() if group < 0}
    cells = [
        (place, cell)
        for day, sheet in sheets.items()
        if (day + 1) * DAY_MS > first * SLOT_MS and day * DAY_MS < after * SLOT_MS
        for place, cell in sheet.cells.items()
        if first <= place[0] < after and place[1] not in out and place[1] not in apart
    ]
    contexts = {context for context, group in groups.items() if group >= 0 and whose[context][0] in apart}
    return Work(cells, _single(ledger, leaves, period, contexts) if contexts else [])


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
    strays: defaultdict[int, list[Leaf[Page]]] = defaultdict(list)
    for leaf in leaves.values():
        for day in leaf.page.strays:
            strays[day].append(leaf)
    sheets = {day: leaf.page.sheet for day, leaf in leaves.items()}
    with BOOK.lock:
        for day, others in strays.items():
            states = (leaves[day].state if day in leaves else None, *(leaf.state for leaf in others))
            known = _MENDED.get(day)
            if known is None or known[0] != states:
                every = [
                    *(own(ledger, day) if day in leaves else ()),
                    *(piece for leaf in others for piece in leaf.page.strays[day]),
                ]
                _MENDED[day] = known = (states, sheet_of(every, people(ledger)))
            sheets[day] = known[1]
    return sheets


_MENDED: Final[dict[int, tuple[tuple[int | None, ...], Sheet]]] = {}
"""By day, where what other days asked for lies in it: its state, those of the others, and the whole day."""
