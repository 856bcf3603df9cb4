"""Panels of who works: the machines at work now, and what each user used."""

from typing import Final

from tallystick.answers.answers import Answers
from tallystick.answers.machines import Machine, User
from tallystick.answers.reports.places import ANY
from tallystick.faces.web.coverage import covered
from tallystick.faces.web.panels.machines import MOST, seen_cell
from tallystick.faces.web.panels.names import address, lone_address
from tallystick.faces.web.panels.panel import (
    MINUTE_MS,
    Cell,
    Column,
    Panel,
    Source,
    Table,
    View,
    money_cell,
    name_cell,
    number_cell,
)
from tallystick.faces.web.state import LONGEST, State
from tallystick.faces.web.wording import ago, clipped, moment_whole, nothing, short

PILLS_MOST: Final = 12
_NAME_MOST: Final = 40
_OF_USERS: Final = (
    Column("User", number=False),
    Column("Machines", about="On how many machines they ever worked", minor=True),
    Column("Last request"),
    Column("Requests", minor=True),
    Column("Tokens", minor=True),
    Column("Cost"),
)


def active(answers: Answers, state: State) -> View:
    """Return the machines on which somebody is at work now, where there are several."""
    found = answers.machines(state.question(ANY, "machine,user"))
    working = sorted((each for each in found.machines if each.active), key=lambda each: (-each.newest, each.name))
    if found.known[0] < 2 or not working:  # noqa: PLR2004  of one's only machine one knows
        return View(Table((), ()), empty="Nobody is at work now, or there is one machine only.", absent=True)
    named = found.known[1] > 1
    pills = [_pill(each, state, named=named) for each in working]
    rows = [[pill, Cell(", ".join(each.users))] for pill, each in zip(pills, working, strict=True)]
    more = len(pills) - PILLS_MOST
    columns = (Column("Machine", number=False), Column("Users", number=False))
    return View(Table(columns, rows), pills=pills[:PILLS_MOST], pills_more=f"and {more:,} more" if more > 0 else "")


def _pill(machine: Machine, state: State, *, named: bool) -> Cell:
    name = clipped(machine.name, _NAME_MOST) or "(no name)"
    text = f"{name} · {clipped(machine.users[0], _NAME_MOST)}" if named and len(machine.users) == 1 else name
    last = f"Last request {ago(max(state.place.now - machine.newest, 0))}, {moment_whole(machine.newest, state.zone)}"
    return Cell(text, machine.name, lone_address(state, "/", {"machine": machine.name}), last)


def users(answers: Answers, state: State) -> View:
    """Return what each user used, where there are several."""
    found = answers.machines(state.question(ANY, "machine,user"))
    if found.known[1] < 2:  # noqa: PLR2004  whoever is alone has no need to be told apart
        return View(Table((), ()), empty="There is one user only.", absent=True)
    if not found.users:
        return View(Table(_OF_USERS, ()), empty=nothing(filtered=True))
    every = [(each.name,) for each in found.users]
    most = max(each.figures.priced_pico for each in found.users) or 1
    rows = [_row(each, every, most, state) for each in found.users]
    totals = found.used.totals
    foot = [Cell("Total"), Cell(""), Cell(""), number_cell(totals.requests), _tokens(totals.total)]
    foot.append(money_cell(totals, state.address("/why")))
    more = f"… and {len(rows) - MOST:,} more, all of whom are in the CSV" if len(rows) > MOST else ""
    return View(Table(_OF_USERS, rows, foot, more, MOST), coverage=covered(found.used))


def _row(user: User, every: list[tuple[str]], most: int, state: State) -> list[Cell]:
    asked, figures = {"user": user.name}, user.figures
    name = name_cell(clipped(user.name), address(state, "/", asked, every), clipped(user.name, LONGEST))
    cost = money_cell(figures, address(state, "/why", asked, every), figures.priced_pico / most)
    if not figures.requests:
        cost = Cell("–", 0, title="Nothing was used on these days", tone="faint")
    places = number_cell(len(user.machines))._replace(title=clipped(", ".join(user.machines), LONGEST))
    last = seen_cell(user.newest, state, active=user.active) if user.newest else Cell("–", "", tone="faint")
    return [name._replace(raw=user.name), places, last, number_cell(figures.requests), _tokens(figures.total), cost]


def _tokens(total: int) -> Cell:
    return Cell(short(total), total, "", f"{total:,} tokens")


ACTIVE: Final = Panel(
    "active",
    "At work now",
    active,
    lambda _: Source("machines", "machines --status"),
    "Machines with a request in the last 15 minutes.",
    "full",
    chart=False,
    step_ms=MINUTE_MS,
)
USERS: Final = Panel(
    "users",
    "Users",
    users,
    lambda _: Source("machines", "machines --status"),
    "What each user used.",
    chart=False,
    step_ms=MINUTE_MS,
)
