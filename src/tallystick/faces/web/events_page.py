"""The explorer of single events, a page at a time by filters, and the page of one event with everything that was seen of it."""

from collections.abc import Callable, Mapping, Sequence
from shlex import quote
from typing import Final, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from tallystick.answers.answer import Moment, Money
from tallystick.answers.answers import Answers
from tallystick.answers.desk import Desk
from tallystick.answers.events import MOST, USUAL, Page
from tallystick.answers.reports.places import ANY
from tallystick.answers.single import Single
from tallystick.errors import Misused
from tallystick.faces.web.event_page import shown as event_shown
from tallystick.faces.web.html import (
    FRESH,
    Endpoint,
    Site,
    add,
    as_bytes,
    asked,
    costing,
    said,
    to_event,
    whole,
    worked,
)
from tallystick.faces.web.page import Frame, rendered
from tallystick.faces.web.panels.names import called, session_cell
from tallystick.faces.web.panels.panel import Cell, Column, Table, name_cell, number_cell
from tallystick.faces.web.session_charts import MAIN
from tallystick.faces.web.state import EVER, FILTERS, LONGEST, State
from tallystick.faces.web.table import as_csv
from tallystick.faces.web.wording import clipped, counted, fine, hour_said, hours_said, nothing
from tallystick.usage.hours import HOURS, WEEKDAYS, Hours

PATH: Final = "/events"
NEWS: Final = "/events/news"
VALUES_MOST: Final = 200
"""Known values of one filter that a browser is told."""
_DIGITS: Final = 16
_NAMES: Final = ("Project", "Tool", "Session", "On")
_COUNTS: Final = ("Input", "Cache write", "Cache read", "Output")
_COLUMNS: Final = (
    Column("Event", number=False, minor=True),
    Column("Time", number=False),
    Column("Cost"),
    Column("Tokens"),
    Column("Model", number=False),
    *(Column(name, number=False, minor=True) for name in _NAMES),
    *(Column(name, minor=True) for name in _COUNTS),
    *(Column(name, number=False, minor=True) for name in ("State", "Dated", "Seen by")),
)


class Place(NamedTuple):
    """Which of the pages it is."""

    after: str = ""
    """Where the page before ended."""
    oldest: bool = False
    """Whether the oldest come first."""

    @property
    def old(self) -> bool:
        """Whether events that come in stand before those of this page."""
        return bool(self.after) and not self.oldest


def router(desk: Desk, site: Site) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(include_in_schema=False)

    async def explorer(request: Request) -> Response:
        at, place = said(request, site, closer=True).rounded(), _place(request)
        version = desk.version
        values = await worked(request, desk, ("known values",), known)
        # What a browser is told of known values belongs to a version, and so does the page in which they stand.
        key = ("events page", version, at.place.now, at.key, *place)
        html = await worked(request, desk, key, lambda answers: shown(answers, at, place, values.made))
        # What is new stands before what an old page shows, which would not stay where it is.
        frame = Frame(PATH, "events", form=False, live=not place.old)
        return whole(html._replace(ms=html.ms + values.ms), at, desk, site, frame)

    async def news(request: Request) -> Response:
        at, place = said(request, site, closer=True).rounded(), _place(request)
        key = ("events news", at.place.now, at.key, *place)
        html = await worked(request, desk, key, lambda answers: arrived(answers, at, place))
        return HTMLResponse(as_bytes(html.made), headers=costing(html.ms))

    async def csv(request: Request) -> Response:
        at, place = said(request, site, closer=True).rounded(), _place(request)
        key = ("events csv", at.place.now, at.key, *place)
        text = await asked(request, desk, key, lambda answers: as_csv(table(_found(answers, at, place), at, place)))
        headers = {**FRESH, "Content-Disposition": 'attachment; filename="tally-events.csv"'}
        return Response(as_bytes(text), media_type="text/csv", headers=headers)

    add(routes, "/events.csv", site.version, csv)
    add(routes, PATH, site.version, explorer)
    add(routes, NEWS, site.version, news)
    add(routes, "/events/{number}", site.version, _single(desk, site))
    return routes


def _single(desk: Desk, site: Site) -> Endpoint:
    """Return what answers with the page of one event."""

    async def event(request: Request) -> Response:
        at = said(request, site)
        at = State(at.place._replace(now=0), timezone=at.timezone)
        text = request.path_params["number"]
        if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
            raise Misused(f"There is no event {text[:40]!r}: events have numbers.")
        number = int(text)
        html = await worked(
            request, desk, ("event page", number, at.key), lambda answers: event_shown(answers, number, at)
        )
        return whole(html, at, desk, site, Frame(f"{PATH}/{number}", f"event {number}", dated=False))

    return event


def _place(request: Request) -> Place:
    order = request.query_params.get("order", "") or "desc"
    if order not in {"asc", "desc"}:
        raise Misused(f"order {order[:40]!r} is none: choose desc (the newest first) or asc (the oldest first).")
    return Place(request.query_params.get("after", ""), order == "asc")


def _found(answers: Answers, at: State, place: Place) -> Page:
    return answers.events(at.question(ANY, "day"), place.after, newest_first=not place.oldest)


def shown(answers: Answers, at: State, place: Place, values: Mapping[str, Sequence[str]]) -> str:
    """Return a page of events with what there is to filter by."""
    news = _news(at, _newest(answers, at)) if place.old else {}
    return rendered("events.html", news=news, **_content(at, place, values, _found(answers, at, place)))


def _newest(answers: Answers, at: State) -> Place:
    """Return the place of the newest event that fits."""
    found = answers.events(at.question(ANY, "day", limit=1, prices=False)).events
    return Place(f"{found[0].time}.{found[0].number}" if found else "")


def arrived(answers: Answers, at: State, since: Place) -> str:
    """Return what an old page says of the events that have come in since it was made."""
    found = answers.events(at.question(ANY, "day", limit=MOST, prices=False), since.after, newest_first=False)
    many = counted(len(found.events), "new event") if found.events else ""
    return rendered("news.html", **_news(at, since, f"more than {many}" if found.after else many))


def _news(at: State, since: Place, told: str = "") -> dict[str, str]:
    return {"told": told, "address": address(at, since, NEWS), "first": address(at, Place())}


def known(answers: Answers) -> Mapping[str, Sequence[str]]:
    """Return the values of each filter that there are in the ledger, those most used first."""
    found = answers.names(FILTERS)
    return {name: [value for value in found[name] if len(value) <= LONGEST][:VALUES_MOST] for name in FILTERS}


def table(found: Page, at: State, place: Place) -> Table:
    """Return a page of events as a table, all of whose names lead to what else there is of them."""

    def filtered(name: str, value: str) -> Cell:
        link = address(at, Place("", place.oldest), **{name: value}) if 0 < len(value) <= LONGEST else ""
        return name_cell(clipped(value), link)._replace(raw=value)

    names = called({event.context["project"] for event in found.events})
    return Table(_COLUMNS, [_row(event, at, filtered, names) for event in found.events])


type _Filtered = Callable[[str, str], Cell]


def _row(event: Single, at: State, filtered: _Filtered, names: Mapping[str, str]) -> list[Cell]:
    of, tokens = event.context, event.tokens
    counts = (tokens.input, tokens.cache_write_5m + tokens.cache_write_1h, tokens.cache_read, tokens.output)
    return [
        Cell(str(event.number), link=to_event(at, event.number)),
        Cell(f"{at.zone.local(event.time):%Y-%m-%d %H:%M:%S}", Moment(event.time).iso()),
        _cost(event, at),
        number_cell(tokens.total),
        filtered("model", event.variant.model),
        _project(filtered("project", of["project"]), names[of["project"]]),
        filtered("tool", of["tool"]),
        session_cell(at, of["session"]),
        filtered("agent", of["agent"]) if of["agent"] else Cell(MAIN, "", tone="faint"),
        *map(number_cell, counts),
        Cell(event.grade, tone="faint" if event.grade == "finished" else ""),
        Cell(event.dated, tone="faint" if event.dated == "exact" else ""),
        Cell(" and ".join(event.witnesses), tone="" if len(event.witnesses) > 1 else "faint"),
    ]


def _cost(event: Single, at: State) -> Cell:
    raw = "" if event.cost is None else Money(event.cost)
    return Cell(fine(event.cost), raw, to_event(at, event.number), tone="faint" if event.cost is None else "")


def _project(cell: Cell, name: str) -> Cell:
    # Paths differ at their ends, where a narrow column would cut them.
    return cell._replace(text=clipped(name) or cell.text, title=str(cell.raw)[:LONGEST])


def address(at: State, place: Place, path: str = PATH, **changes: str) -> str:
    """Return the address of a page of the explorer, with some things changed."""
    where = {"order": "asc"} if place.oldest else {}
    return at.address(path, **changes, **where, **({"after": place.after} if place.after else {}))


def _content(at: State, place: Place, values: Mapping[str, Sequence[str]], found: Page) -> dict[str, object]:
    more = {"after": place.after, "order": "asc" if place.oldest else ""}
    pairs = [*at.said(), *((name, value) for name, value in more.items() if value)]
    options = [f"--{name} {quote(value)}" for name, value in [*at.said(), ("after", place.after)] if value]
    return {
        "panel": {"name": "events"},
        "table": table(found, at, place),
        "state": at,
        "fields": [(name, at.where.get(name) or ("",), values.get(name, ())) for name in FILTERS],
        "weekdays": [(name, hours_said(Hours(name))[0][1]) for name in WEEKDAYS],
        "hours": [(str(hour), hour_said(hour)) for hour in range(HOURS)],
        "oldest": place.oldest,
        "empty": "" if found.events else _empty(at, place),
        "first": address(at, Place("", place.oldest)) if place.after else "",
        "next": address(at, Place(found.after, place.oldest)) if found.after else "",
        "size": USUAL,
        "cli": " ".join(["tally events", *options, *(["--oldest"] if place.oldest else [])]),
        "api": f"/api/v1/events?{urlencode(pairs)}" if pairs else "/api/v1/events",
        "csv": address(at, place, "/events.csv"),
    }


def _empty(at: State, place: Place) -> str:
    if place.after:
        return "There are no more events."
    if at.since == EVER and not (at.until or at.where or at.hours):
        return "Nothing has been counted yet: tally doctor tells where logs were looked for."
    return nothing(filtered=bool(at.where or at.hours))
