"""Turns: what is asked for nobody who waits, one thing after another, so that what past days add to it is at hand for who does."""

import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import Any, Final

from tallystick.answers.desk import Desk

_PAUSE_S: Final = 30.0
_SHARE: Final = 12
"""How often the time that a round took passes before the next one."""

type Asks = Iterable[Callable[[], Future[Any]]]


def in_turn(desk: Desk, asks: Asks, done: Callable[[], object] = lambda: None) -> None:
    """Ask each when the one before has been answered, until the desk is about to end; errors are whose who asks next."""
    left = iter(asks)

    def go_on(_: object = None) -> None:
        ask = None if desk.ending else next(left, None)
        if ask is None:
            done()
        else:
            ask().add_done_callback(go_on)

    go_on()


class Rounds:
    """Asks for the same things again after there was news, but seldom: who has not looked for long waits for little, then."""

    def __init__(self, desk: Desk, asks: Callable[[], Asks], pause: float = _PAUSE_S, share: float = _SHARE) -> None:
        """Begin with what gives the questions of one round, and how many seconds pass between rounds at least."""
        self._desk, self._asks, self._pause, self._share = desk, asks, pause, share
        self._lock = threading.Lock()
        self._going, self._timer, self._first = False, False, True
        self._of = ""
        """The version that showed when the last round began."""
        self._begun = self._next = 0.0

    def begin(self) -> None:
        """Go the first round, and further ones for as long as the desk is there."""
        self._desk.listen(self._news)
        self._go()

    def _go(self) -> None:
        with self._lock:
            self._timer, begins = False, not self._going
            if begins:
                self._going, self._of, self._begun = True, self._desk.version, time.monotonic()
        if begins:
            in_turn(self._desk, self._asks(), self._done)

    def _done(self) -> None:
        now = time.monotonic()
        # The first one works out what all days add; the others only what has come since.
        took, self._first = 0.0 if self._first else now - self._begun, False
        with self._lock:
            self._going, self._next = False, now + max(self._pause, took * self._share)
        self._news()

    def _news(self) -> None:
        with self._lock:
            if self._going or self._timer or self._desk.ending or self._desk.version == self._of:
                return
            self._timer = True
            timer = threading.Timer(max(self._next - time.monotonic(), 0.0), self._go)
            # It may outlive the desk, which then answers nothing any more.
            timer.daemon = True
        timer.start()
