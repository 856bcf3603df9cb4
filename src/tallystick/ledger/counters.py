"""Counters that are pushed: what each stood at last, as it was sent, kept in what is remembered of its source."""

from collections.abc import Mapping
from hashlib import sha256
from json import dumps, loads
from typing import Any, Final, NamedTuple

from tallystick.ledger.ledger import Ledger

_SOURCES: Final = "push::counter:"
"""How the names of their sources begin: as of all that is pushed, but of no machine that was paired."""

type Counts = tuple[int, int, int, int]
"""Tokens of input, of output, written to a cache, read from one."""


class Counter(NamedTuple):
    """What one GUID's use of one host stood at."""

    guid: str
    """A credential: whoever knows it may ask about it. It is kept here and nowhere else."""
    host: str
    counts: Counts
    models: list[dict[str, Any]]
    """By model, as it was sent; empty where models were not told apart."""
    time: int
    """When it was told: milliseconds since 1970, UTC."""
    stand: Mapping[str, Any]
    """What reading goes on from."""


def name(guid: str, host: str) -> str:
    """Return the name of the source of a GUID's use of a host, in which the GUID cannot be read."""
    return f"{_SOURCES}{sha256(guid.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}:{host}"


def packed(counter: Counter) -> bytes:
    """Return a counter as the memory of its source."""
    return dumps(counter._asdict()).encode()


def last(ledger: Ledger, path: str) -> Counter | None:
    """Return what a counter stood at last, by the name of its source; None when nothing was told of it."""
    rows = ledger.ask("source", path=path)
    if not rows or not rows[0][8]:
        return None
    said = loads(rows[0][8])
    return Counter(**{**said, "counts": tuple(said["counts"])})


def counters(ledger: Ledger) -> list[Counter]:
    """Return what every counter stood at last, in the order of their hosts."""
    paths = [row[0] for row in ledger.ask("marks") if row[0].startswith(_SOURCES)]
    found = [last(ledger, path) for path in paths]
    return sorted((each for each in found if each is not None), key=lambda each: (each.guid, each.host))
