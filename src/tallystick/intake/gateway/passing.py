"""One plain request on its way to an upstream, and its answer on its way back, piece by piece as they come."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple, Self

from aiohttp import ClientError, ClientResponse, StreamReader

from tallystick.intake.gateway import refusing
from tallystick.intake.gateway.asgi import Receive, Scope, Send
from tallystick.intake.gateway.dialling import Closed, Dialler, Unreachable
from tallystick.intake.gateway.headers import back, onward, told
from tallystick.intake.gateway.metering import Meter
from tallystick.intake.gateway.upstreams import Upstream


class Way(NamedTuple):
    """Where a request goes, and who is told of it."""

    upstream: Upstream
    path: bytes
    meter: Meter
    stopped: Callable[[], bool] | None = None
    """Tells whether a websocket is to end before the next message of the client."""


class Left(Exception):
    """The client is gone before its request was whole."""


class Passing:
    """A request and its answer, both on their way at once."""

    def __init__(self, way: Way, dialler: Dialler, scope: Scope, receive: Receive, send: Send) -> None:
        """Begin with a request's head."""
        self._way, self._dialler, self._meter = way, dialler, way.meter
        self._scope, self._receive, self._send = scope, receive, send
        self._task: asyncio.Task[None] | None = None
        self._whole = asyncio.Event()
        self._left = False

    async def run(self) -> None:
        """Pass it, until the answer has ended, the upstream broke it off, or the client is gone."""
        task = self._task = asyncio.current_task()
        leaving = asyncio.create_task(self._watch_leaving())
        try:
            await self._pass()
        except asyncio.CancelledError:
            if task is None or not self._left:
                raise
            task.uncancel()
        finally:
            # Where its end was told this does nothing.
            self._meter.end(cut=True)
            self._task = None
            leaving.cancel()

    async def _pass(self) -> None:
        scope, way = self._scope, self._way
        headers = onward(scope["headers"])
        body = _has_body(scope)
        if not body:
            self._whole.set()
        try:
            answer = await self._dialler.ask(
                way.upstream, scope["method"], (way.path, scope["query_string"]), headers, self if body else None
            )
        except Unreachable as error:
            self._meter.drop()
            await refusing.refuse(
                refusing.unreachable(way.upstream.host, str(error)), scope, self._send, way.upstream.speaks
            )
        except Closed as error:
            self._meter.end(cut=True)
            await refusing.refuse(
                refusing.closed(way.upstream.host, str(error)), scope, self._send, way.upstream.speaks
            )
        else:
            try:
                await self._answer(answer)
            finally:
                # Where it came to its end this does nothing: the connection is kept already.
                answer.close()

    async def _answer(self, answer: ClientResponse) -> None:
        """Pass an answer; return without its end where the upstream has told none, so that the server breaks off too."""
        raw = answer.raw_headers
        try:
            await self._send({"type": "http.response.start", "status": answer.status, "headers": back(raw)})
        finally:
            self._meter.head(answer.status, told(raw))
        content = answer.content
        more = True
        while more:
            try:
                data = await content.readany()
                more = not content.at_eof()
            except (ClientError, OSError):
                await self._pass_on(_unread(content), more=True)
                self._meter.end(cut=True)
                return
            await self._pass_on(data, more=more)
        self._meter.end(cut=False)

    async def _pass_on(self, data: bytes, *, more: bool) -> None:
        try:
            await self._send({"type": "http.response.body", "body": data, "more_body": more})
        finally:
            # The upstream has billed it, even where the client leaves while it is on its way.
            self._meter.took(data)

    def __aiter__(self) -> Self:
        """Return what yields the request's body."""
        return self

    async def __anext__(self) -> bytes:
        """Return the next piece of the request's body."""
        if self._whole.is_set():
            raise StopAsyncIteration
        message = await self._receive()
        if message["type"] == "http.disconnect":
            self._leave()
            raise Left
        if not message.get("more_body", False):
            self._whole.set()
        data: bytes = message.get("body", b"")
        self._meter.sent(data)
        return data

    async def _watch_leaving(self) -> None:
        """Wait until the client hangs up, once it has nothing more to say."""
        await self._whole.wait()
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._leave()

    def _leave(self) -> None:
        if self._task is not None:
            self._left = True
            self._task.cancel()


def _has_body(scope: Scope) -> bool:
    """Tell whether a request has a body: its length says so, or its transfer coding where it has none."""
    return any(
        name == b"transfer-encoding" or (name == b"content-length" and value != b"0")
        for name, value in scope["headers"]
    )


def _unread(content: StreamReader) -> bytes:
    """Return what came before a connection broke and was not read yet.

    aiohttp tells of the break first; a client of the upstream itself would have had these bytes.
    """
    with suppress(Exception):
        return content._read_nowait(-1)  # noqa: SLF001  there is no other way to them
    return b""
