"""Steady: what is asked is asked between rounds, and in the end instead of one."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from tallystick.errors import Unavailable
from tallystick.ledger.clickhouse import steady
from tallystick.ledger.clickhouse.server import Server
from tallystick.ledger.clickhouse.steady import Steady


class Rounds(Server):
    """A ledger of which a test tells how many rounds were begun and how many ended, each time somebody looks."""

    def __init__(self, *states: tuple[int, int]) -> None:
        self.states = list(states)

    def rows(self, text: str, **_: Any) -> list[tuple[Any, ...]]:  # noqa: ANN401 - as the real one
        assert "rounds" in text
        begun, ended = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        return [(begun, begun + ended, begun, ended)]


def never(_: Callable[[], object] | None) -> bool:
    """Tell that it is always another one's turn."""
    return False


def test_between_two_rounds_it_is_asked_once() -> None:
    assert Steady(Rounds((7, 7)), never).see(count(1).__next__) == 1


def test_where_a_round_came_between_it_is_asked_again() -> None:
    # Before, after: a round more, which is done; before, after: the same.
    states = Rounds((7, 7), (8, 8), (8, 8), (8, 8))
    assert Steady(states, never).see(count(1).__next__) == 2


def test_a_round_under_way_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steady, "APART_S", 0)
    states = Rounds((8, 7), (8, 7), (8, 7), (8, 8))
    assert Steady(states, never).see(lambda: len(states.states)) == 1


def test_what_a_dead_one_left_is_settled_by_whoever_asks() -> None:
    states = Rounds((8, 7))

    def settle(then: Callable[[], object] | None) -> bool:
        assert then is None
        states.states = [(9, 9)]
        return True

    assert Steady(states, settle).see(lambda: states.states) == [(9, 9)]


def test_where_rounds_follow_one_another_the_next_one_waits() -> None:
    states = Rounds(*((number, number) for number in range(20)))
    asked = count(1)

    def settle(then: Callable[[], object] | None) -> bool:
        assert then is not None
        assert next(asked) == 5
        then()
        return True

    assert Steady(states, settle).see(asked.__next__) == 6


def test_what_takes_too_long_is_not_shown_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steady, "PATIENCE_S", 0.05)
    with pytest.raises(Unavailable, match="has been for long"):
        Steady(Rounds((8, 7)), never).see(list)
