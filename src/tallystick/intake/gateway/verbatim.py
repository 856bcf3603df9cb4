"""Requests as they came: bytes in headers that are no UTF-8, and an `Expect` that nobody answers."""

import re
import secrets
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from aiohttp import ClientRequest, ClientResponse

if TYPE_CHECKING:
    from aiohttp.connector import Connection

_MARK: Final = f"bytes-{secrets.token_hex(8)}-"
"""Nobody outside knows it, so that nobody can have bytes of their own choice put into a head."""
_MARKED: Final = re.compile(_MARK.encode() + rb"([0-9a-f]+)-")
_PATIENCE_S: Final = 1.0
"""After which a body is sent although the upstream did not ask for it. Clients wait as long: RFC 9110, 10.1.1 sets none."""


def as_text(value: bytes) -> str:
    """Return a header's bytes in the form in which `Verbatim` sends exactly these bytes."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        # aiohttp writes heads in UTF-8.
        return f"{_MARK}{value.hex()}-"


class Verbatim(ClientRequest):
    """A request whose head goes out with the bytes that came in."""

    async def send(self, conn: "Connection") -> ClientResponse:
        """Send it on a connection."""
        if conn.protocol is not None and any(_MARK in value for value in self.headers.values()):
            _Head(conn.protocol)
        return await super().send(conn)

    def update_expect_continue(self, expect: bool = False) -> None:  # noqa: FBT001, FBT002  aiohttp's own signature
        """Have the body wait until the upstream asks for it, but not for ever: many never do."""
        super().update_expect_continue(expect)
        if self._continue is not None:
            self.loop.call_later(_PATIENCE_S, _go_on, self._continue)


def _go_on(asked: Any) -> None:  # noqa: ANN401  aiohttp's own future
    if not asked.done():
        asked.set_result(True)


class _Head:
    """Stands before a connection's transport until the head has passed, which it writes as it was."""

    def __init__(self, protocol: Any) -> None:  # noqa: ANN401  aiohttp's own
        self._protocol, self._transport = protocol, protocol.transport
        protocol.transport = self

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  whatever a transport has
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Write the head, and what stands in one piece with it."""
        self._protocol.transport = self._transport
        self._transport.write(_as_it_was(data))

    def writelines(self, pieces: Iterable[bytes]) -> None:
        """Write the head, which is the first piece."""
        self._protocol.transport = self._transport
        first, *rest = pieces
        self._transport.writelines([_as_it_was(first), *rest])


def _as_it_was(data: bytes) -> bytes:
    return _MARKED.sub(lambda found: bytes.fromhex(found[1].decode()), bytes(data))
