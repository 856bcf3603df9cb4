"""The guard at the door: which names, pages and tokens are let in, and what browsers are told to be careful about."""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from functools import partial
from ipaddress import ip_address
from typing import Final
from urllib.parse import quote

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tallystick.errors import TallystickError
from tallystick.faces.http.answering import Answer, Headers
from tallystick.faces.http.gate import READING, Denied, Entry, Gate, whence
from tallystick.faces.http.site import BY_COOKIE, GRANT, LOOPBACK, WAIT, Site
from tallystick.faces.http.ways import OPEN, Way

_SINGLE: Final = (
    *(b"host", b"origin", b"authorization", b"cookie", b"sec-fetch-site", b"sec-fetch-dest", b"content-length"),
    *(b"content-encoding", b"x-api-key", b"x-tally-machine"),
)
_UNKNOWN: Final = 401
_APART: Final = b"x-tally-token"
_SECRET: Final = frozenset((b"authorization", b"x-api-key", b"x-goog-api-key", b"api-key"))
_OURS: Final = b"tally_"
"""How tokens of ours begin."""
_ASKED_BY_SCRIPTS: Final = frozenset((b"empty", b"websocket"))
_NEXT_LONGEST: Final = 2_000
_NOBODY: Final = "At the moment nobody can be recognised; the log tells more."
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
        self._gate = Gate(site)
        self._has_login, self._is_far = site.logged_in is not None, site.far

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or tell why not."""
        if scope["type"] != "http":
            # Nothing here speaks over web sockets; what remains is the beginning and the end of the server.
            await (self._app(scope, receive, send) if scope["type"] == "lifespan" else _hung_up(receive, send))
            return
        told, doubled = _told(scope["headers"])
        allowed = told[b"origin"] if told.get(b"origin") in self._origins else b""
        answer = Answer(send, self._cors(allowed))
        way = self._gate.way(scope["path"])
        refusal = _malformed(told, doubled, way.body_most) or self._refused(scope, told, allowed)
        if refusal:
            await answer.problem(*refusal)
        elif allowed and scope["method"] == "OPTIONS" and _has(scope, b"access-control-request-method"):
            await answer.plain(204, _preflight(scope))
        else:
            await self._asked(scope, told, way, receive, answer)

    def stopped(self, scope: Scope, *, always: bool) -> tuple[int, str, str] | None:
        """Return why something that is not for the app, but comes by the same door, is not let in; None when it is.

        It is looked at for names, pages and their origins. From another machine, or `always`, a token is wanted in a header of its
        own: what is shown besides is for somebody else.
        """
        told, _ = _told(scope["headers"])
        allowed = told[b"origin"] if told.get(b"origin") in self._origins else b""
        refused = self._refused({"method": "POST", **scope}, told, allowed)
        if refused:
            return refused
        if told.get(b"sec-fetch-dest", b"empty") not in _ASKED_BY_SCRIPTS:
            # What comes back would be shown as a page of this server.
            return 403, "foreign", "This is for programs: nothing here is a page."
        if any(name in _SECRET and _OURS in value for name, value in scope["headers"]):
            return 400, "misplaced", "A token of this server's is not for providers: show it as X-Tally-Token."
        if not always and _is_here(scope):
            return None
        denied = self._gate.passes(scope, next((value for name, value in scope["headers"] if name == _APART), b""))
        return None if denied is None else (denied.status, denied.code, denied.message)

    async def hindered(self, scope: Scope, *, always: bool) -> tuple[int, str, str] | None:
        """Return the same as `stopped`, also where it is not known just now; whoever else asks meanwhile waits for nothing."""
        asking = partial(self.stopped, scope, always=always)
        try:
            return await asyncio.to_thread(asking) if self._is_far else asking()
        except TallystickError as error:
            _LOG.warning("Nobody can be recognised: %s", error)
            return 503, "unavailable", _NOBODY

    async def _asked(
        self, scope: Scope, told: Mapping[bytes, bytes], way: Way, receive: Receive, answer: Answer
    ) -> None:
        """Let somebody in, or tell them what they have to show."""
        try:
            entry = await self._entered(scope, told, way)
        except TallystickError as error:
            _LOG.warning("Nobody can be recognised: %s", error)
            await answer.problem(503, "unavailable", _NOBODY, 2)
            return
        if not isinstance(entry, Denied):
            known = {GRANT: entry.grant, BY_COOKIE: entry.by_cookie, WAIT: entry.wait}
            await self._let_in({**scope, **known}, receive, answer, way)
        elif entry.status != _UNKNOWN or scope["method"] not in READING or not _wants_page(scope):
            await answer.problem(*entry)
        elif self._has_login:
            await answer.elsewhere(f"/login?next={quote(_address(scope), safe='')}")
        else:
            await answer.how()

    async def _entered(self, scope: Scope, told: Mapping[bytes, bytes], way: Way) -> Entry | Denied:
        """Return who may come in; whoever else asks meanwhile waits for nothing."""
        entering = partial(self._gate.enter, scope, told, way, foreign=told.get(b"origin") in self._origins)
        return await asyncio.to_thread(entering) if self._is_far else entering()

    async def _let_in(self, scope: Scope, receive: Receive, answer: Answer, way: Way) -> None:
        if scope["method"] == "HEAD":
            # Whatever can be got can be asked about; the server below sends no body to this method.
            scope = {**scope, "method": "GET", "tally.head": True}
        try:
            await self._app(scope, _limited(receive, way.body_most), answer.send)
        except _TooLargeError:
            if not answer.begun:
                await answer.problem(*_too_large(way.body_most))
        except ClientDisconnect:
            # Whoever asked went away in the middle of it: there is nobody to answer, and nothing to tell of.
            return
        except Exception:
            _LOG.exception("%s %s", scope["method"], scope["path"][:200])
            if answer.begun:
                raise
            await answer.problem(500, "failed", "This failed for a reason of the server's own; its log tells more.")
        if way.scope == OPEN and answer.status == _UNKNOWN:
            # A login or a code that was wrong.
            self._gate.failed(scope)

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
        if scope["method"] not in READING:
            return 403, "foreign", "Pages of other sites may not change anything here."
        # A person may follow a link from anywhere; a page that makes their browser ask is none of theirs.
        if site == b"cross-site" and told.get(b"sec-fetch-dest", b"document") != b"document":
            return 403, "foreign", "Pages of other sites may not ask here; the config can allow an origin."
        return None

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


def _is_here(scope: Scope) -> bool:
    """Tell whether somebody asks from this machine."""
    try:
        return ip_address(whence(scope) or "127.0.0.1").is_loopback
    except ValueError:
        return False


def _told(headers: Iterable[tuple[bytes, bytes]]) -> tuple[dict[bytes, bytes], bool]:
    """Return the headers that matter here, and whether one of them comes twice."""
    told: dict[bytes, bytes] = {}
    doubled = False
    for name, value in headers:
        if name in _SINGLE:
            doubled = doubled or name in told
            told[name] = value
    return told, doubled


def _malformed(told: Mapping[bytes, bytes], doubled: bool, most: int) -> tuple[int, str, str] | None:  # noqa: FBT001  what `_told` returns
    if doubled:
        return 400, "malformed", "A header that can be sent only once was sent twice."
    length = told.get(b"content-length", b"0")
    if not length.isdigit():
        return 400, "malformed", "The length of the body is no number."
    # More digits than that are too large without being read.
    return _too_large(most) if len(length) > 18 or int(length) > most else None  # noqa: PLR2004


def _too_large(most: int) -> tuple[int, str, str]:
    return 413, "too_large", f"A body may have {most} bytes at most here."


def _name(host: str) -> str:
    """Return a host without its port; empty when what should be one is none."""
    name, colon, port = host.rpartition(":")
    if not colon or host.endswith("]"):
        return host
    return name if port.isascii() and port.isdigit() else ""


def _wants_page(scope: Scope) -> bool:
    """Tell whether a request is for something that a person reads."""
    return any(
        part.partition(b";")[0].strip().lower() == b"text/html"
        for name, value in scope["headers"]
        if name == b"accept"
        for part in value.split(b",")
    )


def _address(scope: Scope) -> str:
    """Return the address that was asked for, to come back to; the first page for one that is too long."""
    path, query = scope.get("raw_path") or b"/", scope["query_string"]
    address = (path + b"?" + query if query else path).decode("latin-1")
    return address if len(address) <= _NEXT_LONGEST else "/"


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


def _limited(receive: Receive, most: int) -> Receive:
    """Return what receives a request's body, and no more of it than is allowed."""
    taken = 0

    async def limited() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > most:
            raise _TooLargeError
        return message

    return limited


async def _hung_up(receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.close", "code": 1008})
