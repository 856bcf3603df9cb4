"""Turns: numbers of rounds grow with each holder, and whoever is overtaken notices."""

from pathlib import Path

import pytest

from tallystick.ledger.clickhouse.turns import BITS, Alone, Held, OnThisMachine, OvertakenError
from tallystick.ledger.sqlite.opening import WriterLock


class Told(Alone):
    """A turn of which a test tells whose it is."""

    def __init__(self, number: int | None) -> None:
        self.number = number

    def mine(self) -> int | None:
        return self.number

    def lift(self, least: int) -> int | None:
        self.number = None if self.number is None else max(self.number, least)
        return self.number


def test_a_later_holder_has_higher_numbers_than_any_earlier_one() -> None:
    assert [Held(Told(3), 3).after(last) for last in (0, 3 << BITS, (3 << BITS) + 7)] == [
        3 * 2**22,
        3 * 2**22 + 1,
        3 * 2**22 + 8,
    ]
    assert Held(Told(4), 4).after((3 << BITS) + 7) == 4 * 2**22


def test_where_nobody_else_settles_rounds_are_counted() -> None:
    assert [Held(Alone(), 0).after(last) for last in (0, 7, 5 << BITS)] == [1, 8, 5 * 2**22 + 1]


def test_a_store_that_was_begun_anew_goes_on_above_the_numbers_of_the_lost_one() -> None:
    turn = Told(1)
    held = Held(turn, 1)
    assert held.after((9 << BITS) + 2) == 10 * 2**22
    assert turn.number == 10
    held.check()


def test_who_lost_the_turn_goes_on_with_nothing() -> None:
    turn = Told(1)
    held = Held(turn, 1)
    held.check()
    turn.number = None
    with pytest.raises(OvertakenError):
        held.check()
    with pytest.raises(OvertakenError):
        held.after(9 << BITS)
    # Its own turn once more, but others settled meanwhile.
    turn.number = 3
    with pytest.raises(OvertakenError):
        held.check()


def test_of_one_machine_s_processes_one_has_the_turn(tmp_path: Path) -> None:
    one, other = (OnThisMachine(WriterLock(str(tmp_path / "settling"))) for _ in range(2))
    assert (one.mine(), other.mine(), one.mine()) == (0, None, 0)
    one.end()
    one.end()
    assert (other.mine(), one.mine()) == (0, None)
    other.close()
    assert one.mine() == 0
    one.close()
