"""Turns: one thing after another, whatever becomes of each, and nothing more once the end is near."""

import threading
from functools import partial
from pathlib import Path

from tests.answers.stand import answers, fill

from tallystick.answers.desk import Desk
from tallystick.answers.turns import in_turn


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
