"""Turns: what is asked for nobody who waits, one thing after another, so that what past days add to it is at hand for who does."""

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import Any

from tallystick.answers.desk import Desk


def in_turn(desk: Desk, asks: Iterable[Callable[[], Future[Any]]]) -> None:
    """Ask each when the one before has been answered, until the desk is about to end; errors are whose who asks next."""
    left = iter(asks)

    def go_on(_: object = None) -> None:
        ask = next(left, None)
        if ask is not None and not desk.ending:
            ask().add_done_callback(go_on)

    go_on()
