"""Control: where it stands who may do what, budgets and alerts: in files of this machine, or in a database that servers share."""

import os
import secrets
from collections.abc import Mapping
from typing import Final, NamedTuple

from tallystick.access.address import Address, address
from tallystick.access.engine import Part
from tallystick.access.leases import Leases, Turn
from tallystick.access.store import Store, Tables
from tallystick.access.store import path as path_of_access
from tallystick.alerts.file import SCHEMA, File
from tallystick.alerts.file import path as path_of_alerts
from tallystick.errors import TallystickError
from tallystick.settings import Settings
from tallystick.settings.serving import control

ALERTS: Final = "alerts"
"""What one server does for all: looking for what is wrong, and telling it."""
_SETTLE: Final = "settle"
"""What one does at a time of those who add to a ledger that servers keep."""
_LEASE_MS: Final = 30_000
"""After so long somebody else does what a server did that was killed."""
_SETTLING_MS: Final = 10_000
"""The same for settling: others wait meanwhile."""


class Shared(NamedTuple):
    """Whose turn it is to do what one server does for all."""

    turn: Turn
    store: Store

    def end(self) -> None:
        """Let the next one do it."""
        try:
            self.turn.end()
        finally:
            self.store.close()


def place(chosen: Settings, environ: Mapping[str, str] = os.environ) -> str | Address:
    """Return where it stands who may do what; raise Misused for a database that means nothing."""
    url, source = control(chosen, environ)
    return address(url, source, environ) if url else path_of_access(chosen.data_dir)


def store(chosen: Settings) -> Store:
    """Return where it stands who may do what; nothing is opened yet."""
    return Store(place(chosen))


def alerts(chosen: Settings) -> File | Tables:
    """Return what keeps alerts; nothing is opened yet."""
    found = place(chosen)
    if isinstance(found, str):
        return File(path_of_alerts(chosen.data_dir))
    return Tables(found, Part("alerts", (SCHEMA,)))


class Settling:
    """Whose turn it is to settle a ledger that servers keep."""

    def __init__(self, shared: Shared) -> None:
        """Begin with what is shared."""
        self._shared = shared
        self.mine, self.lift, self.end = shared.turn.mine, shared.turn.lift, shared.turn.end

    def close(self) -> None:
        """Give the turn back, and let go of the database."""
        self._shared.end()


def settling(chosen: Settings) -> Settling | None:
    """Return whose turn it is to settle; None where it is a matter of this machine's processes."""
    found = shared(chosen, _SETTLE, _SETTLING_MS)
    return Settling(found) if found else None


def shared(chosen: Settings, name: str, ms: int = _LEASE_MS) -> Shared | None:
    """Return whose turn something is; None where no other server shares what is kept, so that it is always this one's."""
    found = place(chosen)
    if isinstance(found, str):
        return None
    kept = Store(found)
    # The same machine may run several, and one of them may have died and left what it held.
    holder = f"{chosen.machine}:{os.getpid()}:{secrets.token_hex(4)}"
    return Shared(Turn(Leases(kept), name, holder, ms), kept)


def shown(url: str) -> str:
    """Return what may be shown of what is set."""
    if not url:
        return ""
    try:
        return str(address(url, "", {}))
    except TallystickError:
        return "(set)"
