"""The proxy that runs here: at most one to a data folder, found by a lock that ends with its process."""

import json
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from time import monotonic, sleep
from typing import Final, NamedTuple, Protocol

from tallystick.errors import Unavailable

_STEP_S: Final = 0.05
_PATIENCE_S: Final = 20.0
"""Seconds that a proxy has until it listens; importing mitmproxy alone takes two on a slow machine."""
_LOOKED_AT_S: Final = 1.0
"""Seconds for which somebody who only looks may hold the lock, at the very most."""
_TO_ANSWER_S: Final = 1.0
"""Seconds that a proxy has to say that it is well. One that is stopped still takes connections, and never answers."""
_ANSWER_MOST: Final = 4_096
_WELL: Final = (b"HTTP/1.0 200 ", b"HTTP/1.1 200 ")


class Running(NamedTuple):
    """A proxy that listens."""

    pid: int
    port: int
    started: int
    """Milliseconds since 1970, UTC."""

    @property
    def address(self) -> str:
        """Where it is asked."""
        return f"http://127.0.0.1:{self.port}"


class Started(Protocol):
    """A process that was started."""

    def poll(self) -> int | None:
        """Return its exit code; None while it runs."""


def running(data_dir: str) -> Running | None:
    """Return the proxy that answers for a data folder, within a second; None where none does, whatever a stale record says."""
    found = holder(data_dir)
    return found if found is not None and asked(found.port, "GET", "/health").startswith(_WELL) else None


def holder(data_dir: str) -> Running | None:
    """Return the proxy whose process is there, whether it answers or hangs; None where there is none."""
    try:
        with open(_record(data_dir), "rb") as file:
            told = json.load(file)
        found = Running(int(told["pid"]), int(told["port"]), int(told["started"]))
        handle = _lock(data_dir)
        try:
            return None if _locked(handle) else found
        finally:
            os.close(handle)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def asked(port: int, method: str, path: str, patience_seconds: float = _TO_ANSWER_S) -> bytes:
    """Return what a proxy at a port answers when it is asked itself, head and body; empty where it does not in time."""
    end = monotonic() + patience_seconds
    # By this name alone it knows that it is asked itself.
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    said = b""
    try:
        with socket.create_connection(("127.0.0.1", port), patience_seconds) as line:
            line.sendall(head.encode())
            while (left := end - monotonic()) > 0 and len(said) < _ANSWER_MOST:
                line.settimeout(left)
                data = line.recv(_ANSWER_MOST)
                if not data:
                    break
                said += data
    except (OSError, OverflowError):
        # What was said until then counts.
        return said
    return said


def begin(data_dir: str, start: Callable[[], Started], patience_seconds: float = _PATIENCE_S) -> Running:
    """Return the proxy that runs, after starting it where none does; raise Unavailable where it does not come to listen."""
    found = running(data_dir)
    if found is not None:
        return found
    process = start()
    deadline = monotonic() + patience_seconds
    while monotonic() < deadline:
        ended = process.poll()
        # Another one may have been faster: then ours has ended, and that one serves as well.
        found = running(data_dir)
        if found is not None:
            return found
        if ended is not None:
            raise Unavailable("The proxy ended as soon as it was started. `tally logs proxy` shows what it said.")
        sleep(_STEP_S)
    raise Unavailable(
        f"The proxy does not listen after {patience_seconds:.0f} s. `tally logs proxy` shows what it says."
    )


@contextmanager
def alone(data_dir: str) -> Iterator[None]:
    """Be the proxy of a data folder; raise Unavailable where there is one, or where the folder cannot be written."""
    try:
        handle = _lock(data_dir)
        deadline = monotonic() + _LOOKED_AT_S
        while not _locked(handle) and monotonic() < deadline:
            sleep(_STEP_S)
    except OSError as error:
        raise Unavailable(f"{data_dir} cannot be written ({(error.strerror or str(error)).lower()}).") from None
    try:
        if not _locked(handle):
            there = holder(data_dir)
            where = f" at {there.address}" if there else ""
            raise Unavailable(f"A proxy runs already{where}: use that one, or stop it with `tally down`.")
        # A record that is there is of one that was killed.
        forget(data_dir)
        try:
            yield
        finally:
            forget(data_dir)
    finally:
        os.close(handle)


def tell(data_dir: str, found: Running) -> None:
    """Write down which proxy listens, as a whole or not at all."""
    beside = f"{_record(data_dir)}.{found.pid}.new"
    with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(found._asdict(), file)
    os.replace(beside, _record(data_dir))


def forget(data_dir: str) -> None:
    """Remove what was written down."""
    with suppress(FileNotFoundError):
        os.unlink(_record(data_dir))


def _record(data_dir: str) -> str:
    return os.path.join(data_dir, "proxy.json")


def _lock(data_dir: str) -> int:
    """Return the open file that is locked by whoever is the proxy, until its process ends."""
    os.makedirs(data_dir, mode=0o700, exist_ok=True)
    return os.open(os.path.join(data_dir, "proxy.lock"), os.O_RDWR | os.O_CREAT, 0o600)


def _locked(handle: int) -> bool:
    try:
        if os.name == "nt":
            windows = import_module("msvcrt")
            windows.locking(handle, windows.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
