"""Resolving: where a host can be reached, within a time, though the system's own way of finding that out knows none."""

import socket
import threading
from typing import Any, Final

type Address = tuple[socket.AddressFamily, tuple[Any, ...]]
"""Where a host can be reached, as `socket` has it."""


class _Lookup:
    """One question to the system, which nothing can break off."""

    def __init__(self, host: str, port: int) -> None:
        self._where = host, port
        self._over = threading.Event()
        self._found: list[Address] = []
        self._trouble: Exception | None = None
        # Whoever ends does not wait for it.
        threading.Thread(target=self._ask, name=f"resolving-{host}", daemon=True).start()

    def answer(self, seconds: float) -> list[Address]:
        """Return what it came to; raise TimeoutError when that takes longer."""
        if not self._over.wait(seconds):
            raise TimeoutError
        if self._trouble is not None:
            raise self._trouble
        return self._found

    def _ask(self) -> None:
        host, port = self._where
        try:
            self._found = [(each[0], each[4]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        except Exception as error:  # noqa: BLE001  whoever waits for it is told
            self._trouble = error
        finally:
            with _LOCK:
                _RUNNING.pop(self._where, None)
            self._over.set()


_LOCK: Final = threading.Lock()
_RUNNING: Final[dict[tuple[str, int], _Lookup]] = {}
"""What was asked and is not answered yet: however often a place is tried meanwhile, one thread hangs and no more."""


def addresses(host: str, port: int, seconds: float) -> list[Address]:
    """Return where a host can be reached; raise TimeoutError where that is not known within so many seconds, OSError where it is nowhere."""
    with _LOCK:
        lookup = _RUNNING.get((host, port))
        if lookup is None:
            lookup = _RUNNING[host, port] = _Lookup(host, port)
    return lookup.answer(seconds)
