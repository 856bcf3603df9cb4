"""The trunk: what the days that stay as they are add to an answer together, so that only the others are still to be added."""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from tallystick.answers.parts import Part, Span, merged

_FEW: Final = 8
"""Parts that are added to the trunk each time at most."""


class _Together:
    """Parts of spans that stay as they are, put together once."""

    def __init__(self, states: Mapping[Span, int], parts: Iterable[Part]) -> None:
        self.states = states
        self.part = merged(parts)
        self.totals = _added(self.part.sums.values())


class Trunk:
    """Puts the parts of one kind of answer over one time together, again and again; for any thread."""

    def __init__(self) -> None:
        """Begin with none."""
        self._trunk, self._bough = _Together({}, ()), _Together({}, ())
        """The spans that stay, and of the others those that have stayed lately: of the last days some still change now and then."""
        self._last: Mapping[Span, int] = {}
        """The spans of the last time, by their states, which never come twice."""
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Return how many rows are kept."""
        return len(self._trunk.part.sums) + len(self._bough.part.sums)

    def merged(
        self, states: Mapping[Span, int], parts: Callable[[Iterable[Span]], Iterable[Part]]
    ) -> tuple[Part, Sequence[int]]:
        """Return what spans, which are in some states, add to an answer together, and the totals of that.

        Given some of them, `parts` returns what each adds; it is asked for those only that are not at hand.
        """
        with self._lock:
            trunk = self._trunk.states
            if not self._last or not trunk.items() <= states.items() or len(states) - len(trunk) > _FEW:
                # At first nothing has stayed yet: what comes next is likely to be of the last days.
                stayed = dict(states.items() & self._last.items()) or sorted(states)[:-_FEW]
                trunk = {span: state for span, state in states.items() if span in stayed}
                self._trunk, self._bough = _Together(trunk, parts(trunk)), _Together({}, ())
            self._grow_bough({span: state for span, state in states.items() if self._last.get(span) == state}, parts)
            self._last = states
            kept = (self._trunk, self._bough)
            rest = list(parts([span for span in states if not any(span in each.states for each in kept)]))
            figures = [figures for part in rest for figures in part.sums.values()]
            totals = [each.totals for each in kept if each.totals]
            return merged([*(each.part for each in kept), *rest]), _added([*totals, *figures])

    def _grow_bough(self, stayed: Mapping[Span, int], parts: Callable[[Iterable[Span]], Iterable[Part]]) -> None:
        """Have the bough hold what has stayed since the last time and is not in the trunk."""
        bough = {span: state for span, state in stayed.items() if span not in self._trunk.states}
        held = self._bough
        if not held.states.items() <= bough.items():
            held = _Together({}, ())
        more = [span for span in bough if span not in held.states]
        if more or held is not self._bough:
            self._bough = _Together(bough, [held.part, *parts(more)] if more else [])


def _added(figures: Iterable[Sequence[int]]) -> Sequence[int]:
    return tuple(map(sum, zip(*figures, strict=True)))
