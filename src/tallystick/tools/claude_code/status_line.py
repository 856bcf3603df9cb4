"""What Claude Code tells a status line of usage windows, and the inbox in which that waits for the ledger.

Since 2.1.80 the JSON on a status line's standard input has `rate_limits`: by the vendor's name of a window `used_percentage`, 0 to
100, and `resets_at`, seconds since 1970. It is there for subscribers only, after the first answer, and any window may be missing
(anthropics/claude-code #40094, #63659). The percentage has been seen to hold a moment (#52326). A session that rests goes on
telling what it was told last.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from tallystick.tools.fields import is_news, moment, stamp, text_of
from tallystick.tools.jsonl import JsonLines
from tallystick.tools.tool import State
from tallystick.usage.event import MOST_USED, LimitSample

PROVIDER: Final = "anthropic"
FORM: Final = 1
"""The `v` of a line of the inbox: `{"v": 1, "time": <ms>, "told": <what the status line was told>}`, or `limit` in its place."""
_MINUTES: Final = (("five_hour", 300), ("seven_day", 10_080))
"""Lengths of windows, by how their names begin."""
_WINDOWS_MOST: Final = 32
_NAME_MOST: Final = 100
NO_SHARE: Final = "a usage window whose percentage is none"


def samples(told: Mapping[str, Any], time: int) -> list[LimitSample]:
    """Return what a status line was told of usage windows at a moment (milliseconds since 1970); what is no percentage is left out."""
    return [found for found in _windows(told, time) if found is not None]


def _windows(told: Mapping[str, Any], time: int) -> Iterator[LimitSample | None]:
    """Yield each window that is told of; None for one whose percentage is none."""
    limits = told.get("rate_limits") if isinstance(told, dict) else None
    for name, window in list(limits.items())[:_WINDOWS_MOST] if isinstance(limits, dict) else ():
        if isinstance(window, dict) and window.get("used_percentage") is not None:
            used = share(window["used_percentage"])
            resets = window.get("resets_at")
            yield (
                None
                if used is None or not name or len(name) > _NAME_MOST
                else LimitSample(PROVIDER, text_of(name), minutes_of(name), used, stamp(resets) or moment(resets), time)
            )


def share(value: Any) -> float | None:
    """Return a percentage; None for what is none: nothing is made to fit, for a moment in its place is not 100 %."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST_USED:
        return None
    return float(value)


def minutes_of(name: str) -> int:
    """Return the length of a window by its name; 0 where that does not say."""
    return next((minutes for begins, minutes in _MINUTES if name.startswith(begins)), 0)


class StatusLines(JsonLines):
    """Reads one file of the inbox, of which only what is news is kept."""

    def __init__(self, state: State) -> None:
        """Begin, or go on from the state of an earlier read."""
        super().__init__()
        self._last: dict[str, list[float]] = dict(state.get("last", {}))

    def state(self) -> State:
        """Return what was told of each window last: percentage, reset, time."""
        return {"last": self._last} if self._last else {}

    def take(self, line: dict[str, Any], offset: int) -> None:
        """Take a line."""
        time = stamp(line.get("time"))
        if line.get("v") != FORM or not (time or "limit" in line):
            self.found.skip(offset, "a line of another form")
        elif "limit" in line:
            self._keep(limit_of(line["limit"]), offset)
        else:
            for sample in _windows(line.get("told") or {}, time):
                self._keep(sample, offset)

    def _keep(self, sample: LimitSample | None, offset: int) -> None:
        if sample is None:
            self.found.skip(offset, NO_SHARE)
            return
        if is_news(sample, self._last):
            self.found.limits.append(sample)


def limit_of(said: Any) -> LimitSample | None:
    """Return the sample that a line tells by its fields, as the wire's spool does; None for one without percentage or time."""
    told = said if isinstance(said, dict) else {}
    used, time, minutes = share(told.get("used_percent")), stamp(told.get("time")), told.get("minutes")
    if used is None or not time:
        return None
    return LimitSample(
        text_of(told.get("provider"))[:_NAME_MOST],
        text_of(told.get("window"))[:_NAME_MOST],
        minutes if isinstance(minutes, int) and not isinstance(minutes, bool) and 0 <= minutes < 1 << 31 else 0,
        used,
        stamp(told.get("resets_at")),
        time,
        text_of(told.get("plan"))[:_NAME_MOST],
        text_of(told.get("account"))[:_NAME_MOST],
    )
