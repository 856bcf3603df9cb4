"""What the live view watches: the ledger here, with something that follows the logs beside it, or a server that tells of itself."""

import os
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from json import loads
from typing import TYPE_CHECKING, Any, Final, Protocol

from tallystick.answers.listening import listen
from tallystick.answers.reaching import Reach, fetched
from tallystick.answers.remote import Remote
from tallystick.cli import entrance
from tallystick.cli.attendant import Attendant
from tallystick.errors import TallystickError
from tallystick.faces.tui.state import Besides, Source
from tallystick.settings import Settings

if TYPE_CHECKING:
    from tallystick.answers.budgets import Asked
    from tallystick.faces.tui.asking import Opened

FOLLOWER: Final = (sys.executable, "-P", "-m", "tallystick", "follow", "--for-view")
_AGAIN_MOST_S: Final = 30.0
_TO_END_S: Final = 0.3
_ALERTS_MOST: Final = 20


class Watched(Protocol):
    """Something that can be watched."""

    @property
    def source(self) -> Source:
        """How it fares."""

    def open(self) -> "Opened":
        """Return what answers; in the thread that will ask."""

    def start(self, again: Callable[[], None]) -> None:
        """Begin to follow it, and call something when there is news."""

    def end(self) -> None:
        """Follow it no more."""


class Here:
    """The ledger on this machine."""

    def __init__(self, chosen: Settings, *, follow: bool = True) -> None:
        """Begin with whose ledger it is, and whether what is new in the logs is brought into it meanwhile."""
        self._chosen = chosen
        self.source = Source(chosen.machine)
        self._follow = follow
        self._attendant = Attendant(self._hear, lambda _: None, lambda _: None, FOLLOWER)
        self._again: Callable[[], None] = lambda: None

    def open(self) -> "Opened":
        """Return the ledger's answers."""
        return _Ledger(self._chosen)

    def start(self, again: Callable[[], None]) -> None:
        """Have a process of its own read what is new in the logs, as long as no server and nobody else does."""
        self._again = again
        if self._follow:
            self._attendant.start()

    def end(self) -> None:
        """End that process; it is not waited for, since it ends when its input does."""
        if self._follow:
            ending = threading.Thread(target=self._attendant.end, daemon=True)
            ending.start()
            ending.join(_TO_END_S)

    def _hear(self, event: Mapping[str, Any]) -> None:
        kind = event.get("event")
        if kind == "importing":
            part = event["bytes"] / event["bytes_all"] if event["bytes_all"] else 1.0
            self.source = self.source._replace(importing=min(part, 1.0))
        elif kind == "idle":
            self.source = self.source._replace(importing=None)
        elif kind == "trouble":
            self.source = self.source._replace(trouble=str(event.get("text", "")))
        self._again()


class _Ledger:
    """Answers from the ledger, opened anew when another one lies there."""

    def __init__(self, chosen: Settings) -> None:
        from tallystick.house import Mark

        self._chosen = chosen
        self._house = entrance.house(chosen)
        self._mark = Mark(self._house.where)
        self.answers = entrance.answers(self._house)
        self._which = self._mark()[0]

    def news(self) -> object:
        """Return another value when something was committed, by whomever."""
        found = self._mark()
        if found[0] != self._which:
            self._which = found[0]
            self._house.close()
            self._house = entrance.house(entrance.settings())
            self.answers = entrance.answers(self._house)
        return found

    def besides(self, now: int) -> Besides:
        """Return how the budgets of this machine stand, and which alerts are open."""
        return beside_here(self._chosen, self.answers, now)

    def close(self) -> None:
        """Let go of the ledger."""
        self._mark.close()
        self._house.close()


class There:
    """A server."""

    def __init__(self, reach: Reach) -> None:
        """Begin with where it is."""
        self._reach = reach
        self.source = Source(reach.server.partition("://")[2], remote=True)
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="listening", daemon=True)
        self._again: Callable[[], None] = lambda: None
        self._version: object = None

    def open(self) -> "Opened":
        """Return the server's answers."""
        return _Server(self._reach, lambda: self._version)

    def start(self, again: Callable[[], None]) -> None:
        """Begin to listen to it."""
        self._again = again
        self._thread.start()

    def end(self) -> None:
        """Listen no more; the thread ends with the process."""
        self._ending.set()

    def _listen(self) -> None:
        failures = 0
        while not self._ending.is_set():
            try:
                for kind, told in listen(self._reach):
                    failures = 0
                    self._hear(kind, told)
                self._ending.wait(1.0)
            except TallystickError as error:
                failures += 1
                self.source = self.source._replace(trouble=str(error))
                self._again()
                self._ending.wait(min(2.0**failures, _AGAIN_MOST_S))

    def _hear(self, kind: str, told: Mapping[str, Any]) -> None:
        if kind == "version":
            self._version = told.get("version")
            self.source = self.source._replace(trouble="")
        elif kind == "status":
            self.source = self.source._replace(
                importing=told.get("importing"), trouble=told.get("trouble") or "", note=told.get("note") or ""
            )
        self._again()


class _Server:
    """Answers from a server."""

    def __init__(self, reach: Reach, version: Callable[[], object]) -> None:
        self.answers, self._version, self._reach = Remote(reach), version, reach

    def news(self) -> object:
        """Return the version that it told of last."""
        return self._version()

    def besides(self, now: int) -> Besides:
        """Return how the budgets of the server's machine stand, and which alerts are open there."""
        del now
        return beside_there(self._reach)

    def close(self) -> None:
        """Nothing is held open between two questions."""


def beside_here(chosen: Settings, answers: "Asked", now: int) -> Besides:
    """Return how the budgets of this machine stand at a moment (milliseconds since 1970, UTC), and which alerts are open."""
    from tallystick.alerts.file import File
    from tallystick.answers.as_json import document, value
    from tallystick.cli import budgeted, control

    found = Besides()
    with suppress(TallystickError), closing(budgeted.store(chosen)) as kept:
        known = budgeted.known(kept) if not kept.path or os.path.exists(kept.path) else budgeted.Known()
        if known.budgets:
            found = found._replace(budgets=tuple(loads(document(budgeted.stand(answers, known, now)))["budgets"]))
    with suppress(TallystickError), closing(control.alerts(chosen)) as kept_alerts:
        if not isinstance(kept_alerts, File) or os.path.exists(kept_alerts.path):
            # What there is of alerts takes as long to load as all of this view: only where there are any.
            from tallystick.alerts.told import told
            from tallystick.cli import alerting

            alerts = told(kept_alerts, alerting.chosen_alerts(chosen), now, _ALERTS_MOST)
            found = found._replace(alerts=tuple(loads(value(alerts))["open"]))
    return found


def beside_there(reach: Reach) -> Besides:
    """Return how the budgets of a server's machine stand, and which alerts are open there; what it does not tell is left out."""
    try:
        budgets = loads(fetched(reach, "/api/v1/budgets"))["budgets"]
        alerts = loads(fetched(reach, f"/api/v1/alerts?limit={_ALERTS_MOST}"))["open"]
    except (TallystickError, ValueError, LookupError, TypeError):
        return Besides()
    return Besides(tuple(budgets), tuple(alerts))
