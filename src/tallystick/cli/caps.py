"""Caps: hard budgets that are used up, in a small file that the gate of a tool and the gateway go by without asking anything.

Whoever works out how budgets stand writes it; whoever reads it waits for nobody. What is missing, damaged, of another version or
so old that nobody can have looked after it stops nothing.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from tallystick.cli import stop, whole
from tallystick.cli.stop import path as path  # noqa: PLC0414  whoever knows caps asks here

UNKNOWN: Final = -1
"""Stands for the number of hard budgets where that is not known."""


class Cap(NamedTuple):
    """A hard budget that is used up."""

    id: str
    where: Mapping[str, Sequence[str]]
    until: int
    """When its period ends: milliseconds since 1970, UTC."""
    lifted: int
    """Until when a person has lifted it; 0 where nobody has."""
    text: str
    """What is said to whom it refuses something."""


class State(NamedTuple):
    """All caps, as they were at a moment."""

    at: int
    """Milliseconds since 1970, UTC."""
    machine: str
    user: str
    hard: int
    """How many hard budgets there are, used up or not; or `UNKNOWN`."""
    caps: tuple[Cap, ...]


def read(file: str) -> State | None:
    """Return what the file holds; None where there is none that can be read."""
    found = stop.read(file)
    return None if found is None else State(*found[:4], tuple(Cap(*each) for each in found[4]))


def write(file: str, state: State) -> None:
    """Put the file in its place, as a whole; raise OSError where that cannot be done."""
    # In this order: `cli/gate.py` reads as far as `capped` without a reader of JSON, which costs more than all the rest.
    told: dict[str, Any] = {"v": stop.VERSION, "at": state.at, "hard": state.hard, "capped": len(state.caps)}
    told |= {"machine": state.machine, "user": state.user, "caps": [cap._asdict() for cap in state.caps]}
    whole.put(file, json.dumps(told))
