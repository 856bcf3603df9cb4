"""The pusher: keeps a process running that sends what comes to a server, for as long as this machine is paired with one."""

import os
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from tallystick.cli import paired
from tallystick.cli.attendant import Attendant
from tallystick.errors import TallystickError
from tallystick.settings import Settings

PUSHER: Final = (sys.executable, "-P", "-m", "tallystick", "push", "--for-server")
_LOOK_S: Final = 3.0
"""Between two looks at whether this machine is paired."""


class Pusher:
    """Has whatever comes sent from the moment when this machine is paired until it is no more."""

    def __init__(
        self,
        chosen: Settings,
        path: str,
        hear: Callable[[str], None],
        log: Callable[[str], None],
        command: Sequence[str] = PUSHER,
    ) -> None:
        """Begin with where the pairing is kept, and with who hears what is wrong, in a sentence; an empty one when nothing is."""
        self._chosen, self._path, self._hear, self._log, self._command = chosen, path, hear, log, tuple(command)
        self._attendant: Attendant | None = None
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="pusher", daemon=True)

    @property
    def pid(self) -> int:
        """The number of the process that sends; 0 while there is none."""
        attendant = self._attendant
        return attendant.pid if attendant else 0

    def start(self) -> None:
        """Begin to look whether this machine is paired."""
        self._thread.start()

    def end(self) -> None:
        """End the process that sends; what it has not sent is sent next time."""
        self._ending.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join()
        self._let_go()

    def _watch(self) -> None:
        while not self._ending.is_set():
            is_paired = self._is_paired()
            if is_paired and self._attendant is None:
                self._attendant = Attendant(
                    self._told, lambda _alive: None, self._log, self._command, what="What sends to the server"
                )
                self._attendant.start()
            elif not is_paired and self._attendant is not None:
                self._let_go()
                self._hear("")
            self._ending.wait(_LOOK_S)

    def _is_paired(self) -> bool:
        try:
            return paired.sought(self._path, self._chosen, os.environ) is not None
        except TallystickError:
            # The process that sends tells what is wrong with it.
            return True

    def _told(self, event: Mapping[str, Any]) -> None:
        if event.get("event") == "trouble":
            self._hear(str(event.get("text", "")))

    def _let_go(self) -> None:
        attendant, self._attendant = self._attendant, None
        if attendant is not None:
            attendant.end()


class Troubles:
    """What is wrong by who tells of it, put together for one who knows of one trouble only."""

    def __init__(self, hear: Callable[[Mapping[str, Any]], None]) -> None:
        """Begin with who hears events."""
        self._hear = hear
        self._texts: dict[str, str] = {}
        self._lock = threading.Lock()

    def follows(self, event: Mapping[str, Any]) -> None:
        """Hand on what is said by whoever follows the logs."""
        kind = event.get("event")
        if kind == "trouble":
            self._tell("follows", str(event.get("text", "")))
            return
        self._hear(event)
        if kind == "importing" and self._texts.get("sends"):
            # An import begins with nothing wrong about the logs; sending is another matter.
            self._tell("follows", "")

    def sends(self, text: str) -> None:
        """Hand on what is wrong with sending."""
        self._tell("sends", text)

    def _tell(self, who: str, text: str) -> None:
        with self._lock:
            self._texts[who] = text
            told = " ".join(each for each in self._texts.values() if each)
        self._hear({"event": "trouble", "text": told})
