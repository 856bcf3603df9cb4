"""What settling remembers from one time to the next, in the memory of the source from which it tells what it found."""

from typing import Final, NamedTuple

from tallystick.intake.follow import kept, recalled
from tallystick.ledger.ledger import Ledger
from tallystick.ledger.merging import ALIGNED
from tallystick.tools.wire.held import Row

_MOST: Final = 5_000
"""Calls of which something is remembered; the oldest go first."""


class Memory(NamedTuple):
    """What is to be known when a log comes late."""

    newest: int
    """The number of the last event that was looked at."""
    days: frozenset[int]
    """Days (UTC, since 1970) with calls that count by themselves: a log of one of them may have such a call after all."""
    asked: dict[int, str]
    """By the key of such a call the model that was asked for, where another one answered."""
    apart: list[tuple[str, Row]]
    """Calls that were not added because a log may have them with other counts, each with its source's path."""


def recall(ledger: Ledger) -> Memory | None:
    """Return what was remembered; None where nothing was yet."""
    for row in ledger.ask("source", path=ALIGNED):
        state = recalled(row[8])
        if state is not None:
            return Memory(state["newest"], frozenset(state["days"]), dict(state["asked"]), list(state["apart"]))
    return None


def state_of(memory: Memory) -> bytes:
    """Return it as a source keeps it."""
    return kept(
        {
            "newest": memory.newest,
            "days": sorted(memory.days),
            "asked": dict(list(memory.asked.items())[-_MOST:]),
            "apart": memory.apart[-_MOST:],
        }
    )
