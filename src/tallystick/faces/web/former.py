"""Former panels: what each showed last, for whoever opens the page while what has come since is being worked out."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from time import monotonic
from typing import Final
from weakref import WeakKeyDictionary

from tallystick.answers.desk import Desk
from tallystick.faces.web.panels.panel import View
from tallystick.faces.web.state import State

_MOST: Final = 64
"""Panels."""
_LATE_SECONDS: Final = 600.0
"""How long ago a panel may have been worked out that stands in for one that is not there yet."""

type _Look = tuple[State, View]
"""What was asked, and what was shown."""


class Former:
    """What was shown last under each name; for any thread."""

    def __init__(self, most: int = _MOST, seconds: float = _LATE_SECONDS) -> None:
        """Begin with nothing; of more panels than that, those shown longest ago are forgotten."""
        self._most, self._seconds = most, seconds
        self._shown: OrderedDict[Hashable, tuple[float, _Look]] = OrderedDict()
        self._lock = threading.Lock()

    def note(self, name: Hashable, asked: State, view: View) -> None:
        """Take note of what is shown from now on under a name."""
        with self._lock:
            self._shown[name] = monotonic(), (asked, view)
            self._shown.move_to_end(name)
            if len(self._shown) > self._most:
                self._shown.popitem(last=False)

    def find(self, name: Hashable) -> _Look | None:
        """Return what was shown last under a name; None where that is too long ago."""
        with self._lock:
            at, look = self._shown.get(name, (0.0, None))
        return look if look and monotonic() - at <= self._seconds else None


_OF: Final[WeakKeyDictionary[Desk, Former]] = WeakKeyDictionary()


def former(desk: Desk) -> Former:
    """Return what was shown last of what a desk worked out."""
    return _OF.setdefault(desk, Former())
