"""The dashboard: a page of all panels, each panel by itself, its table and its chart, and the files that a page needs."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future
from functools import partial
from json import dumps
from time import monotonic
from typing import Final, NamedTuple

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response, StreamingResponse

from tallystick.answers.answers import Answers
from tallystick.answers.desk import Desk
from tallystick.errors import NotFound, TallystickError
from tallystick.faces.web import assets, charts, energy_page, events_page, session_page, start, why_page
from tallystick.faces.web.former import former
from tallystick.faces.web.html import FRESH, Site, Worked, add, ahead, as_bytes, costing, said, timed
from tallystick.faces.web.page import Frame, failed, foot, fragment, head, section_head
from tallystick.faces.web.panels import PANELS, SECTIONS
from tallystick.faces.web.panels.panel import Panel, View
from tallystick.faces.web.state import Place, State
from tallystick.faces.web.table import as_csv

_LOG: Final = logging.getLogger(__name__)
_AHEAD: Final = 8
"""Panels that are begun before the page has come to them."""
_PATIENCE_SECONDS: Final = 0.3
"""How long a page waits for what has come since its panels were worked out last; after that it shows these, and fetches the new ones."""


class Made(NamedTuple):
    """A panel as it was worked out."""

    view: View
    html: str


type Coming = Future[Worked[Made]]
"""A panel to come."""


def router(desk: Desk, site: Site, script: Callable[[], Future[bytes]], look: start.Look = start.nowhere) -> APIRouter:
    """Return the routes; `script` gives what draws the charts of a page, `look` the places where logs are looked for."""
    routes = APIRouter(include_in_schema=False)
    for room in (session_page, events_page, why_page, energy_page):
        routes.include_router(room.router(desk, site))
    routes.include_router(assets.router(site.version, script))

    async def dashboard(request: Request) -> Response:
        # Made while the panels are: the page will ask for it.
        script()
        parts = _dashboard(desk, site, said(request, site), look)
        return StreamingResponse(parts, media_type="text/html", headers=FRESH)

    async def panel(request: Request) -> Response:
        coming = _made(desk, _panel(request), said(request, site), ahead=ahead(request))
        found = await asyncio.wrap_future(coming)
        return HTMLResponse(as_bytes(found.made.html), headers=costing(found.ms))

    async def table(request: Request) -> Response:
        panel = _panel(request)
        found = (await asyncio.wrap_future(_made(desk, panel, said(request, site)))).made.view
        headers = {**FRESH, "Content-Disposition": f'attachment; filename="tally-{panel.name}.csv"'}
        text = await asyncio.to_thread(as_csv, found.table)
        return Response(as_bytes(text), headers=headers, media_type="text/csv")

    async def chart(request: Request) -> Response:
        panel = _panel(request)
        # A page that is open asks for the charts of its panels as they change.
        coming = _made(desk, panel, said(request, site), ahead=ahead(request))
        found = (await asyncio.wrap_future(coming)).made.view
        theme = request.query_params.get("theme", "light")
        # As ASCII: half a character may be in a name.
        text = await asyncio.to_thread(lambda: dumps(charts.specification(panel, found, theme), separators=(",", ":")))
        return Response(text, headers=FRESH, media_type="application/json")

    add(routes, "/", site.version, dashboard)
    add(routes, "/panels/{name}.csv", site.version, table, data=True)
    add(routes, "/panels/{name}", site.version, panel)
    add(routes, "/charts/{name}", site.version, chart, data=True)
    return routes


def ready(desk: Desk, site: Site) -> Iterator[Callable[[], Coming]]:
    """Yield what asks for each panel of the dashboard as it shows at first, for nobody who waits."""
    asked = State(Place(site.timezone, site.now(), owner=site.owner, beside=site.beside))
    for panel in PANELS.values():
        yield partial(_made, desk, panel, asked, ahead=False)


async def _dashboard(desk: Desk, site: Site, asked: State, look: start.Look) -> AsyncIterator[bytes]:
    # What comes in while the page is made is another version than the one it names, and is fetched by the page.
    ledger = desk.version
    now = asked.place.now
    empty = await _holds(desk.get(("empty",), lambda answers: start.is_empty(answers, now)))
    yield as_bytes(head(asked, desk.status, site.version, Frame(charts=not empty, live=empty), ledger))
    if empty:
        yield as_bytes(start.panel(await asyncio.to_thread(look)))
    else:
        coming, until = _coming(desk, asked), monotonic() + _PATIENCE_SECONDS
        for section in SECTIONS:
            yield as_bytes(section_head(section))
            for panel in section.panels:
                future = next(coming)
                late = await _late(desk, panel, asked, future, until)
                yield as_bytes(late or await _shown(panel, asked, future))
            yield b"</div></section>\n"
    yield as_bytes(foot(asked, site.version))


def _coming(desk: Desk, asked: State) -> Iterator[Coming]:
    """Yield all panels to come, in the order in which a person reads them.

    A few are begun before they are taken; whoever goes away before the end leaves no more behind than those.
    """
    begun: deque[Coming] = deque()
    for section in SECTIONS:
        for panel in section.panels:
            begun.append(_made(desk, panel, asked))
            if len(begun) > _AHEAD:
                yield begun.popleft()
    yield from begun


async def _holds(future: "Future[bool]") -> bool:
    """Return what was asked; where the ledger cannot be asked, each panel says so."""
    try:
        return await asyncio.wrap_future(future)
    except TallystickError:
        return False


async def _late(desk: Desk, panel: Panel, asked: State, future: Coming, until: float) -> str:
    """Return a panel as it was a moment ago where it is not worked out anew in time; nothing where it is, or where there is none."""
    look = None if future.done() else former(desk).find((panel.name, asked.key))
    if look is None:
        return ""
    coming = asyncio.wrap_future(future)
    _, left = await asyncio.wait({coming}, timeout=max(until - monotonic(), 0))
    # It is worked out all the same, for the page that asks again.
    return fragment(panel, *look, late=True) if left and coming.cancel() else ""


async def _shown(panel: Panel, asked: State, future: Coming) -> str:
    """Return a panel; one that fails is told of in its place, and the others are shown."""
    try:
        return (await asyncio.wrap_future(future)).made.html
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


def _made(desk: Desk, panel: Panel, asked: State, *, ahead: bool = True) -> Coming:
    """Return a panel to come, worked out once for the page, the chart and the table."""
    at = asked.rounded(panel.step_ms)

    def work(answers: Answers) -> Made:
        view = panel.show(answers, at)
        return Made(view, fragment(panel, at, view))

    def noted(coming: Coming) -> None:
        # Of whoever asked first: as of then it was so.
        if coming.exception() is None:
            former(desk).note((panel.name, asked.key), asked, coming.result().made.view)

    key = ("panel", panel.name, at.place.now, at.key)
    found = desk.get(key, lambda answers: timed(work, answers), ahead=ahead)
    found.add_done_callback(noted)
    return found
