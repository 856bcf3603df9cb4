"""Answering at the door: responses that no route makes, and the headers that every response has."""

from collections.abc import Mapping
from typing import Final

from starlette.types import Message, Send

from tallystick.faces.http.problems import body

type Headers = list[tuple[bytes, bytes]]

CSP: Final = "default-src 'self'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
_HEADERS: Final[Mapping[bytes, bytes]] = {
    b"content-security-policy": CSP.encode(),
    b"x-content-type-options": b"nosniff",
    # Other sites learn nothing. With `no-referrer` browsers would send forms of our own pages with `Origin: null`.
    b"referrer-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"x-frame-options": b"DENY",
}
_ASKED_BY: Final[Mapping[bool, bytes]] = {
    False: b'Bearer realm="tallystick"',
    # Browsers ask their people for a name and a password, in UTF-8 (RFC 7617).
    True: b'Basic realm="tallystick", charset="UTF-8"',
}
"""What whoever shows no token is asked for, by whether that is a browser that wants a page."""
_HOW: Final = b"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>A token is needed - Tallystick</title>
</head>
<body>
<h1>A token is needed</h1>
<p>Load this page again. When your browser asks, give any user name, and as the password the token that the server was
started with.</p>
<p>The token is <code>TALLY_SERVER_TOKEN</code> in the server's environment, or <code>token</code> under
<code>[server]</code> in its config. Programs show it as <code>Authorization: Bearer TOKEN</code>.</p>
</body>
</html>
"""


class Answer:
    """What is sent, with the headers that every response has."""

    def __init__(self, send: Send, more: Headers) -> None:
        """Begin with where to send, and the headers that this one has besides."""
        self._send, self._more = send, more
        self.begun = False
        self.status = 0

    async def send(self, message: Message) -> None:
        """Send on; what a route says itself about a header stays."""
        if message["type"] == "http.response.start":
            self.begun, self.status = True, message["status"]
            headers: Headers = list(message.get("headers", ()))
            there = {name.lower() for name, _ in headers}
            headers += [(name, value) for name, value in _HEADERS.items() if name not in there]
            message = {**message, "headers": headers + self._more}
        await self._send(message)

    async def plain(self, status: int, headers: Headers, content: bytes = b"") -> None:
        """Send a whole response."""
        headers = [*headers, (b"content-length", b"%d" % len(content))] if status != 204 else headers  # noqa: PLR2004  it has no content
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": content})

    async def problem(self, status: int, code: str, message: str, again: int = 0) -> None:
        """Send a problem, and the seconds after which it is worth coming again, if there are such."""
        headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
        if again:
            headers.append((b"retry-after", b"%d" % again))
        if status == 401:  # noqa: PLR2004  RFC 9110 wants it with this status
            headers.append((b"www-authenticate", _ASKED_BY[False]))
        await self.plain(status, headers, body(code, message))

    async def how(self) -> None:
        """Have a browser ask its person for the token, where there is no page for that."""
        headers = [
            (b"content-type", b"text/html; charset=utf-8"),
            (b"cache-control", b"no-store"),
            (b"www-authenticate", _ASKED_BY[True]),
        ]
        await self.plain(401, headers, _HOW)

    async def elsewhere(self, address: str) -> None:
        """Lead a browser to another page."""
        await self.plain(303, [(b"location", address.encode("ascii")), (b"cache-control", b"no-store")])
