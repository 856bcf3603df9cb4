"""Posting: one HTTP request within a time that holds for the whole of it, whatever the other end does."""

import socket
import ssl
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from time import monotonic
from typing import Final, Self
from urllib.parse import urlsplit

from tallystick.alerts.outlets.resolving import Address, addresses

_ANSWER_MOST: Final = 1 << 16
_SUCCESS: Final = range(200, 300)
_REDIRECT: Final = range(300, 400)
_WORDS: Final[tuple[tuple[type[Exception], str], ...]] = (
    (ssl.SSLCertVerificationError, "its certificate is not trusted"),
    (socket.gaierror, "there is no host of that name"),
    (ssl.SSLError, "it does not speak TLS as it should"),
    (HTTPException, "it answered something that is no HTTP"),
)
"""What went wrong, in words; never what the other end said."""
_USER_AGENT: Final = "tallystick-alerts"


def wrong(url: object) -> str:
    """Return what is wrong with an address, as the end of a sentence; nothing when it can be asked."""
    told = "must be an address such as https://example.org/path"
    if not isinstance(url, str) or not url.isascii() or any(ord(each) <= ord(" ") for each in url):
        return told
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return told
    return "" if parts.scheme in {"http", "https"} and parts.hostname and port != 0 else told


def post(url: str, body: bytes, headers: Mapping[str, str], timeout: float, ca: str = "") -> str:
    """Send a body, as JSON, and return what went wrong: never the address or what was answered, which may hold secrets.

    Nothing else is followed or asked; it is over after `timeout` seconds.
    """
    parts = urlsplit(url)
    said = {"Content-Type": "application/json", "User-Agent": _USER_AGENT, "Connection": "close", **headers}
    path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    encrypted = parts.scheme == "https"
    host, port = parts.hostname or "", parts.port or (443 if encrypted else 80)
    watch = Watch(timeout)
    try:
        with watch, _connection(host, port, watch, trusting(ca) if encrypted else None) as connection:
            connection.request("POST", path, body, said)
            answer = connection.getresponse()
            status = answer.status
            # It has taken it or not: how it goes on to speak changes nothing, and is heard only so that it is not broken off.
            with suppress(OSError, HTTPException):
                answer.read(_ANSWER_MOST)
    except Exception as error:  # noqa: BLE001  whatever it is, it is one failure of one target
        return watch.told(error, timeout)
    if status in _SUCCESS:
        return ""
    return f"answered {status}, which leads elsewhere and is not followed" if status in _REDIRECT else f"answered {status}"  # fmt: skip


class Watch:
    """Shuts a connection down when its time is over, in the middle of whatever goes on there."""

    def __init__(self, seconds: float) -> None:
        """Begin with how much time there is."""
        self.seconds = seconds
        self._until = monotonic() + seconds
        self._sockets: list[socket.socket] = []
        self._late = threading.Event()
        self._timer = threading.Timer(seconds, self._shut)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        """Begin to count."""
        self._until = monotonic() + self.seconds
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Count no more."""
        self._timer.cancel()
        self._timer.join()
        for each in self._sockets:
            each.close()

    @property
    def late(self) -> bool:
        """Whether the time was over."""
        return self._late.is_set()

    def connected(self, host: str, port: int, context: ssl.SSLContext | None = None) -> socket.socket:
        """Return a connection that is watched over, encrypted where there is a context for that."""
        made = self._reached(addresses(host, port, self._left()))
        try:
            # Of its own, because a socket that is encrypted later is another one.
            self._sockets.append(made.dup())
            # It may have been over before there was anything to shut down; from here on the shutting down ends it.
            self._left()
            made.settimeout(self.seconds)
            return context.wrap_socket(made, server_hostname=host) if context else made
        except BaseException:
            made.close()
            raise

    def told(self, error: Exception, timeout: float) -> str:
        """Return in a few words what went wrong."""
        if self.late or isinstance(error, TimeoutError):
            return f"no answer within {timeout:g} s"
        for kind, words in _WORDS:
            if isinstance(error, kind):
                return words
        reason = error.strerror if isinstance(error, OSError) else ""
        return f"it cannot be reached ({(reason or type(error).__name__).lower()})"

    def _reached(self, addresses: Sequence[Address]) -> socket.socket:
        """Connect to the first address that can be reached; each may take an even part of the time that is left."""
        trouble = OSError("it has no address")
        for number, (family, address) in enumerate(addresses):
            made = socket.socket(family, socket.SOCK_STREAM)
            try:
                made.settimeout(self._left() / (len(addresses) - number))
                made.connect(address)
            except OSError as error:
                made.close()
                trouble = error
            else:
                return made
        raise trouble

    def _left(self) -> float:
        """Return how many seconds are left; raise TimeoutError when none are."""
        left = self._until - monotonic()
        if left <= 0 or self.late:
            raise TimeoutError
        return left

    def _shut(self) -> None:
        self._late.set()
        for each in self._sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


def trusting(ca: str) -> ssl.SSLContext:
    """Return how certificates are checked: as the system does, and by a file of further ones."""
    context = ssl.create_default_context()
    if ca:
        context.load_verify_locations(ca)
    return context


@contextmanager
def _connection(host: str, port: int, watch: Watch, context: ssl.SSLContext | None) -> Iterator[HTTPConnection]:
    connection = HTTPConnection(host, port)
    connection.sock = watch.connected(host, port, context)
    try:
        yield connection
    finally:
        connection.close()
