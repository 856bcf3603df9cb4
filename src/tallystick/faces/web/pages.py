"""The dashboard: a page of all panels, each panel by itself, its table and its chart, and the files that a page needs."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import Future
from importlib.resources import files
from json import dumps
from typing import Final, NamedTuple

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response, StreamingResponse

from tallystick.answers.answers import Answers
from tallystick.answers.desk import Desk
from tallystick.errors import NotFound, TallystickError
from tallystick.faces.web import charts, energy_page, events_page, session_page, why_page
from tallystick.faces.web.html import FRESH, Site, add, as_bytes, said
from tallystick.faces.web.page import failed, foot, fragment, head, section_head
from tallystick.faces.web.panels import PANELS, SECTIONS
from tallystick.faces.web.panels.panel import Panel, View
from tallystick.faces.web.state import State
from tallystick.faces.web.table import as_csv

_LOG: Final = logging.getLogger(__name__)
_MEDIA: Final = {"css": "text/css", "svg": "image/svg+xml", "js": "text/javascript"}
_KEPT: Final = {"Cache-Control": "private, max-age=86400"}


class Made(NamedTuple):
    """A panel as it was worked out."""

    view: View
    html: str


def router(desk: Desk, site: Site, script: Callable[[], Future[bytes]] = charts.begun) -> APIRouter:
    """Return the routes of the dashboard and of the pages beside it; `script` gives what draws the charts of a page."""
    routes = APIRouter(include_in_schema=False)
    for room in (session_page, events_page, why_page, energy_page):
        routes.include_router(room.router(desk, site))

    async def start(request: Request) -> Response:
        # Made while the panels are: the page will ask for it.
        script()
        return StreamingResponse(_dashboard(desk, site, said(request, site)), media_type="text/html", headers=FRESH)

    async def panel(request: Request) -> Response:
        made = await asyncio.wrap_future(_made(desk, _panel(request), said(request, site)))
        return HTMLResponse(as_bytes(made.html), headers=FRESH)

    async def table(request: Request) -> Response:
        panel = _panel(request)
        found = (await asyncio.wrap_future(_made(desk, panel, said(request, site)))).view
        headers = {**FRESH, "Content-Disposition": f'attachment; filename="tally-{panel.name}.csv"'}
        return Response(as_bytes(as_csv(found.table)), headers=headers, media_type="text/csv")

    async def chart(request: Request) -> Response:
        panel = _panel(request)
        found = (await asyncio.wrap_future(_made(desk, panel, said(request, site)))).view
        theme = request.query_params.get("theme", "light")
        # As ASCII: half a character may be in a name.
        text = dumps(charts.specification(panel, found, theme), separators=(",", ":"))
        return Response(text, headers=FRESH, media_type="application/json")

    add(routes, "/", site.version, start)
    add(routes, "/panels/{name}.csv", site.version, table)
    add(routes, "/panels/{name}", site.version, panel)
    add(routes, "/charts/{name}", site.version, chart)
    _add_static(routes, site, script)
    return routes


def _add_static(routes: APIRouter, site: Site, script: Callable[[], Future[bytes]]) -> None:
    """Add the routes of styles, scripts and pictures."""
    kept = _static()

    async def vega(_: Request) -> Response:
        return Response(await asyncio.wrap_future(script()), media_type=_MEDIA["js"], headers=_KEPT)

    async def static(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in kept:
            raise NotFound("There is no such file here.")
        return Response(kept[name], media_type=_MEDIA[name.rpartition(".")[2]], headers={"Cache-Control": "no-cache"})

    add(routes, "/static/vega.js", site.version, vega)
    add(routes, "/static/{name}", site.version, static)


def _static() -> Mapping[str, bytes]:
    folder = files("tallystick.faces.web").joinpath("static")
    return {each.name: each.read_bytes() for each in folder.iterdir() if each.name.rpartition(".")[2] in _MEDIA}


async def _dashboard(desk: Desk, site: Site, asked: State) -> AsyncIterator[bytes]:
    # What comes in while the page is made is another version than the one it names, and is fetched by the page.
    ledger = desk.version
    # Everything is asked for at once, and sent in the order in which a person reads it.
    made = [(section, [_made(desk, panel, asked) for panel in section.panels]) for section in SECTIONS]
    yield as_bytes(head(asked, desk.status, site.version, ledger=ledger))
    for section, futures in made:
        yield as_bytes(section_head(section))
        for panel, future in zip(section.panels, futures, strict=True):
            yield as_bytes(await _shown(panel, asked, future))
        yield b"</div></section>\n"
    yield as_bytes(foot(asked, site.version))


async def _shown(panel: Panel, asked: State, future: "Future[Made]") -> str:
    """Return a panel; one that fails is told of in its place, and the others are shown."""
    try:
        return (await asyncio.wrap_future(future)).html
    except TallystickError as error:
        return failed(panel, asked, str(error))
    except Exception:  # noqa: BLE001  one sick panel silences no other
        _LOG.exception("The panel %s", panel.name)
        return failed(panel, asked, "This failed for a reason of the server's own; its log tells more.")


def _panel(request: Request) -> Panel:
    found = PANELS.get(request.path_params["name"])
    if found is None:
        raise NotFound("There is no such panel.")
    return found


def _made(desk: Desk, panel: Panel, asked: State) -> "Future[Made]":
    """Return a panel to come, worked out once for the page, the chart and the table."""
    at = asked.rounded(panel.step_ms)

    def work(answers: Answers) -> Made:
        view = panel.show(answers, at)
        return Made(view, fragment(panel, at, view))

    return desk.get(("panel", panel.name, at.place.now, at.key), work)
