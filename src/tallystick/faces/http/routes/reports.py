"""Reports: which there are, each by its name, and any other grouping."""

from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Future
from functools import partial

from fastapi import APIRouter, Request
from starlette.responses import Response

from tallystick.answers import as_json
from tallystick.answers.answers import Answers
from tallystick.answers.desk import Desk
from tallystick.answers.question import Question
from tallystick.answers.report import KEYS, MEASURES, Report
from tallystick.answers.reports import REPORTS
from tallystick.answers.reports.places import ANY
from tallystick.errors import NotFound
from tallystick.faces.http import models, parameters
from tallystick.faces.http.parameters import BY, LIMIT, OF_REPORTS, Parameter
from tallystick.faces.http.routing import Told, add
from tallystick.faces.http.serving import Body, Timely, coming, served
from tallystick.faces.http.site import PREFIX, Site

BY_NAME = {report.name: report for report in REPORTS if report.group_by}
ROWS_MOST = 1_000
"""Rows of an answer where nothing is said of a limit: a ledger may have many thousands of sessions."""
_HOLDS_MS = 10_000
"""An answer that changes as time goes by is as old as that at most."""
_NAME = Parameter("name", "The report's name.", {"type": "string", "enum": list(BY_NAME)}, needed=True)
_LIMIT = LIMIT._replace(
    about=f"At most so many rows, {ROWS_MOST} where nothing is said; 0 for all. `left_off` says how many more there are."
)
_OF_REPORTS = tuple(_LIMIT if each is LIMIT else each for each in OF_REPORTS)
_OF_QUERY = tuple(each._replace(needed=True) if each is BY else each for each in _OF_REPORTS)


def router(desk: Desk, site: Site) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix=PREFIX, tags=["reports"])
    listing = as_json.value(_listing()) + "\n"

    async def reports(request: Request) -> Response:
        parameters.read(request.query_params, ())
        return await served(request, desk, ("reports",), lambda _: listing)

    async def report(request: Request) -> Response:
        found = BY_NAME.get(request.path_params["name"])
        if found is None:
            raise NotFound(
                f"There is no report {request.path_params['name'][:100]!r}: choose among {', '.join(BY_NAME)}."
            )
        return await answered(request, desk, site, found, _OF_REPORTS)

    async def query(request: Request) -> Response:
        return await answered(request, desk, site, ANY, _OF_QUERY)

    add(routes, "/reports", reports, Told("Which reports there are", models.Reports))
    about = "What `tally NAME --json` prints, to the byte, up to a limit."
    told = Told("A report", models.Report, _OF_REPORTS, (_NAME,), (400, 404), about)
    add(routes, "/reports/{name}", report, told)
    add(routes, "/query", query, Told("Any grouping", models.Report, _OF_QUERY))
    return routes


async def answered(request: Request, desk: Desk, site: Site, report: Report, known: tuple[Parameter, ...]) -> Response:
    """Answer a request for a report."""
    said = parameters.read(request.query_params, known)
    now = site.now()
    question = parameters.asked(report, {"limit": ROWS_MOST, **said}, site, now)
    timely = Timely(now, _HOLDS_MS) if report.timely else None
    return await served(request, desk, *_sought(question, site), timely=timely)


def ready(desk: Desk, site: Site) -> Iterator[Callable[[], Future[Body]]]:
    """Yield what asks for each report as it is where nothing is said, for nobody who waits."""
    for report in BY_NAME.values():
        now = site.now()
        question = parameters.asked(report, {"limit": ROWS_MOST}, site, now)
        timely = Timely(now, _HOLDS_MS) if report.timely else None
        yield partial(coming, desk, *_sought(question, site), timely, ahead=False)


def _sought(question: Question, site: Site) -> tuple[tuple[Hashable, ...], Callable[[Answers], str]]:
    """Return under which key the text of a report is kept, and how it is made."""

    def text(answers: Answers) -> str:
        at = question._replace(now=site.now()) if question.report.timely else question
        return as_json.report(answers.ask(at))

    return ("report", *question._replace(now=0).key), text


def _listing() -> dict[str, object]:
    return {
        "schema": "tallystick.reports/1",
        "reports": [
            {
                "name": report.name,
                "title": report.title,
                "group_by": report.group_by,
                "order": report.order,
                "columns": report.columns,
                "details": report.details,
            }
            for report in BY_NAME.values()
        ],
        "keys": KEYS,
        "measures": MEASURES,
    }
