"""A bound daybook is the same book again, and what is no daybook of this version is an empty one."""

from collections.abc import Mapping
from contextlib import closing
from typing import Any

import pytest
from tests.answers.sample import HELPER, MAIN
from tests.ledger.sample import LOG, View, batch

from tallystick.answers.binding import Bound, bound, unbound
from tallystick.answers.cells import Cell
from tallystick.answers.daybook import Leaf
from tallystick.answers.pages import Page, Sheet, Used, pages
from tallystick.answers.work import MENDED, prepare
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.usage.period import DAY_MS

HOUR = 3_600_000


def book() -> Bound:
    """Return the book of two days: a call on the second goes on from the first, and asked for a tool that runs into the third."""
    views = [
        View(1, time=DAY_MS + HOUR, context=MAIN, work_ms=2 * HOUR),
        View(2, time=5_000, context=HELPER, work_ms=3_000),
    ]
    calls = [
        (1, 1, "Bash", DAY_MS + HOUR, 2 * DAY_MS + 7, False),
        (2, 1, "Read", DAY_MS + 2 * HOUR, 0, True),
        (3, 2, "Bash", 4_000, 4_500, True),
    ]
    with closing(SqliteLedger(":memory:", write=True)) as ledger:
        ledger.add([batch(LOG, views, calls=calls, prompts=[(9, DAY_MS + 4, MAIN, 0)])])
        states: dict[int, int] = dict(ledger.ask("days"))
        prepare(ledger)
        leaves = {day: Leaf(states[day], page) for day, page in pages(ledger, 0, 2).items()}
        return Bound(leaves, {0: MENDED[0]}, [("UTC", (0, 96), -5, b"packed")])


def sheet(of: Sheet) -> tuple[Any, ...]:
    """Return what is on a sheet as plain values."""
    return {place: (cell.times, cell.begins) for place, cell in of.cells.items()}, of.through


def plain(leaves: Mapping[int, Leaf[Page]]) -> dict[int, Any]:
    """Return leaves as plain values."""
    found: dict[int, Any] = {}
    for day, (state, page) in leaves.items():
        used = {place: (each.names, each.lengths, each.failed) for place, each in page.used.items()}
        rest = dict(page.strays), page.contexts, page.reach, dict(page.prompted)
        found[day] = (state, sheet(page.sheet), used, rest)
    return found


def test_a_bound_book_is_the_same_again() -> None:
    made = book()
    again = unbound(bound(made))
    assert plain(again.leaves) == plain(made.leaves)
    assert {day: (states, sheet(of)) for day, (states, of) in again.mended.items()} == {
        day: (states, sheet(of)) for day, (states, of) in made.mended.items()
    }
    assert again.sums == made.sums
    # Nothing of it was missing in the first place.
    page = again.leaves[1].page
    assert set(page.strays) == {0, 2}
    assert [used.names for used in page.used.values()] == [["Bash"], ["Read"]]
    assert [used.lengths for used in page.used.values()] == [[DAY_MS - HOUR + 7], [-1]]
    assert [each.number for each in page.prompted.values()] == [1]
    assert again.mended[0][1].cells[95, "s1"].times[0] == 900_000
    assert isinstance(next(iter(page.sheet.cells.values())), Cell)
    assert isinstance(next(iter(page.used.values())), Used)


@pytest.mark.parametrize("place", [0, 19, 21, 24, 25, 60, -1])
def test_a_damaged_book_is_empty(place: int) -> None:
    data = bytearray(bound(book()))
    data[place] ^= 1
    assert unbound(bytes(data)) == Bound({}, {})


def test_what_is_no_book_is_empty() -> None:
    whole = bound(book())
    for data in (b"", b"tallystick daybook 0\n" + whole[21:], whole[:10], whole[:23], whole[:-1], b"\0" * 99):
        assert unbound(data) == Bound({}, {})
