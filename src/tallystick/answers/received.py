"""What the ledger received from each tool: requests, those that were cut off, and the newest moment."""

from typing import TYPE_CHECKING, Final, NamedTuple

from tallystick.answers.parts import KEPT, Span
from tallystick.ledger.ledger import Ledger
from tallystick.usage.period import BEGINNING, END, Zone

if TYPE_CHECKING:
    from tallystick.answers.growth import News

type _Days = dict[str, tuple[int, int]]
"""Requests and the newest millisecond by tool."""

_EVER: Final = BEGINNING, END


class Received(NamedTuple):
    """What came from one tool."""

    requests: int = 0
    cut_off: int = 0
    """Requests whose end was never written."""
    newest: int = 0
    """Milliseconds since 1970, UTC; 0 where nothing came."""


def received(ledger: Ledger) -> dict[str, Received]:
    """Return what came from each tool, of all time."""
    cut_off: dict[str, int] = dict(ledger.ask("cut_off"))
    return {
        tool: Received(requests, cut_off.get(tool, 0), max(newest, 0))
        for tool, (requests, newest) in _days(ledger).items()
    }


def _days(ledger: Ledger) -> _Days:
    if KEPT.book is None:
        return _asked(ledger, _EVER)
    from tallystick.answers.foldbook import How

    def grow(before: _Days, _: Span, came: "News") -> _Days:
        tools = {row[0]: row[1] for row in came.sums.contexts}
        found = dict(before)
        for row, timed in zip(came.sums.rows, came.timed, strict=True):
            _added(found, tools[row[4]], (row[5], timed[1]))
        return found

    whole: _Days = {}
    how = How(lambda span, _: _asked(ledger, span), grow)
    # Days as they are counted here have no zone.
    for day in KEPT.book.parts(ledger, "received", _EVER, how, Zone()):
        for tool, told in day.items():
            _added(whole, tool, told)
    return whole


def _asked(ledger: Ledger, span: Span) -> _Days:
    return {
        tool: (requests, newest)
        for tool, requests, newest in ledger.ask("events_by_tool", since=span[0], until=span[1])
    }


def _added(days: _Days, tool: str, more: tuple[int, int]) -> None:
    requests, newest = days.get(tool, (0, more[1]))
    days[tool] = requests + more[0], max(newest, more[1])
