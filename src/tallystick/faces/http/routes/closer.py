"""What looks closer than a report: comparisons, hours of the week, uses of tools, the days of a year, and energy."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from fastapi import APIRouter, Request
from starlette.responses import Response

from tallystick.answers.answers import Answers
from tallystick.answers.as_json import Telling, document
from tallystick.answers.desk import Desk
from tallystick.answers.question import Question
from tallystick.answers.reports.places import ANY
from tallystick.errors import Misused
from tallystick.faces.http import parameters, shapes
from tallystick.faces.http.parameters import FILTERS, NO_COST, OF_PERIOD, SINCE, TIMEZONE, UNTIL, Parameter, Said
from tallystick.faces.http.routing import Told, add
from tallystick.faces.http.serving import served
from tallystick.faces.http.site import PREFIX, Site
from tallystick.usage.period import BEGINNING, DAY_MS, END, SLOT_MS, Period

_YEARS_MOST: Final = 100
_WEEKDAYS: Final = Parameter(
    "weekdays",
    "Go back by whole weeks, so that Mondays are held against Mondays; else by as many days as the period has.",
    {"type": "boolean"},
)
_YEAR: Final = Parameter(
    "year",
    "The calendar year; the 365 days up to today where none is said.",
    {"type": "integer", "minimum": 1970, "maximum": 9998},
    example=2026,
)
_FROM: Final = SINCE._replace(needed=True)
OF_COMPARE: Final = (_FROM, UNTIL, TIMEZONE, *FILTERS, _WEEKDAYS, NO_COST)
OF_PUNCHCARD: Final = (*OF_PERIOD, *FILTERS, NO_COST)
OF_YEAR: Final = (_YEAR, TIMEZONE, *FILTERS, NO_COST)
OF_COUNTS: Final = (*OF_PERIOD, *FILTERS)
"""Of answers that hold no money."""


class Look(NamedTuple):
    """One of the answers: how it is asked for, and what is told of it."""

    ask: Callable[[Answers, Question, Said], Telling]
    told: Told
    timely: bool
    """Whether it changes as time goes by, also when nothing new comes in."""


def _compare(answers: Answers, asked: Question, said: Said) -> Telling:
    return answers.compare(asked, weekdays=bool(said.get("weekdays")))


LOOKS: Final = {
    "compare": Look(
        _compare,
        Told(
            "A period held against the one before it",
            shapes.Comparison,
            OF_COMPARE,
            about="What changed, by measure, and which models, projects and tools explain most of it: what `tally compare --json` "
            "prints. It needs a first day (`since`). While the period runs, the one before is counted up to the same time of "
            "its last day, to the quarter-hour.",
        ),
        timely=True,
    ),
    "punchcard": Look(
        lambda answers, asked, _: answers.punchcard(asked),
        Told(
            "Usage by weekday and hour, and the last 24 hours",
            shapes.Punchcard,
            OF_PUNCHCARD,
            about="Hours are those of the zone: one that clocks repeat comes twice, one that they skip does not come.",
        ),
        timely=True,
    ),
    "calls": Look(
        lambda answers, asked, _: answers.calls(asked),
        Told(
            "Uses of tools by models",
            shapes.Calls,
            OF_COUNTS,
            about="How often each was called, how often it failed, and how long it ran, by name and by day. A use is of no model: "
            "`model` leaves all in.",
        ),
        timely=False,
    ),
    "year": Look(
        lambda answers, asked, said: answers.year(asked, said.get("year")),
        Told(
            "Each day of a year",
            shapes.Year,
            OF_YEAR,
            about="Days before the first event of the ledger, and those to come, are not known, which is not the same as nothing.",
        ),
        timely=True,
    ),
    "energy": Look(
        lambda answers, asked, _: answers.energy(asked),
        Told(
            "Electricity and water, estimated",
            shapes.Energy,
            OF_COUNTS,
            about="A range from published figures per token, with its method and sources. Nobody who sells these models says what a "
            "token takes, so that it is told only to whoever asks for it.",
        ),
        timely=False,
    ),
}


def router(desk: Desk, site: Site) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix=PREFIX, tags=["closer"])
    for name, look in LOOKS.items():
        _add(routes, desk, site, (name, look))
    return routes


def _add(routes: APIRouter, desk: Desk, site: Site, named: tuple[str, Look]) -> None:
    name, look = named

    async def endpoint(request: Request) -> Response:
        said = parameters.read(request.query_params, look.told.parameters)
        # Sums are by quarter-hours, and days and hours of every zone begin with one: within a quarter-hour nothing changes.
        now = site.now() // SLOT_MS * SLOT_MS
        question = parameters.asked(ANY, {**said, "by": "day", "order": ""}, site, now)
        bounded(question.period, now)
        more: tuple[Any, ...] = (said.get("weekdays", False), said.get("year"), now if look.timely else 0)
        return await served(
            request,
            desk,
            (name, *question.key, *more),
            lambda answers: document(look.ask(answers, question, said)),
        )

    endpoint.__name__ = name
    add(routes, f"/{name}", endpoint, look.told)


def bounded(span: Period, now: int) -> None:
    """Raise Misused for a period that is longer than anything was ever counted for, and would take as long to go through."""
    first = now if span.since == BEGINNING else span.since
    last = now if span.until == END else span.until
    if abs(last - first) > _YEARS_MOST * 366 * DAY_MS:
        raise Misused(f"That is too long a period: ask for {_YEARS_MOST} years at most.")
