"""Who listens in a proxy's stead within a test: somebody who says how he is, and a port that has too many callers."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest


class _Answer(BaseHTTPRequestHandler):
    code = 200

    def do_GET(self) -> None:
        server: tuple[str, int] = self.server.server_address  # type: ignore[assignment]
        # As the real one, which knows by this name alone that it is asked itself.
        asked = (self.path, self.headers["Host"]) == ("/health", f"127.0.0.1:{server[1]}")
        self.send_response(self.code if asked else 400)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def healthy(code: int = 200) -> Iterator[int]:
    """Answer with a status, and give the port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), type("_Coded", (_Answer,), {"code": code})) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield server.server_port
        finally:
            server.shutdown()


@contextmanager
def crowded(port: int) -> Iterator[None]:
    """Connect to a port that takes nothing until a connection is no longer made."""
    with ExitStack() as stack:
        for _ in range(1000):
            line = stack.enter_context(socket.socket())
            line.settimeout(0.2)
            try:
                line.connect(("127.0.0.1", port))
            except TimeoutError:
                break
        else:
            pytest.fail("it never was full")
        yield
