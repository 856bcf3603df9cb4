"""The routes of the Token Usage Server, as its first version has them: a client pushes what it has counted, per GUID and host.

The GUID is all that its clients show. So on this machine everybody may push and ask, and beyond it only those whose GUIDs
the config names; what all of them have pushed is told to administrators. Its errors are `{"error": "a sentence"}`.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import count
from typing import Any, Final, NamedTuple

from fastapi import APIRouter, Request
from starlette.responses import Response

from tallystick.answers.answer import Moment
from tallystick.answers.counters import Standing
from tallystick.answers.desk import Desk
from tallystick.errors import TallystickError

type Take = Callable[[str, Any, bytes, bool], Awaitable[tuple[int, bytes, int]]]
"""From the kind of a push, who sends it, the body and whether it is gzipped, to a status, JSON and the seconds to wait."""

BODY_MOST: Final = 1 << 17
"""Bytes of a push: with 200 models (intake/push/counter.py), each with a name of 256 signs, it has fewer. So many are understood
within some milliseconds, in which nobody else is answered."""
_GRANT: Final = "tally.grant"
"""Where in a request's scope stands whose token was shown, if one was."""
_JSON: Final = "application/json"
_ASKED_S: Final = 0.5
"""How long `/health` waits for numbers before it does without."""
_UNKNOWN: Final = "This server does not know this GUID: name it in guids under [server] in its config."
_ADMIN: Final = "This tells of everybody's GUIDs: show a token with the scope admin."


class Whom(NamedTuple):
    """Whom to let in."""

    guids: frozenset[str]
    """Those that may be used; without any, every one on this machine and none beyond it."""
    beyond: bool
    """Whether others than this machine can ask."""

    def knows(self, guid: str) -> bool:
        """Tell whether a GUID may be used."""
        return guid in self.guids if self.guids or self.beyond else True


class Nobody(NamedTuple):
    """Who sends without being a machine that was paired."""

    machine: str = ""
    name: str = ""
    user: str = ""


class Tracked:
    """How many GUIDs and hosts there are: what was found out last, where that takes long now."""

    def __init__(self, desk: Desk, *, beyond: bool = False) -> None:
        """Begin without any; where others than this machine can ask, only those who may read are told."""
        self._desk, self._beyond = desk, beyond
        self._last = {"guids_tracked": 0, "hosts_tracked": 0}

    async def __call__(self, grant: object) -> Mapping[str, int]:
        """Return the numbers as `/health` has them, for whom was recognised as a reader; none for whom they are not."""
        if grant is None and self._beyond:
            return {}
        try:
            async with asyncio.timeout(_ASKED_S):
                asked = self._desk.get(("tracked",), lambda answers: _numbers(answers.counters()), ahead=False)
                self._last = await asyncio.shield(asyncio.wrap_future(asked))
        except (TimeoutError, TallystickError):
            pass
        return self._last


def router(desk: Desk, take: Take, whom: Whom) -> APIRouter:
    """Return the routes; `take` hands on what was pushed."""
    made = APIRouter(tags=["Token Usage Server"])
    asked = count()

    async def standings() -> list[Standing]:
        # A key of its own each time: who has pushed and asks then is to see it, whatever version others still see.
        key = ("counters", next(asked))
        return await asyncio.wrap_future(desk.get(key, lambda answers: answers.counters(), ahead=False))

    @made.post("/update", summary="Take in what a client has counted", **_told(400, 403, body=True))
    async def update(request: Request) -> Response:
        return await _updated(request, take, whom)

    @made.get("/status/{guid}", summary="What was pushed last under a GUID", **_told(403, 404))
    async def of_one(guid: str) -> Response:
        if not whom.knows(guid):
            return _error(403, _UNKNOWN)
        found = [_entry(each) for each in await standings() if each.guid == guid]
        return _answer({"guid": guid, "entries": found}) if found else _error(404, "User not found")

    @made.get("/status", summary="What was pushed last, of everybody", **_told(403))
    async def of_all(request: Request) -> Response:
        grant = request.scope.get(_GRANT)
        if (grant is not None or whom.beyond) and getattr(grant, "scope", "") != "admin":
            return _error(403, _ADMIN)
        found = await standings()
        data: dict[str, dict[str, Any]] = {}
        for each in found:
            data.setdefault(each.guid, {})[each.host] = _entry(each)
        return _answer({"guids": len(data), "total_hosts": len(found), "data": data})

    return made


async def _updated(request: Request, take: Take, whom: Whom) -> Response:
    """Hand on what a client has counted, where it may."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _JSON:
        return _error(400, f"Send JSON: Content-Type: {_JSON}.")
    if request.headers.get("content-encoding", "identity").strip().lower() not in {"", "identity"}:
        return _error(400, "Send it as it is, without compression.")
    body = await request.body()
    if not whom.knows(_guid(body)):
        return _error(403, _UNKNOWN)
    status, said, again = await take("counter", Nobody(), body, False)  # noqa: FBT003  it is not gzipped
    headers = {"Retry-After": str(again)} if again else {}
    return Response(said, status, headers, _JSON) if status < 400 else _error(status, _sentence(said), headers)  # noqa: PLR2004


def _told(*statuses: int, body: bool = False) -> dict[str, Any]:
    """Return what the API's description tells of a route."""
    error = {"type": "object", "required": ["error"], "properties": {"error": {}}}
    told: dict[int | str, Any] = {
        status: {"description": "Why not, in a sentence.", "content": {_JSON: {"schema": error}}}
        for status in (*statuses, 401, 413, 429, 503)
    }
    told[200] = {"description": "As the Token Usage Server has it.", "content": {_JSON: {"schema": {"type": "object"}}}}
    content = {"required": True, "content": {_JSON: {"schema": {"type": "object"}}}}
    return {"responses": told, "response_class": Response, "openapi_extra": {"requestBody": content} if body else None}


def _guid(body: bytes) -> str:
    """Return the GUID in a push; empty where there is none, which is told when it is taken in."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    guid = said.get("guid") if isinstance(said, dict) else ""
    return guid if isinstance(guid, str) else ""


def _numbers(found: Sequence[Standing]) -> dict[str, int]:
    return {"guids_tracked": len({each.guid for each in found}), "hosts_tracked": len(found)}


def _entry(each: Standing) -> dict[str, Any]:
    counts = {
        "inputTokens": each.input,
        "outputTokens": each.output,
        "cacheCreationTokens": each.cache_write,
        "cacheReadTokens": each.cache_read,
    }
    entry = {
        "hostname": each.host,
        "tokens": {**counts, "totalTokens": sum(counts.values())},
        "lastUpdated": f"{Moment(each.time).iso()[:19]}Z",
    }
    return entry | ({"modelBreakdowns": list(each.models)} if each.models else {})


def _sentence(said: bytes) -> str:
    """Return what a problem tells."""
    message: str = json.loads(said)["error"]["message"]
    return message


def _answer(found: Mapping[str, Any]) -> Response:
    return Response(json.dumps(found) + "\n", headers={"Cache-Control": "no-store"}, media_type=_JSON)


def _error(status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    told = {"Cache-Control": "no-store", **(headers or {})}
    return Response(json.dumps({"error": message}) + "\n", status, told, _JSON)
