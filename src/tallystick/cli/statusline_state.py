"""Keeping ready what the status line is made of: one renewal by a process of its own, and a server that renews it as things change."""

import json
import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from tallystick.cli import entrance, statusline_kept, whole
from tallystick.faces.statusline.state import told
from tallystick.usage.period import Zone

if TYPE_CHECKING:
    from tallystick.answers.answers import Answers
    from tallystick.answers.desk import Desk
    from tallystick.settings import Settings

_LONGEST_S: Final = 3_600
"""So long a renewal may take: the very first one reads all logs."""
_APART_S: Final = 2.0
"""Between two renewals by a server."""
_HOLDS_MS: Final = 300_000
"""So long forecasts hold where nothing changes, and no longer than a day, in whatever zone: all begin with such a stretch."""
_LOOK_S: Final = 30.0
"""Between two looks whether anybody wants it, where nothing changes."""


def refresh(lock: int) -> int:
    """Bring in what is new and write what is kept ready; the lock is a file that stays open until then, -1 for none."""
    _alone(lock)
    chosen = entrance.settings()
    began, now = monotonic(), entrance.now()
    opened = entrance.house(chosen)
    try:
        opened.refresh()
        made = told(entrance.answers(opened), entrance.zone(chosen), now, chosen.machine)
        busy = opened.busy
    finally:
        opened.close()
    path = os.path.join(chosen.data_dir, statusline_kept.STATE)
    if busy:
        # Another one is reading the logs, so that this is what was known before.
        made["begun"] = statusline_kept.read(path).get("begun", 0)
    write(path, made, monotonic() - began)
    return 0


def _alone(lock: int) -> None:
    """Depend on nobody who started this, and end some time."""
    if lock < 0:
        return
    with suppress(OSError):
        os.setsid()
    signal.alarm(_LONGEST_S)


def write(path: str, made: dict[str, Any], took: float) -> None:
    """Write what is kept ready, as a whole: whoever reads it finds the old one or the new one; `took` is in seconds."""
    whole.put(path, json.dumps({**made, "took": round(took * 1000)}, separators=(",", ":")))


class Keeper:
    """Keeps it ready in a server, as long as somebody has a status line."""

    def __init__(self, desk: "Desk", chosen: "Settings", log: Callable[[str], None]) -> None:
        """Begin beside a desk; nothing is done until `start`."""
        self._desk, self._chosen, self._log = desk, chosen, log
        self._zone = Zone(chosen.timezone)
        self._path = os.path.join(chosen.data_dir, statusline_kept.STATE)
        self._news, self._ending = threading.Event(), threading.Event()
        self._lock = -1
        self._ailing = False
        self._thread = threading.Thread(target=self._keep, name="statusline", daemon=True)

    def start(self) -> None:
        """Begin, on a thread of its own."""
        self._stop_listening = self._desk.listen(self._news.set)
        self._thread.start()

    def end(self) -> None:
        """Let go of it; status lines see to themselves from then on."""
        self._ending.set()
        self._news.set()
        if self._thread.is_alive():
            self._thread.join(_APART_S)

    def _keep(self) -> None:
        version, until = "", 0
        try:
            while not self._ending.is_set():
                now = entrance.now()
                if not self._wanted():
                    self._let_go()
                    version = ""
                elif self._desk.version != version or now >= until:
                    version, until = self._desk.version, self._written(now)
                self._news.wait(min(_LOOK_S, max(until - now, 0) / 1000) if until else _LOOK_S)
                self._news.clear()
        finally:
            self._stop_listening()
            self._let_go()

    def _wanted(self) -> bool:
        """Tell whether there is a status line, and something follows the logs so that its figures are those of now."""
        status = self._desk.status
        return os.path.exists(self._path) and status.alive and status.importing is None and not self._desk.ending

    def _written(self, now: int) -> int:
        """Write it; return until when it holds if nothing changes: milliseconds since 1970."""
        began, zone, machine = monotonic(), self._zone, self._chosen.machine

        def work(answers: "Answers") -> dict[str, Any]:
            return told(answers, zone, now, machine)

        try:
            made = self._desk.get(("statusline", now // _HOLDS_MS), work, ahead=False).result(_LONGEST_S)
            took = monotonic() - began
            write(self._path, {**made, "begun": now}, took)
            self._take()
        except Exception as error:  # noqa: BLE001  a status line sees to itself where a server cannot
            self._let_go()
            if not self._ailing:
                self._log(f"What status lines show cannot be kept ready ({error}); they see to themselves.")
            self._ailing = True
            return now + int(_LOOK_S * 1000)
        self._ailing = False
        # A log that grows all the time shall cost little.
        self._ending.wait(max(_APART_S, took * statusline_kept.SHARE))
        return (now // _HOLDS_MS + 1) * _HOLDS_MS

    def _take(self) -> None:
        if self._lock >= 0:
            return
        from fcntl import LOCK_EX, LOCK_NB, flock

        path = os.path.join(self._chosen.data_dir, statusline_kept.KEEPER)
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            flock(file, LOCK_EX | LOCK_NB)
        except OSError:
            # Another server has it, or a status line looks just now.
            os.close(file)
            return
        self._lock = file

    def _let_go(self) -> None:
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1
