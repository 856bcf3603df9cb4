"""Health: how the server fares, without asking the ledger anything."""

from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from tallystick.answers.answer import Moment
from tallystick.answers.as_json import value
from tallystick.answers.desk import Desk
from tallystick.faces.http import models, parameters
from tallystick.faces.http.routing import Told, add
from tallystick.faces.http.serving import JSON
from tallystick.faces.http.site import PREFIX, Site

SCHEMA: Final = "tallystick.server/1"


def router(desk: Desk, site: Site) -> APIRouter:
    """Return the route."""
    routes = APIRouter(prefix=PREFIX, tags=["server"])

    async def health(request: Request) -> Response:
        parameters.read(request.query_params, ())
        return Response(value(state(desk, site)) + "\n", 200, {"Cache-Control": "no-store"}, JSON)

    add(routes, "/health", health, Told("How the server fares", models.ServerHealth))
    return routes


def state(desk: Desk, site: Site) -> dict[str, Any]:
    """Return how the server fares."""
    status = desk.status
    word = "trouble" if status.trouble or not status.alive else "ok" if status.importing is None else "importing"
    return {
        "schema": SCHEMA,
        "status": word,
        "version": site.version,
        "timezone": site.timezone,
        "ledger": desk.version,
        "importing": None if status.importing is None else round(status.importing, 4),
        "since": Moment(status.since) if status.since else None,
        "files": status.files,
        "events": status.events,
        "following": status.alive,
        "trouble": status.trouble or None,
        "note": status.note or None,
    }
