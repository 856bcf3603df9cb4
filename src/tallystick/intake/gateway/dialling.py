"""The way out: connections to upstreams that are kept open, trusted as the system trusts, and never cut by a clock."""

import os
from collections.abc import AsyncIterable, Mapping
from ssl import SSLContext
from typing import Any, Final

from aiohttp import (
    ClientConnectorCertificateError,
    ClientConnectorError,
    ClientError,
    ClientHttpProxyError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    ClientWebSocketResponse,
    ConnectionTimeoutError,
    DummyCookieJar,
    TCPConnector,
)
from yarl import URL

from tallystick.intake.gateway import trusting
from tallystick.intake.gateway.asgi import Headers
from tallystick.intake.gateway.upstreams import Upstream, proxy_for
from tallystick.intake.gateway.verbatim import Verbatim, as_text

MESSAGE_MOST: Final = 64 << 20
"""Bytes of one message on a websocket."""
_TO_CONNECT_S: Final = 30.0
_KEPT_S: Final = 55.0
"""Seconds for which an idle connection is kept; the usual edges close theirs after 60 and more."""
_BUFFER: Final = 1 << 17
"""Bytes of an answer that wait for a slow client before the upstream has to."""
_HEADERS_MOST: Final = 1 << 17
_DEFLATE: Final = 15
"""Bits of the window of permessage-deflate."""
_ADDED: Final = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
"""What aiohttp would add where a client sent none."""
_UPGRADED: Final = 101


class Unreachable(Exception):
    """No connection to an upstream came about, with the reason in a few words."""


class Closed(Exception):
    """A connection ended before the upstream had answered."""


class Denied(Exception):
    """An upstream did not want a websocket, and this is what it answered instead."""

    def __init__(self, status: int, headers: Headers, body: bytes) -> None:
        super().__init__(status)
        self.status, self.headers, self.body = status, headers, body


class Socket(ClientWebSocketResponse):
    """A websocket to an upstream, which can be broken off without a word, as the client broke off."""

    def break_off(self) -> None:
        """Close the connection without closing the websocket on it."""
        self._response.close()

    @property
    def headers(self) -> Headers:
        """The headers with which the upstream accepted it."""
        return list(self._response.raw_headers)


class Dialler:
    """One pool of connections to all upstreams; it belongs to the loop in which it is used first."""

    def __init__(self, trusted: str = "", environ: Mapping[str, str] | None = None) -> None:
        """Take a file of certificates that are trusted besides the system's, and the variables that name proxies."""
        self._environ = environ or {}
        self._trusted = trusted
        self._context: SSLContext | None = None
        self._session: ClientSession | None = None

    async def ask(
        self,
        upstream: Upstream,
        method: str,
        target: tuple[bytes, bytes],
        headers: Headers,
        body: AsyncIterable[bytes] | None = None,
    ) -> ClientResponse:
        """Send a request; return the answer once its head has come. Raises Unreachable or Closed."""
        try:
            return await self._dialled().request(
                method,
                _url(upstream, *target),
                headers=[(name.decode("latin-1"), as_text(value)) for name, value in headers],
                proxy=proxy_for(upstream, self._environ),
                ssl=self._trust(upstream),
                allow_redirects=False,
                raise_for_status=False,
                data=body,
            )
        except ClientError as error:
            raise _told(error, upstream) from error

    async def socket(
        self, upstream: Upstream, target: tuple[bytes, bytes], headers: Headers, protocols: list[str], *, deflate: bool
    ) -> Socket:
        """Open a websocket. Raises Unreachable, Closed, or Denied with the upstream's answer."""
        try:
            opened: Any = await self._dialled().ws_connect(
                _url(upstream, *target),
                headers=[(name.decode("latin-1"), as_text(value)) for name, value in headers],
                protocols=protocols,
                proxy=proxy_for(upstream, self._environ),
                ssl=self._trust(upstream),
                compress=_DEFLATE if deflate else 0,
                max_msg_size=MESSAGE_MOST,
                # Its closing is passed on first.
                autoclose=False,
            )
        except ClientError as error:
            raise _told(error, upstream) from error
        assert isinstance(opened, Socket)  # noqa: S101  the session makes no other
        return opened

    async def close(self) -> None:
        """Let go of all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _trust(self, upstream: Upstream) -> SSLContext | bool:
        """Return how an upstream is checked, made when the first one is; what is not encrypted needs nothing."""
        if upstream.scheme != "https":
            return True
        if self._context is None:
            self._context = trusting.context(self._trusted)
        return self._context

    def _dialled(self) -> ClientSession:
        if self._session is None:
            self._session = ClientSession(
                connector=TCPConnector(limit=0, keepalive_timeout=_KEPT_S),
                timeout=ClientTimeout(total=None, sock_connect=_TO_CONNECT_S),
                cookie_jar=DummyCookieJar(),
                auto_decompress=False,
                skip_auto_headers=_ADDED,
                raise_for_status=_accepted,
                request_class=Verbatim,
                ws_response_class=Socket,
                read_bufsize=_BUFFER,
                max_line_size=_HEADERS_MOST,
                max_field_size=_HEADERS_MOST,
            )
        return self._session


def _url(upstream: Upstream, path: bytes, query: bytes) -> URL:
    """Return a URL whose path and query are sent as they are, whatever stands in them."""
    return URL.build(
        scheme=upstream.scheme,
        authority=upstream.authority,
        path=(upstream.path + path).decode("latin-1") or "/",
        query_string=query.decode("latin-1"),
        encoded=True,
    )


async def _accepted(answer: ClientResponse) -> None:
    """Raise Denied for what is no websocket; plain requests never come here."""
    if answer.status != _UPGRADED:
        body = await answer.read()
        raise Denied(answer.status, list(answer.raw_headers), body)


def _told(error: ClientError, upstream: Upstream) -> Unreachable | Closed:
    """Return what happened in words that tell a person what to look at."""
    if isinstance(error, ClientConnectorCertificateError):
        return Unreachable(f"its certificate is not trusted ({error.certificate_error})")
    if isinstance(error, ClientConnectorError):
        return Unreachable(_reason(error.os_error))
    if isinstance(error, ConnectionTimeoutError):
        return Unreachable(f"it did not take a connection within {_TO_CONNECT_S:.0f} s")
    if isinstance(error, ClientHttpProxyError):
        return Unreachable(f"the proxy on the way answered {error.status}")
    return Closed(f"{upstream.host}: {type(error).__name__}")


def _reason(error: OSError) -> str:
    """Return the reason of an error in the system's words, which asyncio puts beside its own."""
    if isinstance(error.errno, int) and error.errno > 0:
        return os.strerror(error.errno).lower()
    return error.strerror or str(error) or type(error).__name__
