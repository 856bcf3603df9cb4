"""The panels: sessions, models, tools, machines and calls, each a table of what was asked for."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from tallystick.answers.answer import Figures, Row
from tallystick.answers.live import Live
from tallystick.answers.machines import ACTIVE, HERE, STALE, STATES, TROUBLE, Machine
from tallystick.answers.single import Single
from tallystick.faces.tui import words
from tallystick.faces.tui.draw import ACCENT, BAD, BAR, FAINT, GOOD, PLAIN, STRONG, WARNING, Column, Entry, Line, Piece
from tallystick.faces.tui.state import CALLS, MACHINES, MODELS, SESSIONS, TOOLS, View

_BAR: Final = 8


class Panel(NamedTuple):
    """One panel, ready to be laid out."""

    title: str
    columns: tuple[Column, ...]
    entries: list[Entry]
    empty: str
    """What is said where there is nothing."""
    sort: str = ""
    """What it is sorted by, where that is not its own way."""


def panel(name: str, live: Live, view: View) -> Panel:
    """Return a panel by its name."""
    made = _PANELS[name](live, view.sort(name))
    return made._replace(sort=view.sort(name) if view.sorts.get(name) else "")


def _money(figures: Figures) -> Piece:
    if not figures.requests:
        return "–", FAINT
    if figures.cost_usd is None:
        return "no price", WARNING
    return words.money(figures.cost_usd) + ("+" if figures.unpriced_tokens else ""), PLAIN


_BY: Final[Mapping[str, Callable[[Figures], int]]] = MappingProxyType(
    {
        "cost": lambda figures: figures.priced_pico,
        "tokens": lambda figures: figures.total,
        "requests": lambda figures: figures.requests,
    }
)


def _sessions(live: Live, sort: str) -> Panel:
    rows = live.sessions
    if sort in _BY:
        rows = sorted(rows, key=lambda row: -_BY[sort](row.figures))
    last = {}
    for call in reversed(live.calls):
        last[call.context["session"]] = call
    at_work = sum(map(live.at_work, live.sessions))
    columns = (
        Column("", 1),
        Column("last", 9),
        Column("project", 24),
        Column("title"),
        Column("model", 20, rank=2),
        Column("tool", 14, rank=3),
        Column("machine", 16, rank=4),
        Column("prompts", 7, right=True, rank=5),
        Column("tokens", 6, right=True, rank=1),
        Column("cost", 11, right=True),
    )
    title = f"Sessions  {at_work} at work" if at_work else "Sessions  none at work"
    entries = [_session(live, row, last.get(row.keys[0])) for row in rows]
    return Panel(title, columns, entries, "Nobody was at work since yesterday.")


def _session(live: Live, row: Row, call: Single | None) -> Entry:
    told: Mapping[str, Any] = row.details or {}
    now, zone = live.question.now, live.question.period.zone
    working = live.at_work(row)
    when = "–" if told.get("last") is None else words.ago(max(now - told["last"], 0))
    cells: tuple[Piece, ...] = (
        ("●", GOOD) if working else ("○", FAINT),
        (when, PLAIN if working else FAINT),
        (words.place(told.get("project", "")) or "(no project)", STRONG if working else PLAIN),
        (words.clean(told.get("title", "")) or f"({row.keys[0][:8]})", PLAIN if told.get("title") else FAINT),
        (words.model(call.variant.model) if call else "", FAINT),
        (words.clean(told.get("tool", "")), FAINT),
        (words.clean(call.context["machine"]) if call else "", FAINT),
        (f"{told.get('prompts', 0):,}", FAINT),
        (words.number(row.figures.total), PLAIN),
        _money(row.figures),
    )
    note: Line = ()
    if working and call:
        moment = words.clock(call.time, zone, now, seconds=True)
        note = ((f"{moment}  {words.model(call.variant.model)}  {told_of(call)}", FAINT),)
    return Entry(row.keys[0], cells, note)


def told_of(call: Single) -> str:
    """Return in words what one call consumed."""
    tokens = call.tokens
    cached = f", {words.percent(tokens.cache_read / tokens.prompt)} cached" if tokens.prompt else ""
    cost = f"  {words.money(call.cost)}" if call.cost is not None else ""
    return f"{words.number(tokens.prompt)} in{cached}, {words.number(tokens.output)} out{cost}"


def _sums(title: str, short: Callable[[str], str]) -> Callable[[Live, str], Panel]:
    def made(live: Live, sort: str) -> Panel:
        rows = live.models if title == "Models" else live.tools
        return _summed(title, sorted(rows, key=lambda row: -_BY[sort](row.figures)), short, sort)

    return made


def _summed(title: str, rows: Sequence[Row], short: Callable[[str], str], sort: str) -> Panel:
    most = max((_BY[sort](row.figures) for row in rows), default=0)
    columns = (
        Column(""),
        Column("tokens", 6, right=True, rank=1),
        Column("cost", 11, right=True),
        Column("", _BAR, rank=2),
    )
    entries = [
        Entry(
            row.keys[0],
            (
                (short(row.keys[0]) or "(none)", PLAIN),
                (words.number(row.figures.total), FAINT),
                _money(row.figures),
                (f"{words.bar(_BY[sort](row.figures) / most if most else 0, _BAR):<{_BAR}}", BAR),
            ),
        )
        for row in rows
    ]
    return Panel(f"{title}  today", columns, entries, "Nothing today.")


_STATES: Final[Mapping[str, Piece]] = MappingProxyType(
    {ACTIVE: ("●", GOOD), HERE: ("●", FAINT), TROUBLE: ("!", BAD), STALE: ("○", WARNING)}
)


def _machines(live: Live, sort: str) -> Panel:
    keys: Mapping[str, Callable[[Machine], int]] = {
        "cost": lambda each: each.figures.priced_pico,
        "tokens": lambda each: each.figures.total,
        "newest": lambda each: each.newest,
    }
    found = sorted(live.machines, key=lambda each: (not each.active, -keys[sort](each)))
    active = sum(each.active for each in found)
    columns = (
        Column("", 1),
        Column(""),
        Column("last", 9, right=True, rank=2),
        Column("tokens", 6, right=True, rank=1),
        Column("cost", 11, right=True),
    )
    entries = [_machine(each, live.question.now) for each in found]
    return Panel(f"Machines  {active} active", columns, entries, "No machine is known yet.")


def _machine(machine: Machine, now: int) -> Entry:
    name = words.clean(machine.name) or "(no name)"
    when = words.ago(max(now - machine.newest, 0)) if machine.newest else "–"
    if machine.active:
        when = "active"
    cells = (
        _STATES[ACTIVE] if machine.active and machine.state != TROUBLE else _STATES.get(machine.state, ("○", FAINT)),
        (f"{name} (here)" if machine.here else name, PLAIN),
        (when, GOOD if machine.active else FAINT),
        (words.number(machine.figures.total) if machine.figures.requests else "", FAINT),
        _money(machine.figures),
    )
    note = ((words.clean(machine.trouble), WARNING),) if machine.trouble else ()
    return Entry(machine.name, cells, note)


def about(machine: Machine) -> str:
    """Return what the state of a machine means."""
    return STATES[machine.state]


def _calls(live: Live, sort: str) -> Panel:
    now, zone = live.question.now, live.question.period.zone
    keys: Mapping[str, Callable[[Single], int]] = {
        "time": lambda call: call.time,
        "cost": lambda call: call.cost or 0,
        "tokens": lambda call: call.tokens.total,
    }
    columns = (
        Column("time", 12),
        Column("tool", 14, rank=3),
        Column("project"),
        Column("model", 20),
        Column("in", 5, right=True, rank=1),
        Column("cached", 6, right=True, rank=4),
        Column("out", 5, right=True, rank=2),
        Column("cost", 8, right=True),
        Column("machine", 16, rank=5),
        Column("seen by", 9, rank=6),
    )
    entries = []
    for call in sorted(live.calls, key=keys[sort], reverse=True):
        tokens, context = call.tokens, call.context
        agent = f" · {words.clean(context['agent'])}" if context["agent"] else ""
        cells: tuple[Piece, ...] = (
            (words.clock(call.time, zone, now, seconds=True), FAINT),
            (words.clean(context["tool"]), FAINT),
            (f"{words.place(context['project']) or '(no project)'}{agent}", PLAIN),
            (words.model(call.variant.model), PLAIN),
            (words.number(tokens.prompt), PLAIN),
            (words.percent(tokens.cache_read / tokens.prompt) if tokens.prompt else "–", FAINT),
            (words.number(tokens.output), PLAIN),
            (words.money(call.cost), WARNING if call.cost is None and live.question.prices else PLAIN),
            (words.clean(context["machine"]), FAINT),
            (", ".join(call.witnesses or (call.witness,)), ACCENT if len(call.witnesses) > 1 else FAINT),
        )
        entries.append(Entry(str(call.number), cells))
    return Panel("Calls  the newest", columns, entries, "No call was counted yet.")


_PANELS: Final[Mapping[str, Callable[[Live, str], Panel]]] = MappingProxyType(
    {
        SESSIONS: _sessions,
        MODELS: _sums("Models", words.model),
        TOOLS: _sums("Tools", words.clean),
        MACHINES: _machines,
        CALLS: _calls,
    }
)
