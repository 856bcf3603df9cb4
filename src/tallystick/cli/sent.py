"""How sending to a server fares, for `tally doctor`: which server, what waits, when it last succeeded, what is wrong."""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tallystick.answers.advice import Finding
from tallystick.answers.answer import Moment
from tallystick.cli import paired
from tallystick.errors import TallystickError
from tallystick.intake.push import record
from tallystick.intake.push.record import Record
from tallystick.intake.push.sender import skewed
from tallystick.settings import Settings
from tallystick.usage.period import DAY_MS

if TYPE_CHECKING:
    from tallystick.faces.text.sheet import Cell
    from tallystick.house import House

_LONG_DAYS: Final = 7
_NAMED_MOST: Final = 3


class Sent(NamedTuple):
    """How sending fares."""

    url: str
    machine: str
    waiting: int
    refused: tuple[tuple[str, str, str], ...]
    """What the server can never store: its kind, its id there, and why."""
    record: Record
    sends: bool
    """Whether a process sends right now."""
    fault: str = ""
    """Why it is not known where to send to; empty when it is."""


def sent(opened: "House", chosen: Settings) -> Sent | None:
    """Return how sending fares; None when this machine is not paired with a server."""
    try:
        found = paired.sought(opened.where.pairing, chosen, os.environ)
    except TallystickError as error:
        return Sent("", "", 0, (), Record(), sends=False, fault=str(error))
    if found is None:
        return None
    lock = opened.sending_lock()
    sends = not lock.take(wait=False)
    lock.release()
    try:
        waiting, refused = opened.outbox_standing() or (0, [])
    except TallystickError:
        # The ledger cannot be used, which is told of as such.
        waiting, refused = 0, []
    told = tuple((each.kind, each.id, each.reason) for each in refused)
    return Sent(found.url, found.machine, waiting, told, record.read(opened.where.record), sends)


def findings(found: Sent | None, now: int) -> Iterator[Finding]:
    """Yield what is wrong with sending, or may become so; `now` is in milliseconds since 1970."""
    if found is None:
        return
    if found.fault:
        yield Finding(
            trouble=True, about="push", what=found.fault, todo="Nothing is lost: what is not sent waits here."
        )
        return
    kept = found.record
    if kept.fault:
        long = bool(found.waiting) and now - max(kept.success, 0) > _LONG_DAYS * DAY_MS
        yield Finding(
            trouble=long or "tally join" in kept.fault,
            about="push",
            what=kept.fault,
            todo="`tally push` tries at once and tells more; what is not sent waits here.",
        )
    elif found.waiting and not found.sends and now - kept.success > DAY_MS:
        yield Finding(
            trouble=False,
            about="push",
            what=f"{found.waiting:,} rows wait, and nothing sends them.",
            todo="`tally up` runs what sends in the background; `tally push` sends them now.",
        )
    if found.refused:
        named = ", ".join(f"{kind} {number} ({reason})" for kind, number, reason in found.refused[:_NAMED_MOST])
        yield Finding(
            trouble=False,
            about="push",
            what=f"The server can never store {len(found.refused):,} of the rows: {named}.",
            todo="`tally push --again` sends them once more, which may help after the server was upgraded.",
        )
    if off := skewed(kept.skew_ms):
        yield Finding(trouble=False, about="time", what=off, todo="Have the system set its clock by itself.")


def values(found: Sent | None) -> dict[str, Any] | None:
    """Return how sending fares as JSON has it."""
    if found is None:
        return None
    kept = found.record
    return {
        "server": found.url or None,
        "machine": found.machine or None,
        "waiting": found.waiting,
        "sends": found.sends,
        "last_success": Moment(kept.success) if kept.success else None,
        "fault": found.fault or kept.fault or None,
        "failed": Moment(kept.failed) if kept.failed else None,
        "skew_ms": kept.skew_ms,
        "refused": [{"kind": kind, "id": number, "reason": reason} for kind, number, reason in found.refused],
    }


def lines(found: Sent | None, now: int) -> "Iterator[Cell]":
    """Yield how sending fares as a person is shown it."""
    from tallystick.faces.text.health import ago, line
    from tallystick.faces.text.sheet import STRONG, WARNING, Cell

    if found is None:
        return
    yield Cell("Server", STRONG)
    if found.url:
        yield line("sends to", f"{found.url}, as {found.machine}")
        yield line(
            "waiting", f"{found.waiting:,} rows" + ("; they are being sent" if found.sends and found.waiting else "")
        )
        kept = found.record
        yield line("last sent", ago(now - kept.success) if kept.success else "never")
        if kept.fault:
            yield line("last failed", f"{ago(now - kept.failed)}, see below", WARNING)
    else:
        yield line("state", "is not known, see below", WARNING)
    yield Cell("")
