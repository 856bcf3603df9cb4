"""A stage for the gateway: the real server before it in a thread, upstreams that do as a test says, and what was told."""

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, NamedTuple

import uvicorn

from tallystick.intake.gateway.gateway import Gateway, Outside
from tallystick.intake.gateway.upstreams import upstreams
from tallystick.intake.wire.spool import Spool
from tallystick.providers.provider import CUT, DONE, Asked, Call, Limit
from tallystick.providers.shelf import Shelf
from tallystick.usage.tokens import NO_TOKENS


class Watching:
    """A watch that keeps what it is told."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.limits: list[Limit] = []
        self.status = 0
        self.headers: Mapping[str, str] = {}
        self.request, self.answer = bytearray(), bytearray()
        self.messages: list[tuple[str, bytes]] = []
        self.cut: bool | None = None

    def sent(self, data: bytes) -> None:
        self.request += data

    def head(self, status: int, headers: Mapping[str, str]) -> None:
        self.status, self.headers = status, headers

    def took(self, data: bytes) -> list[Call]:
        self.answer += data
        return []

    def end(self, *, cut: bool) -> list[Call]:
        self.cut = cut
        return [Call("made-up", "m-1", NO_TOKENS, CUT if cut else DONE, status=self.status)]

    def frame_sent(self, data: bytes) -> list[Call]:
        self.messages.append(("sent", data))
        return []

    def frame_took(self, data: bytes) -> list[Call]:
        self.messages.append(("took", data))
        return []


class Raising(Watching):
    """A watch that breaks the promise never to raise."""

    def _raise(self, *_: object, **__: object) -> Any:  # noqa: ANN401  it returns nothing
        raise RuntimeError("made up")

    sent = head = took = end = frame_sent = frame_took = _raise


class Watched(Shelf):
    """A shelf whose watches a test can look at."""

    def __init__(self, kind: Callable[[Asked], Watching] | None = Watching) -> None:
        super().__init__()
        self._kind = kind
        self.watches: list[Watching] = []
        self.providers: list[str] = []

    def watch(self, asked: Asked, provider: str = "") -> Watching | None:
        self.providers.append(provider)
        if self._kind is None:
            return None
        self.watches.append(self._kind(asked))
        return self.watches[-1]


class Kept(Spool):
    """A spool that keeps lines where a test can see them."""

    def __init__(self) -> None:
        super().__init__("", time.time)
        self.lines: list[Mapping[str, Any]] = []

    def put(self, line: Mapping[str, Any]) -> None:
        self.lines.append(line)


class Stage(NamedTuple):
    """A gateway that serves."""

    port: int
    shelf: Watched
    spool: Kept

    async def connect(self) -> "Line":
        """Return a connection to it."""
        return Line(*await asyncio.open_connection("127.0.0.1", self.port))


class Line(NamedTuple):
    """A connection, as bytes."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def head(self) -> bytes:
        """Return the head of what comes next."""
        return await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 10)

    async def rest(self) -> bytes:
        """Return everything until the connection ends."""
        return await asyncio.wait_for(self.reader.read(-1), 10)

    def say(self, data: bytes) -> None:
        """Send bytes."""
        self.writer.write(data)

    def close(self) -> None:
        """Hang up."""
        self.writer.close()

    def reset(self) -> None:
        """Break off without a word."""
        self.writer.transport.abort()


@asynccontextmanager
async def upstream(handle: Callable[[Line], Awaitable[None]], **options: Any) -> AsyncIterator[int]:  # noqa: ANN401  as asyncio has them
    """Serve raw connections as a test says, and return the port; what a handler raises is raised here at the end."""
    failures: list[BaseException] = []
    lines: list[Line] = []

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = Line(reader, writer)
        lines.append(line)
        try:
            await handle(line)
        except (asyncio.IncompleteReadError, ConnectionError):
            # The gateway hung up.
            pass
        except Exception as failure:  # noqa: BLE001  it is raised where the test sees it
            failures.append(failure)
        finally:
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, limit=1 << 20, **options)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for line in lines:
            line.writer.transport.abort()
    if failures:
        raise failures[0]


@asynccontextmanager
async def served(
    said: Mapping[str, Any],
    shelf: Watched | None = None,
    outside: Outside | None = None,
    **options: Any,  # noqa: ANN401  as uvicorn has them
) -> AsyncIterator[Stage]:
    """Serve a gateway for as long as it is needed, by the server and in the way that `tally serve` does."""
    shelf, spool = shelf or Watched(), Kept()
    app = Gateway(upstreams(said, {}, "the test"), shelf, spool, time.time, outside or Outside())
    # With its protocol, as `tally serve` has it from getaddrinfo: without one, asyncio leaves Nagle's algorithm on.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen(512)
    server = _Server(app, options)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            await asyncio.sleep(0.005)
        yield Stage(listener.getsockname()[1], shelf, spool)
    finally:
        # Of connections that are just being closed it would take notice a tenth of a second later.
        with suppress(AssertionError):
            await told(lambda: not server.server_state.connections, 0.2)
        server.should_exit = True
        # The upstreams are in this loop, and what is on its way to them comes to its end now.
        await asyncio.to_thread(thread.join, 10)
        listener.close()
    assert not thread.is_alive()


class _Server(uvicorn.Server):
    def __init__(self, app: Gateway, options: Mapping[str, Any]) -> None:
        self._app = app
        ours: dict[str, Any] = {
            "http": "h11",
            "ws": "websockets-sansio",
            "ws_max_size": 64 << 20,
            "ws_ping_interval": None,
            "lifespan": "off",
            "access_log": False,
            "log_config": None,
            "server_header": False,
            "date_header": False,
            "timeout_keep_alive": 120,
            "timeout_graceful_shutdown": 1,
        }
        super().__init__(uvicorn.Config(app, **{**ours, **options}))

    async def main_loop(self) -> None:
        while not self.should_exit:  # noqa: ASYNC110  it is set from another thread
            await asyncio.sleep(0.005)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        await self._app.close()


async def told(what: Callable[[], bool], seconds: float = 2) -> None:
    """Wait until something is so; fail when it is not within some seconds."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not come about"
        await asyncio.sleep(0.005)


def scene(
    handle: Callable[[Line], Awaitable[None]], play: Callable[[Stage], Awaitable[None]], shelf: Watched | None = None
) -> None:
    """Play against a gateway before an upstream that does as `handle` says."""

    async def run() -> None:
        async with upstream(handle) as port, served({"own": f"http://127.0.0.1:{port}/base"}, shelf) as stage:
            await play(stage)

    asyncio.run(run())


async def whole(stage: Stage, request: bytes) -> bytes:
    """Send a request that ends its connection, and return everything that is answered."""
    line = await stage.connect()
    line.say(request.replace(b"\r\n", b"\r\nHost: localhost\r\nConnection: close\r\n", 1))
    try:
        return await line.rest()
    finally:
        line.close()
