"""The trunk: what the days that stay as they are add to an answer together, so that only the others are still to be added."""

import threading
from collections.abc import Iterable, Sequence
from typing import Final

from tallystick.answers.parts import Part, merged

_FEW: Final = 8
"""Parts that are added to the trunk each time at most."""
_LARGE: Final = 2_000
"""Rows from which on it is worth it."""


class Trunk:
    """Puts the parts of one kind of answer over one time together, again and again; for any thread."""

    def __init__(self) -> None:
        """Begin with none."""
        self._of: dict[int, Part] = {}
        self._last: dict[int, Part] = {}
        """The parts of the trunk, and those of the last time, by their identity, which no other part has while they are here."""
        self._part = merged(())
        self._totals: Sequence[int] = ()
        self._lock = threading.Lock()

    def merged(self, parts: Iterable[Part]) -> tuple[Part, Sequence[int]]:
        """Return what parts of days, which never change, add to an answer together, and the totals of that."""
        every = {id(part): part for part in parts}
        if sum(len(part.sums) for part in every.values()) < _LARGE:
            whole = merged(every.values())
            return whole, _added(whole.sums.values())
        with self._lock:
            if not self._of or not self._of.keys() <= every.keys() or len(every) - len(self._of) > _FEW:
                stayed = every.keys() & self._last.keys() or every.keys()
                self._of = {number: part for number, part in every.items() if number in stayed}
                self._part = merged(self._of.values())
                self._totals = _added(self._part.sums.values())
            self._last = every
            rest = [part for number, part in every.items() if number not in self._of]
            figures = [figures for part in rest for figures in part.sums.values()]
            return merged([self._part, *rest]), _added([self._totals, *figures] if self._totals else figures)


def _added(figures: Iterable[Sequence[int]]) -> Sequence[int]:
    return tuple(map(sum, zip(*figures, strict=True)))
