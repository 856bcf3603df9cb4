"""Ledgers by their names: a path, `sqlite:///path` or `clickhouse://…`; each engine is imported when one of its ledgers is named."""

import os
from collections.abc import Callable

from tallystick.errors import Misused, NotFound, Unavailable
from tallystick.ledger.ledger import Ledger, Turn

_SERVERS = "clickhouse://"


def ledger_at(
    place: str, clock: Callable[[], int], password: str = "", turn: Turn | None = None, *, write: bool = False
) -> Ledger:
    """Open the ledger of a name; a file that is only read has to be there.

    The clock tells nanoseconds since 1970; password and turn are for servers, whose address may hold none.
    """
    if place.startswith(_SERVERS):
        from tallystick.ledger.clickhouse.engine import ClickhouseLedger

        return ClickhouseLedger(place, clock, password, turn)
    from tallystick.ledger.sqlite.engine import SqliteLedger
    from tallystick.ledger.sqlite.opening import is_current

    path = path_of(place)
    if not write and not os.path.exists(path):
        raise NotFound(f"There is no ledger at {path}.")
    if not write and not is_current(path):
        raise Unavailable(
            f"The ledger {path} has an older form. Any command that reads logs into it brings it to the newest."
        )
    return SqliteLedger(path, write=write)


def path_of(place: str) -> str:
    """Return the path of a ledger that is a file; raise Misused where its name is neither a path nor an address."""
    scheme, mark, path = place.partition("://")
    if not mark:
        return os.path.abspath(place)
    if scheme != "sqlite" or not path.startswith("/"):
        raise Misused(
            f"{scheme}:// names no ledger. A ledger is a path, sqlite:///path or clickhouse://host:8123/database."
        )
    return os.path.abspath(f"/{path.lstrip('/')}")


def same(one: str, other: str) -> bool:
    """Tell whether two names are of one ledger."""
    if one.startswith(_SERVERS) or other.startswith(_SERVERS):
        return one == other
    paths = path_of(one), path_of(other)
    return paths[0] == paths[1] or (all(map(os.path.exists, paths)) and os.path.samefile(*paths))


def shown(place: str) -> str:
    """Return a name as it may be shown: a whole path, an address without what is secret in it."""
    if not place.startswith(_SERVERS):
        return path_of(place)
    hosts, slash, path = place.removeprefix(_SERVERS).partition("/")
    return f"{_SERVERS}{hosts.rpartition('@')[2]}{slash}{path}"
