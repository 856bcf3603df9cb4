"""A server of a test's own on this machine, which answers as it is told to, and remembers what it was sent."""

import gzip
import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

LONG_AGO_MS = 1_790_000_000_000


class Request(NamedTuple):
    """What came."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def told(self) -> dict[str, Any]:
        """The envelope in it."""
        found: dict[str, Any] = json.loads(gzip.decompress(self.body))
        return found


class Reply(NamedTuple):
    """What is answered, in JSON or as it is."""

    status: int = 200
    body: Any = b""
    headers: Mapping[str, str] = {}


def receipt(rejected: list[Any] | None = None, **more: int | None) -> Reply:
    """Return an answer that acknowledges everything else."""
    told = {"schema": "tallystick.receipt/1", "accepted": 0, "rejected": rejected or [], "time": LONG_AGO_MS}
    return Reply(200, told | more)


def timeless(rejected: list[Any] | None = None) -> Reply:
    """Return the same from a server that does not say what time it is."""
    return receipt(rejected, time=None)


def cut(handler: BaseHTTPRequestHandler) -> None:
    """Answer with half of what is announced."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"schema": "tallystick.rec')
    handler.close_connection = True


def reset(handler: BaseHTTPRequestHandler) -> None:
    """Break the connection without an answer."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.close_connection = True


def garbage(handler: BaseHTTPRequestHandler) -> None:
    """Answer with what is no HTTP."""
    handler.wfile.write(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")
    handler.close_connection = True


type Script = Reply | Callable[[BaseHTTPRequestHandler], None]


class Server:
    """What was sent, and what is answered next; the last answer is given again and again."""

    def __init__(self, *script: Script) -> None:
        """Begin with what is answered."""
        self.script = list(script) or [receipt()]
        self.requests: list[Request] = []
        self.hasty = False
        """Whether it answers before it has read what is sent."""
        self.url = ""
        self.ending = threading.Event()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        size = int(handler.headers.get("Content-Length") or 0)
        body = b"" if self.hasty else handler.rfile.read(size)
        self.requests.append(Request(handler.path, dict(handler.headers), body))
        reply = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if not isinstance(reply, Reply):
            reply(handler)
            return
        content = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        handler.send_response(reply.status)
        for name, value in {"Content-Length": str(len(content)), **reply.headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(content)
        handler.close_connection = True


@contextmanager
def served(*script: Script) -> Iterator[Server]:
    """Serve until the end of the block."""
    server = Server(*script)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            server.answer(self)

        def do_CONNECT(self) -> None:
            server.answer(self)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Quiet(ThreadingHTTPServer):
        daemon_threads = False

        def handle_error(self, *_: object) -> None:
            """Say nothing: connections that break are what some tests are about."""

    with Quiet(("127.0.0.1", 0), Handler) as listening:
        server.url = f"http://127.0.0.1:{listening.server_port}"
        thread = threading.Thread(target=listening.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.ending.set()
            listening.shutdown()
            thread.join()
