"""What is kept ready for the status line: reading it, how old it is, and having it renewed by a process of its own."""

import os
import sys

from tallystick.cli.statusline_input import parsed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

STATE = "statusline.json"
"""In the data folder: what is kept ready (`faces/statusline/state.py`)."""
SCHEMA = "tallystick.statusline/"
"""How the name of its shape begins; keys may come to it, and what does not fit is not used."""
LOCK = "statusline.lock"
"""Held by whoever renews it; in it stands when that was begun last: milliseconds since 1970."""
KEEPER = "statusline.keeper"
"""Held by a server that renews it whenever something changes."""
WAIT_MS, WAIT_MOST_MS = 5_000, 60_000
"""Between two renewals, at least; and the most that a slow one makes of that."""
SHARE = 20
"""Of all time, one part in so many may go into renewing."""
_RENEW = ("-P", "-m", "tallystick", "statusline", "refresh", "--lock")


def read(path: str) -> "dict[str, Any]":
    """Return what is kept ready; nothing where there is none, or one of another shape."""
    try:
        with open(path, "rb") as file:
            found = parsed(file.read())
    except OSError:
        return {}
    fits = isinstance(found, dict) and str(found.get("schema")).startswith(SCHEMA + "1")
    return found if fits and isinstance(found, dict) else {}


class Freshness:
    """How old what is kept ready is, and whether anybody has to renew it."""

    def __init__(self, folder: str, state: "Mapping[str, Any]", now: int, transcript: str = "") -> None:
        """Begin with the data folder; `now` is in milliseconds since 1970; the transcript is the session's, where that is told."""
        self._folder, self._state, self._now = folder, state, now
        self._begun = int(state.get("begun") or 0)
        self._changed = _changed(transcript)
        self.kept = _held(os.path.join(folder, KEEPER))
        """Whether a server keeps it fresh."""

    @property
    def lag(self) -> int:
        """For how long what happened may be missing in it, in milliseconds."""
        if self.kept:
            return max(self._changed - self._begun, 0) if self._begun else 0
        return abs(self._now - self._begun) if self._begun else 0

    @property
    def due(self) -> bool:
        """Whether it is to be renewed."""
        if self.kept:
            return False
        age = self._now - self._begun
        if 0 <= age < self.wait:
            return False
        # Nothing was written since, as far as this session goes.
        quiet = 0 < self._changed < self._begun
        return not quiet or not 0 <= age < WAIT_MOST_MS

    @property
    def wait(self) -> int:
        """How long it counts as new, in milliseconds: on a large ledger longer."""
        return min(max(WAIT_MS, SHARE * int(self._state.get("took") or 0)), WAIT_MOST_MS)

    def renew(self) -> bool:
        """Have it renewed by a process of its own if that is due and nobody does so; tell whether one was started."""
        if not self.due:
            return False
        try:
            lock = self._taken()
            if lock is None:
                return False
            try:
                _start(lock)
            finally:
                os.close(lock)
        except (OSError, ValueError, ImportError, AttributeError):
            # Nobody is helped by a line that complains; nor on a system that lacks what this takes.
            return False
        return True

    def _taken(self) -> int | None:
        """Take the lock and note the moment in it; None where somebody has it, or had it a moment ago."""
        from fcntl import LOCK_EX, LOCK_NB, flock

        os.makedirs(self._folder, mode=0o700, exist_ok=True)
        file = os.open(os.path.join(self._folder, LOCK), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            flock(file, LOCK_EX | LOCK_NB)
            noted = os.pread(file, 20, 0)
            tried = max(int(noted) if noted.isdigit() else 0, _changed(os.path.join(self._folder, STATE)))
            # By now somebody may have renewed it who has let go of the lock again.
            if 0 <= self._now - tried < self.wait or tried > self._now > tried - WAIT_MS:
                os.close(file)
                return None
            os.pwrite(file, b"%020d" % self._now, 0)
        except OSError:
            os.close(file)
            return None
        return file


def _start(lock: int) -> None:
    """Start the process that renews it, which holds the lock from the beginning to its end."""
    os.set_inheritable(lock, True)  # noqa: FBT003  as the function has it
    quiet: list[tuple[int, ...] | tuple[int, int, str, int, int]] = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
        (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
    ]
    # What came to this process by accident would be held open for as long as that takes.
    quiet += [(os.POSIX_SPAWN_CLOSE, number) for number in _passed_on() if number != lock]
    command = [sys.executable, *_RENEW, str(lock)]
    try:
        # In a session of its own: whoever ends this line and all that belongs to it does not end that.
        os.posix_spawn(sys.executable, command, os.environ, file_actions=quiet, setsid=True)
    except NotImplementedError:
        # It begins one itself.
        os.posix_spawn(sys.executable, command, os.environ, file_actions=quiet)


def _passed_on() -> list[int]:
    """Return the open files that a process would get that is started from here, beside the three that every one has."""
    found = []
    for name in os.listdir("/dev/fd"):
        try:
            number = int(name)
            if number > 2 and os.get_inheritable(number):  # noqa: PLR2004  what stands for input, output and errors
                found.append(number)
        except (OSError, ValueError):
            # It was open for looking only.
            continue
    return found


def _held(path: str) -> bool:
    """Tell whether somebody holds a lock."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    from fcntl import LOCK_NB, LOCK_SH, flock

    try:
        flock(file, LOCK_SH | LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(file)
    return False


def _changed(path: str) -> int:
    """Return when a file was changed last, in milliseconds since 1970; 0 where there is none."""
    try:
        return os.stat(path).st_mtime_ns // 1_000_000 if path else 0
    except (OSError, ValueError):
        return 0
