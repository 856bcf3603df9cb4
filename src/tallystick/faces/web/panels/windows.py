"""The panel on how usage windows filled up: a line for each, broken at its resets, and whither those lead that run now."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final

from tallystick.answers.answers import Answers
from tallystick.answers.limits import Told, Window
from tallystick.answers.strands import Strand, parted
from tallystick.faces.web.panels import axis
from tallystick.faces.web.panels.limits import FULL, NO_LIMITS, rank, titles, used_said
from tallystick.faces.web.panels.panel import MINUTE_MS, Cell, Column, Panel, Point, Source, Table, View
from tallystick.faces.web.state import EVER, State
from tallystick.faces.web.wording import moment
from tallystick.usage.period import DAY_MS

_DRAWN_MOST: Final = 900
"""Points; more of them no chart can show."""
_DRAWN_WINDOWS: Final = 8
"""Of more, no colours could be told apart."""
_EVEN_MOST: Final = 12
"""Windows for all of which even use is drawn; of more, it is drawn for those that run."""
_DENSE: Final = 30
"""Windows; lines of more are drawn thinner."""
_ROWS_MOST: Final = 60
_LONGEST: Final = 366 * 24 * 60
"""Minutes; of windows that are said to be longer no use would be even, and some began before all calendars."""
_SHOWN_MOST: Final = 150.0
_QUIET: Final = "Nothing was told of usage windows in this period: choose a longer one."
_LENGTHS_MOST: Final = 16
"""As many lengths of a window of at most a day a chart can be wide before its lines are mere sticks."""
_READ: Final = "A line breaks where its window was reset; the thin dotted line is even use."
_SHORT: Final = "Windows of a day and less are above, day by day; a period of three days or less has their lines."
_AHEAD: Final = "The dashed line and the band around it are an estimate."
_FIRST: Final = "2000-01-01"
"""Before anything was told."""

type Key = tuple[str, str, str]
"""Provider, name and account of a window."""


def history(answers: Answers, state: State) -> View:
    """Return what was told of each window in the period, and whither those lead that run at its end."""
    span, now = state.period, state.place.now
    told = answers.limits_history(span.since, span.until).samples
    running = [each for each in answers.limits(now).windows if span.until > now and not each.over(now)]
    return shown(told, running, state)


def shown(told: Sequence[Told], running: Sequence[Window], state: State) -> View:
    """Return what was told of windows, and those that run now, as lines and as a table."""
    if not told:
        return View(Table((), ()), empty=_QUIET if running else NO_LIMITS)
    runs = _runs(told)
    names = _names(runs)
    span = state.period
    begin = max(span.since, min(each.time for each in told))
    end = min(span.until, max(state.place.now, *(each.time for each in told)))
    # What only said old words again is told in the table, and no line of its own.
    risen = [(names[_key(run.last, run.account)], run) for run in runs if run.rose >= 0]
    fitting = [(name, run) for name, run in risen if _fits(run.minutes, end - begin)]
    running = sorted(running, key=lambda each: rank(each, state.place.now))
    ahead = [(names[key], each) for each in running if (key := _key(each, each.account)) in names]
    chosen = _chosen(fitting, ahead)
    strands = [(name, run) for name, run in fitting if name in chosen]
    ahead = [(name, each) for name, each in ahead if name in chosen]
    until = _until(end, (end - begin) // 2, [each.resets_at for _, each in ahead if each.forecast])
    place = _Clock(state)
    points = [*_told(strands, place)]
    points += _even(strands if len(strands) <= _EVEN_MOST else [], ahead, place)
    projected = [point for name, each in ahead for point in _projection(name, each, place)]
    highest = max((float(point["high"]) for point in projected if "high" in point), default=0.0)
    params = {
        **axis.moments(begin, max(until, begin + MINUTE_MS), state.zone),
        "most": min(max(highest, FULL), _SHOWN_MOST),
        "now": place(end),
        "dense": len(strands) > _DENSE,
    }
    note = _note(drawn=bool(strands), short=len(fitting) < len(risen), projected=bool(projected))
    if many := len({name for name, _ in fitting}) - len(chosen):
        note += f" Of {many + len(chosen):,} windows those nearest their end are drawn."
    return View(_table(runs, names, state), [*points, *projected], note=note, params=params)


def _chosen(told: Sequence[tuple[str, Strand]], running: Sequence[tuple[str, Window]]) -> set[str]:
    """Return the names of the windows that are drawn: of too many, those that run and are nearest their end, then those told of last."""
    last = {name: run.last[5] for name, run in sorted(told, key=lambda pair: int(pair[1].last[5]))}
    order = [name for name, _ in running if name in last] + sorted(last, key=lambda name: -last[name])
    return set(list(dict.fromkeys(order))[:_DRAWN_WINDOWS])


def _until(end: int, room: int, resets: Sequence[int]) -> int:
    """Return up to when estimates are drawn: half as long as what was told, and at least to the first reset."""
    return max([end, *(min(each, max(end + room, min(resets))) for each in resets)])


def _fits(minutes: int, stretch: int) -> bool:
    """Tell whether a window is long enough beside a stretch of time for its line to be more than a stick."""
    return not minutes or minutes * MINUTE_MS > DAY_MS or stretch <= _LENGTHS_MOST * minutes * MINUTE_MS


def _note(*, drawn: bool, short: bool, projected: bool) -> str:
    said = [_READ] if drawn else []
    said += [_AHEAD] if projected else []
    said += [_SHORT] if short else []
    return " ".join(["Whatever the filters.", *said])


class _Clock:
    """Tells moments as the clocks of a zone show them, in milliseconds since 1970 as if they were UTC."""

    def __init__(self, state: State) -> None:
        self._zone = state.zone

    def __call__(self, time: int) -> int:
        return time + self._zone.offset(time)

    def said(self, time: int) -> str:
        """Return a moment in words."""
        return f"{self._zone.local(time):%Y-%m-%d %H:%M}"


def _key(of: Window | Told | Sequence[object], account: str) -> Key:
    return str(of[0]), str(of[1]), account


def _names(runs: Sequence[Strand]) -> Mapping[Key, str]:
    """Return what each window is called, by its key; its length is the one that was told last."""
    last = {
        _key(run.last, run.account): Told(*run.last)._replace(account=run.account, minutes=run.minutes) for run in runs
    }
    return dict(zip(last, titles(list(last.values())), strict=True))


def _runs(told: Sequence[Told]) -> list[Strand]:
    """Part what was told into one window of one account until one reset each."""
    ordered = sorted(told, key=lambda each: (each.provider, each.name, each.time))
    return [run for _, of in groupby(ordered, key=lambda each: each[:2]) for run in parted(list(of))]


def _told(strands: Sequence[tuple[str, Strand]], place: _Clock) -> Iterator[Point]:
    step = -(-sum(len(run.rows) for _, run in strands) // _DRAWN_MOST)
    for number, (name, run) in enumerate(strands):
        level, last = -1.0, len(run.rows) - 1
        for at, row in enumerate(run.rows):
            # Within a window use only rises: what falls back is rounded otherwise.
            level = max(level, row[3]) if run.resets_at else row[3]
            if at in {0, last} or at % step == 0:
                yield {
                    "kind": "told",
                    "window": name,
                    "run": number,
                    "at": place(row[5]),
                    "used": level,
                    "shown": used_said(level),
                    "when": place.said(row[5]),
                }


def _even(
    strands: Sequence[tuple[str, Strand]], running: Sequence[tuple[str, Window]], place: _Clock
) -> Iterator[Point]:
    """Yield both ends of even use: of all windows that were told of, or of those that run."""
    spans = [(name, run.resets_at, run.minutes) for name, run in strands]
    spans = spans or [(name, each.resets_at, each.minutes) for name, each in running]
    for number, (name, resets_at, minutes) in enumerate(spans):
        if resets_at and 0 < minutes <= _LONGEST:
            for time, used in ((resets_at - minutes * MINUTE_MS, 0.0), (resets_at, FULL)):
                yield {"kind": "even", "window": name, "run": f"even {number}", "at": place(time), "used": used}


def _projection(name: str, window: Window, place: _Clock) -> Iterator[Point]:
    """Yield a forecast as a line with a band, from what was told last to the reset."""
    ahead, used = window.forecast, window.used_percent
    if ahead is None or used >= FULL or not window.resets_at:
        return
    ends = ((ahead.runs_out, ahead.at_reset), (ahead.late, ahead.low), (ahead.early, ahead.high))
    paths = [_path((window.time, used), crossed, (window.resets_at, level)) for crossed, level in ends]
    for time in sorted({time for path in paths for time, _ in path}):
        middle, low, high = (_level(path, time) for path in paths)
        yield {
            "kind": "ahead",
            "window": name,
            "run": "ahead",
            "at": place(time),
            "used": middle,
            "low": low,
            "high": high,
            "shown": f"{middle:.0f} % ({low:.0f}–{high:.0f}), an estimate",
            "when": place.said(time),
        }


def _path(begin: tuple[int, float], crossed: int | None, end: tuple[int, float]) -> list[tuple[int, float]]:
    """Return corners of a path, which passes through all where it does so before its end."""
    between = [(crossed, FULL)] if crossed is not None and begin[0] < crossed < end[0] else []
    return [begin, *between, end]


def _level(path: Sequence[tuple[int, float]], time: int) -> float:
    before = max(place for place, (at, _) in enumerate(path[:-1]) if at <= time)
    (first, low), (last, high) = path[before : before + 2]
    return low + (high - low) * (time - first) / max(last - first, 1)


def _table(runs: Sequence[Strand], names: Mapping[Key, str], state: State) -> Table:
    columns = [
        Column("Told", number=False),
        Column("Window", number=False),
        Column("Used"),
        Column("Reset", minor=True),
    ]
    place, rows = _Clock(state), []
    told = [(Told(*row), names[_key(run.last, run.account)]) for run in runs for row in run.rows]
    for each, name in sorted(told, key=lambda pair: (-pair[0].time, pair[1])):
        used = Cell(used_said(each.used_percent), each.used_percent, share=min(each.used_percent / FULL, 1.0))
        reset = Cell(place.said(each.resets_at), state.zone.iso(each.resets_at)) if each.resets_at else Cell("–", "")
        said = moment(each.time, state.zone, state.place.now)
        rows.append([Cell(said, state.zone.iso(each.time)), Cell(name, title=each.name), used, reset])
    more = "" if len(rows) <= _ROWS_MOST else f"The newest {_ROWS_MOST} of {len(rows):,}; the CSV has all."
    return Table(columns, rows, more=more, most=_ROWS_MOST)


def source(state: State) -> Source:
    """Return where what was told in the period is to be had."""
    more = {"since": _FIRST if state.since == EVER else state.since}
    more |= {name: value for name, value in (("until", state.until), ("timezone", state.timezone)) if value}
    return Source("limits/history", "limits --history", more, bare=True)


WINDOWS: Final = Panel(
    "windows",
    "History of windows",
    history,
    source,
    "How far each usage window was used up, from reset to reset, and an estimate of whither those lead that run now.",
    "full",
    step_ms=MINUTE_MS,
)
