"""The one place of this room that runs commands and writes files."""

import os
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final, NamedTuple

from tallystick.errors import TallystickError, Unavailable
from tallystick.service.service import Remove, Run, Step, Write

_LONGEST: Final = 60
"""Seconds that a command may take."""
_PAUSE: Final = 0.5
"""Seconds between two tries of a command."""
_PATIENCE: Final = 30
"""Seconds that one waits for another who is at the same work."""


class Outcome(NamedTuple):
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def words(self) -> str:
        """The last thing it said."""
        return (self.err.strip() or self.out.strip() or f"exit code {self.code}").splitlines()[-1]


def run(arguments: tuple[str, ...], environ: Mapping[str, str]) -> Outcome:
    """Run a command and wait for it; raise Unavailable when it is not there or takes for ever."""
    try:
        done = subprocess.run(  # noqa: S603  what a manager's file says, never a shell
            arguments,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=_LONGEST,
        )
    except OSError as error:
        raise Unavailable(f"{arguments[0]} cannot be run ({(error.strerror or str(error)).lower()}).") from None
    except subprocess.TimeoutExpired:
        raise Unavailable(f"`{' '.join(arguments)}` has not come to an end for {_LONGEST} s.") from None
    return Outcome(done.returncode, _text(done.stdout), _text(done.stderr))


def _text(said: bytes) -> str:
    return said.decode(errors="replace").replace("\r\n", "\n")


def perform(steps: Iterable[Step], environ: Mapping[str, str]) -> None:
    """Do one step after the other; raise at the first that is needed and fails."""
    for step in steps:
        match step:
            case Write():
                write(step)
            case Remove(path):
                remove(path)
            case Run():
                _run(step, environ)


def _run(step: Run, environ: Mapping[str, str]) -> None:
    words = ""
    for attempt in range(step.tries):
        if attempt:
            time.sleep(_PAUSE)
        try:
            outcome = run(step.arguments, environ)
        except Unavailable:
            if step.needed:
                raise
            return
        if outcome.code == 0:
            return
        words = outcome.words
    if step.needed:
        raise TallystickError(f"`{' '.join(step.arguments)}` failed: {words}")


def write(step: Write) -> None:
    """Write a file as a whole: whoever reads it finds the old one or the new one."""
    folder = os.path.dirname(step.path)
    beside = f"{step.path}.{os.getpid()}.new"
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        try:
            with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, step.mode), "wb") as file:
                file.write(step.content)
            os.replace(beside, step.path)
        except OSError:
            remove(beside)
            raise
    except OSError as error:
        raise Unavailable(f"{step.path} cannot be written ({(error.strerror or str(error)).lower()}).") from None


def remove(path: str) -> None:
    """Remove a file if it is there."""
    try:
        os.unlink(path)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise Unavailable(f"{path} cannot be removed ({(error.strerror or str(error)).lower()}).") from None


def content(path: str) -> bytes | None:
    """Return what is in a file; None where there is none."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return None


@contextmanager
def alone(folder: str, patience: float = _PATIENCE) -> Iterator[None]:
    """Hold a folder, so that two who install or start at once do so one after the other; raise Unavailable in the end."""
    path = os.path.join(folder, "lock")
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise Unavailable(f"{path} cannot be written ({(error.strerror or str(error)).lower()}).") from None
    try:
        deadline = time.monotonic() + patience
        while not _locked(file):
            if time.monotonic() > deadline:
                raise Unavailable("Another tally is installing, starting or stopping it. Try again when that is done.")
            time.sleep(0.05)
        yield
    finally:
        # The system lets go of the lock with the file, however this process ends.
        os.close(file)


def _locked(file: int) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]  # Windows
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def begin(command: tuple[str, ...], folder: str, words: str, environ: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    """Start a program that goes on when this one ends; what it says outside of its log goes into the file `words`."""
    try:
        os.makedirs(os.path.dirname(words), mode=0o700, exist_ok=True)
        with open(os.open(words, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600), "wb") as out:
            return subprocess.Popen(  # noqa: S603  this very program
                command,
                cwd=folder,
                env=dict(environ),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                creationflags=_apart(),
            )
    except OSError as error:
        raise Unavailable(f"{command[0]} cannot be started ({(error.strerror or str(error)).lower()}).") from None


def _apart() -> int:
    """Return the flags with which Windows starts a program without a window and apart from this one's console."""
    names = ("CREATE_NO_WINDOW", "CREATE_NEW_PROCESS_GROUP")
    return sum(getattr(subprocess, name, 0) for name in names)
