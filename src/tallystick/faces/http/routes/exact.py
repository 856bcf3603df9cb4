"""Answers for the command line of another machine: every value of them, so that it shows what it would show here."""

from collections.abc import Callable, Hashable, Mapping
from json import loads
from typing import Any, Final, NamedTuple

from fastapi import APIRouter, Request
from starlette.responses import Response

from tallystick.answers.answers import Answers
from tallystick.answers.asked import asked, number, text
from tallystick.answers.desk import Desk
from tallystick.answers.exact import packed
from tallystick.answers.question import Question
from tallystick.errors import Misused
from tallystick.faces.http import models, parameters
from tallystick.faces.http.parameters import Parameter
from tallystick.faces.http.routes.closer import bounded
from tallystick.faces.http.routing import Told, add
from tallystick.faces.http.serving import served
from tallystick.faces.http.site import PREFIX, Site

EXPLAINED_MOST: Final = 1_000
"""Events that one explanation shows."""
_NUMBER_MOST: Final = 2**53
_YEARS: Final = (1970, 9998)

type Said = Mapping[str, Any]


class Look(NamedTuple):
    """One of the questions that `Answers` answers."""

    ask: Callable[[Answers, Question, Said], object]
    more: tuple[str, ...] = ()
    """What it takes besides the question."""
    most: int = 0
    """The largest limit; 0 for any. Where there is one, none at all is too large as well."""
    timely: bool = False
    """Whether it changes as time goes by, whatever the report."""
    bounded: bool = False
    """Whether its period may be only as long as something can have been counted for."""


LOOKS: Final[Mapping[str, Look]] = {
    "report": Look(lambda answers, question, _: answers.ask(question)),
    "why": Look(lambda answers, question, _: answers.why(question), most=EXPLAINED_MOST),
    "overview": Look(lambda answers, question, _: answers.overview(question.period.zone, question.now), timely=True),
    "events": Look(
        lambda answers, question, said: answers.events(question, said["after"], newest_first=said["newest_first"]),
        ("after", "newest_first"),
    ),
    "event": Look(lambda answers, _, said: answers.event(said["number"]), ("number",)),
    "session": Look(lambda answers, question, said: answers.session(said["name"], question.period.zone), ("name",)),
    "punchcard": Look(lambda answers, question, _: answers.punchcard(question), timely=True, bounded=True),
    "calls": Look(lambda answers, question, _: answers.calls(question), bounded=True),
    "compare": Look(
        lambda answers, question, said: answers.compare(question, weekdays=said["weekdays"]),
        ("weekdays",),
        timely=True,
        bounded=True,
    ),
    "live": Look(lambda answers, question, _: answers.live(question), timely=True),
    "limits": Look(lambda answers, question, _: answers.limits(question.now), timely=True),
    "limits_history": Look(
        lambda answers, question, said: answers.limits_history(
            question.period.since, question.period.until, said["provider"], said["name"]
        ),
        ("provider", "name"),
    ),
    "points": Look(lambda answers, question, said: answers.points(said["name"], question.now), ("name",), timely=True),
    "machines": Look(lambda answers, question, _: answers.machines(question), timely=True),
    "year": Look(lambda answers, question, said: answers.year(question, said["year"]), ("year",), timely=True),
    "energy": Look(lambda answers, question, _: answers.energy(question), bounded=True),
}
_ASKED: Final = Parameter(
    "asked",
    "What is asked, as JSON: `look`, the name of an answer, the `question` in full, and what that answer takes besides.",
    {"type": "string", "maxLength": 30_000},
    needed=True,
    example='{"look": "report", "question": {"report": "daily", "timezone": "UTC", "group_by": ["day"], "listed": [], '
    '"where": {}, "order": ["day", false], "limit": 7, "prices": true, "now": 1790000000000}}',
)
_ABOUT: Final = (
    "What `tally … --server` asks: a whole answer with each of its values, in a form that changes from version to version. "
    "Scripts ask the other addresses."
)


def router(desk: Desk, site: Site) -> APIRouter:
    """Return the route."""
    routes = APIRouter(prefix=PREFIX, tags=["reports"])

    async def exact(request: Request) -> Response:
        name, question, said = read(parameters.read(request.query_params, (_ASKED,))["asked"], site.now())
        look = LOOKS[name]
        more: tuple[Hashable, ...] = (*said.values(), question.now if look.timely else 0)
        return await served(
            request,
            desk,
            ("exact", name, *question.key, *more),
            lambda answers: packed(look.ask(answers, question, said), site.version),
        )

    told = Told("An answer in full, for another machine", models.Exact, (_ASKED,), (), (400, 404), _ABOUT)
    add(routes, "/exact", exact, told)
    return routes


def read(said: str, now: int) -> tuple[str, Question, Said]:
    """Return what is asked: the name of a look, the question, and what that takes besides; raise Misused for anything else."""
    try:
        told = loads(said)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, Mapping):
        raise Misused("asked must be an object in JSON.")
    name = told.get("look")
    if not isinstance(name, str) or name not in LOOKS:
        raise Misused(f"look must be one of {', '.join(LOOKS)}.")
    look = LOOKS[name]
    question = asked(told.get("question"))
    if look.most and question.limit is not None and not 0 < question.limit <= look.most:
        raise Misused(f"--limit {question.limit} is too much to be sent: give 1 to {look.most}.")
    if look.bounded:
        bounded(question.period, now)
    return name, question, {each: _READ[each](told) for each in look.more}


def _switch(told: Said, name: str) -> bool:
    value = told.get(name)
    if not isinstance(value, bool):
        raise Misused(f"{name} must be true or false.")
    return value


def _year(told: Said) -> int | None:
    return None if told.get("year") is None else number(told, "year", *_YEARS)


_READ: Final[Mapping[str, Callable[[Said], Any]]] = {
    "after": lambda told: text(told, "after"),
    "newest_first": lambda told: _switch(told, "newest_first"),
    "number": lambda told: number(told, "number", 1, _NUMBER_MOST),
    "name": lambda told: text(told, "name"),
    "provider": lambda told: text(told, "provider"),
    "weekdays": lambda told: _switch(told, "weekdays"),
    "year": _year,
}
