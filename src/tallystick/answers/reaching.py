"""Reaching a server: its address, what it is shown, and what its refusals mean for whoever asked."""

import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPException, HTTPMessage, HTTPResponse
from json import loads
from typing import Any, Final, NamedTuple, override
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import (
    BaseHandler,
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    UnknownHandler,
)

from tallystick.errors import Misused, NotFound, Refused, TallystickError, Unavailable

_TIMEOUT_S: Final = 60.0
_MOST: Final = 512 << 20
"""Bytes of an answer, packed or not."""
_PROBLEM_MOST: Final = 1 << 16
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
_NO_ADDRESS: Final = "There is nothing at this address"
"""How a server begins that has no such route."""


class Reach(NamedTuple):
    """Where a server is, and what it is shown."""

    server: str
    """Its address as `address` returns it."""
    token: str = ""
    where: str = ""
    """Where the token is from, in words."""
    hint: str = ""
    """How a token is given, in words."""


def address(text: str, source: str) -> str:
    """Return the address of a server as it is used; raise Misused, naming where it was said, for one that is none."""
    wrong = f"{source} names the server {text!r}: give an address such as https://tally.example.com or http://box:3847"
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError:
        raise Misused(f"{wrong}.") from None
    if parts.username is not None or parts.password is not None:
        raise Misused(f"{source} names a server with a password in its address: a token is given apart from that.")
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment or port == 0:
        raise Misused(f"{wrong}.")
    if not text.isascii() or not text.strip().isprintable() or " " in text.strip():
        raise Misused(f"{wrong}.")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def fetched(reach: Reach, path: str) -> str:
    """Return what a server says at a path; raise, with what to do, when it does not."""
    headers = {"Accept": "application/json", "Accept-Encoding": "gzip"}
    with reached(reach, path, headers, _TIMEOUT_S) as response:
        return _body(response).decode()


@contextmanager
def reached(reach: Reach, path: str, headers: Mapping[str, str], timeout: float) -> Iterator[HTTPResponse]:
    """Hold a server's response while it is read; raise, with what to do, when it refuses, or says nothing for so many seconds."""
    given = {**headers, "User-Agent": "tallystick"}
    if reach.token:
        given["Authorization"] = f"Bearer {reach.token}"
    opener = _opener(reach.server)
    request = Request(f"{reach.server}{path}", headers=given)  # noqa: S310  `address` lets http and https through only
    try:
        with opener.open(request, timeout=timeout) as response:
            yield response
    except HTTPError as error:
        with error:
            raise _problem(reach, error) from None
    except URLError as error:
        raise _silent(reach, error.reason) from None
    except (OSError, HTTPException, zlib.error, UnicodeDecodeError, EOFError) as error:
        raise _silent(reach, error) from None


def strange(reach: Reach, why: str) -> Unavailable:
    """Return the error for an answer that is none of a server of this version."""
    return Unavailable(
        f"{reach.server} answers in a way that is not understood ({why}): the server and this machine need the same version "
        "of Tallystick."
    )


def _silent(reach: Reach, reason: object) -> Unavailable:
    words = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
    return Unavailable(
        f"{reach.server} cannot be reached ({str(words).lower()}): see whether the server runs and the address is right. "
        "`--local` answers from this machine's own ledger."
    )


def _problem(reach: Reach, error: HTTPError) -> TallystickError:
    """Return what a refusal means."""
    code, message = _told(error)
    if error.code in {401, 403}:
        return Refused(_refused(reach, error.code, message))
    if error.code == HTTPStatus.BAD_REQUEST and code == "misused":
        return Misused(message)
    if error.code == HTTPStatus.NOT_FOUND and code == "not_found" and not message.startswith(_NO_ADDRESS):
        return NotFound(message)
    if error.code in {404, 405}:
        return strange(reach, "it does not know what was asked")
    return Unavailable(_unable(reach, error, message))


def _refused(reach: Reach, status: int, message: str) -> str:
    if status == HTTPStatus.FORBIDDEN:
        return f"{reach.server} refuses to answer ({message or 'it does not say why'}) {reach.hint}"
    if reach.token:
        return f"{reach.server} does not know the token from {reach.where}, or no longer. {reach.hint}"
    return f"{reach.server} wants a token. {reach.hint}"


def _unable(reach: Reach, error: HTTPError, message: str) -> str:
    if error.code == HTTPStatus.MISDIRECTED_REQUEST:
        return f"{reach.server} does not know that it is called so: add that name to TALLY_SERVER_HOSTS there."
    if error.code in {429, 503}:
        again = error.headers.get("Retry-After", "")
        when = f"in {again} seconds" if again.isdecimal() else "later"
        return f"{reach.server} cannot answer now ({message or error.code}): try again {when}."
    return f"{reach.server} failed to answer (status {error.code}{f': {message}' if message else ''})."


class _Straight(HTTPRedirectHandler):
    """Follows redirects to the same scheme, host and port only: the token goes along."""

    def __init__(self, server: str) -> None:
        self._server = server

    @override
    def redirect_request(
        self, req: Request, fp: Any, code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        before, after = urlsplit(req.full_url), urlsplit(newurl)
        if (before.scheme, before.netloc) != (after.scheme, after.netloc):
            raise Unavailable(
                f"{self._server} sends elsewhere, to {after.scheme}://{after.netloc}: if that is right, say it with --server."
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener(server: str) -> OpenerDirector:
    parts, opener = urlsplit(server), OpenerDirector()
    handlers: list[BaseHandler] = [
        HTTPHandler(),
        _Straight(server),
        HTTPErrorProcessor(),
        HTTPDefaultErrorHandler(),
        UnknownHandler(),
    ]
    if parts.scheme == "https":
        # Not otherwise: reading the certificates of the system takes longer than everything else.
        handlers.append(HTTPSHandler())
    if parts.hostname not in _LOOPBACK:
        # A proxy reaches what is elsewhere, not this machine.
        handlers.append(ProxyHandler())
    for handler in handlers:
        opener.add_handler(handler)
    return opener


def _body(response: HTTPResponse) -> bytes:
    """Return a body as it was before it was packed."""
    packed = response.read(_MOST)
    # With a number of bytes to read, http.client does not mind that there are fewer than were announced.
    whole, found = not response.length, packed
    if response.headers.get("Content-Encoding", "").strip().lower() == "gzip":
        inflating = zlib.decompressobj(wbits=31)
        found, whole = inflating.decompress(packed, _MOST), inflating.eof
    if not whole:
        raise EOFError("the answer is cut off")
    return found


def _told(error: HTTPError) -> tuple[str, str]:
    """Return code and sentence of a problem; empty where what answers is no server of ours."""
    try:
        told = loads(error.read(_PROBLEM_MOST))["error"]
        return str(told["code"]), str(told["message"])
    except (OSError, HTTPException, ValueError, KeyError, TypeError, RecursionError):
        return "", ""
