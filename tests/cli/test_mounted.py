"""The gateway beside the app: who is let by, with the real server, a real upstream, and what is counted."""

import asyncio
import gzip
import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.cli.running import started, until
from tests.cli.stage import Stage

from tallystick.access import keys
from tallystick.access.door import Door
from tallystick.access.keys import Wanted
from tallystick.access.store import Store, path
from tallystick.cli.mounted import Mounted
from tallystick.faces.http.site import Site
from tallystick.intake.gateway.gateway import Gateway
from tallystick.intake.gateway.upstreams import upstreams
from tallystick.intake.wire.spool import Spool
from tallystick.providers.shelf import Shelf

USAGE = {"input_tokens": 42, "cache_read_input_tokens": 5156, "cache_creation_input_tokens": 0, "output_tokens": 245}
ANSWER = {"id": "msg_1", "type": "message", "model": "claude-opus-4-8", "content": [], "usage": USAGE}
BODY = gzip.compress(json.dumps(ANSWER).encode())


class Upstream(BaseHTTPRequestHandler):
    """Answers like a provider, and tells back what it was shown."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Encoding", "gzip")
        self.send_header("request-id", "req_1")
        self.send_header("X-Shown", f"{self.headers['Authorization']} {self.headers['X-Tally-Token']}")
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  as it is called
        """Say nothing."""


@contextmanager
def provider() -> Iterator[str]:
    """Have a provider answer; yield its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Upstream) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def served(stage: Stage, **more: str) -> Iterator[int]:
    """Serve on a free port for as long as it is needed; yield the port."""
    with started(stage, "serve", "--port", "0", **more) as told:
        line = told.next(lambda line: "serves at" in line)
        yield int(line.partition("127.0.0.1:")[2].partition("/")[0])


def asked(port: int, address: str = "/gateway/anthropic/v1/messages", **headers: str) -> tuple[int, Any, bytes]:
    """Ask the server for a message; return status, headers and body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        shown = {"Authorization": "Bearer theirs", **{name.replace("_", "-"): text for name, text in headers.items()}}
        connection.request("POST", address, b'{"model": "claude-opus-4-8", "messages": []}', shown)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def test_calls_pass_the_server_unchanged_and_are_counted(stage: Stage) -> None:
    with provider() as address, served(stage, TALLY_GATEWAY_UPSTREAMS_ANTHROPIC=address) as port:
        status, headers, body = asked(port)
        assert (status, body, headers["X-Shown"]) == (200, BODY, "Bearer theirs None")
        assert len(headers.get_all("Date")) == 1
        spool = stage.home / "data" / "spool"
        assert until(lambda: any(each.stat().st_size for each in spool.glob("*.jsonl")))
        (line,) = [json.loads(text) for each in spool.iterdir() for text in each.read_text().splitlines()]
        assert (line["id"], line["request"], line["tokens"]) == ("msg_1", "req_1", [42, 5156, 0, 0, 245, 0])
        # A page of another site gets nowhere, and neither does another name.
        assert asked(port, Origin="https://evil.example")[0] == 403
        assert asked(port, Sec_Fetch_Site="cross-site")[0] == 403
        assert asked(port, Host="evil.example")[0] == 421
        assert asked(port, "/gateway/nobody/v1")[0] == 404
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/health")
        assert len(connection.getresponse().headers.get_all("Date") or ()) == 1
        connection.close()


class _Answered(Exception):
    """The gateway was reached."""


async def _let_by(app: Mounted, peer: str, *headers: tuple[bytes, bytes], kind: str = "http") -> int:
    """Return the status with which somebody is refused; 0 when they are let by."""
    sent: list[Any] = []

    async def send(message: Any) -> None:  # noqa: ANN401  as ASGI has it
        sent.append(message)

    async def receive() -> Any:  # noqa: ANN401  as ASGI has it
        return {"type": "http.request", "body": b""}

    scope = {
        "type": kind,
        "path": "/gateway/anthropic/v1",
        "raw_path": b"/gateway/anthropic/v1",
        "client": (peer, 5),
        "headers": [(b"host", b"tally.example"), *headers],
        "extensions": {"websocket.http.response": {}},
    }
    try:
        await app({**scope, **({"method": "POST"} if kind == "http" else {})}, receive, send)
    except _Answered:
        return 0
    return int(sent[0]["status"])


class _Reached(Gateway):
    async def __call__(self, *_: object) -> None:
        raise _Answered


@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_from_elsewhere_a_token_is_wanted_in_a_header_of_its_own(tmp_path: Path, kind: str) -> None:
    store = Store(path(str(tmp_path)))
    made = keys.create(store, Wanted("read"), "test", 5)
    door = Door(store, lambda: 10, "the-servers-own")
    spool = Spool(str(tmp_path / "spool"), lambda: 0.0)
    gateway = _Reached(upstreams({}, {}, ""), Shelf(), spool, lambda: 0.0)
    site = Site(version="1", timezone="UTC", now=lambda: 10, hosts=("tally.example",), token="the-servers-own")
    site = site._replace(admit=door.admit)
    app, strict = (Mounted(lambda *_: None, gateway, site, always=always) for always in (False, True))  # type: ignore[arg-type]
    try:
        for peer, headers, status in (
            ("127.0.0.1", (), 0),
            ("::1", (), 0),
            ("10.0.0.5", (), 401),
            ("unknown", (), 401),
            ("10.0.0.5", ((b"x-tally-token", b"wrong"),), 401),
            ("10.0.0.5", ((b"x-tally-token", made.text.encode()),), 0),
            ("10.0.0.5", ((b"x-tally-token", b"the-servers-own"),), 0),
            ("127.0.0.1", ((b"origin", b"https://evil.example"),), 403),
            # A link that is followed would show a provider's page as one of ours.
            ("127.0.0.1", ((b"sec-fetch-site", b"none"), (b"sec-fetch-dest", b"document")), 403),
            ("127.0.0.1", ((b"sec-fetch-site", b"same-origin"), (b"sec-fetch-dest", b"empty")), 0),
            # A token of ours is nothing for a provider.
            ("127.0.0.1", ((b"authorization", f"Bearer {made.text}".encode()),), 400),
        ):
            assert asyncio.run(_let_by(app, peer, *headers, kind=kind)) == status, (peer, headers)
        # Where somebody may come through a proxy that does not say so, everybody shows one.
        assert asyncio.run(_let_by(strict, "127.0.0.1", kind=kind)) == 401
        assert asyncio.run(_let_by(strict, "127.0.0.1", (b"x-tally-token", made.text.encode()), kind=kind)) == 0
        # Guessing ends soon, and hinders nobody who has a token.
        wrong = [asyncio.run(_let_by(app, "10.0.0.7", (b"x-tally-token", b"guess"), kind=kind)) for _ in range(25)]
        assert wrong == [401] * 20 + [429] * 5
        assert asyncio.run(_let_by(app, "10.0.0.7", (b"x-tally-token", b"the-servers-own"), kind=kind)) == 429
        assert asyncio.run(_let_by(app, "10.0.0.7", (b"x-tally-token", made.text.encode()), kind=kind)) == 0
    finally:
        spool.close()
        door.close()
