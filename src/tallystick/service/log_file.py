"""The log of a server in the background: written by itself, rotated while it runs, and read from its end."""

import io
import logging
import os
import sys
import time
from collections.abc import Callable, Iterator
from logging.handlers import RotatingFileHandler
from typing import Final, override

BYTES_MOST: Final = 2 * 1024 * 1024
GENERATIONS: Final = 3
"""Older files that are kept besides the current one."""
_FIRST_WORDS_MOST: Final = 1024 * 1024
_TAIL_MOST: Final = 256 * 1024
"""Bytes from the end in which the last lines are looked for."""
_PAUSE: Final = 0.25


class _Lines(io.TextIOBase):
    """A stream whose lines go into the log."""

    def __init__(self, level: int) -> None:
        self._level, self._begun = level, ""

    @override
    def writable(self) -> bool:
        return True

    @override
    def write(self, text: str) -> int:
        *whole, self._begun = (self._begun + text).split("\n")
        for line in whole:
            if line.strip():
                logging.getLogger("tallystick").log(self._level, "%s", line)
        return len(text)


def handler(path: str, bytes_most: int = BYTES_MOST) -> logging.Handler:
    """Return what writes a log file and begins a new one when it is full; raise OSError when it cannot be written."""
    os.makedirs(os.path.dirname(path) or ".", mode=0o700, exist_ok=True)
    made = RotatingFileHandler(
        path, maxBytes=bytes_most, backupCount=GENERATIONS, encoding="utf-8", errors="backslashreplace"
    )
    formatter = logging.Formatter("%(asctime)s.%(msecs)03dZ %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    made.setFormatter(formatter)
    return made


def begin(path: str, bytes_most: int = BYTES_MOST) -> logging.Handler:
    """Send all that this process logs, prints and complains of into a file from here on; raise OSError when it cannot.

    Under pythonw there is nothing else to print to, and under launchd what is printed goes into a file that nobody rotates.
    """
    made = handler(path, bytes_most)
    root = logging.getLogger()
    root.addHandler(made)
    if root.level in {logging.NOTSET, logging.WARNING}:
        root.setLevel(logging.INFO)
    _shorten(2)
    sys.stdout, sys.stderr = _Lines(logging.INFO), _Lines(logging.ERROR)
    return made


def _shorten(descriptor: int) -> None:
    """Empty a file that was handed over as a stream when it has grown long over many starts."""
    try:
        if os.fstat(descriptor).st_size > _FIRST_WORDS_MOST:
            os.ftruncate(descriptor, 0)
    except OSError:
        return


def tail(path: str, lines: int) -> list[str]:
    """Return the last lines of a file, without their ends; none where there is no file."""
    return _end_of(path, lines)[0]


def _end_of(path: str, lines: int) -> tuple[list[str], int]:
    """Return the last lines and the place after them."""
    try:
        with open(path, "rb") as file:
            size = file.seek(0, os.SEEK_END)
            start = file.seek(max(size - _TAIL_MOST, 0))
            data = file.read()
            place = file.tell()
    except OSError:
        return [], 0
    if start:
        data = data.partition(b"\n")[2]
    return data.decode(errors="replace").splitlines()[-lines:] if lines else [], place


def follow(path: str, lines: int, wait: Callable[[float], object] = time.sleep) -> Iterator[str]:
    """Yield the last lines of a log and then each further one, also when a new file is begun; it never ends by itself."""
    last, place = _end_of(path, lines)
    number = _number(path)
    yield from last
    rest = b""
    while True:
        wait(_PAUSE)
        now = _number(path)
        if now is None:
            continue
        if number is not None and now != number:
            rest += _since(path, number, place)
            place = 0
        data, place = _read(path, place)
        number = now
        *whole, rest = (rest + data).split(b"\n")
        for line in whole:
            yield line.decode(errors="replace").rstrip("\r")


def _since(path: str, number: int, place: int) -> bytes:
    """Return what was written into older files since one of them, then the current one, was read up to a place."""
    data = b""
    for generation in range(1, GENERATIONS + 1):
        older = f"{path}.{generation}"
        if _number(older) == number:
            return _read(older, place)[0] + data
        data = _read(older, 0)[0] + data
    return data


def _number(path: str) -> int | None:
    try:
        return os.stat(path).st_ino
    except OSError:
        return None


def _read(path: str, place: int) -> tuple[bytes, int]:
    """Return what is in a file from a place on; from the beginning when it has become shorter. It is not kept open."""
    try:
        with open(path, "rb") as file:
            if file.seek(0, os.SEEK_END) < place:
                place = 0
            file.seek(place)
            data = file.read()
    except OSError:
        return b"", place
    return data, place + len(data)
