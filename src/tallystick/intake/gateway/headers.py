"""Which headers go on from one connection to the next, and how a provider's watch is told of them."""

from collections.abc import Iterable
from typing import Final

from tallystick.intake.gateway.asgi import Headers

_OF_ONE_CONNECTION: Final = frozenset(
    (
        *(b"connection", b"keep-alive", b"proxy-authorization", b"proxy-connection"),
        *(b"te", b"trailer", b"transfer-encoding", b"upgrade"),
    )
)
"""Of one connection only (RFC 9110, 7.6.1); those that `Connection` names are too."""
_OURS: Final = b"x-tally-"
_OF_A_SOCKET: Final = b"sec-websocket-"
_SESSION: Final = b"tally_session"
"""The cookie of those who are logged in to our own pages, which are at the same address (`faces/http/shown.py`)."""


def onward(headers: Iterable[tuple[bytes, bytes]], *, socket: bool = False) -> Headers:
    """Return what goes on to an upstream, in the order in which it came; names are in lower case.

    The upstream is asked under its own name. For a websocket, what belongs to the handshake itself is left out too.
    """
    return [
        (name, value)
        for each in _kept(headers)
        for name, value in _without_session(*each)
        if name != b"host" and not name.startswith(_OURS) and not (socket and name.startswith(_OF_A_SOCKET))
    ]


def back(headers: Iterable[tuple[bytes, bytes]], *, socket: bool = False) -> Headers:
    """Return what goes back to a client of what an upstream answered, in the order in which it came."""
    kept = [each for each in _kept(headers) if each[0].lower() != b"set-cookie" or not _is_session(each[1])]
    return [each for each in kept if not each[0].lower().startswith(_OF_A_SOCKET)] if socket else kept


def told(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return headers by their names in lower case; several of one name are joined by `, `."""
    found: dict[str, str] = {}
    for raw, value in headers:
        name, text = raw.decode("latin-1").lower(), value.decode("latin-1")
        found[name] = f"{found[name]}, {text}" if name in found else text
    return found


def _without_session(name: bytes, value: bytes) -> Headers:
    """Return a header as it came, without our cookie where it holds that, or none where it holds nothing else."""
    cookies = value.split(b";") if name == b"cookie" else []
    kept = [each for each in cookies if not _is_session(each)]
    if len(kept) == len(cookies):
        return [(name, value)]
    left = b";".join(kept).strip()
    return [(name, left)] if left else []


def _is_session(cookie: bytes) -> bool:
    return cookie.partition(b"=")[0].strip() == _SESSION


def _kept(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    listed = [(name.lower(), name, value) for name, value in headers]
    left_out = set(_OF_ONE_CONNECTION)
    for low, _, value in listed:
        if low == b"connection":
            left_out.update(part.strip().lower() for part in value.split(b","))
        elif low == b"transfer-encoding":
            # Where both stand, the length means nothing (RFC 9112, 6.3).
            left_out.add(b"content-length")
    return [(name, value) for low, name, value in listed if low not in left_out]
