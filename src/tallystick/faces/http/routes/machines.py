"""Machines: when each was heard of last, how far behind it is, what was used there, and what is wrong; and users."""

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from tallystick.answers.answers import Answers
from tallystick.answers.as_json import document
from tallystick.answers.desk import Desk
from tallystick.answers.reports.places import ANY
from tallystick.faces.http import parameters, shapes
from tallystick.faces.http.parameters import FILTERS, NO_COST, OF_PERIOD
from tallystick.faces.http.routing import Told, add
from tallystick.faces.http.serving import Timely, served
from tallystick.faces.http.site import PREFIX, Site

OF_MACHINES: Final = (*OF_PERIOD, *FILTERS, NO_COST)
_HOLDS_MS: Final = 60_000
_ABOUT: Final = (
    "The filters `machine` and `user` choose among them; period and other filters only matter to the figures. What "
    "`tally machines --status --json` prints."
)


def router(desk: Desk, site: Site) -> APIRouter:
    """Return the route."""
    routes = APIRouter(prefix=PREFIX, tags=["coverage"])

    async def machines(request: Request) -> Response:
        said = parameters.read(request.query_params, OF_MACHINES)
        now = site.now()
        question = parameters.asked(ANY, {**said, "by": "machine,user"}, site, now)

        def work(answers: Answers) -> str:
            return document(answers.machines(question._replace(now=site.now() // _HOLDS_MS * _HOLDS_MS)))

        return await served(request, desk, ("machines", *question.key), work, timely=Timely(now, _HOLDS_MS))

    told = Told(
        "Every machine: last seen, behind by, used, and what is wrong", shapes.Machines, OF_MACHINES, about=_ABOUT
    )
    add(routes, "/machines", machines, told)
    return routes
