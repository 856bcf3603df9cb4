"""Events, a page at a time or one by its number, sessions from beginning to end, and any figure explained."""

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from tallystick.answers.answers import Answers
from tallystick.answers.as_json import document
from tallystick.answers.desk import Desk
from tallystick.answers.events import MOST, USUAL
from tallystick.answers.question import Question
from tallystick.answers.reports.places import ANY
from tallystick.errors import Misused, NotFound
from tallystick.faces.http import models, parameters
from tallystick.faces.http.parameters import FILTERS, LIMIT, NO_COST, OF_MOMENTS, SINCE, TIMEZONE, Parameter, Said
from tallystick.faces.http.routing import Told, add
from tallystick.faces.http.serving import served
from tallystick.faces.http.site import PREFIX, Site

_EXPLAINED_MOST: Final = 1_000
_AFTER: Final = Parameter(
    "after",
    "Where the page before ended: what that had as `after`.",
    {"type": "string", "pattern": "^(-?[0-9]{1,18}\\.[0-9]{1,18})?$"},
    wrong="is no place among the events: give what a page before had as after.",
)
_DIRECTION: Final = Parameter(
    "order", "`desc`: the newest first; `asc`: the oldest.", {"type": "string", "enum": ["asc", "desc"]}
)
_PAGE: Final = LIMIT._replace(
    about=f"At most so many events; {USUAL} where none is said.",
    schema={"type": "integer", "minimum": 1, "maximum": MOST},
)
OF_EVENTS: Final = (*OF_MOMENTS, *FILTERS, _AFTER, _DIRECTION, _PAGE, NO_COST)
_DAY: Final = SINCE._replace(
    name="day",
    about="The day to explain: a date, `today` or `yesterday`; excludes `since` and `until`.",
    example="yesterday",
    wrong="is no day: give a date such as 2026-11-01, today or yesterday; since and until also take moments.",
)
_SHOWN: Final = LIMIT._replace(
    about="Show at most so many events.", schema={"type": "integer", "minimum": 1, "maximum": _EXPLAINED_MOST}
)
OF_WHY: Final = (_DAY, *OF_MOMENTS, *FILTERS, _SHOWN)
_NUMBER: Final = Parameter(
    "number", "The event's number.", {"type": "integer", "minimum": 1, "maximum": 2**53}, needed=True
)
_SESSION: Final = Parameter(
    "name", "The session's name.", {"type": "string", "minLength": 1}, needed=True, example="s1"
)


def router(desk: Desk, site: Site) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix=PREFIX, tags=["events"])

    async def events(request: Request) -> Response:
        said = parameters.read(request.query_params, OF_EVENTS)
        question, newest_first = _asked(said, site), said.get("order", "desc") == "desc"
        after = said.get("after", "")

        def work(answers: Answers) -> str:
            return document(answers.events(question, after, newest_first=newest_first))

        return await served(request, desk, ("events", *question.key, after, newest_first), work)

    async def event(request: Request) -> Response:
        parameters.read(request.query_params, ())
        number = request.path_params["number"]
        if not (number.isascii() and number.isdigit() and len(number) <= len(str(2**53))):
            raise NotFound(f"There is no event {number[:100]!r}: events have numbers.")
        return await served(request, desk, ("event", number), lambda answers: document(answers.event(int(number))))

    async def session(request: Request) -> Response:
        said = parameters.read(request.query_params, (TIMEZONE,))
        name, zone = request.path_params["name"], parameters.zone(said, site)
        return await served(
            request, desk, ("session", name, zone.name), lambda answers: document(answers.session(name, zone))
        )

    add(routes, "/events", events, Told("Single events, a page at a time", models.Events, OF_EVENTS))
    told = Told("One event, with everything that every witness saw of it", models.Event, (), (_NUMBER,), (400, 404))
    add(routes, "/events/{number}", event, told)
    told = Told("One session from its beginning to its end", models.Session, (TIMEZONE,), (_SESSION,), (400, 404))
    add(routes, "/sessions/{name:text}", session, told)
    add_why(routes, desk, site)
    return routes


def add_why(routes: APIRouter, desk: Desk, site: Site) -> None:
    """Add the route that explains a figure."""

    async def why(request: Request) -> Response:
        said = parameters.read(request.query_params, OF_WHY)
        if day := said.get("day"):
            if said.get("since") or said.get("until"):
                raise Misused("day is one day and excludes since and until.")
            said |= {"since": day, "until": day}
        question = _asked(said, site)

        def work(answers: Answers) -> str:
            found = answers.why(question)
            if not found.figures.requests:
                raise NotFound("Nothing was used there: no event fits the time and filters.")
            return document(found)

        return await served(request, desk, ("why", *question.key), work)

    about = "The formula with its prices, and the costliest events with their witnesses and places."
    add(routes, "/why", why, Told("Why a figure is what it is", models.Why, OF_WHY, (), (400, 404), about))


def _asked(said: Said, site: Site) -> Question:
    return parameters.asked(ANY, {**said, "by": "day", "order": ""}, site, site.now(), moments=True)
