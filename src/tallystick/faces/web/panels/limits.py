"""Panels on what may stop a person: vendors' usage windows, and the pace of the block of five hours that runs."""

from collections.abc import Sequence
from typing import Final, Protocol

from tallystick.answers.answers import Answers
from tallystick.answers.forecast import POSSIBLE, Forecast
from tallystick.answers.lanes import BLOCK_MS
from tallystick.answers.limits import STALE_MS, Window
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
from tallystick.faces.web.wording import ago, clipped, counted, duration, lately, money, percent, short
from tallystick.usage.period import DAY_MS, HOUR_MS

NO_LIMITS: Final = (
    "No usage window has been told of in the last two months. Codex writes its own into its logs, from which they come here by "
    "themselves; those of Claude come with the status line (`tally statusline install`), through the proxy, or with "
    "`tally limits fetch`."
)
_NOW: Final = "As of now, whatever the period."
_MARKS: Final = "Line: even use."
_ESTIMATED: Final = "Pale band: by the reset, an estimate."
_NO_BLOCK: Final = "No block of five hours is running: the next request begins one."
_BACK: Final = "2d"
"""A block may have begun yesterday."""
_WEEK, _DAY, _HOUR = 10_080, 1_440, 60
_NAME_MOST: Final = 24
FULL: Final = 100.0
"""Per cent: all of a window."""
_DRAWN_MOST: Final = 12
"""Windows that a page shows; of more, those nearest their end."""
_HIGH: Final = 80
"""Per cent from which on a window is near its end."""
_SHOWN_MOST: Final = 150.0
"""Per cent beyond which no gauge goes."""


class Named(Protocol):
    """A window, or what was told of one."""

    @property
    def provider(self) -> str:
        """The vendor."""

    @property
    def name(self) -> str:
        """The vendor's own name for it."""

    @property
    def minutes(self) -> int:
        """Its length; 0 when it is not said."""

    @property
    def account(self) -> str:
        """Whose it is; empty when it is not said."""


def limits(answers: Answers, state: State) -> View:
    """Return how far each window of each vendor is used up, beside even use, and what it comes to by its reset."""
    now = state.place.now
    return shown([each for each in answers.limits(now).windows if each.resets_at or each.used_percent], state)


def shown(found: Sequence[Window], state: State) -> View:
    """Return windows as gauges and as a table."""
    if not found:
        return View(Table((), ()), empty=NO_LIMITS)
    now = state.place.now
    # Names depend on what else there is, and so come before the order.
    ranked = sorted(zip(found, titles(found), strict=True), key=lambda pair: rank(pair[0], now))
    points = [_point(each, name, now) for each, name in ranked[:_DRAWN_MOST] if each.used(now) is not None]
    columns = [
        Column("Window", number=False),
        Column("Used"),
        Column("Even", about="What would be used by now if it were used evenly", minor=True),
        Column("At reset", about="What will be used by then, and between what and what: an estimate", minor=True),
        Column("Runs out", about="When it is used up, where that is before the reset: an estimate"),
        Column("Resets in", unit="at"),
        Column("Age", about="How long ago it was told", minor=True, unit="told at"),
    ]
    rows = [_row(each, name, state) for each, name in ranked]
    more = "" if len(rows) <= _DRAWN_MOST else f"The {_DRAWN_MOST} nearest their end of {len(rows):,}; the CSV has all."
    ahead = [each.forecast.high if each.forecast else each.used_percent for each in found if not each.over(now)]
    most = min(max([FULL, *ahead]), _SHOWN_MOST)
    table = Table(columns, rows, more=more, most=_DRAWN_MOST)
    return View(table, points, note=_note(found, now), params={"most": most}, title=_title(ranked, state))


def rank(window: Window, now: int) -> tuple[int, float]:
    """Order windows by how near they are to stop a person: used up, about to run out, then by what is used; last what is over."""
    used, ahead = window.used(now), window.forecast
    if used is None:
        return 3, -window.time
    runs_out = ahead.runs_out if ahead else None
    if used >= FULL or (runs_out is not None and runs_out <= now):
        return 0, -used
    return (2, -used) if runs_out is None else (1, runs_out)


def _title(ranked: Sequence[tuple[Window, str]], state: State) -> str:
    """Answer in a few words whether one is about to be stopped, where one is."""
    ranks = [rank(each, state.place.now) for each, _ in ranked]
    stopping = sum(kind <= 1 for kind, _ in ranks)
    if not stopping:
        return ""
    (kind, when), (window, name) = ranks[0], ranked[0]
    if kind:
        told = f"runs out ≈ {clock(int(when), state)}"
    else:
        told = f"used up until {clock(window.resets_at, state)}" if window.resets_at else "used up"
    more = f", and {stopping - 1:,} more" if stopping > 1 else ""
    return f"Usage windows: {name}, {told}{more}"


def titles(windows: Sequence[Named]) -> list[str]:
    """Return what a person calls each of several windows, no two of which are called the same.

    The account is told where a provider has more than one, the vendor's own name where a length alone would not tell.
    """
    names: dict[tuple[str, str], set[str]] = {}
    accounts: dict[str, set[str]] = {}
    for each in windows:
        names.setdefault((each.provider, _length(each.minutes)), set()).add(each.name)
        accounts.setdefault(each.provider, set()).add(each.account)
    found: dict[str, None] = {}
    alike: dict[str, int] = {}
    for each in windows:
        length = _length(each.minutes)
        only = length and len(names[each.provider, length]) == 1
        name = f"{each.provider}, {length if only else clipped(each.name, _NAME_MOST)}"
        if len(accounts[each.provider]) > 1:
            name += f" ({clipped(each.account, _NAME_MOST) or 'account not told'})"
        whole = name
        while whole in found:
            alike[name] = alike.get(name, 1) + 1
            whole = f"{name} #{alike[name]}"
        found[whole] = None
    return list(found)


def _length(minutes: int) -> str:
    units = ((_WEEK, "week"), (_DAY, "day"), (_HOUR, "hour"))
    found = (counted(minutes // unit, name) for unit, name in units if minutes and minutes % unit == 0)
    return next(found, "")


def used_said(used: float | None) -> str:
    """Return a percentage; what is not quite all, or not quite nothing, is not called so, and what is unknown is a dash."""
    if used is None:
        return "–"
    if 0 < used < 0.1:  # noqa: PLR2004  percent, as below
        return "< 0.1 %"
    if 99 < used < 100:  # noqa: PLR2004
        return f"{int(used * 10) / 10} %"
    return f"{used:.1f} %" if used % 1 and used < 10 else f"{used:.0f} %"  # noqa: PLR2004


def clock(time: int, state: State) -> str:
    """Return a moment that is not far off: the time of day, with the weekday where it is not within a day."""
    far = abs(time - state.place.now) >= DAY_MS
    return f"{state.zone.local(time):{'%a %H:%M' if far else '%H:%M'}}"


def _point(window: Window, name: str, now: int) -> dict[str, float | str | bool | None]:
    ahead = window.forecast
    used = window.used_percent
    return {
        "window": name,
        "used": used,
        "pace": window.pace,
        "low": ahead and ahead.low,
        "at": ahead and ahead.at_reset,
        "high": ahead and ahead.high,
        "near": rank(window, now)[0] <= 1 or used >= _HIGH,
        "stale": now - window.time > STALE_MS,
        "shown": used_said(used),
        "even": used_said(window.pace),
        "ahead": "–" if ahead is None else between(ahead),
    }


def between(ahead: Forecast) -> str:
    """Return what will be used at the reset, with its band."""
    low, high = round(ahead.low), round(ahead.high)
    return f"{ahead.at_reset:.0f} %" + (f" ({low}–{high})" if low != high else "")


def _row(window: Window, name: str, state: State) -> list[Cell]:
    now, ahead = state.place.now, window.forecast
    used, over = window.used(now), window.over(now)
    runs_out = None if ahead is None or over else ahead.runs_out
    tone = "bad" if (used or 0) >= _HIGH or runs_out is not None else ""
    about = " ".join(filter(None, (window.name, window.account, window.plan)))
    reset = "–"
    if window.resets_at:
        reset = _stretch(window.resets_at - now)
    if over:
        reset = "reset since"
    return [
        Cell(name, f"{window.name} ({window.account})" if window.account else window.name, title=about),
        Cell("–", "", tone="faint")
        if used is None
        else Cell(used_said(used), used, share=min(used / FULL, 1.0), tone=tone),
        Cell(used_said(window.pace), "" if window.pace is None else window.pace),
        Cell("–", "", tone="faint")
        if ahead is None or over
        else Cell(between(ahead), ahead.at_reset, title="An estimate", tone="bad" if ahead.at_reset >= FULL else ""),
        _runs_out(window, state),
        Cell(
            reset,
            state.zone.iso(window.resets_at) if window.resets_at else "",
            title=f"{state.zone.local(window.resets_at):%Y-%m-%d %H:%M}" if window.resets_at else "",
        ),
        Cell(
            lately(max(now - window.time, 0)).removesuffix(" ago"),
            state.zone.iso(window.time),
            tone="faint" if now - window.time > STALE_MS else "",
        ),
    ]


def _stretch(ms: int) -> str:
    """Return how long it is until a reset, in its two greatest units; nobody counts the seconds."""
    if ms >= DAY_MS:
        return f"{ms // DAY_MS} d {ms % DAY_MS // HOUR_MS} h"
    return duration(ms) if ms >= HOUR_MS else f"{max(ms // MINUTE_MS, 1)} min"


def _runs_out(window: Window, state: State) -> Cell:
    ahead, now = window.forecast, state.place.now
    if ahead is None or window.over(now):
        return Cell("–", "", tone="faint", title="Too little is known to say")
    likely = f"It runs out before its reset with a likelihood of {percent(ahead.chance, 0)}" if ahead.chance else ""
    if ahead.runs_out is None and (ahead.chance or 0) >= POSSIBLE:
        return Cell("perhaps", "", title=f"An estimate. {likely}")
    if ahead.runs_out is None:
        return Cell("no", "", title="Not before the reset: an estimate", tone="good")
    if ahead.runs_out <= now:
        return Cell("used up", state.zone.iso(ahead.runs_out), tone="bad")
    early = clock(ahead.early, state) if ahead.early is not None else ""
    late = clock(ahead.late, state) if ahead.late is not None else "after the reset"
    about = f"An estimate: between {early or 'now'} and {late}{f'. {likely}' if likely else ''}"
    return Cell(f"≈ {clock(ahead.runs_out, state)}", state.zone.iso(ahead.runs_out), title=about, tone="bad")


def _note(found: Sequence[Window], now: int) -> str:
    newest = max(window.time for window in found)
    if all(window.used(now) is None for window in found):
        return f"{_NOW} Last told {ago(now - newest)}; nothing has been told since the reset."
    told = _NOW
    if any(window.forecast and not window.over(now) for window in found):
        told += f" {_MARKS} {_ESTIMATED}"
    elif any(window.pace is not None for window in found):
        told += f" {_MARKS}"
    if now - newest > STALE_MS:
        told += f" Last told {ago(now - newest)}: what was used since is not in these figures."
    return told


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
    lambda _: Source("limits", "limits", bare=True),
    "How far each usage window of a vendor is used up, beside even use, and an estimate of what it comes to by its reset.",
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
