"""Alerting: looks at the situation every minute while a server runs, keeps episodes, and has them told behind everything else."""

import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from time import monotonic
from typing import Final

from tallystick.alerts.choices import PUSH, Choices, choices
from tallystick.alerts.episodes import Episode
from tallystick.alerts.keeper import Keeper
from tallystick.alerts.lookout import Lookout
from tallystick.alerts.messenger import Messenger, Sender
from tallystick.alerts.outlets.outlet import World
from tallystick.alerts.situation import Situation
from tallystick.alerts.told import told
from tallystick.answers.answer import Details
from tallystick.answers.desk import Desk
from tallystick.cli import control, entrance, program, situated
from tallystick.errors import TallystickError
from tallystick.settings import Settings

_TICK_S: Final = 5.0
_FIRST_S: Final = 15.0
"""After the start, when what is new in the logs has been seen at least."""
_LOOK_S: Final = 60.0
_QUIET_LOOK_S: Final = 300.0
"""Between two looks while nothing changes."""
_SLOW_S: Final = 900.0
"""Between two looks for models without a price."""
_AROUND_S: Final = 3600.0
"""Between two looks at the logs themselves."""
_PATIENCE_S: Final = 60.0
_UNPAIRED: Final = "…"


def chosen_alerts(chosen: Settings) -> Choices:
    """Return what is set about alerts; raise Misused for what makes no sense."""
    return choices(chosen.alerts, chosen.config, os.environ)


def messenger(chosen: Settings, file: Keeper, alerts: Choices, log: Callable[[str], None]) -> Messenger:
    """Return who tells what is due."""
    zone = entrance.zone(chosen)
    shown = _shown(chosen) if alerts.names == PUSH else None
    return Messenger(file, alerts, world(), Sender(chosen.machine, zone.offset, shown), log)


def world() -> World:
    """Return what ways out need of this machine."""
    return World(os.environ, sys.platform, entrance.now, program.run)


def _shown(chosen: Settings) -> Callable[[str, str], str]:
    """Return what leaves in the place of a name, by the policy of pushes: what that knows no rule for is left out."""
    from tallystick.intake.push.pairing import read
    from tallystick.intake.push.policy import CHOICES, KEEP, PSEUDONYM, policy, pseudonym, rule_of

    def shown(key: str, name: str) -> str:
        try:
            pairing = read(entrance.where(chosen).pairing)
        except TallystickError:
            pairing = None
        made = policy(chosen.push, chosen.home, pairing.key if pairing else b"")
        # Half a path may be of any project, and so may the name of a session, a branch or a tag.
        is_whole = key == "project" and "*" not in name and name.startswith(("/", "~"))
        whole = chosen.home + name[1:] if name.startswith("~") else name
        rules = (
            [rule_of(whole, made)] if is_whole else [made.rule, *(made.rule._replace(**each) for _, each in made.paths)]
        )
        field = "project" if key == "tag" else key
        choice = max((getattr(rule, field) for rule in rules), key=CHOICES.index)
        if choice == KEEP:
            return name
        # Without a key a pseudonym could be guessed.
        return pseudonym(made.key, name) if choice == PSEUDONYM and made.key else _UNPAIRED

    return shown


class Alerting:
    """A thread that looks and has told; nobody waits for it, and it waits for no target."""

    def __init__(self, chosen: Settings, alerts: Choices, desk: Desk, log: Callable[[str], None]) -> None:
        """Begin with what is set, with who answers, and with who hears what is wrong, in a sentence."""
        self._chosen, self._alerts, self._desk, self._log = chosen, alerts, desk, log
        self._file, self._shared = control.alerts(chosen), control.shared(chosen, control.ALERTS)
        self._zone = entrance.zone(chosen)
        self._lookout = Lookout(self._file, alerts, log)
        self._messenger = messenger(chosen, self._file, alerts, log)
        self._numbers, self._ending = count(), threading.Event()
        self._trouble = ""
        self._looked: tuple[float, str] = (0.0, "")
        self._later = {"unpriced": 0.0, "unread": 0.0}
        self._thread = threading.Thread(target=self._run, name="alerts", daemon=True)

    def start(self) -> None:
        """Begin to look, a moment from now."""
        self._looked = (monotonic() - _LOOK_S + _FIRST_S, "")
        self._thread.start()

    def end(self) -> None:
        """Look no more; what is still to be told is told when it runs again."""
        self._ending.set()

    def told(self, most: int) -> Details:
        """Return everything about alerts as the details of an answer."""
        return told(self._file, self._alerts, entrance.now(), most)

    def look(self) -> list[Episode]:
        """Look once; return what begins."""
        now = entrance.now()
        unpriced = self._is_due("unpriced", _SLOW_S)
        known, zone = situated.known(self._chosen), self._zone
        box: list[Situation] = []
        # A key of its own each time, and no answer that would be kept: nobody will ask for the same.
        self._desk.get(
            ("alerts", id(self), next(self._numbers)),
            lambda answers: box.append(
                situated.situation(answers, known.budgets, zone, now, unpriced=unpriced, overrides=known.overrides)
            ),
            ahead=False,
        ).result(_PATIENCE_S)
        found = box.pop()
        if self._is_due("unread", _AROUND_S):
            found = found._replace(unread=situated.unread(self._chosen, now))
        return self._lookout.look(found)

    def _run(self) -> None:
        while not self._ending.wait(_TICK_S):
            try:
                if self._shared is None or self._shared.turn.mine() is not None:
                    if self._has_to_look():
                        self.look()
                    self._messenger.send()
                self._trouble = ""
            except Exception as error:  # noqa: BLE001  the server goes on, and so does this: the next look may see more
                words = str(error) if isinstance(error, TallystickError) else type(error).__name__
                if words != self._trouble and not self._ending.is_set():
                    self._trouble = words
                    self._log(f"Alerts could not be looked for: {words}")
        with suppress(TallystickError):
            if self._shared is not None:
                self._shared.end()
        self._file.close()

    def _has_to_look(self) -> bool:
        when, version = self._looked
        passed = monotonic() - when
        if self._desk.status.importing is not None or passed < _LOOK_S:
            # Half of an import is nothing to judge by.
            return False
        if self._desk.version == version and passed < _QUIET_LOOK_S:
            return False
        self._looked = (monotonic(), self._desk.version)
        return True

    def _is_due(self, name: str, every: float) -> bool:
        if self._later[name] and monotonic() - self._later[name] < every:
            return False
        self._later[name] = monotonic()
        return True
