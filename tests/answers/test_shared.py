"""Answers that several ask for at once: each worked out once, by whoever asks first."""

import threading
from itertools import count

import pytest

from tallystick.answers.shared import Shared


def test_what_was_worked_out_is_given_again() -> None:
    shared, numbers = Shared(), count(1)
    assert [shared.once("a", lambda: next(numbers)) for _ in range(3)] == [1, 1, 1]
    assert shared.once("b", lambda: 7) == 7


def test_whoever_asks_meanwhile_waits_for_the_one_that_works() -> None:
    shared, begun, go = Shared(), threading.Event(), threading.Event()
    found: list[str] = []

    def slow() -> str:
        begun.set()
        assert go.wait(10)
        return "made"

    first = threading.Thread(target=lambda: found.append(shared.once("a", slow)))
    first.start()
    assert begun.wait(10)
    second = threading.Thread(target=lambda: found.append(shared.once("a", lambda: "made twice")))
    second.start()
    go.set()
    first.join(10)
    second.join(10)
    assert found == ["made", "made"]


def test_an_error_is_that_of_everybody_who_waits_and_is_not_kept() -> None:
    shared = Shared()

    def fails() -> int:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        shared.once("a", fails)
    assert shared.once("a", lambda: 3) == 3


def test_it_holds_so_many_and_lets_go_of_the_one_asked_for_longest_ago() -> None:
    shared, numbers = Shared(2), count(1)
    asked = ("a", "b", "a", "c", "a", "b")
    assert [shared.once(name, lambda: next(numbers)) for name in asked] == [1, 2, 1, 3, 1, 4]


def test_what_is_large_is_not_kept() -> None:
    shared, numbers = Shared(), count(1)
    asked = [shared.once("a", lambda: next(numbers), lambda made: made < 3) for _ in range(5)]
    assert asked == [1, 2, 3, 3, 3]
