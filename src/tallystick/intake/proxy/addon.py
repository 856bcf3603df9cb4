"""What mitmproxy calls on the way: every body is passed on as it comes, and what is metered is looked at beside that."""

import logging
from base64 import b64decode
from collections.abc import Callable
from functools import wraps
from typing import Final, NamedTuple

from mitmproxy import connection, http, tls
from mitmproxy.proxy import layer, layers, server_hooks
from mitmproxy.proxy.mode_specs import ReverseMode

from tallystick.intake.proxy import ourselves
from tallystick.intake.proxy.archive import Archive, Record
from tallystick.intake.proxy.refusals import Refusals, Who, is_about_the_certificate, is_silent, who
from tallystick.intake.proxy.signing import Signer
from tallystick.intake.wire.exchange import Exchange
from tallystick.intake.wire.runs import NO_RUN, Run
from tallystick.intake.wire.spool import Spool
from tallystick.providers.provider import Asked
from tallystick.providers.shelf import Shelf

_LOG: Final = logging.getLogger("tallystick")
_KEY: Final = "tallystick"
_SWITCHED: Final = 101
_BEFORE_OURS: Final = "connection closed early"
"""What mitmproxy says of a client that was gone before our certificate was sent."""


def _nothing() -> None:
    pass


class Desk(NamedTuple):
    """What the addon works with."""

    shelf: Shelf
    spool: Spool
    now: Callable[[], float]
    """Seconds since 1970."""
    run_of: Callable[[str], Run]
    """Finds a run of `tally run` by the user in the proxy's address."""
    refusals: Refusals
    archive: Archive | None = None
    renew: Callable[[], None] = _nothing
    """Sees to it, in a thread, that an authority lies in the folder that does not end soon."""


class _Passing(NamedTuple):
    """One exchange on its way."""

    exchange: Exchange
    record: Record | None


def _harmless[**P](hook: Callable[P, None]) -> Callable[P, None]:
    """Have a hook that fails leave the traffic alone: mitmproxy goes on as if it had not been there."""

    @wraps(hook)
    def tried(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            hook(*args, **kwargs)
        except Exception as error:  # noqa: BLE001  traffic goes on whatever fails here
            _failed(hook.__name__, error)

    return tried


def _failed(what: str, error: Exception) -> None:
    # Its kind and no more: the words of an exception may quote what was being read.
    _LOG.error("%s failed (%s); traffic goes on", what, type(error).__name__)


class Addon:
    """Counts what passes, holds nothing up, and lets go of everything with its exchange."""

    def __init__(self, desk: Desk, signer: Signer) -> None:
        """Take what to work with."""
        self._desk, self._signer = desk, signer
        self._runs: dict[str, Run] = {}
        self._clients: dict[str, Who] = {}
        """How those whose handshakes are under way greeted, by connection."""
        self._passing: set[_Passing] = set()
        self._under_way: dict[str, str] = {}
        """Exchanges that have not ended, metered or not, with the connections of their clients."""
        self._tunnels: set[str] = set()
        """Connections of clients that pass unread, of which nobody knows when nothing is on its way."""

    @property
    def busy(self) -> bool:
        """Whether anything may be on its way."""
        return bool(self._under_way or self._tunnels)

    @_harmless
    def next_layer(self, found: layer.NextLayer) -> None:
        """Take how a connection is read from here on."""
        ourselves.mark(found.layer)
        if isinstance(found.layer, layers.TCPLayer | layers.UDPLayer):
            self._tunnels.add(found.context.client.id)

    async def server_connect(self, data: server_hooks.ServerConnectionHookData) -> None:
        """Take a connection that is about to be made; one to ourselves would never come to an end."""
        try:
            if await ourselves.is_reached(data):
                data.server.error = "that is this proxy itself"
        except Exception as error:  # noqa: BLE001  traffic goes on whatever fails here
            # A name that nobody knows is told by the connection itself.
            if not isinstance(error, OSError):
                _failed("server_connect", error)

    @_harmless
    def http_connect(self, flow: http.HTTPFlow) -> None:
        """Take the head of a tunnel, which may say of which run it is."""
        run = self._run(flow)
        if run is not NO_RUN:
            self._runs[flow.client_conn.id] = run

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        """Take the head of a request, before its body."""
        if ourselves.is_meant(flow):
            flow.response = ourselves.answer(flow.request, self._signer)
            return
        self._under_way[flow.id] = flow.client_conn.id
        # Before anything else: a body that is not streamed is held until its end.
        flow.request.stream = True
        self._begin(flow)

    @_harmless
    def _begin(self, flow: http.HTTPFlow) -> None:
        run = self._runs.get(flow.client_conn.id) or self._run(flow)
        asked = _asked(flow.request)
        watch = self._desk.shelf.watch(asked)
        if watch is None:
            return
        exchange = Exchange(watch, asked, "proxy", self._desk.spool, self._desk.now, run)
        record = self._desk.archive.begin(asked) if self._desk.archive else None
        passing = _Passing(exchange, record)
        self._passing.add(passing)
        flow.metadata[_KEY] = passing
        flow.request.stream = _beside(*(each.sent for each in passing if each))

    def responseheaders(self, flow: http.HTTPFlow) -> None:
        """Take the head of an answer, before its body."""
        if flow.response is not None and flow.response.status_code != _SWITCHED and not ourselves.is_meant(flow):
            flow.response.stream = True
        self._answered(flow)

    @_harmless
    def _answered(self, flow: http.HTTPFlow) -> None:
        passing = _of(flow)
        if passing is None or flow.response is None:
            return
        headers = _lowered(flow.response.headers)
        for each in passing:
            if each:
                each.head(flow.response.status_code, headers)
        if flow.response.stream:
            flow.response.stream = _beside(*(each.took for each in passing if each))

    @_harmless
    def response(self, flow: http.HTTPFlow) -> None:
        """Take the end of an answer; where the connection goes on as a websocket, that is not the end."""
        if flow.websocket is None:
            self._end(flow, cut=False)

    @_harmless
    def error(self, flow: http.HTTPFlow) -> None:
        """Take an exchange that broke off, on whichever side."""
        self._end(flow, cut=True)

    @_harmless
    def websocket_message(self, flow: http.HTTPFlow) -> None:
        """Take a message, of which nothing is kept: one connection lives for hours."""
        if flow.websocket is None:
            return
        message = flow.websocket.messages[-1]
        passing = _of(flow)
        if passing:
            (passing.exchange.frame_sent if message.from_client else passing.exchange.frame_took)(message.content)
        if passing and passing.record:
            (passing.record.sent if message.from_client else passing.record.took)(message.content + b"\n")
        # mitmproxy appends every message here for good, and itself uses only the one that it has just appended.
        del flow.websocket.messages[:-1]

    @_harmless
    def websocket_end(self, flow: http.HTTPFlow) -> None:
        """Take the end of a websocket: what was being answered is cut off."""
        self._end(flow, cut=True)

    @_harmless
    def tls_clienthello(self, data: tls.ClientHelloData) -> None:
        """Take how a client greets; one that refused us lately is let through as it is."""
        client = data.context.client
        there = data.context.server.address
        host = data.client_hello.sni or (there[0] if there else "")
        address = str(client.peername[0])
        known = who(address, host, data.client_hello.cipher_suites, (kind for kind, _ in data.client_hello.extensions))
        if self._desk.refusals.holds(known):
            data.ignore_connection = True
            self._tunnels.add(client.id)
        else:
            self._clients[client.id] = known

    @_harmless
    def tls_failed_client(self, data: tls.TlsData) -> None:
        """Take a handshake that failed on the client's side."""
        known = self._clients.pop(data.context.client.id, None)
        words = data.conn.error or ""
        # Without the server's side there was nothing to refuse yet: the client did not want to wait for it any longer.
        waited = words == _BEFORE_OURS or (is_silent(words) and not data.context.server.tls_established)
        if known is None or waited or not self._desk.refusals.failed(known, words):
            return
        told = is_about_the_certificate(words) or is_silent(words)
        why = "refused-certificate" if told else "no-handshake"
        self._desk.spool.put({"v": 1, "note": {"at": int(self._desk.now() * 1000), "host": known[1], "why": why}})

    @_harmless
    def client_disconnected(self, client: connection.Client) -> None:
        """Forget a connection."""
        self._runs.pop(client.id, None)
        self._clients.pop(client.id, None)
        self._tunnels.discard(client.id)
        for flow in [flow for flow, of in self._under_way.items() if of == client.id]:
            del self._under_way[flow]

    @_harmless
    def done(self) -> None:
        """Take the end of the proxy, which cuts off what is on its way."""
        for passing in tuple(self._passing):
            self._finish(passing, cut=True)

    def _run(self, flow: http.HTTPFlow) -> Run:
        """Return of which run a request is, and see to it that nobody else hears of it."""
        if isinstance(flow.client_conn.proxy_mode, ReverseMode):
            return NO_RUN
        said = flow.request.headers.pop("proxy-authorization", "")
        kind, _, coded = said.partition(" ")
        if kind.lower() != "basic":
            return NO_RUN
        try:
            user = b64decode(coded).decode(errors="replace").partition(":")[0]
        except ValueError:
            return NO_RUN
        return self._desk.run_of(user)

    def _end(self, flow: http.HTTPFlow, *, cut: bool) -> None:
        self._under_way.pop(flow.id, None)
        passing = flow.metadata.pop(_KEY, None)
        if passing is not None:
            self._finish(passing, cut=cut)

    def _finish(self, passing: _Passing, *, cut: bool) -> None:
        self._passing.discard(passing)
        passing.exchange.end(cut=cut)
        if passing.record:
            passing.record.end()


def _of(flow: http.HTTPFlow) -> _Passing | None:
    passing: _Passing | None = flow.metadata.get(_KEY)
    return passing


def _beside(*listeners: Callable[[bytes], None]) -> Callable[[bytes], bytes]:
    """Return what mitmproxy calls with each piece of a body: it hands the piece on whatever those who listen do.

    An exception here would hang the client until it gives up.
    """

    def passed(data: bytes) -> bytes:
        for listen in listeners:
            try:
                listen(data)
            except Exception as error:  # noqa: BLE001  traffic goes on whatever fails here
                _failed("listening", error)
        return data

    return passed


def _asked(request: http.Request) -> Asked:
    return Asked(request.method, request.pretty_host.lower(), request.path, _lowered(request.headers))


def _lowered(headers: http.Headers) -> dict[str, str]:
    """Return headers by names in lower case; several of one name are joined."""
    found: dict[str, str] = {}
    for name, value in headers.fields:
        key, text = name.decode("latin-1").lower(), value.decode(errors="replace")
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found
