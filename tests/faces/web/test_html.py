"""HTML routes: every error is a page with its status, and links lead where their names say, whatever those are."""

import asyncio
from collections.abc import Iterator

import httpx2
import pytest
from fastapi import APIRouter, FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response
from tests.faces.web.paged import Read

from tallystick.errors import Misused, NotFound, Refused, TallystickError, Unavailable
from tallystick.faces.web.html import add, as_bytes, days, lost, sentence, to_event
from tallystick.faces.web.state import Place, State

STATE = State(Place("UTC", 0), "all", timezone="Asia/Kolkata", where={"tool": ("codex",)})
ERRORS = {
    "misused": Misused("--since 'x' is no day."),
    "refused": Refused("No."),
    "missing": NotFound("There is none."),
    "busy": Unavailable("Busy."),
    "failed": TallystickError("It failed."),
    "page": HTTPException(404),
    "method": HTTPException(405, "No such method."),
}


@pytest.fixture(scope="module")
def pages() -> Iterator[httpx2.Client]:
    """Return a client of an app with one route that fails as it is told to."""
    routes = APIRouter()

    async def fail(request: Request) -> Response:
        if error := ERRORS.get(request.path_params["name"]):
            raise error
        return PlainTextResponse("fine")

    add(routes, "/data/{name}", "9.9.9", fail, data=True)
    add(routes, "/{name}", "9.9.9", fail)
    app = FastAPI()
    app.include_router(routes)
    lost(app, "9.9.9")

    class Straight(httpx2.BaseTransport):
        """Asks the app without a network."""

        def handle_request(self, request: httpx2.Request) -> httpx2.Response:
            async def ask() -> httpx2.Response:
                async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://a") as client:
                    found = await client.request(request.method, request.url, headers=request.headers)
                    return httpx2.Response(found.status_code, headers=found.headers, content=found.content)

            return asyncio.run(ask())

    with httpx2.Client(transport=Straight(), base_url="http://a") as client:
        yield client


@pytest.mark.parametrize(
    "name, status, text",
    [
        ("misused", 400, "since 'x' is no day."),
        ("refused", 403, "No."),
        ("missing", 404, "There is none."),
        ("busy", 503, "Busy."),
        ("failed", 500, "It failed."),
        ("page", 404, "There is no such page here."),
        ("method", 405, "No such method."),
    ],
)
def test_an_error_is_a_page_with_its_status_and_one_sentence(
    pages: httpx2.Client, name: str, status: int, text: str
) -> None:
    found = pages.get(f"/{name}")
    assert (found.status_code, found.headers["content-type"]) == (status, "text/html; charset=utf-8")
    page = Read(found.text)
    assert text in page.text
    assert "9.9.9" in page.text
    assert not page.unsafe()
    assert ("retry-after" in found.headers) == (status == 503)


@pytest.mark.parametrize(
    "name, status, code, text",
    [
        ("misused", 400, "misused", "since 'x' is no day."),
        ("missing", 404, "not_found", "There is none."),
        ("busy", 503, "unavailable", "Busy."),
        ("failed", 500, "failed", "It failed."),
        ("method", 405, "refused", "No such method."),
    ],
)
def test_where_a_script_asks_an_error_is_told_as_the_api_tells_it(
    pages: httpx2.Client, name: str, status: int, code: str, text: str
) -> None:
    found = pages.get(f"/data/{name}")
    assert (found.status_code, found.headers["content-type"]) == (status, "application/json")
    assert found.json() == {"error": {"code": code, "message": text}}
    assert ("retry-after" in found.headers) == (status == 503)


BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize("path", ["/no/such", "/no/`such`<b>", "/usage/x"])
def test_people_are_told_on_a_page_that_there_is_nothing(pages: httpx2.Client, path: str) -> None:
    found = pages.get(path, headers={"Accept": BROWSER})
    assert (found.status_code, found.headers["content-type"]) == (404, "text/html; charset=utf-8")
    page = Read(found.text)
    assert "There is no page at this address." in page.text
    assert path in page.text
    assert {"/", "/events", "/docs"} <= set(page.links.values())
    assert not page.unsafe()


@pytest.mark.parametrize(
    "path, accept",
    [("/no/such", "*/*"), ("/no/such", "application/json"), ("/no/such", ""), ("/api/v1/no", BROWSER)]
    + [(path, BROWSER) for path in ("/charts/no/such", "/static/no/such", "/no/such.csv", "/no/such.json")],
)
def test_programs_are_told_as_before(pages: httpx2.Client, path: str, accept: str) -> None:
    found = pages.get(path, headers={"Accept": accept})
    assert (found.status_code, found.headers["content-type"]) == (404, "application/json")
    assert found.json() == {"detail": "Not Found"}


def test_what_does_not_fail_is_answered(pages: httpx2.Client) -> None:
    assert pages.get("/fine").text == "fine"
    assert pages.head("/fine").status_code == 200


def test_a_sentence_has_no_dashes_but_commands_keep_theirs() -> None:
    assert sentence("--no-cost or `tally report --by day`") == "no_cost or `tally report --by day`"
    assert len(sentence("x" * 10_000)) == 601


def test_half_a_character_is_sent_as_a_question_mark() -> None:
    assert as_bytes("a\ud800ü") == b"a?\xc3\xbc"


def test_links_keep_the_zone_and_let_go_of_period_and_filters() -> None:
    assert to_event(STATE, 7) == "/events/7?timezone=Asia%2FKolkata"


@pytest.mark.parametrize(
    "first, last, text",
    [
        ("", "", "All days, in Asia/Kolkata"),
        ("2026-11-01", "", "Since 2026-11-01, days in Asia/Kolkata"),
        ("", "2026-11-02", "Until 2026-11-02, days in Asia/Kolkata"),
        ("2026-11-01", "2026-11-01", "2026-11-01, days in Asia/Kolkata"),
        ("2026-11-01", "2026-11-02", "2026-11-01 to 2026-11-02, days in Asia/Kolkata"),
    ],
)
def test_days_are_told_with_their_zone(first: str, last: str, text: str) -> None:
    assert days(first, last, STATE) == text
