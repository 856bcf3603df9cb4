"""A program that is run in this one's place: on its terminal, with every signal that is sent here, and with its exit code."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from errno import ENOENT
from typing import Final

from tallystick.cli import entrance

NOT_FOUND: Final = 127
NOT_RUNNABLE: Final = 126
"""As shells tell of a program that is not there, and of one that cannot be run."""
_KILLED: Final = 128
"""What shells add to the number of the signal that ended a program."""
_LOOK_S: Final = 1.0
"""Between two looks at a program whose end was, against all odds, not heard of."""
_PASSED_ON: Final = ("SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP", "SIGTSTP", "SIGCONT", "SIGWINCH", "SIGUSR1", "SIGUSR2")
_FROM_KEYS: Final = ("SIGINT", "SIGQUIT", "SIGTSTP", "SIGWINCH")
"""Signals that a terminal sends to all programs in front of it, this one and the child alike."""
_RESTORED: Final = ("SIGPIPE", "SIGXFSZ")
"""Signals that Python ignores and other programs should not."""


def run(path: str, arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run a program until it ends and return its exit code, as shells have it; `arguments` begins with its name.

    It stays in this process group, so that keys (Ctrl-C, Ctrl-Z), pipes and job control reach it as if it had been called itself.
    """
    if not hasattr(os, "posix_spawn"):
        return _run_plainly(path, arguments, environ)
    with _listening() as numbers:
        restored = [getattr(signal, name) for name in _RESTORED]
        try:
            pid = os.posix_spawn(path, list(arguments), dict(environ), setsigmask=[], setsigdef=restored)
        except OSError as error:
            return _failed(path, error)
        return _accompanied(pid, numbers)


def _failed(path: str, error: OSError) -> int:
    entrance.say(f"{path} cannot be run ({(error.strerror or str(error)).lower()}).")
    return NOT_FOUND if error.errno == ENOENT else NOT_RUNNABLE


@contextmanager
def _listening() -> Iterator[frozenset[int]]:
    """Hold back signals, to be taken one by one; those that this process was told to ignore stay ignored, here and there."""
    wanted = (getattr(signal, name) for name in (*_PASSED_ON, "SIGCHLD"))
    numbers = frozenset(each for each in wanted if signal.getsignal(each) is not signal.SIG_IGN)
    # One that nobody handles is thrown away by some systems, such as macOS, also while it is held back.
    before = {each: signal.signal(each, lambda *_: None) for each in numbers}
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    try:
        yield numbers
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for number, handler in before.items():
            signal.signal(number, handler)


def _accompanied(pid: int, numbers: frozenset[int]) -> int:
    """Pass signals on until a child ends; stop whenever it is stopped, so that the shell takes notice."""
    while True:
        ended, status = os.waitpid(pid, os.WNOHANG | os.WUNTRACED)
        if ended and os.WIFSTOPPED(status):
            if _has_terminal():
                # It goes on here when the shell wakes both; SIGCONT, which does, is passed on besides.
                os.kill(os.getpid(), signal.SIGSTOP)
            continue
        if ended:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else _KILLED - code
        number = _next(numbers)
        if number:
            with suppress(ProcessLookupError):
                os.kill(pid, number)


def _next(numbers: frozenset[int]) -> int:
    """Wait for a signal and return its number; 0 for one that the child has as well, or that tells of the child."""
    if hasattr(signal, "sigtimedwait"):
        told = signal.sigtimedwait(numbers, _LOOK_S)
        # Above 0 the kernel itself sent it: for a key at the terminal, to everybody in front of it.
        return 0 if told is None or told.si_signo == signal.SIGCHLD or told.si_code > 0 else told.si_signo
    number = signal.sigwait(numbers)
    from_keys = number in {getattr(signal, name) for name in _FROM_KEYS} and _is_in_front()
    return 0 if number == signal.SIGCHLD or from_keys else number


def _has_terminal() -> bool:
    """Tell whether there is a terminal, and so a shell that wakes what is stopped."""
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY))
    except OSError:
        return False
    return True


def _is_in_front() -> bool:
    """Tell whether this process group is the one that a terminal's keys reach."""
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)


def _run_plainly(path: str, arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run a program where there are no such signals (Windows): a console tells both of Ctrl-C, and only the child heeds it."""
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        return subprocess.Popen([path, *arguments[1:]], env=dict(environ)).wait()  # noqa: S603  what the person calls
    except OSError as error:
        return _failed(path, error)
    finally:
        signal.signal(signal.SIGINT, before)
