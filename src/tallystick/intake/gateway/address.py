"""Reading an address of the gateway: which upstream, for which run of a tool, and what of it is the upstream's own."""

import re
from typing import Final, NamedTuple
from urllib.parse import unquote_to_bytes

ROOT: Final = b"/gateway"
_RUN: Final = b"~"
_SLASHES: Final = re.compile(rb"[/\\]")
_ROUNDS: Final = 4
"""How often a path is unescaped at most; no client escapes one twice."""


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


def leads_out(path: bytes) -> bool:
    """Tell whether some server may take a path for one that leads above where it begins, however that is written.

    Servers differ in how often they unescape, and in whether they heed backslashes, what follows a semicolon, and blanks: each
    part counts for as little depth as any of them may give it.
    """
    depth = 0
    for part in path.split(b"/"):
        inner = [each.partition(b";")[0].rstrip(b" \t\0") for each in _SLASHES.split(_unescaped(part))]
        up = inner.count(b"..")
        depth += -up if up else any(each not in {b"", b"."} for each in inner)
        if depth < 0:
            return True
    return False


def _unescaped(part: bytes) -> bytes:
    for _ in range(_ROUNDS):
        plain = unquote_to_bytes(part)
        if plain == part:
            return part
        part = plain
    # Whatever it is, it is not plain.
    return b".."
