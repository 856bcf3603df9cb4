"""Asking vendors what is used of a plan, with the person's own login: when that is called for, or where the config allows it."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from tallystick.cli import entrance
from tallystick.intake.plan_usage import REST_MS, Fetched, fetch

if TYPE_CHECKING:
    from tallystick.settings import Settings

_KEYCHAIN: Final = ("/usr/bin/security", "find-generic-password", "-s", "Claude Code-credentials", "-w")
_PATIENCE_S: Final = 30.0
"""Seconds for which a person may think about whether the keychain tells."""
_TO_END_S: Final = 1.0


def allowed(chosen: "Settings") -> bool:
    """Tell whether the config has Anthropic asked without being told each time."""
    return "anthropic" in chosen.limits.get("fetch", ())


def ask(chosen: "Settings", now: int) -> Fetched:
    """Ask, unless that was done a short while ago; what comes waits in the inbox."""
    return fetch(chosen.data_dir, chosen.home, os.environ, now, _keychain if sys.platform == "darwin" else bytes)


def _keychain() -> bytes:
    """Return what the keychain of macOS holds of Claude Code; the system asks the person first, unless that was allowed for good."""
    try:
        return subprocess.run(_KEYCHAIN, capture_output=True, timeout=_PATIENCE_S, check=True).stdout  # noqa: S603  of the system
    except (OSError, subprocess.SubprocessError):
        return b""


class Asker:
    """Asks from time to time in a server, where the config allows it."""

    def __init__(self, chosen: "Settings", log: Callable[[str], None], wait_s: float = REST_MS / 1000) -> None:
        """Begin with nothing asked; `wait_s` are the seconds between two looks at whether it may be asked."""
        self._chosen, self._log, self._wait_s = chosen, log, wait_s
        self._ending = threading.Event()
        self._trouble = ""
        self._thread = threading.Thread(target=self._run, name="limits", daemon=True)

    def start(self) -> None:
        """Begin to ask on a thread of its own, if that is allowed."""
        if allowed(self._chosen):
            self._thread.start()

    def end(self) -> None:
        """Ask no more; what is under way ends by itself."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join(_TO_END_S)

    def _run(self) -> None:
        while not self._ending.is_set():
            trouble = ask(self._chosen, entrance.now()).trouble
            if trouble != self._trouble:
                # Said once, not every three minutes.
                self._trouble = trouble
                if trouble:
                    self._log(trouble)
            self._ending.wait(self._wait_s)
