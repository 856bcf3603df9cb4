"""How the database that servers share fares, for `tally doctor`: whether it answers, its clock, and whose turn what is."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tallystick.access.leases import Lease, Leases
from tallystick.answers.advice import Finding
from tallystick.cli import control, entrance
from tallystick.errors import TallystickError
from tallystick.settings import Settings

if TYPE_CHECKING:
    from tallystick.faces.text.sheet import Cell

_SKEW_MOST_MS: Final = 2_000


class Controlled(NamedTuple):
    """How it fares."""

    place: str
    """Without the password."""
    version: str = ""
    took_ms: int = 0
    """How long it took to tell the time."""
    skew_ms: int = 0
    """How far its clock is ahead of the one here, at the least; below 0 for behind."""
    leases: tuple[Lease, ...] = ()
    fault: str = ""
    """Why the rest is not known; empty when it is."""


def controlled(chosen: Settings) -> Controlled | None:
    """Return how it fares; None where files of this machine keep what it would."""
    where = "(not known)"
    try:
        place = control.place(chosen)
        if isinstance(place, str):
            return None
        where = str(place)
        kept = control.store(chosen)
        try:
            ((version,),) = kept.rows("SHOW server_version")
            before = entrance.now()
            there = kept.clock()
            after = entrance.now()
            leases = tuple(Leases(kept).held())
        finally:
            kept.close()
    except TallystickError as error:
        return Controlled(where, fault=str(error))
    # While it was asked time went by: only what lies beyond that is a difference.
    skew = max(there - after, 0) or min(there - before, 0)
    return Controlled(where, version, after - before, skew, leases)


def findings(found: Controlled | None) -> Iterator[Finding]:
    """Yield what is wrong with it, or may become so."""
    if found is None:
        return
    if found.fault:
        yield Finding(
            trouble=True,
            about="control",
            what=found.fault,
            todo="Until it answers, nobody is let in who shows a token; what was counted is not touched.",
        )
    elif abs(found.skew_ms) > _SKEW_MOST_MS:
        word = "ahead of" if found.skew_ms > 0 else "behind"
        yield Finding(
            trouble=False,
            about="time",
            what=f"The clock of {found.place} is {abs(found.skew_ms) / 1000:.1f} s {word} the one here: tokens and invitations end at different moments on different servers.",
            todo="Have every system set its clock by itself.",
        )


def values(found: Controlled | None) -> dict[str, Any] | None:
    """Return how it fares as JSON has it."""
    if found is None:
        return None
    return {**found._asdict(), "fault": found.fault or None, "leases": [each._asdict() for each in found.leases]}


def lines(found: Controlled | None) -> "Iterator[Cell]":
    """Yield how it fares as a person is shown it."""
    from tallystick.faces.text.health import line
    from tallystick.faces.text.sheet import STRONG, WARNING, Cell

    if found is None:
        return
    yield Cell("Shared with other servers", STRONG)
    yield line("where", found.place)
    if found.fault:
        yield line("state", "is not known, see below", WARNING)
    else:
        yield line("PostgreSQL", f"{found.version}, answers in {found.took_ms} ms")
        for each in found.leases:
            yield line(each.name, f"by {each.holder}, for {each.left_ms / 1000:.0f} s more (turn {each.number})")
        if not found.leases:
            yield line("turns", "nobody's: no server runs")
    yield Cell("")
