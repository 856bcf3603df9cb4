"""The vendors' windows as gauges: how far each is used, where it should be by now, when it is reset and how it goes on."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from tallystick.answers.limits import STALE_MS, Window
from tallystick.faces.tui import words
from tallystick.faces.tui.draw import BAD, BAR, FAINT, PLAIN, STRONG, TRACK, WARNING, Line, Piece, fitted
from tallystick.usage.period import Zone

_SPANS: Final = ((10_080, "week"), (1_440, "day"), (60, "h"))
_FULL: Final = 90.0
_NEAR: Final = 75.0
_WIDE: Final = 96
_MARK: Final = "│"
_UNKNOWN: Final = "╌"


class Shown(NamedTuple):
    """What is shown of a window."""

    name: str
    used: float | None
    """In percent; None where that is not known, as after a reset."""
    expected: float | None
    """In percent, if it were used evenly."""
    reset: str
    ahead: Piece
    """How it goes on, as far as anybody knows."""
    brief: str
    """The same in little room."""
    tone: str


def shown(window: Window, now: int, zone: Zone, *, apart: bool) -> Shown:
    """Return what is shown of a window; `apart` names it in full, where another one has the same length."""
    used = window.used(now)
    if used is None:
        reset = "reset since"
    elif window.resets_at:
        reset = f"{words.clock(window.resets_at, zone, now)}, in {words.duration(window.resets_at - now)}"
    else:
        reset = "no reset told"
    ahead, bad = _ahead(window, now, zone)
    tone = BAR if used is None else BAD if used >= _FULL or bad else WARNING if used >= _NEAR else BAR
    return Shown(_name(window, apart=apart), used, window.pace, reset, ahead, _brief(window, now, zone), tone)


def every(windows: Sequence[Window], now: int, zone: Zone) -> list[Shown]:
    """Return what is shown of windows that say anything."""
    some = [window for window in windows if window.resets_at or window.used_percent]
    spans = [(each.provider, each.minutes, each.account) for each in some]
    return [shown(each, now, zone, apart=spans.count(span) > 1) for each, span in zip(some, spans, strict=True)]


def worst(windows: Sequence[Shown], most: int) -> Sequence[Shown]:
    """Return as many windows as have room: where not all do, those that are used most."""
    if len(windows) <= most:
        return windows
    return sorted(windows, key=lambda each: (each.tone != BAD, -(each.used or 0.0)))[:most]


def lines(found: Sequence[Shown], width: int) -> list[Line]:
    """Return a line for each window."""
    name = min(max((words.cells(each.name) for each in found), default=0), width // 3)
    gauge = 24 if width >= _WIDE else min(max(width - name - 37, 6), 16)
    return [_line(each, name, gauge, width) for each in found]


def _line(told: Shown, name: int, gauge: int, width: int) -> Line:
    used = "  –  " if told.used is None else f"{told.used:3.0f} %"
    wide = width >= _WIDE
    # In little room the moment of the reset says less than how long it is until then.
    reset = told.reset if wide else told.reset.rpartition(", ")[2]
    head: Line = (
        *fitted(((told.name, PLAIN),), name),
        ("  ", PLAIN),
        *_gauge(told, gauge),
        (f" {used}", STRONG if told.tone == BAR else told.tone),
        ("  ", PLAIN),
        *fitted(((reset, FAINT),), 22 if wide else 11),
        ("  ", PLAIN),
        told.ahead if wide else (told.brief, told.ahead[1]),
    )
    return fitted(head, width)


def _gauge(told: Shown, width: int) -> Line:
    """Return a bar in its track, with a mark where it would be if the window were used evenly."""
    if told.used is None:
        return ((_UNKNOWN * width, TRACK),)
    text = words.bar(told.used / 100, width)
    rest = "─" * (width - len(text))
    if told.expected is None:
        return (text, told.tone), (rest, TRACK)
    place = min(int(told.expected / 100 * width), width - 1)
    if place < len(text):
        return (text[:place], told.tone), (_MARK, STRONG), (text[place + 1 :], told.tone), (rest, TRACK)
    place -= len(text)
    return (text, told.tone), (rest[:place], TRACK), (_MARK, FAINT), (rest[place + 1 :], TRACK)


def _ahead(window: Window, now: int, zone: Zone) -> tuple[Piece, bool]:
    """Return how a window goes on, and whether that is bad; what is an estimate is marked as one."""
    if window.over(now):
        return (f"told {words.ago(now - window.time)} ago", FAINT), False
    forecast = window.forecast
    if forecast is not None and forecast.runs_out is not None:
        band = [words.clock(each, zone, now) for each in (forecast.early, forecast.late) if each is not None]
        between = f" ({'–'.join(band)})" if len(band) > 1 and band[0] != band[1] else ""
        return (f"≈ runs out {words.clock(forecast.runs_out, zone, now)}{between}", BAD), True
    if now - window.time > STALE_MS:
        return (f"told {words.ago(now - window.time)} ago", FAINT), False
    if forecast is not None:
        return (f"≈ {forecast.at_reset:.0f} % at its reset", FAINT), False
    return ("", FAINT), False


def _brief(window: Window, now: int, zone: Zone) -> str:
    """Return how a window goes on, in at most a dozen columns where it is today."""
    forecast = window.forecast
    if forecast is None or window.over(now):
        return f"{words.ago(now - window.time)} ago" if window.over(now) or now - window.time > STALE_MS else ""
    if forecast.runs_out is not None:
        return f"≈ out {words.clock(forecast.runs_out, zone, now)}"
    return "" if now - window.time > STALE_MS else f"≈ {forecast.at_reset:.0f} %"


def _name(window: Window, *, apart: bool) -> str:
    provider, account = words.clean(window.provider), words.clean(window.account)
    span = next((each for each in _SPANS if window.minutes and not window.minutes % each[0]), None)
    if apart or span is None:
        name = words.clean(window.name).replace("_", " ").replace(":", " ")
    else:
        count = window.minutes // span[0]
        name = span[1] if count == 1 and span[1] != "h" else f"{count} {span[1]}"
    return " ".join(part for part in (provider, name, account) if part)
