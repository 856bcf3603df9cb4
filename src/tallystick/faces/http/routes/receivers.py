"""Receivers, tools and limits: what came in, from whom, and what vendors said about their windows."""

from collections.abc import Callable
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from tallystick.answers.answers import Answers
from tallystick.answers.as_json import Telling, document
from tallystick.answers.desk import Desk
from tallystick.faces.http import models, parameters
from tallystick.faces.http.parameters import FROM, TIMEZONE, TO, Parameter
from tallystick.faces.http.routing import Endpoint, Told, add
from tallystick.faces.http.serving import served
from tallystick.faces.http.site import PREFIX, Site
from tallystick.usage.period import period

_ROUND_MS = 60_000
_TEXT: Final = {"type": "string", "maxLength": 256}
OF_HISTORY: Final = (
    Parameter("provider", "Only this provider's windows.", _TEXT, example="anthropic"),
    Parameter("name", "Only windows of this name, which is the vendor's own.", _TEXT, example="five_hour"),
    FROM,
    TO,
    TIMEZONE,
)
_BACK: Final = "30d"
"""How far history goes back where nobody says."""


_OF_HISTORY: Final = Told(
    "What was said of usage windows in a time",
    models.LimitsHistory,
    OF_HISTORY,
    about="Of what was said several times in a row, the first and the last time. The last 30 days where no time is said.",
)


def _history(desk: Desk, site: Site) -> Endpoint:
    async def limits_history(request: Request) -> Response:
        said = parameters.read(request.query_params, OF_HISTORY)
        now = site.now() // _ROUND_MS * _ROUND_MS
        zone = parameters.zone(said, site)
        span = period(zone, now, said.get("since") or _BACK, said.get("until", ""), moments=True)
        asked = (span.since, span.until, said.get("provider", ""), said.get("name", ""))
        return await served(
            request, desk, ("limits_history", *asked), lambda answers: document(answers.limits_history(*asked))
        )

    return limits_history


OF_POINTS: Final = (Parameter("session", "The session, as the tool names it.", _TEXT, needed=True, example="8f1c0d2e"),)
_OF_POINTS: Final = Told(
    "How much of each usage window one session used",
    models.LimitsPoints,
    OF_POINTS,
    problems=(400, 404),
    about="Estimated from what windows rose by beside the tokens that were used meanwhile; windows of which it cannot be told "
    "are missing.",
)


def _points(desk: Desk, site: Site) -> Endpoint:
    async def limits_points(request: Request) -> Response:
        session = parameters.read(request.query_params, OF_POINTS)["session"]
        now = site.now() // _ROUND_MS * _ROUND_MS
        key = "limits_points", session, now
        return await served(request, desk, key, lambda answers: document(answers.points(session, now)))

    return limits_points


def router(desk: Desk, site: Site) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix=PREFIX, tags=["coverage"])

    def of(name: str, ask: Callable[[Answers, int], Telling]) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            parameters.read(request.query_params, ())
            now = site.now() // _ROUND_MS * _ROUND_MS
            return await served(request, desk, (name, now), lambda answers: document(ask(answers, now)))

        endpoint.__name__ = name
        return endpoint

    told = Told("What came in from each tool, what was not understood, and what has no price", models.Receivers)
    add(routes, "/receivers", of("receivers", lambda answers, now: answers.receivers(now)), told)
    told = Told("The tools that can be read, how exact their counts are, and what they never write down", models.Tools)
    add(routes, "/tools", of("tools", lambda answers, now: answers.tools(now)), told)
    told = Told("How far each usage window of a vendor was used up when it was last told", models.Limits)
    add(routes, "/limits", of("limits", lambda answers, now: answers.limits(now)), told)
    add(routes, "/limits/history", _history(desk, site), _OF_HISTORY)
    add(routes, "/limits/points", _points(desk, site), _OF_POINTS)
    return routes
