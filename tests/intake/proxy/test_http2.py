"""HTTP/2, as Codex and others speak it: many calls on one connection, each counted on its own, none waiting for another."""

import asyncio
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, RequestReceived, ResponseReceived, StreamEnded
from tests.intake.proxy.origin import Authority, in_thread
from tests.intake.proxy.passing import passing, plan, spooled

from tallystick.intake.proxy.plan import Way

CALLS = 20


class Server(asyncio.Protocol):
    """Answers each stream with what was sent on it, twice, and all of them only once the last one has come."""

    def __init__(self) -> None:
        """Begin."""
        self._h2 = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        self._bodies: dict[int, bytes] = {}
        self._ended: list[int] = []
        self._wire: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        assert isinstance(transport, asyncio.Transport)
        self._wire = transport
        self._h2.initiate_connection()
        transport.write(self._h2.data_to_send())

    def data_received(self, data: bytes) -> None:
        """Take what comes."""
        for event in self._h2.receive_data(data):
            if isinstance(event, RequestReceived):
                self._bodies[event.stream_id] = b""
            elif isinstance(event, DataReceived):
                self._bodies[event.stream_id] += event.data
                self._h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, StreamEnded):
                self._ended.append(event.stream_id)
        if len(self._ended) == CALLS:
            # The last one first: an answer belongs to its stream, whatever the order.
            for stream in reversed(self._ended):
                self._h2.send_headers(stream, [(":status", "200"), ("request-id", f"req_{stream}")])
                self._h2.send_data(stream, self._bodies[stream] * 2, end_stream=True)
            self._ended.clear()
        if self._wire is not None:
            self._wire.write(self._h2.data_to_send())


@contextmanager
def served(authority: Authority) -> Iterator[int]:
    """Serve HTTP/2 and nothing else; give the port."""
    ports: list[int] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.pair("listed.test"))
    context.set_alpn_protocols(["h2"])

    async def serve(began: Callable[[Callable[[], None]], None]) -> None:
        loop, over = asyncio.get_running_loop(), asyncio.Event()
        server = await loop.create_server(Server, "127.0.0.1", 0, ssl=context)
        ports.append(server.sockets[0].getsockname()[1])

        def end() -> None:
            loop.call_soon_threadsafe(over.set)

        began(end)
        await over.wait()
        server.close()

    with in_thread(serve):
        yield ports[0]


def tunnel(proxy: int, trusts: Path) -> ssl.SSLSocket:
    """Return a connection through the proxy on which HTTP/2 was agreed on."""
    plain = socket.create_connection(("127.0.0.1", proxy), 20)
    plain.sendall(b"CONNECT listed.test:443 HTTP/1.1\r\nHost: listed.test:443\r\n\r\n")
    assert plain.recv(4_096).startswith(b"HTTP/1.1 200")
    context = ssl.create_default_context(cafile=str(trusts))
    context.set_alpn_protocols(["h2", "http/1.1"])
    wire = context.wrap_socket(plain, server_hostname="listed.test")
    assert wire.selected_alpn_protocol() == "h2"
    return wire


def all_called(wire: ssl.SSLSocket) -> dict[int, tuple[str, bytes]]:
    """Make all calls at once, and return the id and the body of each answer by its stream."""
    h2 = H2Connection(H2Configuration())
    h2.initiate_connection()
    head = [(":method", "POST"), (":scheme", "https"), (":authority", "listed.test"), (":path", "/v1/x")]
    for stream in range(1, 2 * CALLS, 2):
        h2.send_headers(stream, head)
        h2.send_data(stream, b"x" * stream, end_stream=True)
    wire.sendall(h2.data_to_send())
    ids: dict[int, str] = {}
    bodies: dict[int, bytes] = {}
    ended = 0
    while ended < CALLS:
        for event in h2.receive_data(wire.recv(65_536)):
            if isinstance(event, ResponseReceived):
                ids[event.stream_id] = bytes(dict(event.headers)[b"request-id"]).decode()
            elif isinstance(event, DataReceived):
                bodies[event.stream_id] = bodies.get(event.stream_id, b"") + event.data
            elif isinstance(event, StreamEnded):
                ended += 1
    return {stream: (ids[stream], bodies[stream]) for stream in ids}


def test_calls_on_one_connection_are_counted_one_by_one(tmp_path: Path, ours: Authority, behind: Authority) -> None:
    (tmp_path / "ca").symlink_to(ours.folder)
    with served(behind) as port:
        ways = (Way("listed.test", 443, "127.0.0.1", port),)
        planned = plan(tmp_path, None, behind)._replace(ways=ways)
        with passing(planned) as proxy, tunnel(proxy.port, ours.certificate) as wire:
            answers = all_called(wire)
            lines = {line["request"]: line for line in proxy.lines(CALLS)}
    streams = range(1, 2 * CALLS, 2)
    assert answers == {stream: (f"req_{stream}", b"x" * stream * 2) for stream in streams}
    assert {name: line["tokens"] for name, line in lines.items()} == {
        f"req_{stream}": [stream, 0, 0, 0, 2 * stream, 0] for stream in streams
    }
    assert {(line["host"], line["outcome"]) for line in spooled(tmp_path)} == {("listed.test", "done")}
