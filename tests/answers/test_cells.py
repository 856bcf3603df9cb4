"""Packed cells are the same cells again, and add up by the local day in which they lie."""

from tallystick.answers.cells import Cell, Cells, Through, summed
from tallystick.usage.period import DAY_MS, SLOT_MS, Zone

DAY = 20_000
FIRST = DAY * DAY_MS // SLOT_MS
MADE = {
    (FIRST, "s1"): Cell([5, 4, 3, 2, 1], (FIRST * SLOT_MS, FIRST * SLOT_MS + 7)),
    (FIRST + 95, "s1"): Cell([10, 10, 0, 0, 0]),
    (FIRST + 95, "s2"): Cell([1, 0, 1, 0, 0]),
}


def test_cells_are_the_same_again() -> None:
    cells = Cells.of(MADE)
    assert (len(cells), list(cells)) == (3, list(MADE))
    assert {place: (cell.times, cell.begins) for place, cell in cells.every()} == {
        place: (cell.times, cell.begins) for place, cell in MADE.items()
    }
    assert cells[FIRST + 95, "s2"].times == [1, 0, 1, 0, 0]
    assert (FIRST, "s2") not in cells
    assert cells.sessions == {"s1", "s2"}
    again = Cells(cells.packed)
    assert again[FIRST, "s1"].begins == (FIRST * SLOT_MS, FIRST * SLOT_MS + 7)


def test_a_day_here_is_two_elsewhere() -> None:
    cells = Cells.of(MADE)
    # 2024-10-04; at 23:45 UTC it is the day after in Berlin.
    assert cells.by_day(Zone("UTC")) == [("2024-10-04", [16, 14, 4, 2, 1])]
    assert cells.by_day(Zone("Europe/Berlin")) == [("2024-10-04", [5, 4, 3, 2, 1]), ("2024-10-05", [11, 10, 1, 0, 0])]
    assert cells.by_day(Zone("UTC")) == [("2024-10-04", [16, 14, 4, 2, 1])]
    # Adding up leaves what was added as it is.
    assert cells[FIRST, "s1"].times == [5, 4, 3, 2, 1]
    assert summed(Zone("UTC"), []) == []


def test_places_are_the_same_again() -> None:
    places = {(FIRST, "s1"), (FIRST + 3, "s2")}
    through = Through.of(places)
    assert set(through) == places
    assert Through(through.packed) == through
    assert (FIRST, "s1") in through
    assert (FIRST, "s2") not in through
    assert (len(through), len(Through.of(()))) == (2, 0)
