"""The routes of tokenfold: its client pushes records and usage windows, and its page or whoever else asks for statistics.

A push shows the key that the server's environment names (STATS_API_KEY) or a machine's token, as `X-API-Key` or as a
bearer's. Errors are `{"detail": …}`, as there.
"""

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, NamedTuple, Protocol

from fastapi import APIRouter, Request
from starlette.responses import Response

from tallystick.answers.desk import Desk
from tallystick.usage.period import Period, Zone

type Take = Callable[[str, Any, bytes, bool], Awaitable[tuple[int, bytes, int]]]
"""From the kind of a push, who sends it, the body and whether it is gzipped, to a status, JSON and the seconds to wait."""

BODY_MOST: Final = 32 << 20
"""Bytes of a batch: the client sends 2000 records at once, with everything that tools gave back."""
_JSON: Final = "application/json"
_UNPROCESSABLE: Final = 422
_WAIT: Final = "tally.wait"
"""Where in a request's scope stands for how many seconds whoever is not let in has to wait."""
_TOO_OFTEN: Final = "Too many tries from this address were wrong. Try again in {} s."
_KEPT_MS: Final = 60_000


class Grant(Protocol):
    """Whose token was shown."""

    @property
    def scope(self) -> str:
        """Return what it allows."""


class Nobody(NamedTuple):
    """Who shows the key of all: the machine is the one that is named."""

    machine: str = ""
    name: str = ""
    user: str = ""


class Door(NamedTuple):
    """Who may push."""

    key: str
    """That of the environment; without one it lets nobody in."""
    admit: Callable[[str], Grant | None]
    """Tells whose token is shown."""

    def opens(self, shown: str) -> Grant | Nobody | None:
        """Return who shows something, None for whom may not push."""
        if self.key and hmac.compare_digest(shown.encode("utf-8", "replace"), self.key.encode()):
            return Nobody()
        grant = self.admit(shown)
        return grant if grant is not None and grant.scope == "ingest" else None


def router(desk: Desk, take: Take, door: Door, zone: Zone, now: Callable[[], int]) -> APIRouter:
    """Return the routes; days are those of the zone."""
    made = APIRouter(tags=["tokenfold"])

    @made.post("/api/ingest", summary="Take in records of transcripts", **_told(401, 413, 422, 429, body=True))
    async def ingest(request: Request) -> Response:
        return await _pushed(request, "tokenfold", take, door)

    @made.post(
        "/api/usage",
        summary="Take in what the vendor says of usage windows",
        **_told(400, 401, 413, 422, 429, body=True),
    )
    async def usage(request: Request) -> Response:
        return await _pushed(request, "usage", take, door)

    @made.get("/api/stats", summary="Statistics, as tokenfold's page asks for them", **_told())
    async def stats() -> Response:
        return _answer(200, await _stats(desk, zone, now()))

    @made.get("/api/stats/version", summary="Another number whenever the statistics may be others", **_told())
    async def version() -> Response:
        return _answer(200, json.dumps({"version": _number(desk)}))

    return made


async def _stats(desk: Desk, zone: Zone, now: int) -> str:
    """Return the statistics as JSON."""
    from tallystick.faces.compat.tokenfold_part import Part, part
    from tallystick.faces.compat.tokenfold_stats import Parts, spans, stats

    version = _number(desk)

    def asked(span: Period) -> "asyncio.Future[Part]":
        work = desk.get(("tokenfold", span.since, span.until), lambda answers: part(answers, span, now), ahead=False)
        return asyncio.wrap_future(work)

    # Of long histories they take seconds: worked out side by side, and again only when something came or a day began.
    parts = Parts(*await asyncio.gather(*map(asked, spans(zone, now))))
    # What depends on the moment changes by the minute; whoever asks sooner gets the same again.
    key = ("tokenfold", now // _KEPT_MS)
    told = desk.get(key, lambda answers: json.dumps(stats(answers, parts, zone, now, version)), ahead=False)
    return await asyncio.wrap_future(told)


async def _pushed(request: Request, kind: str, take: Take, door: Door) -> Response:
    shown = _shown(request.headers)
    if shown is None:
        return _wrong(_UNPROCESSABLE, [{"loc": ["header", "x-api-key"], "msg": "Field required", "type": "missing"}])
    who = door.opens(shown)
    if who is None:
        return _turned_away(request.scope.get(_WAIT, 0))
    encoding = request.headers.get("content-encoding", "").strip().lower()
    if encoding not in {"", "identity", "gzip"}:
        return _wrong(415, "A body may be gzipped, or come as it is")
    status, body, again = await take(kind, who, await request.body(), encoding == "gzip")
    headers = {"Retry-After": str(again)} if again else {}
    if status < 400:  # noqa: PLR2004
        return _answer(status, body.decode())
    message: str = json.loads(body)["error"]["message"]
    if status != _UNPROCESSABLE:
        return _wrong(status, message, headers)
    where, _, what = message.partition(": ")
    return _wrong(status, [{"loc": ["body", where], "msg": what, "type": "value_error"}], headers)


def _turned_away(wait: int) -> Response:
    """Answer to what does not count: only that waits, since whoever shows what counts may share its address."""
    if wait:
        return _wrong(429, _TOO_OFTEN.format(wait), {"Retry-After": str(wait)})
    return _wrong(401, "Invalid API key")


def _shown(headers: Mapping[str, str]) -> str | None:
    """Return the key or token that is shown; None when none is."""
    key = headers.get("x-api-key")
    if key is not None:
        return key.strip()
    kind, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else None


def _number(desk: Desk) -> int:
    """Return the desk's version as a number, which begins anew with each start."""
    return int(desk.version.rpartition("-")[2])


def _told(*statuses: int, body: bool = False) -> dict[str, Any]:
    """Return what the API's description tells of a route."""
    wrong = {"type": "object", "properties": {"detail": {}, "error": {}}}
    told: dict[int | str, Any] = {
        status: {"description": "Why not.", "content": {_JSON: {"schema": wrong}}}
        for status in (*statuses, 401, 403, 415, 503)
    }
    told[200] = {"description": "As tokenfold has it.", "content": {_JSON: {"schema": {"type": "object"}}}}
    content = {"required": True, "content": {_JSON: {"schema": {"type": "object"}}}}
    return {"responses": told, "response_class": Response, "openapi_extra": {"requestBody": content} if body else None}


def _answer(status: int, text: str) -> Response:
    return Response(text + "\n", status, {"Cache-Control": "no-store"}, _JSON)


def _wrong(status: int, detail: object, headers: Mapping[str, str] | None = None) -> Response:
    told = {"Cache-Control": "no-store", **(headers or {})}
    return Response(json.dumps({"detail": detail}) + "\n", status, told, _JSON)
