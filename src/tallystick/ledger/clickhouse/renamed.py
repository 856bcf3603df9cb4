"""Renamed: names that were given others, under which those are kept who go on coming under the old ones."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple, Self

from tallystick.ledger.ledger import Arrival, Batch, Row
from tallystick.usage.event import Context

_PUSHED: Final = "push:"


class Renamed(NamedTuple):
    """The names that are shown, by those under which somebody comes."""

    machines: Mapping[str, str]
    users: Mapping[str, str]

    @classmethod
    def of(cls, rows: Iterable[Row]) -> Self:
        """Return what rows (what, old, shown) tell, where `what` is `machine` or `account`."""
        every = list(rows)
        machines = {old: shown for what, old, shown in every if what == "machine"}
        return cls(machines, {old: shown for what, old, shown in every if what == "account"})

    def contexts(self, batch: Batch) -> list[Context]:
        """Return the contexts of a batch under the names that are shown."""
        if batch.renamed is not None or not (self.machines or self.users):
            return batch.contexts
        machines = {} if _is_paired(batch.source.path) else self.machines
        return [
            each._replace(machine=machines.get(each.machine, each.machine), user=self.users.get(each.user, each.user))
            for each in batch.contexts
        ]

    def arrival(self, arrival: Arrival) -> Arrival:
        """Return what came of a machine under the names that are shown."""
        machines = {} if _is_paired(f"{_PUSHED}{arrival.machine}:") else self.machines
        name, user = machines.get(arrival.name, arrival.name), self.users.get(arrival.user, arrival.user)
        return arrival._replace(name=name, user=user)


def _is_paired(path: str) -> bool:
    """Tell whether a source is from a machine that was paired, whose token tells its name: others' ids are empty or have a slash."""
    machine = path[len(_PUSHED) :].partition(":")[0] if path.startswith(_PUSHED) else ""
    return bool(machine) and "/" not in machine
