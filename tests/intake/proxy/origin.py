"""A server of the tests' own behind the proxy, with a certificate of its own for each name, and what asks through it."""

import asyncio
import hashlib
import http.client
import json
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from aiohttp import WSMsgType, web
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from mitmproxy.certs import CertStore

HOSTS = ("listed.test", "a.b.wild.test", "other.test")


class Authority(NamedTuple):
    """Somebody who signs certificates."""

    folder: Path
    certificate: Path

    def pair(self, host: str) -> Path:
        """Return a file with a certificate for a host, and its key."""
        store = CertStore.from_store(self.folder, "mitmproxy", 2048)
        entry = store.get_cert(host, [x509.DNSName(host)])
        key = entry.privatekey.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        path = self.folder / f"{host}.pem"
        path.write_bytes(key + entry.cert.to_pem())
        return path


def authority(folder: Path) -> Authority:
    """Make a certificate authority, its key as mitmproxy looks for it."""
    CertStore.create_store(folder, "mitmproxy", 2048, organization="A test", cn=f"authority of {folder.name}")
    return Authority(folder, folder / "mitmproxy-ca-cert.pem")


class Origin:
    """A server that does what the path says."""

    def __init__(self) -> None:
        """Begin."""
        self.port = 0
        self.heads: list[dict[str, str]] = []
        self.bodies: list[str] = []
        """The SHA-256 of each body that was sent here."""
        self.go = threading.Event()
        """Lets `/steps` go on; each step waits for it anew."""
        self.gone = threading.Event()
        """Somebody left in the middle of `/endless`."""
        self.answers: dict[str, tuple[bytes, dict[str, str]]] = {}
        """Body and headers by path."""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer."""
        self.heads.append({name.lower(): value for name, value in request.headers.items()})
        if request.path == "/socket":
            return await self._socket(request)
        digest = hashlib.sha256()
        async for piece in request.content.iter_any():
            digest.update(piece)
        self.bodies.append(digest.hexdigest())
        match request.path:
            case "/steps" | "/endless" | "/reset":
                return await self._streamed(request)
            case "/idle":
                # As servers do with connections that rest: it is closed without a word once the answer is out.
                asyncio.get_running_loop().call_later(0.05, _closed, request)
                return web.Response(body=b"idle")
            case path if path in self.answers:
                body, headers = self.answers[path]
                return web.Response(body=body, headers=headers)
            case _:
                return web.Response(body=json.dumps({"path": request.path}).encode(), headers={"request-id": "req_1"})

    async def _streamed(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "request-id": "req_s"})
        await response.prepare(request)
        try:
            async for piece in self._pieces(request.path):
                await response.write(piece)
        except (ConnectionError, asyncio.CancelledError):
            self.gone.set()
            raise
        if request.path == "/reset" and request.transport:
            # What was sent has arrived: a reset may overtake what is still on its way.
            await asyncio.to_thread(self.go.wait, 10)
            self.go.clear()
            request.transport.abort()
        return response

    async def _pieces(self, path: str) -> AsyncIterator[bytes]:
        for number in range(1_000 if path == "/endless" else 3):
            yield f"data: {number}\n\n".encode()
            if path == "/steps":
                await asyncio.to_thread(self.go.wait, 10)
                self.go.clear()
            elif path == "/endless":
                await asyncio.sleep(0.01)

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(max_msg_size=0)
        await socket.prepare(request)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                # As many bytes as were asked for, in two messages.
                size = int(message.data.split()[0])
                await socket.send_str("x" * size)
                await socket.send_str("end")
        return socket


@contextmanager
def served(authority: Authority, hosts: tuple[str, ...] = HOSTS) -> Iterator[Origin]:
    """Serve on a free port of this machine, under every one of the names."""
    origin = Origin()
    contexts = {host: _context(authority.pair(host)) for host in hosts}

    def named(socket: ssl.SSLObject | ssl.SSLSocket, host: str | None, _: ssl.SSLContext) -> None:
        socket.context = contexts[host or hosts[0]]

    first = _context(authority.pair(hosts[0]))
    first.sni_callback = named
    with in_thread(lambda began: _serve(origin, first, began)):
        yield origin


def _context(pair: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair)
    return context


async def _serve(origin: Origin, context: ssl.SSLContext, began: Callable[[Callable[[], None]], None]) -> None:
    app = web.Application(client_max_size=1 << 30)
    app.router.add_route("*", "/{path:.*}", origin.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1, auto_decompress=False, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    origin.port = runner.addresses[0][1]
    over, loop = asyncio.Event(), asyncio.get_running_loop()
    began(lambda: _ended(loop, over))
    try:
        await over.wait()
    finally:
        await runner.cleanup()


def _closed(request: web.Request) -> None:
    if request.transport:
        request.transport.close()


def _ended(loop: asyncio.AbstractEventLoop, over: asyncio.Event) -> None:
    loop.call_soon_threadsafe(over.set)


@contextmanager
def in_thread(serve: Callable[[Callable[[Callable[[], None]], None]], object]) -> Iterator[None]:
    """Run a coroutine in a thread of its own; it is given a function that takes how to end it, once it has begun."""
    begun = threading.Event()
    ends: list[Callable[[], None]] = []

    def began(end: Callable[[], None]) -> None:
        ends.append(end)
        begun.set()

    def run() -> None:
        try:
            asyncio.run(serve(began))  # type: ignore[arg-type]  # a coroutine function
        finally:
            begun.set()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        assert begun.wait(20)
        assert ends, "it ended before it had begun"
        yield
    finally:
        for end in ends:
            end()
        thread.join(20)
        assert not thread.is_alive()


def connected(proxy: int, host: str, trusts: Path, user: str = "", timeout: float = 20) -> http.client.HTTPSConnection:
    """Return a connection to a host through a proxy, trusting one authority."""
    from base64 import b64encode

    context = ssl.create_default_context(cafile=str(trusts))
    connection = http.client.HTTPSConnection("127.0.0.1", proxy, context=context, timeout=timeout)
    said = {"Proxy-Authorization": f"Basic {b64encode(f'{user}:x'.encode()).decode()}"} if user else {}
    connection.set_tunnel(host, 443, said)
    return connection


def asked(connection: http.client.HTTPConnection, path: str, body: bytes | None = None) -> bytes:
    """Ask and return the whole body."""
    connection.request("POST" if body is not None else "GET", path, body)
    return connection.getresponse().read()
