"""Pushes: what other machines send is handed on to be stored, and answered once it is durable."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from tallystick.faces.http.problems import problem, responses
from tallystick.faces.http.serving import JSON
from tallystick.faces.http.site import GRANT, PREFIX
from tallystick.faces.http.ways import INGEST, Way

type Take = Callable[[str, Any, bytes, bool], Awaitable[tuple[int, bytes, int]]]
"""From the kind of a push, the grant that was shown, the body and whether it is gzipped, to a status, JSON and the
seconds after which it is worth coming again (0 where that is not said)."""

PUSH: Final = f"{PREFIX}/push"
WAY: Final = Way(INGEST, 4 << 20)
"""What sending wants, and how many bytes a push may have as it comes over the wire."""
_ABOUT: Final = (
    "Events of a paired machine, as `tally push` and `client.pyz` send them: sources with their rows, in columns that the "
    "envelope names. Each row is stored once, however often it comes. The answer, which comes when all is durable, names "
    "the rows that can never be stored; every other one is acknowledged."
)
_RECEIPT: Final[Mapping[str, Any]] = {
    "type": "object",
    "required": ["schema", "accepted", "rejected", "time"],
    "properties": {
        "schema": {"type": "string"},
        "accepted": {"type": "integer"},
        "rejected": {"type": "array", "items": {"type": "object"}},
        "rejected_more": {"type": "integer"},
        "time": {"type": "integer"},
        "skew_ms": {"type": "integer"},
    },
}


def router(take: Take) -> APIRouter:
    """Return the route."""
    routes = APIRouter(tags=["push"])

    async def push(request: Request) -> Response:
        return await taken(request, "push", take)

    routes.add_api_route(
        PUSH,
        push,
        methods=["POST"],
        name="push",
        summary="Take in what a machine sends",
        description=_ABOUT,
        response_class=Response,
        responses={
            200: {"description": "All is durable.", "content": {JSON: {"schema": _RECEIPT}}},
            **responses(400, 413, 415),
        },
        openapi_extra={"requestBody": {"required": True, "content": {JSON: {"schema": {"type": "object"}}}}},
    )
    return routes


async def taken(request: Request, kind: str, take: Take) -> Response:
    """Hand a request's body on; return what is answered to it."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
        return problem(415, "media_type", f"A push is JSON: send it as Content-Type: {JSON}.")
    encoding = request.headers.get("content-encoding", "").strip().lower()
    if encoding not in {"", "identity", "gzip"}:
        return problem(415, "media_type", "A body may be gzipped, or come as it is.")
    status, body, again = await take(kind, request.scope.get(GRANT), await request.body(), encoding == "gzip")
    headers = {"Cache-Control": "no-store"}
    if again:
        headers["Retry-After"] = str(again)
    return Response(body, status, headers, JSON)
