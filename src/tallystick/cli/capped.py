"""Budgets in a server: how they stand is worked out now and then behind everything else, and the gateway goes by the outcome."""

import os
import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from itertools import count
from time import monotonic
from typing import TYPE_CHECKING, Final

from tallystick.answers.budgets import TOKENS, USD, Budget
from tallystick.cli import budgeted, caps, entrance, stop
from tallystick.cli.budgeted import Known
from tallystick.cli.caps import State
from tallystick.errors import TallystickError

if TYPE_CHECKING:
    from tallystick.answers.budgets import Standings
    from tallystick.answers.desk import Desk
    from tallystick.settings import Settings

MADE_UP: Final = Known(
    (
        Budget("1", {}, 40 * 10**12, USD, "week", "UTC", 0.8, hard=False),
        Budget("2", {"model": ("*opus*",)}, 2_500_000_000_000, USD, "day", "UTC", 0.8, hard=True),
        Budget("3", {"tool": ("codex",)}, 250_000_000, TOKENS, "month", "UTC", 0.75, hard=False),
    )
)
"""For the demo."""
_TICK_S: Final = 1.0
_APART_S: Final = 4.0
"""Between two times that it is worked out, at least."""
_QUIET_S: Final = 15.0
"""And at most: where nothing is used, periods end all the same."""
_PATIENCE_S: Final = 60.0


class Stops:
    """Tells the gateway whether a budget stops a request, from a file that is read again only when it has changed."""

    def __init__(self, file: str, now: Callable[[], int]) -> None:
        """Begin with the file, and a clock of milliseconds since 1970, UTC."""
        self._file, self._now = file, now
        self._mark: tuple[int, ...] = ()
        self._state: State | None = None

    def __call__(self, known: Mapping[str, str]) -> str | None:
        """Return why a request is refused, as `intake/gateway/capping.py` asks."""
        state, now = self._current(), self._now()
        if state is None or not state.caps:
            return ""
        cap = stop.stopping(state, known, now)
        if cap is not None:
            return cap.text
        # Where only the model is missing, it can be found out.
        undecided = stop.possible(state, {"machine": state.machine, "user": state.user, **known}, now)
        here = {"machine", "user", "model", *known}
        return None if "model" not in known and any(set(each.where) <= here for each in undecided) else ""

    def _current(self) -> State | None:
        try:
            found = os.stat(self._file)
        except OSError:
            self._mark, self._state = (), None
            return None
        mark = found.st_mtime_ns, found.st_size, found.st_ino
        if mark != self._mark:
            self._mark, self._state = mark, caps.read(self._file)
        return self._state


class Capped:
    """Works out how budgets stand while a server runs, as long as one of them is hard."""

    def __init__(self, desk: "Desk", chosen: "Settings", log: Callable[[str], None]) -> None:
        """Begin beside a desk; nothing is done until `start`."""
        self._desk, self._chosen, self._log = desk, chosen, log
        self._store = budgeted.store(chosen)
        self._numbers, self._ending = count(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="budgets", daemon=True)
        self._trouble = ""

    def known(self) -> Known:
        """Return all budgets; raise Unavailable where they cannot be read."""
        return budgeted.known(self._store)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def end(self) -> None:
        """Look no more."""
        self._ending.set()
        self._store.close()

    def look(self) -> None:
        """Work out how budgets stand and tell the gates; where that fails, they are opened."""
        try:
            found = self.known()
            if not any(each.hard for each in found.budgets):
                return
            with closing(budgeted.store(self._chosen)) as kept:
                budgeted.tell(self._chosen, kept, self._worked_out(found), self._tell)
            self._trouble = ""
        except Exception as error:  # noqa: BLE001  what is wrong with us holds nobody up
            if not self._ending.is_set():
                self._tell(str(error) if isinstance(error, TallystickError) else type(error).__name__)
                budgeted.open_up(self._chosen, entrance.now())

    def _worked_out(self, found: Known) -> "Standings":
        now = entrance.now()
        # A key of its own each time: this is nothing to be answered anew before anybody asks.
        key = ("caps", next(self._numbers))
        return self._desk.get(key, lambda answers: budgeted.stand(answers, found, now), ahead=False).result(_PATIENCE_S)

    def _tell(self, words: str) -> None:
        if words != self._trouble:
            self._trouble = words
            self._log(f"Budgets refuse nothing, because it is not known how they stand: {words}")

    def _run(self) -> None:
        seen, looked = "", 0.0
        while not self._ending.wait(_TICK_S):
            past = monotonic() - looked
            if past > _QUIET_S or (past > _APART_S and self._desk.version != seen):
                seen, looked = self._desk.version, monotonic()
                self.look()
