"""Turns: one thing after another, whatever becomes of each, and nothing more once the end is near."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from pathlib import Path

from tests.answers.stand import answers, fill

from tallystick.answers.desk import Desk
from tallystick.answers.turns import Rounds, in_turn


def test_each_is_asked_when_the_one_before_is_answered(tmp_path: Path) -> None:
    fill(tmp_path / "ledger.db")
    desk = Desk(lambda: answers(tmp_path / "ledger.db"), 3)
    at_once, most, done = 0, 0, threading.Event()

    def work(number: int, _: object) -> int:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        at_once -= 1
        if number == 9:
            done.set()
        return 1 // (number - 4)

    try:
        in_turn(desk, (partial(desk.get, (number,), partial(work, number)) for number in range(10)))
        assert done.wait(10)
        # The fourth failed, and the next came all the same.
        assert most == 1
    finally:
        desk.close()


def test_nothing_more_is_asked_when_the_end_is_near(tmp_path: Path) -> None:
    fill(tmp_path / "ledger.db")
    desk = Desk(lambda: answers(tmp_path / "ledger.db"), 1)
    begun: list[int] = []
    ended = threading.Event()

    def work(number: int, _: object) -> None:
        begun.append(number)
        desk.end()
        ended.set()

    in_turn(desk, (partial(desk.get, (number,), partial(work, number)) for number in range(10)))
    assert ended.wait(10)
    desk.close()
    assert begun == [0]


def test_rounds_are_gone_again_after_news_and_not_without(tmp_path: Path) -> None:
    fill(tmp_path / "ledger.db")
    desk = Desk(lambda: answers(tmp_path / "ledger.db"), 1)
    rounds: list[str] = []

    def work(_: object) -> None:
        time.sleep(0.02)

    def asks() -> list[Callable[[], Future[None]]]:
        rounds.append(desk.version)
        return [partial(desk.get, (number,), work) for number in range(3)]

    def came(number: int) -> bool:
        until = time.monotonic() + 10
        while len(rounds) < number and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(0.3)
        return len(rounds) == number

    try:
        Rounds(desk, asks, 0.05, 10).begin()
        assert came(1)
        for _ in range(5):
            desk.changed()
        assert came(2)
        begun = time.monotonic()
        # Three questions took 60 ms, and ten times as long passes before the next round, but not after the first one.
        desk.changed()
        assert came(3)
        assert time.monotonic() - begun > 0.5
        assert rounds[2] == desk.version
        desk.end()
        desk.changed()
        assert came(3)
    finally:
        desk.close()
