"""Reading an address of the gateway: which upstream, for which run of a tool, and what of it is the upstream's own."""

from typing import Final, NamedTuple

ROOT: Final = b"/gateway"
_RUN: Final = b"~"


class Address(NamedTuple):
    """An address of the gateway, taken apart."""

    upstream: str
    """The upstream's name; empty where none stands there."""
    path: bytes
    """What is the upstream's own, as it was sent, with its leading slash; empty where nothing followed the name."""
    run: str = ""
    """The token of the run of a tool, which stands before the name as `~TOKEN`."""


def address(raw: bytes) -> Address:
    """Take the path of a request apart; its bytes stay as they are."""
    rest = raw.removeprefix(ROOT)
    name, run = _first(rest), ""
    if name.startswith(_RUN):
        run = name[1:].decode("ascii", "replace")
        rest = rest[len(name) + 1 :]
        name = _first(rest)
    return Address(name.decode("ascii", "replace"), rest[len(name) + 1 :], run)


def _first(path: bytes) -> bytes:
    """Return the first part of a path that begins with a slash."""
    return path[1:].partition(b"/")[0]
