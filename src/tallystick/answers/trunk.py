"""The trunk: what the days that stay as they are add to an answer together, so that only the others are still to be added."""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from tallystick.answers.parts import Part, Span, merged

_FEW: Final = 8
"""Parts that are added to the trunk each time at most."""


class Trunk:
    """Puts the parts of one kind of answer over one time together, again and again; for any thread."""

    def __init__(self) -> None:
        """Begin with none."""
        self._of: Mapping[Span, int] = {}
        self._last: Mapping[Span, int] = {}
        """The spans of the trunk, and those of the last time, by their states, which never come twice."""
        self._part = merged(())
        self._totals: Sequence[int] = ()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Return how many rows are kept."""
        return len(self._part.sums)

    def merged(
        self, states: Mapping[Span, int], parts: Callable[[Iterable[Span]], Iterable[Part]]
    ) -> tuple[Part, Sequence[int]]:
        """Return what spans, which are in some states, add to an answer together, and the totals of that.

        Given some of them, `parts` returns what each adds; it is asked for those only that are not in the trunk.
        """
        with self._lock:
            if not self._last or not self._of.items() <= states.items() or len(states) - len(self._of) > _FEW:
                # At first nothing has stayed yet: what comes next is likely to be of the last days.
                stayed = dict(states.items() & self._last.items()) or sorted(states)[:-_FEW]
                self._of = {span: state for span, state in states.items() if span in stayed}
                self._part = merged(parts(self._of))
                self._totals = _added(self._part.sums.values())
            self._last = states
            rest = list(parts([span for span in states if span not in self._of]))
            figures = [figures for part in rest for figures in part.sums.values()]
            return merged([self._part, *rest]), _added([self._totals, *figures] if self._totals else figures)


def _added(figures: Iterable[Sequence[int]]) -> Sequence[int]:
    return tuple(map(sum, zip(*figures, strict=True)))
