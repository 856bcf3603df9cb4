"""A websocket relayed: messages of both sides as they come, and its end as it came."""

import asyncio
from typing import Final, NamedTuple

from aiohttp import ClientError, WSMsgType

from tallystick.intake.gateway import refusing
from tallystick.intake.gateway.asgi import Message, Receive, Scope, Send
from tallystick.intake.gateway.dialling import Closed, Denied, Dialler, Socket, Unreachable
from tallystick.intake.gateway.headers import back, onward, told
from tallystick.intake.gateway.passing import Way

_NO_CODE: Final = 1005
_BROKEN: Final = 1006
_SWITCHED: Final = 101
_LENGTH: Final = b"content-length"
_TO_ANSWER_S: Final = 5.0
"""Seconds for which an upstream may answer that the client closed."""


class _End(NamedTuple):
    """How one side ended: with a code and a reason, with neither, or broken off."""

    code: int | None = None
    reason: str = ""
    broken: bool = False


class Relaying:
    """One websocket of a client, and the one to the upstream that belongs to it."""

    def __init__(self, way: Way, dialler: Dialler, scope: Scope, receive: Receive, send: Send) -> None:
        """Begin with the head of a handshake."""
        self._way, self._dialler, self._meter = way, dialler, way.meter
        self._scope, self._receive, self._send = scope, receive, send

    async def run(self) -> None:
        """Relay it until either side ends it."""
        # The client's wish to connect, which the head has told already.
        await self._receive()
        opened = await self._opened()
        if opened is None:
            return
        cut = True
        try:
            await self._accept(opened)
            cut = await self._both(opened)
        finally:
            opened.break_off()
            self._meter.end(cut=cut)

    async def _opened(self) -> Socket | None:
        """Return the websocket to the upstream; None where the client was told why there is none."""
        scope, way, send = self._scope, self._way, self._send
        deflate = any(
            name == b"sec-websocket-extensions" and b"permessage-deflate" in value for name, value in scope["headers"]
        )
        headers = onward(scope["headers"], socket=True)
        target = (way.path, scope["query_string"])
        try:
            return await self._dialler.socket(way.upstream, target, headers, scope["subprotocols"], deflate=deflate)
        except Denied as denied:
            self._meter.head(denied.status, told(denied.headers))
            self._meter.took(denied.body)
            self._meter.end(cut=False)
            kept = [each for each in back(denied.headers, socket=True) if each[0].lower() != _LENGTH]
            headers = [*kept, (_LENGTH, str(len(denied.body)).encode())]
            await refusing.answer(denied.status, headers, denied.body, scope, send)
        except Unreachable as error:
            self._meter.drop()
            await refusing.refuse(refusing.unreachable(way.upstream.host, str(error)), scope, send, way.upstream.speaks)
        except Closed as error:
            self._meter.drop()
            await refusing.refuse(refusing.closed(way.upstream.host, str(error)), scope, send, way.upstream.speaks)
        return None

    async def _accept(self, opened: Socket) -> None:
        headers = back(opened.headers, socket=True)
        await self._send({"type": "websocket.accept", "subprotocol": opened.protocol, "headers": headers})
        self._meter.head(_SWITCHED, told(opened.headers))

    async def _both(self, opened: Socket) -> bool:
        """Pass messages both ways; whoever ends first ends the other one in the same way. Tell whether it was broken off."""
        up = asyncio.create_task(self._up(opened))
        down = asyncio.create_task(self._down(opened))
        try:
            await asyncio.wait((up, down), return_when=asyncio.FIRST_COMPLETED)
            if down.done():
                # Both at once: what the upstream said last counts.
                end = down.result()
                await self._end_client(opened, end)
            else:
                end = up.result()
                await self._end_upstream(opened, end, down)
            return end.broken
        finally:
            up.cancel()
            down.cancel()
            await asyncio.gather(up, down, return_exceptions=True)

    async def _up(self, opened: Socket) -> _End:
        """Pass what the client says, until it ends."""
        while True:
            message = await self._receive()
            if message["type"] != "websocket.receive":
                return _end(message)
            if self._way.stopped is not None and self._way.stopped():
                # Tools then ask by plain requests, which are told why.
                return _End(broken=True)
            text = message.get("text")
            data = message["bytes"] if text is None else text
            # Before it goes: while a long one is on its way, its answer could come and be told first.
            self._meter.frame(data, sent=True)
            try:
                await (opened.send_bytes(data) if text is None else opened.send_str(data))
            except (ClientError, OSError):
                return await _gone()

    async def _down(self, opened: Socket) -> _End:
        """Pass what the upstream says, until it ends."""
        while True:
            message = await opened.receive()
            if message.type is WSMsgType.TEXT:
                passed = {"type": "websocket.send", "text": message.data}
            elif message.type is WSMsgType.BINARY:
                passed = {"type": "websocket.send", "bytes": message.data}
            elif message.type is WSMsgType.CLOSE:
                return _End(message.data or None, message.extra or "")
            else:
                return _End(broken=True)
            try:
                await self._send(passed)
            except OSError:
                return await _gone()
            self._meter.frame(message.data, sent=False)

    async def _end_client(self, opened: Socket, end: _End) -> None:
        """Close towards the client as the upstream did; where it broke off, the server does so too when nothing is said."""
        if not end.broken:
            await opened.send_frame(_payload(end), WSMsgType.CLOSE)
            await self._send({"type": "websocket.close", "code": end.code, "reason": end.reason})

    async def _end_upstream(self, opened: Socket, end: _End, down: "asyncio.Task[_End]") -> None:
        """Close towards the upstream as the client did."""
        if not end.broken:
            await opened.send_frame(_payload(end), WSMsgType.CLOSE)
            await asyncio.wait((down,), timeout=_TO_ANSWER_S)


async def _gone() -> _End:
    """Leave it to the other way to tell how they ended, to whom nothing can be said any more; for a while."""
    await asyncio.sleep(_TO_ANSWER_S)
    return _End(broken=True)


def _end(message: Message) -> _End:
    code = message.get("code", _NO_CODE)
    # uvicorn tells of a lost connection as of a closing without a code, but for the reason, which only a closing has.
    if code == _BROKEN or (code == _NO_CODE and "reason" not in message):
        return _End(broken=True)
    return _End(None if code == _NO_CODE else code, message.get("reason") or "")


def _payload(end: _End) -> bytes:
    """Return what a closing frame holds (RFC 6455, 5.5.1)."""
    return b"" if end.code is None else end.code.to_bytes(2, "big") + end.reason.encode()
