"""The pulse: whether anything was settled in a ledger since it was last felt, for whoever shows it as it changes."""

import threading
from collections.abc import Callable
from typing import Final

from tallystick.errors import Unavailable
from tallystick.ledger.clickhouse.address import parse
from tallystick.ledger.clickhouse.server import Server

type Beat = tuple[int, tuple[int, int]]
"""How often the ledger was found, and the last round with how many rows tell of rounds."""

_APART_NS: Final = 200_000_000
_ROUNDS: Final = "SELECT max(number) AS n, count() AS rows FROM rounds"


class Pulse:
    """Feels a ledger from any thread, at most five times a second."""

    def __init__(self, url: str, password: str, clock: Callable[[], int]) -> None:
        """Name the ledger, which need not answer yet; the clock tells nanoseconds."""
        self._address, self._clock = parse(url, password), clock
        self._server: Server | None = None
        self._found = 0
        self._felt = -_APART_NS
        self._beat = (0, 0)
        self._lock = threading.Lock()

    def feel(self) -> Beat:
        """Return another value than before when the ledger is there anew or something was settled in it."""
        with self._lock:
            now = self._clock()
            if not 0 <= now - self._felt < _APART_NS:
                self._felt = now
                self._look()
            return self._found, self._beat

    def _look(self) -> None:
        try:
            if self._server is None:
                self._server = Server(self._address)
                self._found += 1
            ((number, rows),) = self._server.rows(_ROUNDS)
        except Unavailable:
            self._let_go()
        else:
            self._beat = number, rows

    def close(self) -> None:
        """Let go of the servers."""
        with self._lock:
            self._let_go()

    def _let_go(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
