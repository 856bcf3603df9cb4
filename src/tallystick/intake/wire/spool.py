"""Append-only files in which lines wait for the ledger; writing them never holds up what they tell of."""

import os
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from json import dumps
from threading import Condition, Thread
from typing import Any, Final

LINES_MOST: Final = 10_000
"""Lines that wait in memory while the disk takes none."""
BYTES_MOST: Final = 8 << 20
"""At this size a new file begins."""
_LINE_MOST: Final = 4_000
_DAY_S: Final = 86_400
_AGAIN_S: Final = 1.0
"""Seconds until a disk that took nothing is tried again."""
_PATIENCE_S: Final = 5.0
"""Seconds that closing waits for what is not written yet."""
_WORDS: Final = ("tags", "project", "asked", "session", "agent", "parent", "version", "host", "request", "id", "model")
"""What of a line may be left out, in this order, where it would be too long."""


class Spool:
    """One writer's files in a folder; any thread may put lines in, and a thread of its own writes them."""

    def __init__(self, folder: str, clock: Callable[[], float]) -> None:
        """Take the folder, made when the first line comes, and a clock of seconds since 1970."""
        self._folder, self._clock = folder, clock
        self._waiting: deque[Mapping[str, Any]] = deque()
        self._lost = 0
        self._change = Condition()
        self._writer: Thread | None = None
        self._closing = False
        self._file = -1
        self._size = 0
        self._day = 0

    def put(self, line: Mapping[str, Any]) -> None:
        """Have a line written soon. It never waits and never fails: what does not fit is counted, and told when there is room.

        After the end nothing fits: a second writer would write beside the one whose disk is slow.
        """
        with suppress(Exception), self._change:
            if self._closing or len(self._waiting) >= LINES_MOST:
                self._lost += 1
                return
            self._waiting.append(line)
            if self._writer is None:
                # A thread that never ends by itself must not keep a process alive.
                self._writer = Thread(target=self._write, name="spool", daemon=True)
                self._writer.start()
            self._change.notify_all()

    def close(self) -> None:
        """Write what waits, as far as the disk takes it within a few seconds, and let go of the file for good."""
        with self._change:
            self._closing = True
            self._change.notify_all()
        if self._writer is not None:
            self._writer.join(_PATIENCE_S)

    def _write(self) -> None:
        try:
            while (line := self._next()) is not None:
                if self._written(line):
                    with self._change:
                        self._waiting.popleft()
                        self._tell_lost()
                elif not self._later():
                    return
        finally:
            self._let_go()

    def _next(self) -> Mapping[str, Any] | None:
        """Return the line that has waited longest, which goes on waiting until it is written; None at the end."""
        with self._change:
            while not self._waiting:
                if self._closing:
                    return None
                self._change.wait()
            return self._waiting[0]

    def _later(self) -> bool:
        """Wait until it is worth trying again; tell False where nobody wants to wait any more."""
        with self._change:
            if not self._closing:
                self._change.wait_for(lambda: self._closing, _AGAIN_S)
                return True
            return False

    def _tell_lost(self) -> None:
        if self._lost and len(self._waiting) < LINES_MOST:
            self._waiting.append({"v": 1, "note": self._note("spool-full") | {"count": self._lost}})
            self._lost = 0

    def _note(self, why: str) -> dict[str, Any]:
        return {"at": int(self._clock() * 1000), "host": "", "why": why}

    def _written(self, line: Mapping[str, Any]) -> bool:
        """Append a line; tell False where the disk takes nothing, and leave no part of the line behind."""
        try:
            text = encoded(line)
        except (TypeError, ValueError):
            text = encoded({"v": 1, "note": self._note("unwritable")})
        try:
            self._open(len(text))
            rest = text
            while rest:
                rest = rest[os.write(self._file, rest) :]
        except OSError:
            with suppress(OSError):
                if self._file >= 0:
                    os.ftruncate(self._file, self._size)
            # Where that was refused as well, the part stays torn in this file and the whole line goes into the next one.
            self._let_go()
            return False
        self._size += len(text)
        return True

    def _open(self, more: int) -> None:
        """See to it that a file is open that has room for so many bytes and is of today."""
        today = int(self._clock() // _DAY_S)
        if self._file >= 0 and self._size + more <= BYTES_MOST and self._day == today:
            return
        self._let_go()
        os.makedirs(self._folder, mode=0o700, exist_ok=True)
        moment = int(self._clock() * 1000)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | getattr(os, "O_BINARY", 0)
        while self._file < 0:
            with suppress(FileExistsError):
                self._file = os.open(os.path.join(self._folder, f"{moment}-{os.getpid()}.jsonl"), flags, 0o600)
            moment += 1
        self._size, self._day = 0, today

    def _let_go(self) -> None:
        if self._file >= 0:
            with suppress(OSError):
                os.close(self._file)
        self._file = -1


def encoded(line: Mapping[str, Any]) -> bytes:
    """Return a line as it is written: one JSON object in ASCII, shorter than 4 KiB whatever it holds, and its end."""
    text = _json(line)
    shorter = dict(line)
    for word in _WORDS:
        if len(text) < _LINE_MOST:
            break
        if word in shorter:
            shorter[word] = {} if word == "tags" else ""
            text = _json(shorter)
    return text.encode("ascii") + b"\n"


def _json(line: Mapping[str, Any]) -> str:
    return dumps(line, separators=(",", ":"), allow_nan=False)
