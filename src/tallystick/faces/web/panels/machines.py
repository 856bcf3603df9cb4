"""The panel of machines: when each was heard of last, what was used there and what is wrong, and the cost by day and machine."""

from collections.abc import Sequence
from typing import Any, Final

from tallystick.answers.answer import Answer, Moment, gathered
from tallystick.answers.answers import Answers
from tallystick.answers.heard import STALE_MS
from tallystick.answers.machines import STATES, Machine, Machines
from tallystick.answers.reports.places import ANY
from tallystick.answers.reports.places import MACHINES as BY_MACHINE
from tallystick.answers.reports.times import ACTIVITY
from tallystick.faces.web.coverage import covered
from tallystick.faces.web.panels import axis
from tallystick.faces.web.panels.names import Names, address, lone_address
from tallystick.faces.web.panels.panel import (
    MINUTE_MS,
    Cell,
    Column,
    Panel,
    Point,
    Source,
    Table,
    View,
    money_cell,
    name_cell,
    number_cell,
)
from tallystick.faces.web.panels.stacked import stacked
from tallystick.faces.web.state import LONGEST, State
from tallystick.faces.web.wording import clipped, counted, duration, lately, moment, moment_whole, nothing, plain, short
from tallystick.faces.web.worth import unit, value

MOST: Final = 15
"""Machines that a page shows."""
_NAMED_MOST: Final = 3
_NAME_MOST: Final = 40
_WRONG_MOST: Final = 60
_SENTENCE_MOST: Final = 200
_DETAILS: Final = ("prompts", "tool_calls", "sessions")
_ONE: Final = (
    Column("Machine", number=False),
    Column("Cost"),
    Column("Tokens", minor=True),
    Column("Requests", minor=True),
    Column("Prompts"),
    Column("Tool calls", minor=True),
    Column("Sessions", minor=True),
    Column("Last seen", about="When there was a request last"),
)
_SEEN: Final = (
    Column("State", number=False),
    Column("Last seen", about="When it was heard of last; of one that sends nothing, its newest request"),
    Column(
        "Behind by", about="What it has still to send, or for how long it has not been heard of", minor=True, unit="ms"
    ),
    Column("Newest request", minor=True),
)
_USED: Final = (Column("Requests", minor=True), Column("Tokens", minor=True), Column("Cost"))


def machines(answers: Answers, state: State) -> View:
    """Return each machine, and its cost or tokens by day; of the only one there is, what it did."""
    found = answers.machines(state.question(ANY, "machine,user"))
    if found.known[0] > 1:
        return _many(found, answers.ask(state.question(ANY, "day,machine")), state)
    return _alone(answers, found, state)


def _alone(answers: Answers, known: Machines, state: State) -> View:
    """Return the only machine."""
    found = answers.ask(state.question(BY_MACHINE))
    if not found.rows:
        return View(Table(_ONE, ()), empty=nothing(filtered=bool(state.where)))
    told: Any = answers.ask(state.question(ACTIVITY, prices=False)).details or {}
    row = found.rows[0]
    cells = [
        name_cell(row.keys[0], lone_address(state, "/", {"machine": row.keys[0]})),
        money_cell(row.figures, state.address("/why"), 1.0 if row.figures.priced_pico else 0.0),
        _tokens(row.figures.total),
        number_cell(row.figures.requests),
        *(number_cell(told[name]) for name in _DETAILS),
        *(seen_cell(each.newest, state, active=each.active) for each in known.machines),
    ]
    foot = [Cell("Total"), *cells[1:4], *[Cell("")] * 4]
    return View(Table(_ONE, [cells], [cell._replace(share=None) for cell in foot]), coverage=covered(found))


def _many(found: Machines, days: Answer, state: State) -> View:
    """Return all machines."""
    named = found.known[1] > 1
    wrong = any(each.trouble or each.skewed for each in found.machines)
    columns = [Column("Machine", number=False)]
    columns += [Column("User", number=False, minor=True)] if named else []
    columns += [*_SEEN, *_USED, Column("Client", number=False, minor=True)]
    columns += [Column("Wrong", number=False, about="What is wrong there", minor=True)] if wrong else []
    if not found.machines:
        return View(Table(columns, ()), empty=nothing(filtered=True))
    every = [(each.name,) for each in found.machines]
    most = max(each.figures.priced_pico for each in found.machines) or 1
    rows = []
    for each in found.machines:
        cells = [_name(each, every, state), *([_user(each, state)] if named else []), *_state(each, state)]
        cells += [*_used(each, every, most, state), _client(each)]
        rows.append([*cells, *([_wrong(each)] if wrong else [])])
    foot = [Cell("Total"), *[Cell("")] * (len(_SEEN) + named)]
    foot += [number_cell(found.used.totals.requests), _tokens(found.used.totals.total)]
    foot += [money_cell(found.used.totals, state.address("/why")), *[Cell("")] * (1 + wrong)]
    more = f"… and {len(rows) - MOST:,} more, all of which are in the CSV" if len(rows) > MOST else ""
    points = _points(days, state) if len(days.rows) and len({row.keys[1] for row in days.rows}) > 1 else ()
    return View(
        Table(columns, rows, foot, more, MOST),
        points,
        note=_note(found.machines),
        params={"money": state.unit == "cost", **axis.params(days, state)},
        title=f"Machines: {unit(state).lower()} by day" if points else "Machines",
        coverage=covered(found.used),
        wide=True,
    )


def _name(machine: Machine, every: Sequence[Names], state: State) -> Cell:
    link = address(state, "/", {"machine": machine.name}, every)
    return name_cell(clipped(machine.name), link, clipped(machine.name, LONGEST))._replace(raw=machine.name)


def _user(machine: Machine, state: State) -> Cell:
    if not machine.users:
        return Cell("–", "", tone="faint")
    first, more = machine.users[0], len(machine.users) - 1
    link = "" if more else lone_address(state, "/", {"user": first})
    text = f"{clipped(first, _NAME_MOST)}, {more} more" if more else clipped(first)
    return Cell(text, ", ".join(machine.users), link, clipped(", ".join(machine.users), LONGEST))


def _state(machine: Machine, state: State) -> list[Cell]:
    """Return cells on how well a machine is known: state, last seen, behind by, newest request."""
    now, zone = state.place.now, state.zone
    about = STATES[machine.state]
    word = Cell(machine.state, title=f"{about[0].upper()}{about[1:]}", tone=f"pill {machine.state}")
    if machine.here:
        seen = Cell("now", Moment(now).iso(), title="The ledger lies here")
    elif machine.seen:
        told = moment_whole(machine.seen, zone)
        seen = Cell(lately(max(now - machine.seen, 0)), Moment(machine.seen).iso(), title=told)
    else:
        seen = Cell("–", "", tone="faint")
    newest = seen_cell(machine.newest, state) if machine.newest else Cell("–", "", tone="faint")
    return [word, seen, _behind(machine, now), newest]


def _behind(machine: Machine, now: int) -> Cell:
    """Return by how much a machine is behind: what it has still to send, and for how long it was not heard of."""
    parts = [counted(machine.pending, "row")] if machine.pending else []
    behind = max(now - machine.seen, 0) if machine.paired else 0
    # Each machine is silent for a while; only a silence that is long tells that something is missing.
    if behind > STALE_MS:
        parts.insert(0, lately(behind).removesuffix(" ago"))
    return Cell(", ".join(parts) or "–", behind if machine.paired else "", tone="" if parts else "faint")


def seen_cell(time: int, state: State, *, active: bool = False) -> Cell:
    """Return a moment in words, with the exact one for whoever points at it."""
    text = "active now" if active else moment(time, state.zone, state.place.now)
    return Cell(text, Moment(time).iso(), title=moment_whole(time, state.zone), tone="good" if active else "")


def _used(machine: Machine, every: Sequence[Names], most: int, state: State) -> list[Cell]:
    figures = machine.figures
    if not figures.requests:
        return [
            number_cell(0),
            number_cell(0),
            Cell("–", 0, title="Nothing was used there on these days", tone="faint"),
        ]
    why = address(state, "/why", {"machine": machine.name}, every)
    cost = money_cell(figures, why, figures.priced_pico / most)
    return [number_cell(figures.requests), _tokens(figures.total), cost]


def _client(machine: Machine) -> Cell:
    text = f"{machine.client} {machine.version}".strip()
    return Cell(clipped(text, _NAME_MOST), text, title=text) if text else Cell("–", "", tone="faint")


def _wrong(machine: Machine) -> Cell:
    parts = [machine.trouble.rstrip(".")] if machine.trouble else []
    if machine.skewed:
        parts.append(f"clock {duration(abs(machine.skew_ms))} {'ahead' if machine.skew_ms > 0 else 'behind'}")
    text = " · ".join(parts)
    return Cell(clipped(text, _WRONG_MOST), text, title=clipped(text, LONGEST), tone="bad" if parts else "")


def _tokens(total: int) -> Cell:
    return Cell(short(total), total, "", f"{total:,} tokens")


def _note(every: Sequence[Machine]) -> str:
    """Tell what is wrong on which machines, also on those that are not shown."""
    wrong = [each for each in every if each.trouble]
    told = [
        f"{plain(clipped(each.name, _NAME_MOST))}: {plain(clipped(each.trouble, _SENTENCE_MOST))}" for each in wrong
    ]
    more = [f"{counted(len(told) - _NAMED_MOST, 'more machine')} in trouble."] if len(told) > _NAMED_MOST else []
    return " ".join([*told[:_NAMED_MOST], *more])


def _points(found: Answer, state: State) -> list[Point]:
    whole = {head.keys[0]: head.figures for head, _ in gathered(found.rows, 1)}
    return stacked([(row.keys[0], row.keys[1], value(row.figures, state)) for row in found.rows], whole, state)


MACHINES: Final = Panel(
    "machines",
    "Machines",
    machines,
    lambda _: Source("machines", "machines --status"),
    "The cost or the tokens of each day, by machine.",
    open=True,
    step_ms=MINUTE_MS,
)
