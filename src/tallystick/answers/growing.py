"""Growing pages: a day that nothing but new events and prompts have come to goes on from its page of before."""

from array import array
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

from tallystick.answers.cells import Through
from tallystick.answers.growth import GROWTH, News, Worked
from tallystick.answers.pages import (
    Everyone,
    InContext,
    Page,
    Piece,
    Sheet,
    Used,
    Whose,
    counted,
    gathered,
    own,
    sheet_of,
    split,
)
from tallystick.ledger.ledger import Ledger, Row
from tallystick.usage.activity import MODEL, TOOL
from tallystick.usage.period import DAY_MS, SLOT_MS

_DAYS_MOST: Final = 3
"""Days of which single spans are kept: those that go on."""
_COLUMNS: Final = 4
"""Of a piece."""
_SLOTS: Final = DAY_MS // SLOT_MS
_SESSIONS_MOST: Final = 2_000
"""Of one day, whose spans are kept."""


class _Spans:
    """What lies in one day of those sessions that went on: four numbers for each piece, one after another."""

    def __init__(self, day: int, state: int) -> None:
        self.state = state
        self._day = day
        self._of: OrderedDict[str, array[int]] = OrderedDict()

    def add(self, pieces: Iterable[Piece], whose: Whose) -> None:
        """Add what has come to the day."""
        for piece in pieces:
            held = self._of.get(whose[piece[2]][0])
            if held is not None:
                held.extend(piece)

    def of(self, ledger: Ledger, sessions: Collection[str], whose: Whose) -> Iterator[Piece]:
        """Yield the pieces of some sessions, from a ledger in which the day is in this state."""
        missing = {session for session in sessions if session not in self._of}
        if missing:
            self._of.update((session, array("q")) for session in missing)
            for piece in own(ledger, self._day, missing, whose):
                self._of[whose[piece[2]][0]].extend(piece)
        for session in sessions:
            self._of.move_to_end(session)
            numbers = self._of[session]
            yield from zip(*(numbers[column::_COLUMNS] for column in range(_COLUMNS)), strict=True)
        while len(self._of) > _SESSIONS_MOST:
            self._of.popitem(last=False)


class Growing:
    """Makes a day's page of the one before; keeps, of the last few days that grew, the single spans of sessions that went on."""

    def __init__(self) -> None:
        """Begin with none."""
        self._days: OrderedDict[int, _Spans] = OrderedDict()

    def __call__(self, ledger: Ledger, day: int, states: tuple[int, int], page: Page) -> Page | None:
        """Return the page of a day in the second of two states, given the one of the first; None where more has changed."""
        came = GROWTH.news(ledger, _span(day), states[0])
        if came is None or not came.whole:
            return None
        whose = Everyone(ledger)
        asked = _uses(ledger, day, came)
        lying = split(_pieces(came.worked, asked))
        inside = lying.pop(day, [])
        mine = {whose[piece[2]][0] for piece in inside}
        going_on = mine & page.sheet.cells.sessions
        held = [] if not going_on else self._at_hand(ledger, day, states[1], whose).of(ledger, going_on, whose)
        pieces = [*held, *(piece for piece in inside if whose[piece[2]][0] not in going_on)]
        every = [*inside, *(piece for pieces in lying.values() for piece in pieces)]
        prompts = ledger.ask("prompts", since=day * DAY_MS, until=(day + 1) * DAY_MS)
        return Page(
            _mended(page.sheet, pieces, mine, whose),
            _both(page.strays, lying),
            frozenset(page.contexts).union(piece[2] for piece in every),
            _reach(page, every),
            _used(page.used, gathered(asked)),
            counted(prompts),
        )

    def own(self, ledger: Ledger, day: int, state: int, sessions: Collection[str], whose: Whose) -> Iterable[Piece]:
        """Return what of the spans that a day in some state asked for lies in the day itself, of some sessions."""
        if day in self._days:
            return self._at_hand(ledger, day, state, whose).of(ledger, sessions, whose)
        return own(ledger, day, sessions, whose)

    def _at_hand(self, ledger: Ledger, day: int, state: int, whose: Whose) -> _Spans:
        """Return what lies in a day that is in some state."""
        held = self._days.pop(day, None)
        if held is not None and held.state != state:
            came = GROWTH.news(ledger, _span(day), held.state)
            if came is None or not came.whole:
                held = None
            else:
                held.add(split(_pieces(came.worked, _uses(ledger, day, came))).get(day, []), whose)
                held.state = state
        if held is None:
            held = _Spans(day, state)
        self._days[day] = held
        if len(self._days) > _DAYS_MOST:
            self._days.popitem(last=False)
        return held


def _span(day: int) -> tuple[int, int]:
    return day * _SLOTS, (day + 1) * _SLOTS


def _uses(ledger: Ledger, day: int, came: News) -> list[Row]:
    return ledger.ask("came_uses", first=came.first, since=day * DAY_MS, until=(day + 1) * DAY_MS)


def _pieces(worked: Iterable[Worked], asked: Iterable[Row]) -> Iterator[Piece]:
    for context, begin, end in worked:
        yield begin, end, context, MODEL
    for _, context, started, ended, _ in asked:
        if ended > started:
            yield started, ended, context, TOOL


def _mended(sheet: Sheet, pieces: list[Piece], sessions: set[str], whose: Whose) -> Sheet:
    """Return a day of which some sessions have become others, which are all that some pieces belong to."""
    if not sessions:
        return sheet
    anew = sheet_of(pieces, whose)
    through = {place for place in sheet.through if place[1] not in sessions}
    return Sheet(sheet.cells.replaced(sessions, anew.cells), Through.of(through.union(anew.through)))


def _both(before: Mapping[int, Iterable[Piece]], more: Mapping[int, Iterable[Piece]]) -> dict[int, list[Piece]]:
    return {day: [*before.get(day, ()), *more.get(day, ())] for day in before.keys() | more.keys()}


def _reach(page: Page, more: list[Piece]) -> tuple[int, int]:
    reaches = [(piece[0], piece[1]) for piece in more] + ([page.reach] if page.contexts else [])
    return (min(reach[0] for reach in reaches), max(reach[1] for reach in reaches)) if reaches else (0, 0)


def _used(before: Mapping[InContext, Used], more: Mapping[InContext, Used]) -> dict[InContext, Used]:
    found = dict(before)
    for place, uses in more.items():
        known = found.get(place, Used())
        both = found[place] = Used()
        both.names, both.lengths = known.names + uses.names, known.lengths + uses.lengths
        both.failed = known.failed + uses.failed
    return found
