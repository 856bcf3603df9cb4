"""Processes by their number and their beginning: a number alone may belong to another one by now."""

import os
import re
import signal
import sys
from collections.abc import Callable
from time import monotonic, sleep
from typing import Final

from tallystick.errors import TallystickError, Unavailable
from tallystick.service.running import run

_PROC: Final = "/proc"
_STEP: Final = 0.05
"""Seconds between two looks at a process that is to end."""


def identity(pid: int, proc: str = _PROC) -> str | None:
    """Return a text that no other process ever shares with this one; None when there is none of this number."""
    if pid <= 0:
        return None
    if os.name == "nt":
        return _windows(pid)
    if os.path.exists(f"{proc}/self/stat"):
        return _linux(pid, proc)
    return _posix(pid)


def _linux(pid: int, proc: str) -> str | None:
    fields = _stat(pid, proc)
    # A zombie has ended; only nobody has asked how.
    if not fields or fields[0] in {"Z", "X"}:
        return None
    try:
        with open(f"{proc}/sys/kernel/random/boot_id", encoding="ascii") as file:
            boot = file.read().strip()
    except OSError:
        boot = ""
    return f"{boot}/{fields[19]}"


def _stat(pid: int, proc: str) -> list[str]:
    """Return the fields of proc(5)'s `stat` from the third one, the state, on: the name before may hold anything."""
    try:
        with open(f"{proc}/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()
    except OSError:
        return []


def _posix(pid: int) -> str | None:
    # The time zone and language of whoever asks must not matter.
    found = run(("ps", "-o", "stat=,lstart=", "-p", str(pid)), {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"})
    state, _, began = found.out.strip().partition(" ")
    return began.strip() if found.code == 0 and began and not state.startswith("Z") else None


def _windows(pid: int) -> str | None:
    if sys.platform == "win32":
        import ctypes

        kernel, still_active = ctypes.windll.kernel32, 259
        kernel.OpenProcess.restype = ctypes.c_void_p
        # PROCESS_QUERY_LIMITED_INFORMATION, not inherited
        handle = ctypes.c_void_p(kernel.OpenProcess(0x1000, 0, pid))
        if not handle:
            return None
        times, code = [ctypes.c_ulonglong() for _ in range(4)], ctypes.c_ulong()
        known = kernel.GetProcessTimes(handle, *map(ctypes.byref, times))
        known = known and kernel.GetExitCodeProcess(handle, ctypes.byref(code))
        kernel.CloseHandle(handle)
        return str(times[0].value) if known and code.value == still_active else None
    return None


def age_seconds(pid: int, proc: str = _PROC) -> float | None:
    """Return how long ago a process began; None where that is not known."""
    fields = _stat(pid, proc)
    try:
        if fields:
            with open(f"{proc}/uptime", encoding="ascii") as file:
                up = float(file.read().split()[0])
            return max(up - int(fields[19]) / os.sysconf("SC_CLK_TCK"), 0.0)
        return _age_told(run(("ps", "-o", "etime=", "-p", str(pid)), {"PATH": os.defpath, "LC_ALL": "C"}).out)
    except (OSError, ValueError, IndexError, AttributeError, Unavailable):
        return None


def _age_told(text: str) -> float | None:
    """Return the seconds in `[[dd-]hh:]mm:ss`, as `ps -o etime` tells them."""
    found = re.fullmatch(r"(?:(?:(\d+)-)?(\d+):)?(\d+):(\d+)", text.strip())
    if not found:
        return None
    days, hours, minutes, seconds = (int(each or 0) for each in found.groups())
    return float(((days * 24 + hours) * 60 + minutes) * 60 + seconds)


def end(pid: int, began: str, patience: float, ask: Callable[[int], str | None] = identity) -> None:
    """End a process: it is asked to, and after `patience` seconds it is made to; one that began otherwise is left alone."""
    kill = getattr(signal, "SIGKILL", signal.SIGTERM)
    for number, seconds in ((signal.SIGTERM, patience), (kill, 5.0)):
        if ask(pid) != began:
            return
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        except PermissionError:
            raise Unavailable(f"Process {pid} belongs to somebody else.") from None
        deadline = monotonic() + seconds
        while ask(pid) == began:
            if monotonic() > deadline:
                break
            sleep(_STEP)
        else:
            return
    raise TallystickError(f"Process {pid} does not end.")
