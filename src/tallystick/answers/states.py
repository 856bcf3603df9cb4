"""States: what was worked out of something in its newest state, and in a few before, for those who still see these.

While a ledger is written to, some answers see it as it was a moment ago and others as it is now. If each put its own in the
place of the other's, both would be working it out for ever.
"""

from collections import OrderedDict
from collections.abc import Hashable, ItemsView, Iterator


class States[K: Hashable, V]:
    """Values by what they were worked out of, and its state; whoever uses it sees to it that one does at a time."""

    def __init__(self, before: int = 4) -> None:
        """Begin empty; of all together, so many values of states before the newest are kept."""
        self._newest: dict[K, tuple[int, V]] = {}
        self._before: OrderedDict[tuple[K, int], V] = OrderedDict()
        self._most = before

    def __len__(self) -> int:
        """Return of how many there are values."""
        return len(self._newest)

    def find(self, key: K, state: int) -> V | None:
        """Return the value of a state; None when there is none."""
        newest = self._newest.get(key)
        if newest is not None and newest[0] == state:
            return newest[1]
        return self._before.get((key, state))

    def known(self, key: K) -> Iterator[tuple[int, V]]:
        """Yield what there is of something, by state: the newest first."""
        if key in self._newest:
            yield self._newest[key]
        yield from [(state, value) for (of, state), value in reversed(self._before.items()) if of == key]

    def newest(self) -> ItemsView[K, tuple[int, V]]:
        """Return the newest of each."""
        return self._newest.items()

    def put(self, key: K, state: int, value: V) -> None:
        """Keep a value, which is the newest from now on."""
        before = self._newest.get(key)
        self._newest[key] = state, value
        self._before.pop((key, state), None)
        if before is not None and before[0] != state:
            self._before[key, before[0]] = before[1]
            if len(self._before) > self._most:
                self._before.popitem(last=False)
