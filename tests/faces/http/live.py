"""A real server on the loopback, in a thread, before a desk with the sample's ledger."""

import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import uvicorn
from fastapi import APIRouter, FastAPI
from tests.answers.sample import NOW
from tests.answers.stand import answers, fill

from tallystick.answers.desk import Desk
from tallystick.faces.http.app import create_app
from tallystick.faces.http.site import PREFIX, Site

SITE = Site("9.9.9", "UTC", lambda: NOW)


class Live(NamedTuple):
    """A server that runs."""

    client: httpx2.Client
    desk: Desk
    ledger: Path
    port: int
    server: uvicorn.Server

    def get(self, path: str, **more: Any) -> httpx2.Response:  # noqa: ANN401  what httpx takes
        """Ask for something below /api/v1."""
        return self.client.get(f"{PREFIX}{path}", **more)

    def raw(self, request: bytes) -> bytes:
        """Send bytes as they are, and return everything that comes back."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            connection.sendall(request)
            parts = []
            while part := connection.recv(65_536):
                parts.append(part)
            return b"".join(parts)


@contextmanager
def running(app: FastAPI, desk: Desk) -> Iterator[tuple[httpx2.Client, int, uvicorn.Server]]:
    """Run an app on a thread for as long as it is needed: a client of it, its port, and itself."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", timeout_graceful_shutdown=5))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
            yield client, port, server
    finally:
        desk.end()
        server.should_exit = True
        thread.join(10)
        desk.close()
        assert not thread.is_alive()


@contextmanager
def serving(folder: Path, site: Site = SITE, routers: Iterable[APIRouter] = (), *, full: bool = True) -> Iterator[Live]:
    """Serve a site for as long as it is needed."""
    ledger = folder / "ledger.db"
    fill(ledger) if full else fill(ledger, ())
    desk = Desk(lambda: answers(ledger), 2)
    with running(create_app(desk, site, routers), desk) as (client, port, server):
        yield Live(client, desk, ledger, port, server)
