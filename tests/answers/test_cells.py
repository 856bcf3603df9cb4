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


def test_what_is_told_of_sessions_is_of_some_quarters_or_of_all() -> None:
    begin = FIRST * SLOT_MS
    cells = Cells.of(MADE)
    assert cells.reach == (FIRST, FIRST + 96)
    whole = {"s1": ((begin, begin + 7), (15, 14, 3, 2, 1)), "s2": ((), (1, 0, 1, 0, 0))}
    assert cells.told().every() == whole
    # Beyond the reach of the cells there is nothing to be left out.
    assert cells.told((FIRST - 50, FIRST + 96)) is cells.told()
    assert cells.told((FIRST + 1, FIRST + 96)).every() == {"s1": ((), (10, 10, 0, 0, 0)), "s2": whole["s2"]}
    assert cells.told((FIRST, FIRST + 95)).every() == {"s1": ((begin, begin + 7), (5, 4, 3, 2, 1))}
    assert Cells.of({}).told((0, 5)).every() == {}
    for first in range(9):
        assert set(cells.told((FIRST + first + 2, FIRST + 96)).every()) == {"s1", "s2"}


def test_of_some_sessions_others_are_told() -> None:
    cells = Cells.of(MADE)
    for known in (False, True):
        if known:
            assert set(cells.told().every()) == {"s1", "s2"}
        found = cells.replaced({"s1"}, Cells.of({(FIRST + 4, "s1"): Cell([9, 0, 0, 0, 0]), (FIRST + 2, "s3"): Cell()}))
        assert found.told().every() == {
            "s1": ((), (9, 0, 0, 0, 0)),
            "s2": ((), (1, 0, 1, 0, 0)),
            "s3": ((), (0, 0, 0, 0, 0)),
        }
        assert found.sessions == {"s1", "s2", "s3"}
        assert (found.reach, found.plain) == ((FIRST + 2, FIRST + 96), True)
        assert set(cells.sessions) == {"s1", "s2"}
