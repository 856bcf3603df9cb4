"""Steady: questions see a ledger between two rounds, never one that is half settled, whoever settles meanwhile."""

import time
from collections.abc import Callable
from typing import Final

from tallystick.errors import Unavailable
from tallystick.ledger.clickhouse.server import Server
from tallystick.ledger.ledger import Row

PATIENCE_S: Final = 45.0
"""For so long what is asked or told waits for whoever settles: longer than a turn lasts whose holder has died."""
APART_S: Final = 0.02
_TRIES: Final = 4
_STATE: Final = """SELECT max(number) AS last, count() AS rows, uniqExact(number) AS begun, uniqExact(if(done = 1, number, NULL)) AS ended
FROM rounds"""


class Steady:
    """Asks between rounds."""

    def __init__(self, server: Server, settle: Callable[[Callable[[], object] | None], bool]) -> None:
        """Begin with what settles, and then does a thing before anybody else may; it tells False where it is another one's turn."""
        self._server, self._settle = server, settle
        self._end = 0.0

    def see[T](self, asking: Callable[[], T]) -> T:
        """Return what `asking` returns, which is asked again where a round came between."""
        end = time.monotonic() + PATIENCE_S
        found: list[T] = []
        for _ in range(_TRIES):
            before = self._state(end)
            found.append(asking())
            if self._rounds() == before:
                return found[-1]
        # One round follows the other: the next one has to wait.
        self._wait(lambda: self._settle(lambda: found.append(asking())), end)
        return found[-1]

    def _rounds(self) -> Row:
        (state,) = self._server.rows(_STATE)
        return state

    def _state(self, end: float) -> Row:
        """Return the state of a moment at which no round is under way, and see to it that there is one."""
        states: list[Row] = []

        def is_quiet() -> bool:
            states.append(self._rounds())
            _, _, begun, ended = states[-1]
            return bool(begun == ended)

        if not is_quiet():
            # Whoever settles does so until it is done; what a dead one left is settled here.
            self._wait(lambda: is_quiet() or (self._settle(None) and is_quiet()), end)
        return states[-1]

    @staticmethod
    def _wait(holds: Callable[[], bool], end: float) -> None:
        while not holds():
            if time.monotonic() > end:
                raise Unavailable("The ledger is being settled by another server, and has been for long. Try again.")
            time.sleep(APART_S)
