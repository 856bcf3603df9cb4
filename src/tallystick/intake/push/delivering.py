"""Delivering: one body goes to a server, and its answer comes back; a token goes to the host that it was given for, or nowhere.

Only the standard library is used here. Proxies are those of the environment, except for what is on this machine itself.
"""

import ssl
from base64 import b64encode
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection, IncompleteRead
from ipaddress import ip_address
from typing import Final, NamedTuple
from urllib.parse import SplitResult, unquote, urljoin, urlsplit
from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]  # since 2.6, yet in no stub

CONNECT_S: Final = 10.0
READ_S: Final = 60.0
_ANSWER_MOST: Final = 4 << 20
_HOPS: Final = 4
_REDIRECTS: Final = (301, 302, 307, 308)
_PORTS: Final = {"http": 80, "https": 443}


class Unreachable(Exception):
    """No answer came, or half of one: the sentence tells why."""


class Answer(NamedTuple):
    """What a server answered."""

    status: int
    body: bytes
    retry_after: str = ""
    """As the server put it: seconds, or a date."""
    location: str = ""
    """Where it sends one that it does not want to answer here."""


type Deliver = Callable[[bytes], Answer]
"""Sends a body; raises `Unreachable`."""


def delivery(
    address: str,
    headers: Mapping[str, str],
    environ: Mapping[str, str],
    times: tuple[float, float] = (CONNECT_S, READ_S),
) -> Deliver:
    """Return what posts bodies to an address; `times` are the seconds to connect and for each silence afterwards."""

    def deliver(body: bytes) -> Answer:
        there = address
        answer = Answer(0, b"")
        for _ in range(_HOPS):
            answer = _posted(there, headers, body, environ, times)
            if answer.status not in _REDIRECTS or not answer.location:
                return answer._replace(location="")
            further = urljoin(there, answer.location)
            if not may_follow(there, further):
                return answer._replace(location=further)
            there = further
        return answer

    return deliver


def may_follow(before: str, after: str) -> bool:
    """Tell whether a redirect stays where the token may go: at the same host and port, or from http to https there."""
    try:
        one, other = urlsplit(before), urlsplit(after)
        if one.hostname != other.hostname or not one.hostname:
            return False
        if one.scheme == other.scheme:
            return _port(one) == _port(other)
    except ValueError:
        return False
    return (one.scheme, other.scheme) == ("http", "https")


def complaint(url: str) -> str:
    """Return what is wrong with the address of a server, in a sentence; empty when nothing is."""
    try:
        parts = urlsplit(url)
        fits = parts.scheme in _PORTS and bool(parts.hostname) and _port(parts) > 0
    except ValueError:
        fits = False
    if not fits or not url.isprintable() or " " in url:
        return f"{url[:100]!r} is no address of a server: it has to be such as https://tally.example.org."
    return ""


def is_open(url: str) -> bool:
    """Tell whether who is on the way to an address of a server could read along: over http:// beyond this machine."""
    parts = urlsplit(url)
    return parts.scheme == "http" and not _is_loopback(parts.hostname or "")


def _port(parts: SplitResult) -> int:
    return _PORTS[parts.scheme] if parts.port is None else parts.port


def _posted(
    address: str, headers: Mapping[str, str], body: bytes, environ: Mapping[str, str], times: tuple[float, float]
) -> Answer:
    parts = urlsplit(address)
    connection, target, further = _connection(parts, environ, times[0])
    try:
        connection.connect()
        connection.sock.settimeout(times[1])
        response = _answered(connection, target, body, {**headers, **further})
        found = response.read(_ANSWER_MOST)
        if response.length and len(found) < _ANSWER_MOST:
            raise IncompleteRead(found, response.length)
        after, there = response.getheader("Retry-After") or "", response.getheader("Location") or ""
        return Answer(response.status, found, after, there)
    except (OSError, HTTPException) as error:
        name = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        raise Unreachable(f"{name} cannot be reached ({_reason(error)}).") from None
    finally:
        connection.close()


def _answered(connection: HTTPConnection, target: str, body: bytes, headers: Mapping[str, str]) -> HTTPResponse:
    try:
        connection.request("POST", target, body, dict(headers))
    except (BrokenPipeError, ConnectionResetError):
        # A server that does not want so much may answer before it has all, and hear no more.
        response = HTTPResponse(connection.sock, method="POST")
        response.begin()
        return response
    return connection.getresponse()


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}"
    # In Python 3.9 what took too long in a socket has a kind of its own, whose words are these.
    if isinstance(error, TimeoutError) or str(error) == "timed out":
        return "it took too long"
    if isinstance(error, OSError):
        return (error.strerror or str(error) or type(error).__name__).lower()
    return f"its answer broke off or is none: {type(error).__name__}"


def _connection(
    parts: SplitResult, environ: Mapping[str, str], seconds: float
) -> tuple[HTTPConnection, str, dict[str, str]]:
    """Return what to talk through, what to ask for there, and headers for a proxy."""
    host, port = parts.hostname or "", _port(parts)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    through = proxy_for(parts.scheme, host, port, environ)
    if through is None:
        if parts.scheme == "https":
            return HTTPSConnection(host, port, timeout=seconds, context=ssl.create_default_context()), target, {}
        return HTTPConnection(host, port, timeout=seconds), target, {}
    near, known = (through.hostname or "", through.port or _PORTS["http"]), _credentials(through)
    if parts.scheme == "https":
        secure = HTTPSConnection(*near, timeout=seconds, context=ssl.create_default_context())
        secure.set_tunnel(host, port, known)
        return secure, target, {}
    return HTTPConnection(*near, timeout=seconds), f"http://{parts.netloc.rpartition('@')[2]}{target}", known


def proxy_for(scheme: str, host: str, port: int, environ: Mapping[str, str]) -> SplitResult | None:
    """Return the proxy that the environment names for a host; None when one talks to it directly."""
    if _is_loopback(host):
        return None
    # As everywhere, a name in small letters counts before the same in capitals.
    order = sorted(environ, key=str.isupper, reverse=True)
    named = {name[:-6].lower(): environ[name] for name in order if name.lower().endswith("_proxy") and environ[name]}
    text = named.get(scheme) or named.get("all")
    if not text or proxy_bypass_environment(f"{host}:{port}", named):
        return None
    try:
        found = urlsplit(text if "://" in text else f"http://{text}")
        if found.scheme == "http" and found.hostname and _port(found) > 0:
            return found
    except ValueError:
        pass
    raise Unreachable("The proxy of the environment cannot be used: only one such as http://proxy:3128 can.")


def _credentials(through: SplitResult) -> dict[str, str]:
    if through.username is None:
        return {}
    text = f"{unquote(through.username)}:{unquote(through.password or '')}"
    return {"Proxy-Authorization": f"Basic {b64encode(text.encode()).decode()}"}


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False
