"""The pages: from answers to HTML, and the style sheet beside it."""

import asyncio
from collections.abc import Sequence
from importlib.resources import files
from typing import Any, Final

from fastapi import APIRouter, HTTPException
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.responses import HTMLResponse, Response

from tallystick.answers.answer import Figures, Row
from tallystick.answers.answers import Answers
from tallystick.answers.desk import Desk, Status
from tallystick.answers.overview import Overview
from tallystick.faces.web.wording import counted, money
from tallystick.usage.period import Zone

_ROUND_MS: Final = 60_000
_STATIC: Final = {"tally.css": "text/css", "tally.svg": "image/svg+xml"}
_BAR: Final = 240
"""Width of the longest bar, in units of the drawing."""
_pages = Environment(
    loader=PackageLoader("tallystick.faces.web"),
    autoescape=select_autoescape(default=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_pages.filters |= {"money": money, "counted": counted}


def router(desk: Desk, site: Any) -> APIRouter:  # noqa: ANN401 - whatever tells version, timezone and now
    """Return the routes; `site` tells the program's `version`, the `timezone` of days, and the moment (`now()`)."""
    routes = APIRouter(include_in_schema=False)
    zone = Zone(site.timezone)
    folder = files("tallystick.faces.web").joinpath("static")
    kept = {name: (folder.joinpath(name).read_bytes(), media) for name, media in _STATIC.items()}

    @routes.api_route("/", methods=["GET", "HEAD"])
    async def start() -> Response:
        now = site.now() // _ROUND_MS * _ROUND_MS

        def work(answers: Answers) -> Overview:
            return answers.overview(zone, now)

        overview = await asyncio.wrap_future(desk.get(("page", "start", now), work))
        # Half a character, which JSON can hold and UTF-8 cannot, may be in a name.
        text = page(overview, desk.status, site.version).encode("utf-8", "replace")
        return HTMLResponse(text, headers={"Cache-Control": "private, no-cache"})

    @routes.api_route("/static/{name}", methods=["GET", "HEAD"])
    async def static(name: str) -> Response:
        if name not in kept:
            raise HTTPException(404)
        content, media = kept[name]
        return Response(content, media_type=media, headers={"Cache-Control": "no-cache"})

    return routes


def page(overview: Overview, status: Status, version: str) -> str:
    """Return the first page: what was used, what it cost, where most of it went, and how complete that is."""
    most = max((figures.priced_pico for _, figures in overview.recent), default=0)
    return _pages.get_template("start.html").render(
        version=version,
        zone=overview.zone.name,
        importing=None if status.importing is None else int(status.importing * 100),
        trouble=status.trouble,
        spans=(("Today", overview.today), ("Seven days", overview.week), ("This month", overview.month)),
        days=[
            (day, figures, figures.priced_pico * _BAR // most if most else 0)
            for day, figures in reversed(overview.recent)
        ],
        bar=_BAR,
        span=overview.span,
        tops=(("Projects", _named(overview.projects)), ("Models", _named(overview.models))),
        priced=overview.priced_share,
        unpriced=overview.coverage.unpriced,
        skipped=overview.coverage.skipped,
        coarse=overview.coverage.coarse,
    )


def _named(rows: Sequence[Row]) -> list[tuple[str, Figures]]:
    return [(row.keys[0] or "(no name)", row.figures) for row in rows]
