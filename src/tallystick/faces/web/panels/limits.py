"""Panels on what may stop a person: vendors' usage windows, and the pace of the block of five hours that runs."""

from typing import Final

from tallystick.answers.answers import Answers
from tallystick.answers.lanes import BLOCK_MS
from tallystick.answers.limits import Window
from tallystick.answers.question import Wish, question
from tallystick.answers.reports.work import BLOCKS
from tallystick.faces.web.coverage import covered
from tallystick.faces.web.panels.blocks import whys
from tallystick.faces.web.panels.panel import (
    MINUTE_MS,
    Card,
    Cell,
    Column,
    Panel,
    Source,
    Table,
    View,
    amount_of,
    money_cell,
    number_cell,
)
from tallystick.faces.web.state import State
from tallystick.faces.web.wording import ago, counted, duration, money, short

_STALE_MS: Final = 15 * MINUTE_MS
_NO_LIMITS: Final = (
    "No tool has told of a limit in the last two months. Codex writes its windows into its logs, from which they come here "
    "by themselves; the logs of Claude Code, Gemini CLI and others tell nothing of theirs."
)
_NOW: Final = "At this moment, whatever the period and the filters."
_NO_BLOCK: Final = "No block of five hours is running: the next request begins one."
_BACK: Final = "2d"
"""A block may have begun yesterday."""
_WEEK, _DAY, _HOUR = 10_080, 1_440, 60


def limits(answers: Answers, state: State) -> View:
    """Return how far each window of each vendor is used up."""
    now = state.place.now
    found = [window for window in answers.limits(now).windows if window.resets_at or window.used_percent]
    if not found:
        return View(Table((), ()), empty=_NO_LIMITS)
    columns = [
        Column("Window", number=False),
        Column("Used"),
        Column("Elapsed", about="The part of the window that is over", minor=True),
        Column("At this pace", about="How much will be used when it is reset, if it goes on like this"),
        Column("Reset"),
        Column("Told", about="How long ago the tool told of it", minor=True),
    ]
    points = []
    for window in found:
        part, used = elapsed(window, now), window.used(now)
        if used is None:
            continue
        points.append(
            {
                "window": title(window),
                "used": used,
                "elapsed": None if part is None else part * 100,
                "shown": f"{used:.0f} %",
            }
        )
    return View(Table(columns, [_row(window, state) for window in found]), points, note=_note(found, now))


def elapsed(window: Window, now: int) -> float | None:
    """Return the part of a window that is over, 0 to 1; None where that is not known."""
    if not window.resets_at or not window.minutes or window.resets_at <= now:
        return None
    length = window.minutes * MINUTE_MS
    return min(max((now - (window.resets_at - length)) / length, 0.0), 1.0)


def title(window: Window) -> str:
    """Return what a person calls a window."""
    whose = f" ({window.account})" if window.account else ""
    for unit, name in ((_WEEK, "week"), (_DAY, "day"), (_HOUR, "hour")):
        if window.minutes and window.minutes % unit == 0:
            return f"{window.provider}, {counted(window.minutes // unit, name)}{whose}"
    return f"{window.provider}, {window.name}{whose}"


def _row(window: Window, state: State) -> list[Cell]:
    now = state.place.now
    used, part = window.used(now), elapsed(window, now)
    # Little of it over, little is known of the pace.
    pace = used / part if used is not None and part is not None and part > 0.02 else None  # noqa: PLR2004
    reset = f"in {duration(window.resets_at - now)}" if window.resets_at else "–"
    if used is None:
        reset = "reset since"
    local = f"{state.zone.local(window.resets_at):%Y-%m-%d %H:%M}" if window.resets_at else ""
    tone = "bad" if (used or 0) >= 80 or (pace or 0) > 100 else ""  # noqa: PLR2004  percent
    return [
        Cell(title(window), window.name, title=f"{window.name} {window.plan}".strip()),
        Cell("–", "", tone="faint")
        if used is None
        else Cell(f"{used:.0f} %", used, share=min(used / 100, 1.0), tone=tone),
        Cell("–" if part is None else f"{part * 100:.0f} %", part),
        Cell("–" if pace is None else f"{pace:.0f} %", pace, tone=tone),
        Cell(reset, title=local),
        Cell(ago(max(now - window.time, 0)), tone="faint" if now - window.time > _STALE_MS else ""),
    ]


def _note(found: list[Window], now: int) -> str:
    newest = max(window.time for window in found)
    if all(window.used(now) is None for window in found):
        return f"{_NOW} Last told {ago(now - newest)}; nothing has been told since the reset."
    if now - newest > _STALE_MS:
        return f"{_NOW} Last told {ago(now - newest)}: what was used since is not in these figures."
    return _NOW


def pace(answers: Answers, state: State) -> View:
    """Return what the running blocks of five hours took, and where they end at this pace."""
    whole = state._replace(since=_BACK, until="today")
    # Those that began less than five hours ago are those that run, and nothing else is in their totals.
    span = whole.period._replace(since=state.place.now - BLOCK_MS + 1)
    found = answers.ask(question(BLOCKS, span, Wish(where=state.where), state.place.now))
    running = [row for row in found.rows if row.details and row.details["active"]]
    if not running:
        return View(Table((), ()), empty=_NO_BLOCK)
    cards, rows = [], []
    for row, why in zip(running, whys(running, {row.keys[1:] for row in running}, whole), strict=True):
        told = row.details or {}
        ahead, rate = told["projection"], told["burn_rate"]
        until = f"{state.zone.local(told['end']):%H:%M}"
        lines = [f"{short(row.figures.total)} tokens in {duration(told['last'] - told['start'])}"]
        if ahead is not None:
            lines.append(f"at this pace {money(ahead['cost_usd'])} and {short(ahead['total'])} tokens at {until}")
        cards.append(Card(f"{row.keys[1]}, block until {until}", money(row.figures.cost_usd), lines, why=why))
        rows.append(
            [
                Cell(row.keys[1]),
                Cell(until),
                money_cell(row.figures, why),
                number_cell(row.figures.total),
                amount_of(rate and rate["cost_usd_per_hour"]),
                amount_of(ahead and ahead["cost_usd"]),
            ]
        )
    names = ("Until", "Cost", "Tokens", "An hour", "At its end")
    columns = [Column("Tool", number=False), *(Column(name, minor=name == "Tokens") for name in names)]
    note = "Whatever the period. Blocks are inferred from when work was done; they are not the vendor's own windows."
    return View(Table(columns, rows), (), cards, note, coverage=covered(found))


LIMITS: Final = Panel(
    "limits",
    "Usage windows",
    limits,
    lambda _: Source("limits", "chart limits", timeless=True),
    "How far each usage window of a vendor is used up, beside how much of it is over.",
    open=True,
    step_ms=MINUTE_MS,
)
PACE: Final = Panel(
    "pace",
    "The running block of five hours",
    pace,
    lambda _: Source("reports/blocks", "blocks", {"since": _BACK}, undated=True),
    "What the running blocks took, and where they end at this pace.",
    chart=False,
    step_ms=MINUTE_MS,
)
