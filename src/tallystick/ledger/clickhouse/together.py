"""Together: what several threads want done at a time is done in one go, each of them told what became of its part."""

from collections.abc import Callable, Iterable
from threading import Condition
from typing import Final

from tallystick.errors import TallystickError, Unavailable

_GATHERED_S: Final = 0.01
"""For so long those are waited for who wanted something the last time."""


class _Waiting[T, R]:
    """What one thread wants done."""

    def __init__(self, item: T) -> None:
        self.item = item
        self.result: list[R] = []
        self.error: Exception | None = None

    @property
    def is_done(self) -> bool:
        return bool(self.result) or self.error is not None


class Together[T, R]:
    """Does what waits: while one thread does that, what the others want gathers."""

    def __init__(self, work: Callable[[list[T]], Iterable[R]]) -> None:
        """Begin with what does several things at once, and returns what became of each."""
        self._work = work
        self._changed = Condition()
        self._waiting: list[_Waiting[T, R]] = []
        self._busy = False
        self._last = 0
        """How many things were done at once the last time."""

    def do(self, item: T) -> R:
        """Return what became of a thing that is to be done, or raise why it could not be."""
        mine: _Waiting[T, R] = _Waiting(item)
        group: list[_Waiting[T, R]] = []
        with self._changed:
            self._waiting.append(mine)
            self._changed.notify_all()
            self._changed.wait_for(lambda: mine.is_done or not self._busy)
            if not mine.is_done:
                self._busy = True
                # Those who were just told what became of theirs may have more.
                self._changed.wait_for(lambda: len(self._waiting) >= self._last, _GATHERED_S)
                group, self._waiting = self._waiting, []
                self._last = len(group)
        if group:
            try:
                self._do(group)
            finally:
                with self._changed:
                    for each in group:
                        if not each.is_done:
                            each.error = Unavailable("It broke off before it was done. Try again.")
                    self._busy = False
                    self._changed.notify_all()
        if mine.error is not None:
            raise mine.error
        return mine.result[0]

    def _do(self, group: list[_Waiting[T, R]]) -> None:
        try:
            found = list(self._work([each.item for each in group]))
        except TallystickError as error:
            # The servers do not answer: that is so for each of them.
            for each in group:
                each.error = error
        except Exception as error:  # noqa: BLE001 - one that cannot be done never hinders the others
            for each in group:
                if len(group) > 1:
                    self._do([each])
                else:
                    each.error = error
        else:
            for each, result in zip(group, found, strict=True):
                each.result.append(result)
