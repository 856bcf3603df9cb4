"""What the ledger in memory keeps of machines that send, and of what they tell that this version has no place for."""

from collections.abc import Iterable

from tallystick.ledger.ledger import Arrival, Batch, Row


class Machines:
    """Machines by the names under which they were paired."""

    def __init__(self) -> None:
        """Begin with none."""
        self._known: dict[str, tuple[Arrival, Arrival]] = {}
        """What came first and what is told last of each."""
        self._newer: dict[Row, str] = {}
        self._renamed: dict[Row, str] = {}

    def take(self, arrivals: Iterable[Arrival]) -> None:
        """Take note of who sent; what is told later holds."""
        for arrival in sorted(arrivals):
            first, last = self._known.get(arrival.machine, (arrival, arrival))
            self._known[arrival.machine] = first, arrival if arrival.time >= last.time else last

    def take_told(self, batch: Batch) -> None:
        """Take what newer senders tell besides, and names that were given others."""
        for *place, value in batch.newer:
            named = tuple(place)
            self._newer[named] = max(value, self._newer.get(named, ""))
        self._renamed.update((tuple(place), shown) for *place, shown in batch.renamed or ())

    def rows(self) -> list[Row]:
        """Return the answer to the question `machines`."""
        known = sorted(self._known.items())
        return [(machine, first.name, last.user, first.time, *last[3:]) for machine, (first, last) in known]

    def renamed(self) -> list[Row]:
        """Return the answer to the question `all_renamed`."""
        return [(*place, shown) for place, shown in sorted(self._renamed.items())]

    def newer(self) -> list[Row]:
        """Return the answer to the question `newer`."""
        return [(*place, value) for place, value in sorted(self._newer.items())]
