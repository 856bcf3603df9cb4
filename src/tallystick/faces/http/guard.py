"""The guard at the door: which names, pages and tokens are let in, and what browsers are told to be careful about."""

import binascii
import hmac
import logging
from collections.abc import Iterable, Mapping
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tallystick.faces.http.problems import body
from tallystick.faces.http.site import LOOPBACK, Site

type Headers = list[tuple[bytes, bytes]]

CSP: Final = "default-src 'self'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
BODY_MOST: Final = 1 << 20
"""Bytes of a request's body."""
_OPEN: Final = "/health"
"""The one address that is answered without a token."""
_READING: Final = frozenset(("GET", "HEAD", "OPTIONS"))
_SINGLE: Final = (b"host", b"origin", b"authorization", b"sec-fetch-site", b"sec-fetch-dest", b"content-length")
_HEADERS: Final[Mapping[bytes, bytes]] = {
    b"content-security-policy": CSP.encode(),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"x-frame-options": b"DENY",
}
_WITH_TOKEN: Final = "Show the token that the server was started with: Authorization: Bearer TOKEN."  # noqa: S105  a sentence
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
_LOG: Final = logging.getLogger(__name__)


class _TooLargeError(Exception):
    """A body that goes on for too long."""


class Guard:
    """Stands before an app, in plain ASGI: each request costs it some microseconds."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        """Begin with what is behind it and whom to let in."""
        self._app = app
        self._hosts = frozenset(name.lower() for name in (*LOOPBACK, *site.hosts))
        self._origins = frozenset(origin.encode() for origin in site.origins)
        self._token = site.token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or tell why not."""
        if scope["type"] != "http":
            # Nothing here speaks over web sockets; what remains is the beginning and the end of the server.
            await (self._app(scope, receive, send) if scope["type"] == "lifespan" else _hung_up(receive, send))
            return
        told, doubled = _told(scope["headers"])
        allowed = told[b"origin"] if told.get(b"origin") in self._origins else b""
        answer = _Answer(send, self._cors(allowed))
        refusal = _malformed(told, doubled) or self._refused(scope, told, allowed)
        if refusal:
            await answer.problem(*refusal)
        elif allowed and scope["method"] == "OPTIONS" and _has(scope, b"access-control-request-method"):
            await answer.plain(204, _preflight(scope))
        elif self._unknown(scope, told):
            await answer.unknown(page=_wants_page(scope))
        else:
            await self._let_in(scope, receive, answer)

    async def _let_in(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        if scope["method"] == "HEAD":
            # Whatever can be got can be asked about; the server below sends no body to this method.
            scope = {**scope, "method": "GET", "tally.head": True}
        try:
            await self._app(scope, _limited(receive), answer.send)
        except _TooLargeError:
            if not answer.begun:
                await answer.problem(413, "too_large", f"A body may have {BODY_MOST} bytes at most.")
        except Exception:
            _LOG.exception("%s %s", scope["method"], scope["path"][:200])
            if answer.begun:
                raise
            await answer.problem(500, "failed", "This failed for a reason of the server's own; its log tells more.")

    def _refused(self, scope: Scope, told: Mapping[bytes, bytes], allowed: bytes) -> tuple[int, str, str] | None:
        """Return why a request is not let in, whoever it is from; None when it is."""
        host = told.get(b"host", b"").decode("latin-1").lower()
        if not (host in self._hosts or _name(host) in self._hosts):
            return (
                421,
                "misdirected",
                "Asked under a name that is not this server's: it is localhost, or one that the config allows.",
            )
        origin = told.get(b"origin")
        if origin is not None and not allowed and not _own(origin.decode("latin-1").lower(), host):
            return 403, "foreign", "Pages of other sites may not ask here; the config can allow an origin."
        site = told.get(b"sec-fetch-site", b"none")
        if allowed or site in {b"same-origin", b"none"}:
            return None
        if scope["method"] not in _READING:
            return 403, "foreign", "Pages of other sites may not change anything here."
        # A person may follow a link from anywhere; a page that makes their browser ask is none of theirs.
        if site == b"cross-site" and told.get(b"sec-fetch-dest", b"document") != b"document":
            return 403, "foreign", "Pages of other sites may not ask here; the config can allow an origin."
        return None

    def _unknown(self, scope: Scope, told: Mapping[bytes, bytes]) -> bool:
        """Tell whether a token is wanted, and none or another one is shown."""
        if not self._token or scope["path"] == _OPEN:
            return False
        return not hmac.compare_digest(_shown(told.get(b"authorization", b"")), self._token)

    def _cors(self, allowed: bytes) -> Headers:
        if not self._origins:
            return []
        vary = [(b"vary", b"Origin")]
        if not allowed:
            return vary
        return [
            *vary,
            (b"access-control-allow-origin", allowed),
            (b"access-control-expose-headers", b"ETag, Retry-After"),
        ]


class _Answer:
    """What is sent, with the headers that every response has."""

    def __init__(self, send: Send, more: Headers) -> None:
        self._send, self._more = send, more
        self.begun = False

    async def send(self, message: Message) -> None:
        """Send on; what a route says itself about a header stays."""
        if message["type"] == "http.response.start":
            self.begun = True
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

    async def problem(self, status: int, code: str, message: str) -> None:
        """Send a problem."""
        headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
        await self.plain(status, headers, body(code, message))

    async def unknown(self, *, page: bool) -> None:
        """Ask for the token: a browser in a way that makes it ask its person, everybody else as programs show it."""
        headers = [
            (b"content-type", b"text/html; charset=utf-8" if page else b"application/json"),
            (b"cache-control", b"no-store"),
            # RFC 9110 wants it with this status.
            (b"www-authenticate", _ASKED_BY[page]),
        ]
        await self.plain(401, headers, _HOW if page else body("unknown", _WITH_TOKEN))


def _told(headers: Iterable[tuple[bytes, bytes]]) -> tuple[dict[bytes, bytes], bool]:
    """Return the headers that matter here, and whether one of them comes twice."""
    told: dict[bytes, bytes] = {}
    doubled = False
    for name, value in headers:
        if name in _SINGLE:
            doubled = doubled or name in told
            told[name] = value
    return told, doubled


def _malformed(told: Mapping[bytes, bytes], doubled: bool) -> tuple[int, str, str] | None:  # noqa: FBT001  what `_told` returns
    if doubled:
        return 400, "malformed", "A header that can be sent only once was sent twice."
    length = told.get(b"content-length", b"0")
    if not length.isdigit():
        return 400, "malformed", "The length of the body is no number."
    # More digits than that are too large without being read.
    if len(length) > 18 or int(length) > BODY_MOST:  # noqa: PLR2004
        return 413, "too_large", f"A body may have {BODY_MOST} bytes at most."
    return None


def _name(host: str) -> str:
    """Return a host without its port; empty when what should be one is none."""
    name, colon, port = host.rpartition(":")
    if not colon or host.endswith("]"):
        return host
    return name if port.isascii() and port.isdigit() else ""


def _shown(authorization: bytes) -> bytes:
    """Return the token that a header shows, as such or as a password; empty when it shows none."""
    kind, _, rest = authorization.partition(b" ")
    if kind.lower() == b"bearer":
        return rest.strip()
    if kind.lower() != b"basic":
        return b""
    try:
        # A user name has no colon in it, a token may.
        return binascii.a2b_base64(rest.strip(), strict_mode=True).partition(b":")[2]
    except binascii.Error:
        return b""


def _wants_page(scope: Scope) -> bool:
    """Tell whether a request is for something that a person reads."""
    return any(
        part.partition(b";")[0].strip().lower() == b"text/html"
        for name, value in scope["headers"]
        if name == b"accept"
        for part in value.split(b",")
    )


def _own(origin: str, host: str) -> bool:
    """Tell whether an origin is this server itself, also behind something that encrypts."""
    return origin in {f"http://{host}", f"https://{host}"}


def _has(scope: Scope, wanted: bytes) -> bool:
    return any(name == wanted for name, _ in scope["headers"])


def _preflight(scope: Scope) -> Headers:
    headers = [
        (b"access-control-allow-methods", b"GET, HEAD, OPTIONS"),
        (b"access-control-allow-headers", b"Authorization, Content-Type, If-None-Match"),
        (b"access-control-max-age", b"600"),
    ]
    if _has(scope, b"access-control-request-private-network"):
        headers.append((b"access-control-allow-private-network", b"true"))
    return headers


def _limited(receive: Receive) -> Receive:
    """Return what receives a request's body, and no more of it than is allowed."""
    taken = 0

    async def limited() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > BODY_MOST:
            raise _TooLargeError
        return message

    return limited


async def _hung_up(receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.close", "code": 1008})
