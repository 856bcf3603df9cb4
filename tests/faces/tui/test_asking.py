"""Asking on a thread: news lead to one picture each time, however many there are, and trouble to another try."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, cast

import pytest
from tests.faces.tui.pictures import NOW, picture

from tallystick.answers.question import Question
from tallystick.errors import NotFound, Unavailable
from tallystick.faces.tui import asking as module
from tallystick.faces.tui.asking import Asked, Asking, Wanted
from tallystick.faces.tui.state import Besides
from tallystick.usage.period import Zone

LIVE = picture()


class Stand:
    """Answers that count how often they are asked."""

    def __init__(self) -> None:
        """Begin with nothing asked."""
        self.version, self.asked, self.closed = 0, list[Question](), 0
        self.fails: Exception | None = None
        self.beside: Besides | Exception = Besides()
        self.looked = 0
        self.answers = cast("Asked", self)

    def live(self, question: Question) -> object:
        """Return the picture."""
        self.asked.append(question)
        if self.fails:
            raise self.fails
        return LIVE._replace(question=question)

    def news(self) -> object:
        """Return the version."""
        return self.version

    def besides(self, now: int) -> Besides:
        """Return what is there, or fail."""
        assert now == NOW
        self.looked += 1
        if isinstance(self.beside, Exception):
            raise self.beside
        return self.beside

    def moved(self) -> bool:
        """Have news; never what is waited for."""
        self.version += 1
        return False

    def close(self) -> None:
        """Count."""
        self.closed += 1


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have nobody wait long."""
    monkeypatch.setattr(module, "LOOK_S", 0.01)
    monkeypatch.setattr(module, "APART_S", 0.05)


@contextmanager
def asking(stand: Stand) -> Iterator[Asking]:
    """Ask for as long as it is needed."""
    made = Asking(lambda: stand, Wanted(Zone()), lambda: NOW)
    made.start()
    try:
        yield made
    finally:
        made.end()
        assert not made._thread.is_alive()


def until(holds: Callable[[], object]) -> None:
    """Wait for something to hold."""
    end = time.monotonic() + 5
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.002)


def test_there_is_a_first_picture_and_then_one_for_each_change() -> None:
    stand, told = Stand(), threading.Event()
    with asking(stand) as made:
        assert made.wait(5)
        made.listen(told.set)
        time.sleep(0.1)
        assert (len(stand.asked), told.is_set()) == (1, False)
        stand.version += 1
        assert told.wait(5)
        assert len(stand.asked) == 2
    assert stand.closed == 1


def test_of_many_news_few_pictures_are_made_and_who_draws_is_called_once() -> None:
    stand, told = Stand(), list[int]()
    with asking(stand) as made:
        assert made.wait(5)
        made.listen(lambda: told.append(1))
        begun = time.monotonic()
        for _ in range(300):
            stand.version += 1
            made.again()
            time.sleep(0.001)
        took = time.monotonic() - begun
        # One every fiftieth part of a second at most, and the last one is of the last version.
        assert len(stand.asked) <= took / 0.05 + 2
        assert len(told) == 1
        made.taken()
        stand.version += 1
        until(lambda: len(told) == 2)


def test_other_filters_are_asked_for_at_once() -> None:
    stand = Stand()
    with asking(stand) as made:
        assert made.wait(5)
        made.want(made.wanted._replace(zone=Zone("Asia/Tokyo"), where={"tool": ["codex"]}))
        until(lambda: len(stand.asked) == 2)
    assert stand.asked[1].period.zone.name == "Asia/Tokyo"
    assert stand.asked[1].where == {"tool": ("codex",)}
    assert stand.asked[1].now == NOW


def test_trouble_is_told_and_the_picture_stays() -> None:
    stand = Stand()
    with asking(stand) as made:
        assert made.wait(5)
        stand.fails = Unavailable("The server is away.")
        stand.version += 1
        until(lambda: made.trouble)
        assert made.trouble == "The server is away."
        assert made.live is not None
        stand.fails = None
        made.again()
        until(lambda: not made.trouble)
        # What failed was opened anew.
        assert stand.closed == 1
        stand.fails = ZeroDivisionError("strange")
        stand.version += 1
        until(lambda: made.trouble)
        assert made.trouble == "ZeroDivisionError: strange"


def test_work_is_done_between_two_pictures() -> None:
    stand, found = Stand(), list[Any]()

    def fails(_: object) -> object:
        raise NotFound("There is none.")

    with asking(stand) as made:
        made.do(lambda answers: answers is stand.answers, found.append)
        made.do(fails, found.append)
        until(lambda: len(found) == 2)
    assert found[0] is True
    assert str(found[1]) == "There is none."


def test_of_work_that_piles_up_the_last_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK_S", 1.0)
    stand, found = Stand(), list[Any]()
    made = Asking(lambda: stand, Wanted(Zone()), lambda: NOW)
    for number in range(100):
        made.do(partial(lambda number, _: number, number), found.append)
    made.start()
    until(lambda: len(found) == 4)
    made.end()
    assert found == [96, 97, 98, 99]


def test_what_takes_long_to_open_is_not_waited_for() -> None:
    gate = threading.Event()

    def opens() -> Stand:
        gate.wait(5)
        return Stand()

    made = Asking(opens, Wanted(Zone()), lambda: NOW)
    made.start()
    assert not made.wait(0.01)
    begun = time.monotonic()
    made.end()
    assert time.monotonic() - begun < 2
    gate.set()
    made._thread.join(5)


def test_what_is_in_no_ledger_comes_after_the_picture_and_is_looked_at_now_and_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_BESIDE_S", 0.2)
    stand, told = Stand(), list[int]()
    stand.beside = Besides(budgets=({"share": 0.5},))
    with asking(stand) as made:
        made.listen(lambda: told.append(1))
        until(lambda: made.besides == stand.beside)
        for _ in range(10):
            before = len(stand.asked)
            stand.version += 1
            until(partial(_asked_more, stand, before))
        # Ten pictures take half a second.
        assert stand.looked < 6
        assert told
        # What cannot be told there takes nothing away from the picture.
        stand.beside = Unavailable("It is damaged.")
        stand.version += 1
        until(lambda: made.besides == Besides() or stand.moved())
        assert (made.trouble, made.live is not None) == ("", True)


def _asked_more(stand: Stand, before: int) -> bool:
    return len(stand.asked) > before
