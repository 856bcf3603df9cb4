"""Joining: a machine exchanges its code for a token, and gives it back when it leaves."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from json import loads
from typing import Any, Final, Protocol

from fastapi import APIRouter, Request
from starlette.responses import Response

from tallystick.answers.as_json import value
from tallystick.errors import NotFound
from tallystick.faces.http.problems import problem, responses
from tallystick.faces.http.serving import JSON
from tallystick.faces.http.site import GRANT, PREFIX, Grant
from tallystick.faces.http.ways import INGEST, OPEN, Way

SCHEMA: Final = "tallystick.join/1"
_SMALL: Final = 1 << 14
"""Bytes of a code, a name and what newer machines may tell besides."""
WAYS: Final = {f"{PREFIX}/join": Way(OPEN, _SMALL), f"{PREFIX}/leave": Way(INGEST, _SMALL)}
_WHY: Final[Mapping[str, tuple[int, str]]] = {
    "wrong": (401, "There is no such code. `tally server invite` on the server prints one."),
    "expired": (410, "This code has expired. `tally server invite` on the server prints another."),
    "used": (410, "This code was used already. `tally server invite` on the server prints another."),
    "taken": (
        409,
        (
            "There is a machine of that name already. Join under another one, or have the server invite this one by it:"
            " `tally server invite --machine NAME`."
        ),
    ),
    "nameless": (
        400,
        "The machine needs a name of at most 64 characters: letters, digits, spaces and . _ - + @ ( ).",
    ),
}
"""What is answered to who gets no token, by the word for the reason."""
_ASKED: Final = {
    "type": "object",
    "required": ["code"],
    "properties": {"code": {"type": "string"}, "machine": {"type": "string"}},
}


class Joined(Protocol):
    """A machine that was paired."""

    @property
    def token(self) -> str:
        """With which it sends."""

    @property
    def machine(self) -> str:
        """Its name from now on."""

    @property
    def user(self) -> str:
        """Whose it is."""


class Desk(Protocol):
    """Where machines join and leave."""

    def join(self, code: str, machine: str) -> Joined | str:
        """Exchange a code for a token, or say in a word why not."""

    def leave(self, token: str) -> None:
        """Have a token, by its id, count no more."""


def router(desk: Desk, server: str) -> APIRouter:
    """Return the routes; `server` is what the server calls itself."""
    routes = APIRouter(prefix=PREFIX, tags=["push"])

    async def join(request: Request) -> Response:
        asked = _asked(await request.body())
        if asked is None:
            return problem(400, "malformed", 'Joining takes JSON: {"code": "…", "machine": "…"}.')
        found = await asyncio.to_thread(desk.join, *asked)
        if isinstance(found, str):
            status, message = _WHY[found]
            return problem(status, found, message)
        told = {"token": found.token, "machine": found.machine, "user": found.user, "server": server}
        return _done(told)

    async def leave(request: Request) -> Response:
        grant: Grant = request.scope[GRANT]
        # It may have been revoked a moment ago, which is what was wanted.
        with suppress(NotFound):
            await asyncio.to_thread(desk.leave, grant.id)
        return _done({"machine": grant.machine})

    joined = ("schema", "token", "machine", "user", "server")
    _add(routes, "/join", join, "Exchange a code for a machine's token", joined)
    _add(routes, "/leave", leave, "Have the token that is shown count no more", ("schema", "machine"))
    return routes


def _done(told: Mapping[str, str]) -> Response:
    return Response(value({"schema": SCHEMA, **told}) + "\n", 200, {"Cache-Control": "no-store"}, JSON)


def _add(
    routes: APIRouter,
    path: str,
    endpoint: Callable[[Request], Awaitable[Response]],
    summary: str,
    fields: Sequence[str],
) -> None:
    told = {"type": "object", "required": [*fields], "properties": {name: {"type": "string"} for name in fields}}
    done: dict[int | str, dict[str, Any]] = {200: {"description": "Done.", "content": {JSON: {"schema": told}}}}
    done |= responses(400, 413)
    asked = path == "/join"
    for status, message in (_WHY[word] for word in ("expired", "taken") if asked):
        done[status] = {"description": message, "content": done[400]["content"]}
    routes.add_api_route(
        path,
        endpoint,
        methods=["POST"],
        name=path[1:],
        summary=summary,
        response_class=Response,
        responses=done,
        openapi_extra={"requestBody": {"required": True, "content": {JSON: {"schema": _ASKED}}}} if asked else None,
    )


def _asked(body: bytes) -> tuple[str, str] | None:
    """Return code and machine; None for a body that does not hold them."""
    try:
        said = loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict):
        return None
    code, machine = said.get("code"), said.get("machine", "")
    return (code, machine) if isinstance(code, str) and isinstance(machine, str) else None
