"""A stand-in of Anthropic's endpoint for a subscriber's usage, and a login as Claude Code keeps it."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

NOON = 1_795_348_800_000
TOKEN = "not-a-token-but-long-enough"
ORGANISATION = "5b7e3a52-2f0e-4d0c-9a67-3b8a2d3a0c11"
KEPT = {
    "accessToken": TOKEN,
    "refreshToken": "never-read",
    "expiresAt": NOON + 3_600_000,
    "scopes": ["user:inference", "user:profile"],
    "subscriptionType": "max",
}
USAGE = {
    "five_hour": {"utilization": 23.5, "resets_at": "2026-11-22T14:00:00Z"},
    "seven_day": {"utilization": 1_795_348_800, "resets_at": None},
    "seven_day_opus": None,
}


class Endpoint:
    """What a stand-in of the vendor's is asked and answers."""

    def __init__(self) -> None:
        self.status, self.body = 200, json.dumps(USAGE).encode()
        self.headers: dict[str, str] = {}
        self.asked: list[tuple[str, Mapping[str, str]]] = []
        self.address = ""


@contextmanager
def serving(endpoint: Endpoint) -> Iterator[Endpoint]:
    """Run it on this machine for as long as the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            endpoint.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            self.send_response(endpoint.status)
            for name, value in endpoint.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(endpoint.body)))
            self.end_headers()
            self.wfile.write(endpoint.body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    endpoint.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield endpoint
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def keep(config: Path, kept: Any) -> None:  # noqa: ANN401  any JSON
    """Write a login into a config directory."""
    config.mkdir(parents=True)
    (config / ".credentials.json").write_text(json.dumps({"claudeAiOauth": kept}))
