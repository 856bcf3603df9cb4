"""A system that answers nobody who asks where a host is, until the test says so or ends."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from tallystick.alerts.outlets import resolving


class Deaf:
    """What was asked, and when it is answered."""

    def __init__(self) -> None:
        """Begin deaf."""
        self.names: list[str] = []
        self._heard = threading.Event()

    def hear(self) -> None:
        """Answer whoever waits, and whoever asks from now on."""
        self._heard.set()

    def getaddrinfo(self, host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:  # noqa: ANN401  as socket has it
        """Answer when it is time to."""
        self.names.append(host)
        self._heard.wait()
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.9", port))]


@contextmanager
def deaf(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deaf]:
    """Have the room that resolves names ask such a system; the rest of the process goes on as it did."""
    made = Deaf()
    monkeypatch.setattr(resolving, "socket", SimpleNamespace(getaddrinfo=made.getaddrinfo, SOCK_STREAM=socket.SOCK_STREAM))  # fmt: skip
    try:
        yield made
    finally:
        made.hear()
