"""HTML routes: whole pages from a head, what they show and a foot, and every error as a page that says what to do."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Hashable, Mapping
from time import thread_time
from typing import Any, Final, NamedTuple, Protocol

from fastapi import APIRouter, FastAPI, Request
from starlette.convertors import Convertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from tallystick.answers.answers import Answers
from tallystick.answers.as_json import value
from tallystick.answers.beside import Beside
from tallystick.answers.desk import Desk
from tallystick.errors import Misused, NotFound, Refused, TallystickError, Unavailable
from tallystick.faces.web.page import Frame, foot, head, problem
from tallystick.faces.web.state import Place, State, state
from tallystick.faces.web.wording import clipped, span

FRESH: Final = {"Cache-Control": "private, no-cache"}
_STATUS: Final[Mapping[type[TallystickError], tuple[int, str]]] = {
    Misused: (400, "misused"),
    Refused: (403, "refused"),
    NotFound: (404, "not_found"),
    Unavailable: (503, "unavailable"),
}
_OPTION: Final = re.compile(r"`[^`]*`|--([a-z][a-z-]*)")
"""Commands stay as they are."""
_LONGEST: Final = 600
_NOWHERE: Final = "There is no page at this address."
_DATA: Final = ("/api/", "/charts/", "/static/")
_FILES: Final = (".csv", ".js", ".json")
"""What only programs ask for, whatever they say."""
_BY_COOKIE: Final = "tally.cookie"
"""Where the scope of a request tells that it is from a browser that has logged in."""
_LIVE: Final = "tally-live"
"""The header with which a page asks that is open already, and keeps up with the ledger at its own pace."""

type Endpoint = Callable[[Request], Awaitable[Response]]


class _Text(Convertor[str]):
    """Any text in an address: Starlette's `path` takes none that has an end of a line in it."""

    regex = "(?s:.*)"

    def convert(self, value: str) -> str:
        """Return the text as it is."""
        return value

    def to_string(self, value: str) -> str:
        """Return the text as it is."""
        return value


register_url_convertor("any", _Text())


class Site(Protocol):
    """What a page has to know of the server."""

    @property
    def version(self) -> str:
        """Of the program."""

    @property
    def timezone(self) -> str:
        """The zone where an address names none."""

    @property
    def now(self) -> Callable[[], int]:
        """This moment: milliseconds since 1970, UTC."""

    @property
    def energy(self) -> bool:
        """Whether the estimate of electricity and water is shown."""

    @property
    def owner(self) -> str:
        """Whose server it is, where pages shall tell."""

    @property
    def beside(self) -> Beside:
        """Where budgets and alerts come from."""


class Worked[T](NamedTuple):
    """What was worked out."""

    made: T
    ms: float = 0.0
    """Milliseconds that a processor took for it, whenever that was."""
    version: str = ""
    """The version of the figures that it has at least; empty where it has none."""


def add(routes: APIRouter, path: str, version: str, endpoint: Endpoint, *, data: bool = False) -> None:
    """Add a route that answers with a page, or with `data` for a script; so it does when something is wrong."""

    async def answered(request: Request) -> Response:
        try:
            return await endpoint(request)
        except TallystickError as error:
            return failed(error, version, data=data)
        except HTTPException as error:
            missing = error.status_code == _STATUS[NotFound][0]
            told = "There is no such page here." if missing else str(error.detail)
            return _wrong(error.status_code, "not_found" if missing else "refused", told, None if data else version)

    routes.add_api_route(path, answered, methods=["GET", "HEAD"], include_in_schema=False)


def lost(app: FastAPI, version: str) -> None:
    """Have people told on a page that there is nothing at an address; programs are told as before."""
    others: Any = app.exception_handlers[HTTPException]

    async def missing(request: Request, error: Exception) -> Response:
        path = request.url.path
        if not _reads(request) or path.startswith(_DATA) or path.endswith(_FILES):
            return await others(request, error)  # type: ignore[no-any-return]  # what an app has for it
        return HTMLResponse(as_bytes(problem(_NOWHERE, version, clipped(path))), 404, {"Cache-Control": "no-store"})

    app.add_exception_handler(404, missing)


def _reads(request: Request) -> bool:
    """Tell whether a person asks, whose browser shows pages."""
    accepted = request.headers.get("accept", "").lower().split(",")
    return any(each.partition(";")[0].strip() == "text/html" for each in accepted)


def failed(error: TallystickError, version: str, *, data: bool = False) -> Response:
    """Return an error as a page, or as `data` in the form that the API has; one of no kind is the server's own."""
    status, code = next((told for kind, told in _STATUS.items() if isinstance(error, kind)), (500, "failed"))
    found = _wrong(status, code, sentence(str(error)), None if data else version)
    if isinstance(error, Unavailable):
        found.headers["Retry-After"] = "2"
    return found


def _wrong(status: int, code: str, told: str, version: str | None) -> Response:
    headers = {"Cache-Control": "no-store"}
    if version is not None:
        return HTMLResponse(as_bytes(problem(told, version)), status, headers)
    body = as_bytes(value({"error": {"code": code, "message": told}}) + "\n")
    return Response(body, status, headers, "application/json")


def sentence(text: str) -> str:
    """Return what an error tells, as it is meant in an address: options have no dashes there."""
    text = _OPTION.sub(lambda found: found[1].replace("-", "_") if found[1] else found[0], text)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def said(request: Request, site: Site, *, closer: bool = False) -> State:
    """Return the state that an address tells, of a page that looks `closer` also within days; raise Misused for one that cannot be shown."""
    place = Place(site.timezone, site.now(), bool(request.scope.get(_BY_COOKIE)), site.owner, site.beside)
    return state(request.query_params.multi_items(), place, closer=closer)


async def asked[T](request: Request, desk: Desk, key: tuple[Hashable, ...], work: Callable[[Answers], T]) -> T:
    """Return what a thread of the desk works out; the key holds everything that it depends on besides ledger and prices."""
    return await asyncio.wrap_future(desk.get(key, work, ahead=ahead(request)))


async def worked[T](request: Request, desk: Desk, key: tuple[Hashable, ...], work: Callable[[Answers], T]) -> Worked[T]:
    """Return the same, with what it took, for a page that keeps up with the ledger."""
    version = desk.version
    future = desk.get(key, lambda answers: timed(work, answers), ahead=ahead(request))
    return (await asyncio.wrap_future(future))._replace(version=version)


def ahead(request: Request) -> bool:
    """Tell whether somebody waits, for whom the next version is to be ready at once: not where an open page keeps up."""
    return _LIVE not in request.headers


def timed[T](work: Callable[[Answers], T], answers: Answers) -> Worked[T]:
    """Do some work and return it with what it took of this thread."""
    begun = thread_time()
    made = work(answers)
    return Worked(made, (thread_time() - begun) * 1000)


def costing(ms: float) -> dict[str, str]:
    """Return the headers of a page, or a part of one, that cost so many milliseconds: one that is open asks the less the more."""
    return {**FRESH, "Server-Timing": f"work;dur={ms:.1f}"}


def whole(shown: Worked[str], at: State, desk: Desk, site: Site, frame: Frame) -> Response:
    """Return a page that shows something; what goes on behind the desk is told as of now."""
    parts = (head(at, desk.status, site.version, frame, shown.version), shown.made, foot(at, site.version))
    return HTMLResponse(as_bytes("".join(parts)), headers=costing(shown.ms))


def as_bytes(text: str) -> bytes:
    """Return a page as it is sent; half a character, which UTF-8 cannot hold, is a question mark."""
    return text.encode("utf-8", "replace")


def to_event(at: State, number: int) -> str:
    """Return the address of an event's page, in the zone of this one."""
    return State(at.place, timezone=at.timezone).address(f"/events/{number}")


def days(first: str, last: str, at: State) -> str:
    """Return first and last day as a sentence part, with the zone whose days they are."""
    if not first and not last:
        return f"All days, in {at.zone.name}"
    if not last:
        return f"Since {first}, days in {at.zone.name}"
    return f"{span(first, last)}, days in {at.zone.name}" if first else f"Until {last}, days in {at.zone.name}"
