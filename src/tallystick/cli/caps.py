"""Caps: hard budgets that are used up, in a small file that the gate of a tool and the gateway go by without asking anything.

Whoever works out how budgets stand writes it; whoever reads it waits for nobody. What is missing, damaged, of another version or
so old that nobody can have looked after it stops nothing.
"""

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, NamedTuple

VERSION: Final = 1
STALE_MS: Final = 30_000
"""After that it is brought up to date behind whoever reads it."""
UNKNOWN: Final = -1
"""Stands for the number of hard budgets where that is not known."""
_VOID_MS: Final = 900_000
"""After that, something is wrong with whoever is to write it: it holds nobody up any more."""
_AHEAD_MS: Final = 60_000
"""So far in the future a clock that was set back leaves it."""
_BYTES_MOST: Final = 1 << 20


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


def path(data: str) -> str:
    """Return where the file lies in a data folder."""
    return os.path.join(data, "budgets.json")


def read(file: str) -> State | None:
    """Return what the file holds; None where there is none that can be read."""
    try:
        with open(file, "rb") as opened:
            content = opened.read(_BYTES_MOST)
        told = json.loads(content)
        if told["v"] != VERSION:
            return None
        caps = tuple(map(_cap, told["caps"]))
        return State(int(told["at"]), str(told["machine"]), str(told["user"]), int(told["hard"]), caps)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def is_stale(state: State | None, now: int) -> bool:
    """Tell whether it is to be brought up to date; without hard budgets there is nothing that could change."""
    if state is None:
        return True
    return state.hard != 0 and not -_AHEAD_MS < now - state.at < STALE_MS


def stopping(state: State | None, who: Mapping[str, str], now: int) -> Cap | None:
    """Return a cap that stops somebody; what is not known of them fits no filter. Milliseconds since 1970, UTC."""
    if state is None:
        return None
    known = {"machine": state.machine, "user": state.user, **who}
    return next((cap for cap in possible(state, known, now) if set(cap.where) <= set(known)), None)


def possible(state: State, known: Mapping[str, str], now: int) -> list[Cap]:
    """Return the caps that count at a moment and that nothing which is known speaks against."""
    if not -_AHEAD_MS < now - state.at < _VOID_MS:
        return []
    return [
        cap
        for cap in state.caps
        if cap.lifted <= now < cap.until and all(_fits(name, cap.where[name], known) for name in cap.where)
    ]


def write(file: str, state: State) -> None:
    """Put the file in its place, as a whole; raise OSError where that cannot be done."""
    # In this order: `cli/gate.py` reads as far as `capped` without a reader of JSON, which costs more than all the rest.
    told: dict[str, Any] = {"v": VERSION, "at": state.at, "hard": state.hard, "capped": len(state.caps)}
    told |= {"machine": state.machine, "user": state.user, "caps": [cap._asdict() for cap in state.caps]}
    os.makedirs(os.path.dirname(file), mode=0o700, exist_ok=True)
    beside = f"{file}.{os.getpid()}.new"
    try:
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as opened:
            json.dump(told, opened)
        os.replace(beside, file)
    except OSError:
        with suppress(OSError):
            os.unlink(beside)
        raise


def _fits(name: str, patterns: Sequence[str], known: Mapping[str, str]) -> bool:
    if name not in known:
        return True
    # Only where something is capped: importing it takes longer than all the rest.
    from tallystick.answers.question import fits

    # A run has several tags, an end of a line between them, which none has in it.
    values = known[name].split("\n") if name == "tag" else [known[name]]
    return any(fits(name, patterns, value) for value in values)


def _cap(told: Mapping[str, Any]) -> Cap:
    where = {str(name): tuple(map(str, found)) for name, found in told["where"].items()}
    return Cap(str(told["id"]), where, int(told["until"]), int(told["lifted"]), str(told["text"]))
