"""The attendant: keeps a process running that follows the logs, hears what it says, and starts it anew when it dies."""

import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from json import loads
from time import monotonic
from typing import Any, Final

FOLLOWER: Final = (sys.executable, "-P", "-m", "tallystick", "follow", "--for-server")
_AGAIN_MOST_S: Final = 60.0
_WELL_S: Final = 60.0
"""A process that ran for so long has begun well: when it dies, the next one is started at once."""
_TO_END_S: Final = 2.0


class Attendant:
    """Keeps a follower running until it is told to end it."""

    def __init__(
        self,
        hear: Callable[[Mapping[str, Any]], None],
        alive: Callable[[bool], None],
        log: Callable[[str], None],
        command: Sequence[str] = FOLLOWER,
        what: str = "What follows the logs",
    ) -> None:
        """Begin with who hears what the follower says, whether it lives, and what else it writes; `what` names it in sentences."""
        self._what = what
        self._hear, self._alive, self._log, self._command = hear, alive, log, tuple(command)
        self._process: subprocess.Popen[str] | None = None
        self._ending = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._attend, name="attendant", daemon=True)

    @property
    def pid(self) -> int:
        """The number of the process that follows; 0 while there is none."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else 0

    def start(self) -> None:
        """Start the follower; what it says is heard on a thread of its own."""
        self._thread.start()

    def end(self) -> None:
        """End the follower and wait for that; one that does not listen is killed."""
        with self._lock:
            self._ending.set()
            process = self._process
        if process is not None and process.stdin is not None:
            # Nothing was ever written to it, so that nothing is left to be flushed.
            process.stdin.close()
            try:
                process.wait(_TO_END_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self._thread.is_alive():
            self._thread.join(_TO_END_S)

    def _attend(self) -> None:
        failures = 0
        while not self._ending.is_set():
            began = monotonic()
            fault = self._run()
            if self._ending.is_set():
                return
            failures = 1 if monotonic() - began >= _WELL_S else failures + 1
            again = 0.0 if failures == 1 else min(2.0 ** (failures - 2), _AGAIN_MOST_S)
            text = f"{self._what} has ended ({fault}) and is started again{f' in {again:.0f} s' if again else ''}."
            self._log(text)
            self._alive(False)  # noqa: FBT003  the one thing that is told
            self._hear({"event": "idle"})
            self._hear({"event": "trouble", "text": text})
            self._ending.wait(again)

    def _run(self) -> str:
        """Start the follower and listen until it ends; return how it ended."""
        try:
            with self._lock:
                if self._ending.is_set():
                    return ""
                # Its input is a pipe that ends with this process, however that ends.
                self._process = process = subprocess.Popen(  # noqa: S603  this program itself
                    self._command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                    encoding="utf-8",
                    errors="backslashreplace",
                )
        except OSError as error:
            return f"it cannot be started: {(error.strerror or str(error)).lower()}"
        with process:
            self._listen(process)
        return f"signal {-process.returncode}" if process.returncode < 0 else f"exit code {process.returncode}"

    def _listen(self, process: "subprocess.Popen[str]") -> None:
        heard = False
        for line in process.stdout or ():
            event = _event(line)
            if event is None:
                self._log(line.rstrip("\n"))
                continue
            if not heard:
                heard = True
                self._alive(True)  # noqa: FBT003  the one thing that is told
                self._hear({"event": "trouble", "text": ""})
            self._hear(event)


def _event(line: str) -> Mapping[str, Any] | None:
    """Return what a line tells; None for one that is meant for people."""
    if not line.startswith('{"event"'):
        return None
    try:
        found = loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
