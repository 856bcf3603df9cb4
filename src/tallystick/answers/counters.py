"""Counters: what each running total that is pushed stood at last, by the GUID under which it is pushed and the host."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from tallystick.ledger import counters as kept
from tallystick.ledger.ledger import Ledger


class Standing(NamedTuple):
    """What was told last of one GUID's use of one host."""

    guid: str
    """A credential: only whoever shows it, or may know all of them, is told of it."""
    host: str
    input: int
    output: int
    cache_write: int
    cache_read: int
    models: Sequence[Mapping[str, Any]]
    """By model, in the fields in which it was sent; empty where models were not told apart."""
    time: int
    """Milliseconds since 1970, UTC."""


def counters(ledger: Ledger) -> list[Standing]:
    """Return what every counter stands at, in the order of GUIDs and hosts."""
    return [Standing(each.guid, each.host, *each.counts, each.models, each.time) for each in kept.counters(ledger)]
