"""The daybook: what was worked out of single days of a ledger, kept for as long as nothing of those days changes.

A ledger says in which state each day is, and no state ever comes twice, in whatever ledger. So all answers of a process
share one book of a kind, and after a change only the days that it touched are worked out anew.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from tallystick.ledger.ledger import Ledger

_AT_ONCE: Final = 32
"""Days that are read together at most."""


class Leaf[Page](NamedTuple):
    """What the book has of one day."""

    state: int
    """The day's, when it was worked out."""
    page: Page


class Daybook[Page]:
    """The pages of one kind: one for each day (UTC) with events or prompts, made from those and what they asked for."""

    def __init__(self, make: Callable[[Ledger, int, int], Mapping[int, Page]]) -> None:
        """Begin empty; `make` returns the pages of all days from one to another, the latter excluded."""
        self._make = make
        self._leaves: dict[int, Leaf[Page]] = {}
        self._asked = False
        self.lock = threading.RLock()
        """Held while something is worked out: whoever waits for it finds it in the book."""

    def worth(self, ledger: Ledger) -> bool:
        """Tell whether to use the book.

        It needs all days, whatever the period, since what an event asked for may run on any other one. Whoever asks once is
        better off without it; whoever asks again will go on asking.
        """
        with self.lock:
            asked, self._asked = self._asked, True
            return asked or not self._stale(dict(ledger.ask("days")))

    def leaves(self, ledger: Ledger) -> dict[int, Leaf[Page]]:
        """Return what there is of each day, as the ledger is now."""
        states: dict[int, int] = dict(ledger.ask("days"))
        with self.lock:
            for first, after in _runs(self._stale(states)):
                for day, page in self._make(ledger, first, after).items():
                    self._leaves[day] = Leaf(states[day], page)
            return {day: self._leaves[day] for day in states}

    def _stale(self, states: Mapping[int, int]) -> list[int]:
        leaves = self._leaves
        return [day for day, state in states.items() if day not in leaves or leaves[day].state != state]


def _runs(days: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield first day and the one after the last of days that follow one another, given in their order."""
    first = after = None
    for day in days:
        if first is not None and after == day and day - first < _AT_ONCE:
            after = day + 1
            continue
        if first is not None and after is not None:
            yield first, after
        first, after = day, day + 1
    if first is not None and after is not None:
        yield first, after
