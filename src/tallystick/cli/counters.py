"""The counters' memory: what each was last shown with, so that none falls, from one run of the server to the next."""

import json
import os
import threading
from collections.abc import Callable
from time import monotonic
from typing import Final

from tallystick.answers.answers import Answers
from tallystick.faces.prometheus.metrics import Shown, asked, of_ledger

_SHARE: Final = 20
"""Of all time, one part in so many may go into adding up the whole ledger, however often it changes."""


class Counters:
    """The ledger's counters with their memory, which lies beside the ledger."""

    def __init__(self, path: str, now: Callable[[], int], log: Callable[[str], None]) -> None:
        """Begin with what the file says; one that is not there or not understood says nothing."""
        self._path, self._now, self._log = path, now, log
        self._lock = threading.Lock()
        self._shown = _read(path)
        self._kept = ""
        self._text, self._version, self._due = "", "", 0.0

    def text(self, answers: Answers, version: str) -> str:
        """Return the metrics of a version of the ledger, or those of a moment ago while adding up anew would be too often."""
        if self._text and (version == self._version or monotonic() < self._due):
            return self._text
        began = monotonic()
        text = self._added_up(answers)
        ended = monotonic()
        self._text, self._version, self._due = text, version, ended + (ended - began) * _SHARE
        return text

    def _added_up(self, answers: Answers) -> str:
        now = self._now()
        answer = answers.ask(asked(now))
        newest = {tool.tool: tool.newest for tool in answers.tools(now).inventory.tools}
        with self._lock:
            text = of_ledger(answer, newest, self._shown)
            self._keep()
        return text

    def _keep(self) -> None:
        said = json.dumps(self._shown, separators=(",", ":"))
        if said == self._kept:
            return
        made = f"{self._path}.part"
        try:
            with open(made, "w", encoding="utf-8") as file:
                file.write(said)
            os.replace(made, self._path)
        except OSError as error:
            self._log(f"What the counters stand at cannot be kept ({(error.strerror or str(error)).lower()}).")
        # What cannot be written now is not tried for each scrape.
        self._kept = said


def _read(path: str) -> Shown:
    try:
        with open(path, encoding="utf-8") as file:
            found = json.load(file)
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {
        str(name): {str(labels): value for labels, value in each.items() if isinstance(value, int)}
        for name, each in found.items()
        if isinstance(each, dict)
    }
