"""The record of the parts that one process keeps running: which process each is, where it listens, and what befell it."""

import json
from typing import NamedTuple

from tallystick.service import process, running
from tallystick.service.service import Write, under

SERVER = "server"
PROXY = "proxy"


class Part(NamedTuple):
    """One of the processes that are kept running."""

    name: str
    pid: int | None = None
    """None while none runs."""
    port: int | None = None
    """Where it listens; None as long as it does not."""
    since: int | None = None
    """When this process was started: milliseconds since 1970, UTC."""
    restarts: int = 0
    """How often it was started anew."""
    trouble: str = ""
    """What befell it last, in a sentence."""


class Keeper(NamedTuple):
    """The process that keeps the others running."""

    pid: int
    began: str
    """The identity of the process: a number alone may belong to another one by now."""
    parts: tuple[Part, ...]

    def part(self, name: str) -> Part | None:
        """Return one of the parts; None for one that is not kept."""
        return next((each for each in self.parts if each.name == name), None)


def tell(state: str, keeper: Keeper) -> None:
    """Write down how everything fares; raise Unavailable where that cannot be written."""
    told = {**keeper._asdict(), "parts": [part._asdict() for part in keeper.parts]}
    running.write(Write(_path(state), (json.dumps(told, indent=1) + "\n").encode()))


def told(state: str) -> Keeper | None:
    """Return how everything fares; None when nobody keeps anything running, whatever a stale record says."""
    try:
        found = json.loads(running.content(_path(state)) or b"null")
        keeper = Keeper(int(found["pid"]), str(found["began"]), tuple(Part(**each) for each in found["parts"]))
    except (ValueError, KeyError, TypeError):
        return None
    return keeper if process.identity(keeper.pid) == keeper.began else None


def forget(state: str) -> None:
    """Remove the record."""
    running.remove(_path(state))


def _path(state: str) -> str:
    return under(state, "parts.json")
