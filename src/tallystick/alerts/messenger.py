"""The messenger: tells what is due, each way out on a thread of its own, so that one that hangs holds up no other."""

import threading
from collections.abc import Callable, Mapping
from itertools import groupby
from operator import attrgetter
from typing import Final, NamedTuple

from tallystick.alerts.choices import Choices
from tallystick.alerts.keeper import Keeper
from tallystick.alerts.outlets.outlet import Alert, Outlet, To, World, alert
from tallystick.alerts.outlets.shelf import OUTLETS
from tallystick.alerts.pending import AGAIN_MS, LEASE_MS, Due, claim, finished, put_back
from tallystick.errors import TallystickError

_KINDS: Final[Mapping[str, Outlet]] = {outlet.kind: outlet for outlet in OUTLETS}
_DAY_MS: Final = 86_400_000
_MINUTE_MS: Final = 60_000


class Sender(NamedTuple):
    """From where alerts leave."""

    machine: str
    offset: Callable[[int], int]
    """How far local clocks are ahead of UTC at a moment, in milliseconds."""
    shown: Callable[[str, str], str] | None = None
    """What leaves in the place of a name, by its key; None where names leave as they are."""


def deliver(told: Alert, to: To, world: World) -> str:
    """Tell one alert to one place; return what went wrong, without secrets."""
    if to.trouble:
        return to.trouble
    try:
        return _KINDS[to.kind].send(told, to, world)
    except Exception as error:  # noqa: BLE001  whatever it is, it is one failure of one target
        return f"it failed ({type(error).__name__})"


class Messenger:
    """Tells what is due."""

    def __init__(self, file: Keeper, chosen: Choices, world: World, sender: Sender, log: Callable[[str], None]) -> None:
        """Begin with where what is due is kept, where it goes, and who hears what went wrong, in a sentence."""
        self._file, self._chosen, self._world, self._sender, self._log = file, chosen, world, sender, log
        self._lanes: dict[str, threading.Thread] = {}

    def send(self) -> None:
        """Begin to tell whatever is due, and do not wait for it."""
        now = self._world.now()
        minute = (now + self._sender.offset(now)) % _DAY_MS // _MINUTE_MS
        is_quiet = self._chosen.quiet.holds(minute)
        to = {each.name: each for each in self._chosen.to}
        # On a way out that is busy, what is due waits as in quiet hours.
        quiet = [each.name for each in to.values() if self._is_busy(each.name) or (is_quiet and not each.always)]
        claimed = sorted(claim(self._file, list(to), now, quiet=quiet), key=attrgetter("place"))
        for name, due in groupby(claimed, key=attrgetter("place")):
            lane = threading.Thread(target=self._tell, args=(to[name], list(due), now), name=f"alerts-{name}", daemon=True)  # fmt: skip
            self._lanes[name] = lane
            lane.start()

    def wait(self, seconds: float) -> bool:
        """Wait for what has begun, for so long together; tell whether all of it came to an end."""
        from time import monotonic

        until = monotonic() + seconds
        for lane in self._lanes.values():
            lane.join(max(until - monotonic(), 0))
        return not any(lane.is_alive() for lane in self._lanes.values())

    def _is_busy(self, name: str) -> bool:
        lane = self._lanes.get(name)
        return lane is not None and lane.is_alive()

    def _tell(self, to: To, waiting: list[Due], claimed: int) -> None:
        try:
            trouble = ""
            for due in waiting:
                now = self._world.now()
                if trouble or not 0 <= now - claimed < LEASE_MS // 2:
                    # What failed a moment ago does so now, and whoever waits too long loses what was claimed.
                    put_back(self._file, due, now + AGAIN_MS[0])
                    continue
                told = alert(due.episode, self._sender.machine, self._sender.shown, ending=due.is_ending)
                trouble = deliver(told, to, self._world)
                finished(self._file, due, trouble, self._world.now())
                if trouble:
                    last = due.tries > len(AGAIN_MS)
                    after = "and it is given up" if last else "it is tried again"
                    self._log(f"Alert {due.episode.id} could not be told to {to.name}: {trouble}; {after}.")
        except TallystickError as error:
            self._log(str(error))
