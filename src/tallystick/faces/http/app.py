"""The app: routes, guard, problems and the API's description, put together; what else is served is handed in."""

from collections.abc import Iterable
from typing import Final

from fastapi import APIRouter, FastAPI

from tallystick.answers.desk import Desk
from tallystick.faces.http import problems
from tallystick.faces.http.guard import Guard
from tallystick.faces.http.routes import closer, events, exact, health, machines, prices, receivers, reports, stream
from tallystick.faces.http.site import PREFIX, Site

_ABOUT = """What AI coding tools consumed: every token counted once, and every figure explained.

Figures are those of the command line, to the last digit. Every answer has an `ETag`: ask with `If-None-Match`, and what you
have already is not sent again. `/api/v1/stream` tells when there is something new. Wrong parameters are told in one sentence:
`{"error": {"code": "misused", "message": "…"}}`."""

_TAGS: Final = [
    {"name": "reports", "description": "Rows of usage and their totals, grouped by whatever is asked for."},
    {
        "name": "closer",
        "description": "What looks closer than a report. Sums are by quarter-hours, in the zone that is asked for.",
    },
    {"name": "events", "description": "Single calls, whole sessions, and why a figure is what it is."},
    {
        "name": "coverage",
        "description": "What came in, what was not understood, and what vendors said about their limits.",
    },
    {"name": "prices", "description": "List prices with their dates and sources."},
    {"name": "server", "description": "The server itself."},
]


def create_app(desk: Desk, site: Site, routers: Iterable[APIRouter] = ()) -> FastAPI:
    """Return the app: our own routes, and those of the routers."""
    app = FastAPI(
        title="Tallystick",
        version=site.version,
        description=_ABOUT,
        openapi_tags=_TAGS,
        license_info={"name": "MIT"},
        openapi_url=f"{PREFIX}/openapi.json",
        # The usual pages fetch their scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    problems.told(app)
    for room in (reports, closer, events, machines, receivers, prices, health, stream, exact):
        app.include_router(room.router(desk, site))
    for router in routers:
        app.include_router(router)
    app.add_middleware(Guard, site=site)
    return app
