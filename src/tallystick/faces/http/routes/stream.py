"""The stream: tells whoever listens of each new version, and how far an import has come (server-sent events)."""

import asyncio
from contextlib import suppress
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tallystick.answers.as_json import value
from tallystick.answers.desk import Desk, Status
from tallystick.errors import Unavailable
from tallystick.faces.http import parameters
from tallystick.faces.http.problems import responses
from tallystick.faces.http.site import PREFIX, Site

LISTENERS_MOST: Final = 100
BEAT_SECONDS: Final = 15.0
_PAUSE_SECONDS: Final = 0.2
"""An import has news many times a second; nobody can look that fast."""
_AGAIN_MS: Final = 2_000
_ABOUT: Final = (
    "Server-sent events: `version` with `{version}` at the beginning and on each change, after which every answer may be "
    "another one; `status` with `{importing, files, events, trouble, following, note}`, where `importing` is 0 to 1, or null. "
    "A comment every 15 seconds keeps the connection open."
)


def router(desk: Desk, site: Site, beat: float = BEAT_SECONDS) -> APIRouter:  # noqa: ARG001  as every router
    """Return the route."""
    routes = APIRouter(prefix=PREFIX, tags=["server"])
    listeners: set[Stream] = set()

    async def stream(request: Request) -> Response:
        parameters.read(request.query_params, ())
        if len(listeners) >= LISTENERS_MOST or desk.ending:
            raise Unavailable("Too many are listening already. Ask for /api/v1/health from time to time instead.")
        return Stream(desk, listeners, beat)

    content = {"text/event-stream": {"schema": {"type": "string"}}}
    routes.add_api_route(
        "/stream",
        stream,
        methods=["GET"],
        name="stream",
        summary="What changes, as it changes",
        description=_ABOUT,
        response_class=Response,
        responses={200: {"description": "Events without an end.", "content": content}, **responses(400)},
    )
    return routes


class Stream(Response):
    """A response that goes on until who listens has gone, or the server is about to."""

    media_type = "text/event-stream"

    def __init__(self, desk: Desk, listeners: "set[Stream]", beat: float) -> None:
        """Begin with where to listen, and who else does."""
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        # There is no telling how long it will be.
        self.raw_headers = [(name, text) for name, text in self.raw_headers if name != b"content-length"]
        self._desk, self._listeners, self._beat = desk, listeners, beat
        self._news, self._gone = asyncio.Event(), False
        self._told: tuple[str, Status | None] = ("", None)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what is new until there is nobody or nothing more."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        if scope.get("tally.head"):
            await send({"type": "http.response.body", "body": b""})
            return
        loop = asyncio.get_running_loop()
        stop = self._desk.listen(lambda: loop.call_soon_threadsafe(self._news.set))
        watch = asyncio.ensure_future(self._until_gone(receive))
        self._listeners.add(self)
        try:
            await self._go_on(send)
            await send({"type": "http.response.body", "body": b""})
        finally:
            self._listeners.discard(self)
            stop()
            watch.cancel()

    async def _go_on(self, send: Send) -> None:
        text = f"retry: {_AGAIN_MS}\n\n{self._new()}"
        while not (self._gone or self._desk.ending):
            if text:
                await send({"type": "http.response.body", "body": text.encode(), "more_body": True})
                await asyncio.sleep(_PAUSE_SECONDS)
            try:
                async with asyncio.timeout(self._beat):
                    await self._news.wait()
            except TimeoutError:
                text = ": still here\n\n"
            else:
                self._news.clear()
                text = self._new()

    def _new(self) -> str:
        """Return what has not been told."""
        version, status = self._desk.version, self._desk.status
        told_version, told_status = self._told
        self._told = version, status
        text = ""
        if version != told_version:
            text += f"event: version\nid: {version}\ndata: {value({'version': version})}\n\n"
        if status != told_status:
            text += f"event: status\ndata: {value(_status(status))}\n\n"
        return text

    async def _until_gone(self, receive: Receive) -> None:
        with suppress(asyncio.CancelledError):
            while (await receive())["type"] != "http.disconnect":
                pass
            self._gone = True
            self._news.set()


def _status(status: Status) -> dict[str, object]:
    return {
        "importing": None if status.importing is None else round(status.importing, 4),
        "files": status.files,
        "events": status.events,
        "trouble": status.trouble or None,
        "following": status.alive,
        "note": status.note or None,
    }
