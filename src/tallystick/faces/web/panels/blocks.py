"""The panel of blocks: five hours from a tool's first call, with the pace of those that run and what they come to."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, Final

from tallystick.answers.answer import Row
from tallystick.answers.answers import Answers
from tallystick.answers.reports.work import BLOCKS as REPORT
from tallystick.faces.web.coverage import covered
from tallystick.faces.web.panels.names import Names, address
from tallystick.faces.web.panels.panel import (
    MINUTE_MS,
    Cell,
    Column,
    Panel,
    Point,
    Source,
    Table,
    View,
    amount_of,
    money_cell,
    name_cell,
    number_cell,
)
from tallystick.faces.web.series import ranked, series
from tallystick.faces.web.state import State
from tallystick.faces.web.wording import counted, duration, nothing
from tallystick.faces.web.worth import drawn, said, shown, sign, unit, worth

MOST: Final = 40
"""Blocks that are shown, the latest."""
INFERRED: Final = (
    "Inferred from when calls were made: five hours from the full hour (UTC) of a tool's first call. "
    "These are not the windows by which a vendor limits use."
)
_NAME_MOST: Final = 40


def show(answers: Answers, state: State) -> View:
    """Return the latest blocks of five hours, each tool's for itself."""
    found = answers.ask(state.question(REPORT, order="desc"))
    every = [row for row in found.rows if not _told(row)["gap"]]
    latest = every[:MOST]
    running = [_running(row, state) for row in latest if _told(row)["active"]]
    return View(
        _table(latest, len(every) - len(latest), state),
        _bars(latest[::-1], state),
        note=" ".join([*running, INFERRED]),
        empty="" if every else nothing(filtered=bool(state.where)),
        params={"money": state.unit == "cost"},
        title=f"{unit(state)} by block of five hours",
        coverage=covered(found),
    )


def _bars(rows: Sequence[Row], state: State) -> list[Point]:
    sums: defaultdict[str, int] = defaultdict(int)
    for row in rows:
        sums[row.keys[1]] += worth(row.figures, state) or 0
    ranks = ranked(sums)
    points: list[Point] = []
    for row in rows:
        begin = _local(_told(row)["start"], state)
        amount, ahead = worth(row.figures, state), _ahead(row, state)
        named = {"block": begin, "label": _moment(begin, state), "tool": series(row.keys[1], ranks)}
        texts = {
            "name": row.keys[1],
            "shown": shown(row.figures, state),
            "ahead": "–" if ahead is None else said(ahead, state),
        }
        value = drawn(amount, state) or 0
        points.append({**named, **texts, "part": "used", "rank": 0, "value": value, "sign": sign(row.figures, state)})
        if ahead is not None and amount is not None and ahead > amount:
            rest = {"part": "to come at this pace", "rank": 1, "value": drawn(ahead - amount, state), "sign": ""}
            points.append({**named, **texts, **rest})
    return points


def _table(rows: Sequence[Row], left_off: int, state: State) -> Table:
    columns = [
        Column("Began", number=False),
        Column("Tool", number=False),
        Column("State", number=False, minor=True),
        Column("Models", number=False, minor=True),
        Column("Requests", minor=True),
        Column("Tokens", minor=True),
        Column("Cost"),
        Column("An hour", about="The pace of a block that runs, from its first call to its last", minor=True),
        Column("At its end", about="What a block that runs comes to at that pace", minor=True),
    ]
    most = max((row.figures.priced_pico for row in rows), default=0) or 1
    more = f"{counted(left_off, 'earlier block')} left off." if left_off else ""
    tools = {row.keys[1:] for row in rows}
    links = whys(rows, tools, state)
    cells = [_cells(row, most, tools, state, link) for row, link in zip(rows, links, strict=True)]
    return Table(columns, cells, more=more)


def whys(rows: Sequence[Row], tools: Collection[Names], state: State) -> list[str]:
    """Return where the figures of each block are explained; empty where no filter is of its tool alone."""
    # What comes in the millisecond with which a block ends is still of it, and not of one that begins then.
    taken = {(row.keys[1], int(told["last"])) for row in rows if (told := _told(row))["last"] == told["end"]}
    found = []
    for row in rows:
        told, tool = _told(row), row.keys[1]
        begin, end = int(told["start"]), max(int(told["end"]), int(told["last"]) + 1)
        begin += (tool, begin) in taken
        stretch = state.stretch(begin, min(end, state.period.until))
        found.append(address(stretch, "/why", {"tool": tool}, tools))
    return found


def _cells(row: Row, most: int, tools: Collection[Names], state: State, why: str) -> list[Cell]:
    told, tool = _told(row), row.keys[1]
    begin, last = (_local(told[name], state) for name in ("start", "last"))
    days = state._replace(since=begin[:10], until=last[:10])
    rate, projection = told["burn_rate"] or {}, told["projection"] or {}
    return [
        Cell(_moment(begin, state), begin, address(days, "/", {"tool": tool}, tools), begin),
        name_cell(tool, address(state, "/", {"tool": tool}, tools)),
        Cell("running", tone="good") if told["active"] else Cell("over", tone="faint"),
        name_cell(", ".join(told["models"])),
        number_cell(row.figures.requests),
        number_cell(row.figures.total),
        money_cell(row.figures, why, row.figures.priced_pico / most),
        _ahead_cell(rate.get("cost_usd_per_hour")),
        _ahead_cell(projection.get("cost_usd")),
    ]


def _ahead_cell(pico: int | None) -> Cell:
    return Cell("", "") if pico is None else amount_of(pico)


def _running(row: Row, state: State) -> str:
    told = _told(row)
    begin, end = (_local(told[name], state)[11:16] for name in ("start", "end"))
    used = shown(row.figures, state) if worth(row.figures, state) is not None else "tokens that have no price"
    so_far = f"{row.keys[1][:_NAME_MOST]} used {used} since {begin}"
    ahead = _ahead(row, state)
    if ahead is None:
        return f"{so_far}; its block ends at {end}."
    left = duration(told["projection"]["remaining_minutes"] * MINUTE_MS)
    return f"{so_far}, and at this pace {said(ahead, state)} by the end of its block at {end}, in {left}."


def _ahead(row: Row, state: State) -> int | None:
    projection = _told(row)["projection"] or {}
    found: int | None = projection.get("cost_usd" if state.unit == "cost" else "total")
    return found


def _told(row: Row) -> Mapping[str, Any]:
    return row.details or {}


def _local(time: int, state: State) -> str:
    """Return a moment as local date and time with the offset, `2026-11-01T10:00+01:00`."""
    return state.zone.local(time).isoformat(timespec="minutes")


def _moment(local: str, state: State) -> str:
    """Return a local moment as people say it, with the year only where it is not this one."""
    day = date.fromisoformat(local[:10])
    year = "" if day.year == state.zone.local(state.place.now).year else f" {day.year}"
    return f"{day:%a} {day.day} {day:%b}{year}, {local[11:16]}"


BLOCKS: Final = Panel(
    "blocks",
    "By block of five hours",
    show,
    lambda _: Source("reports/blocks", "blocks", {"order": "desc"}),
    "A bar for each of the latest blocks of five hours, coloured by tool.",
    "full",
    step_ms=MINUTE_MS,
)
