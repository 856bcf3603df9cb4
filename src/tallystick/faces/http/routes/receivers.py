"""Receivers, tools and limits: what came in, from whom, and what vendors said about their windows."""

from collections.abc import Callable

from fastapi import APIRouter, Request
from starlette.responses import Response

from tallystick.answers.answers import Answers
from tallystick.answers.as_json import Telling, document
from tallystick.answers.desk import Desk
from tallystick.faces.http import models, parameters
from tallystick.faces.http.routing import Endpoint, Told, add
from tallystick.faces.http.serving import served
from tallystick.faces.http.site import PREFIX, Site

_ROUND_MS = 60_000


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
    return routes
