"""A server of a few lines that takes pushes, on loopback: what clients send to, and what they sent."""

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "tally_i_" + "x" * 38
CODE = "K7Q2-M4TD"


class Receiver:
    """What was sent, and what is answered."""

    def __init__(self) -> None:
        self.url = ""
        self.bodies: list[bytes] = []
        """Inflated."""
        self.raw: list[bytes] = []
        self.asked: list[dict[str, Any]] = []
        self.statuses: list[tuple[int, dict[str, str]]] = []
        """What is answered next instead of a receipt, with headers."""
        self.token = TOKEN

    def answer(self, path: str, token: str, body: bytes) -> tuple[int, dict[str, str], dict[str, Any]]:
        """Return status, headers and JSON for a request."""
        if path == "/api/v1/join":
            said = json.loads(body)
            self.asked.append(said)
            if said.get("code") != CODE:
                return 403, {}, {"error": {"message": "This code is not known."}}
            return 200, {}, {"token": self.token, "machine": said["machine"], "user": "dev", "server": "the test's"}
        if path != "/api/v1/push":
            return 404, {}, {}
        if self.statuses:
            status, headers = self.statuses.pop(0)
            return status, headers, {"error": {"message": "not now"}}
        if token != f"Bearer {self.token}":
            return 401, {}, {"error": {"message": "no such token"}}
        self.raw.append(body)
        self.bodies.append(gzip.decompress(body))
        return 200, {}, {"schema": "tallystick.receipt/1", "accepted": 1, "known": 0, "rejected": [], "time": 0}

    @property
    def envelopes(self) -> list[dict[str, Any]]:
        """Return what was sent, decoded."""
        return [json.loads(body) for body in self.bodies]


@contextmanager
def receiver() -> Iterator[Receiver]:
    """Run a server until the end."""
    made = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, headers, told = made.answer(self.path, self.headers.get("Authorization", ""), body)
            content = json.dumps(told).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    made.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
