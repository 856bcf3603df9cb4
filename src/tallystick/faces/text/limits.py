"""Usage windows as a table: what of each is used, beside what would be if it were used evenly, and when it is reset."""

from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.text import Text

from tallystick.answers.forecast import POSSIBLE
from tallystick.answers.limits import STALE_MS, History, Limits, Told, Window
from tallystick.answers.points import OfSession
from tallystick.faces.text import as_table, words
from tallystick.faces.text.closer import columns as plain_columns
from tallystick.faces.text.health import ago
from tallystick.faces.text.sheet import BAR, DASH, FAINT, NOTHING, STRONG, WARNING, Cell, Column
from tallystick.usage.period import DAY_MS, Zone

NONE: Final = (
    "No usage window has been told of in the last two months. Codex writes its own into its logs; those of Claude come with the "
    "status line (`tally statusline install`), through the proxy, or with `tally limits fetch`."
)
_BAR: Final = 10
_HIGH: Final = 80
"""Per cent from which a window is near its end."""
_ROWS: Final = 40
"""Rows of a history that a terminal is shown, the newest."""
_NAME_MOST: Final = 40
_ACCOUNT: Final = 16


def shown(found: Limits, zone: Zone, console: Console) -> None:
    """Show windows on a terminal."""
    console.print()
    console.print(Text.assemble(" ", ("Usage windows", "bold"), (f"  {_as_of(found.now, zone)}", "dim")))
    if found.windows:
        as_table.table(_fitting(found, zone, console.width), console)
    for note in notes(found):
        as_table.say(console, note)
    console.print()


def plain(found: Limits, zone: Zone) -> str:
    """Return windows as aligned columns, for pipes."""
    now = found.now
    rows = [
        [
            *(_name(each), _account(each), _percent(each.used(now)), _percent(each.pace)),
            *(_reset(each, now, zone).text, _ahead(each, now, zone).text, ago(max(now - each.time, 0))),
            words.clean(each.plan),
        ]
        for each in found.windows
    ]
    headings = "Window Account >Used >Even_pace Reset Runs_out Told Plan"
    lines = plain_columns(headings, rows) if rows else [NONE]
    return "".join(f"{line}\n" for line in lines)


def notes(found: Limits) -> list[Cell]:
    """Return what a person must know besides the figures."""
    told: list[Cell] = []
    if not found.windows:
        return [Cell(NONE, FAINT)]
    if any(each.over(found.now) for each in found.windows):
        told.append(Cell("– : reset since it was last told of; what has been used since, nobody has said.", FAINT))
    if any(found.now - each.time > STALE_MS and not each.over(found.now) for each in found.windows):
        told.append(Cell("What was told long ago lacks what was used since.", FAINT))
    return told


def history_shown(found: History, zone: Zone, console: Console) -> None:
    """Show on a terminal what was said of windows, the newest at the end."""
    samples = found.samples[-_ROWS:]
    console.print()
    console.print(Text.assemble(" ", ("Usage windows", "bold"), ("  as they were told", "dim")))
    if not samples:
        as_table.say(console, Cell("Nothing was told in this time.", FAINT))
        console.print()
        return
    as_table.table(_history_columns(samples, zone), console)
    if len(samples) < len(found.samples):
        more = len(found.samples) - len(samples)
        as_table.say(console, Cell(f"{words.counted(more, 'earlier one')} left off: --json has all.", FAINT))
    console.print()


def history_plain(found: History, zone: Zone) -> str:
    """Return what was said of windows as aligned columns, for pipes."""
    rows = [
        [
            *(words.moment(each.time, zone, year=True), _name(each), _account(each)),
            *(_percent(each.used_percent), words.moment(each.resets_at, zone, year=True) if each.resets_at else ""),
        ]
        for each in found.samples
    ]
    return "".join(f"{line}\n" for line in plain_columns("Told Window Account >Used Reset", rows))


def points_told(found: OfSession) -> str:
    """Return what a session used of windows, a sentence each."""
    if not found.windows:
        return "What this session used of a window cannot be told: no window runs of which enough was said while tokens were used.\n"
    lines = []
    for each in found.windows:
        points, low, high = each.points
        whole = f"{each.provider} {each.name}{f' ({words.clean(each.account)})' if each.account else ''}"
        lines.append(
            f"This session used about {_share(points)} of {words.clean(whole)} ({low:.0f} to {high:.0f}), "
            f"of which {each.used_percent:.0f} % are used by all.\n"
        )
    return "".join(lines)


def _share(points: float) -> str:
    shown = f"{points:.0f}" if points >= 1 or not points else f"{points:.1f}"
    return f"{shown} {'point' if shown == '1' else 'points'}"


def _as_of(now: int, zone: Zone) -> str:
    return f"{zone.local(now):%A %Y-%m-%d %H:%M} · {zone.name}"


_GOES: Final = ("plan", "", "bar", "even", "told", "account")
"""What is left off where there is no room, in this order; "" stands for fewer words in what stays."""


def _fitting(found: Limits, zone: Zone, width: int) -> list[Column]:
    """Return the columns that there is room for."""
    columns = _columns(found, zone, brief=False)
    for name in _GOES:
        if _width(columns) <= width:
            break
        gone = {each.name for each in columns}
        columns = columns if name else [each for each in _columns(found, zone, brief=True) if each.name in gone]
        columns = [each for each in columns if each.name != name]
    return columns


def _width(columns: Sequence[Column]) -> int:
    widths = (
        max(*map(words.cells, column.title.split() or [""]), *(words.cells(cell.text) for cell in column.cells), 0)
        for column in columns
    )
    return sum(widths) + as_table.GAP * len(columns)


def _columns(found: Limits, zone: Zone, *, brief: bool) -> list[Column]:
    now, windows = found.now, found.windows

    def column(name: str, title: str, cells: list[Cell], *, right: bool = False) -> Column:
        return Column(name, title, cells, NOTHING, right=right)

    columns = [column("name", "Window", [Cell(_name(each)) for each in windows])]
    if any(each.account for each in windows):
        columns.append(column("account", "Account", [Cell(_account(each, _ACCOUNT)) for each in windows]))
    columns.append(column("used", "Used", [_used(each, now) for each in windows], right=True))
    columns.append(column("bar", "", [_bar(each.used(now), high=_is_high(each, now)) for each in windows]))
    if any(each.pace is not None for each in windows):
        even = [DASH if each.pace is None else Cell(_percent(each.pace), FAINT) for each in windows]
        columns.append(column("even", "Even", even, right=True))
    columns.append(column("reset", "Reset", [_reset(each, now, zone, brief=brief) for each in windows]))
    if any(each.forecast for each in windows):
        columns.append(column("ahead", "Runs out", [_ahead(each, now, zone, brief=brief) for each in windows]))
    columns.append(column("told", "Told", [_told(each, now) for each in windows]))
    if any(each.plan for each in windows):
        plans = [Cell(words.shortened(words.clean(each.plan), _ACCOUNT), FAINT) for each in windows]
        columns.append(column("plan", "Plan", plans))
    return columns


def _history_columns(samples: Sequence[Told], zone: Zone) -> list[Column]:
    columns = [
        Column("told", "Told", [Cell(words.moment(each.time, zone)) for each in samples], NOTHING),
        Column("name", "Window", [Cell(_name(each)) for each in samples], NOTHING),
    ]
    if any(each.account for each in samples):
        columns.append(Column("account", "Account", [Cell(_account(each, _ACCOUNT)) for each in samples], NOTHING))
    resets = [Cell(words.moment(each.resets_at, zone)) if each.resets_at else DASH for each in samples]
    return [
        *columns,
        Column("used", "Used", [Cell(_percent(each.used_percent), STRONG) for each in samples], NOTHING, right=True),
        Column(
            "bar",
            "",
            [_bar(each.used_percent, high=each.used_percent >= _HIGH) for each in samples],
            NOTHING,
            drop=2,
        ),
        Column("reset", "Reset", resets, NOTHING),
    ]


def _name(window: Window | Told) -> str:
    return words.shortened(words.clean(f"{window.provider} {window.name}"), _NAME_MOST)


def _account(window: Window | Told, most: int = _NAME_MOST) -> str:
    return words.shortened(words.clean(window.account), most)


def _percent(share: float | None) -> str:
    """Return a percentage, to a tenth where that says more; what is not quite all, or not quite nothing, is not called so."""
    if share is None:
        return ""
    if 0 < share < 0.05 or 99.95 <= share < 100:  # noqa: PLR2004  what a tenth would round to the very end
        return "<0.1 %" if share < 1 else ">99.9 %"
    return f"{share:.1f} %" if share % 1 and (share < 10 or share > 99) else f"{share:.0f} %"  # noqa: PLR2004  near the ends


def _is_high(window: Window, now: int) -> bool:
    ahead = window.forecast
    return (window.used(now) or 0) >= _HIGH or bool(ahead and ahead.runs_out is not None)


def _used(window: Window, now: int) -> Cell:
    used = window.used(now)
    return DASH if used is None else Cell(_percent(used), WARNING if _is_high(window, now) else STRONG)


def _bar(used: float | None, *, high: bool) -> Cell:
    bar = "" if used is None else words.bar(round(min(used, 100) * 10), 1000, _BAR).rstrip()
    return Cell(bar + "·" * (_BAR - len(bar)), FAINT if used is None else WARNING if high else BAR)


def _reset(window: Window, now: int, zone: Zone, *, brief: bool = False) -> Cell:
    if not window.resets_at:
        return DASH
    if window.over(now):
        return Cell(f"{ago(now - window.resets_at)}", FAINT)
    left = f"in {words.duration(window.resets_at - now)}"
    clock = "%H:%M" if window.resets_at - now < DAY_MS else "%a %H:%M"
    return Cell(left if brief else f"{zone.local(window.resets_at):{clock}}, {left}")


def _ahead(window: Window, now: int, zone: Zone, *, brief: bool = False) -> Cell:
    ahead = window.forecast
    if ahead is None or window.over(now):
        return DASH
    if ahead.runs_out is not None and ahead.runs_out <= now:
        return Cell("used up", WARNING)
    if ahead.runs_out is None and (ahead.chance or 0) >= POSSIBLE:
        return Cell(f"perhaps ({ahead.at_reset:.0f} %)")
    if ahead.runs_out is None:
        return Cell(f"{'no' if brief else 'not before the reset'} ({ahead.at_reset:.0f} %)", FAINT)
    clock = "%H:%M" if ahead.runs_out - now < DAY_MS else "%a %H:%M"
    early, late = (each and f"{zone.local(each):{clock}}" for each in (ahead.early, ahead.late))
    band = f" ({early}–{late})" if early and late else f" ({early} or later)" if early else ""
    return Cell(f"{zone.local(ahead.runs_out):{clock}}{'' if brief else band}", WARNING)


def _told(window: Window, now: int) -> Cell:
    age = max(now - window.time, 0)
    return Cell(ago(age), FAINT if age <= STALE_MS or window.over(now) else WARNING)
