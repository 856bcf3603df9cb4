"""Limits: how far each usage window of a vendor is used up, as far as that was told, and how that came."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from tallystick.answers.answer import Details, Moment
from tallystick.answers.forecast import Forecast, Sample, forecast
from tallystick.answers.pattern import Habits, Pattern, Spans
from tallystick.answers.strands import UNSAID_MS, Strand, is_believed, standing
from tallystick.ledger.ledger import Ledger
from tallystick.usage.period import DAY_MS, END

_BACK_MS: Final = 62 * DAY_MS
"""No vendor's window is longer than a month."""
_FULL: Final = 100.0
STALE_MS: Final = 15 * 60_000
"""After so long without a word, a figure tells of the past."""


class Window(NamedTuple):
    """What was last said about one window of one account."""

    provider: str
    name: str
    """The vendor's own name for it."""
    minutes: int
    """Its length; 0 when it is not said."""
    used_percent: float
    """As it was last told; nobody knows it of a window that has been reset since (`used`)."""
    resets_at: int
    """Milliseconds since 1970, UTC; 0 when it is not said."""
    time: int
    """When it was said."""
    plan: str
    account: str = ""
    """A pseudonym or name of the account; empty when it is not said. Several without a name are told apart by their figures."""
    forecast: Forecast | None = None
    """When it runs out; None where too little is known."""
    pace: float | None = None
    """Per cent that would be used by now if it were used evenly; None where that cannot be said."""

    def over(self, now: int) -> bool:
        """Tell whether it has been reset since it was last told."""
        if self.resets_at:
            return self.resets_at <= now
        return self.time + (self.minutes * 60_000 or UNSAID_MS) <= now

    def used(self, now: int) -> float | None:
        """Return how much is used in per cent; None where it has been reset since, and nobody has told of it."""
        return None if self.over(now) else self.used_percent

    def told(self, now: int) -> Details:
        """Return it as details."""
        ahead = self.forecast
        return {
            "provider": self.provider,
            "name": self.name,
            "account": self.account,
            "minutes": self.minutes or None,
            "used_percent": self.used(now),
            "told_percent": self.used_percent,
            "resets_at": Moment(self.resets_at) if self.resets_at else None,
            "over": self.over(now),
            "stale": now - self.time > STALE_MS,
            "time": Moment(self.time),
            "plan": self.plan,
            "pace": self.pace,
            "forecast": ahead and {name: _moment(name, value) for name, value in ahead._asdict().items()},
        }


class Limits(NamedTuple):
    """The windows of all vendors that were told of within the last two months."""

    now: int
    """Milliseconds since 1970, UTC."""
    windows: list[Window]
    schema: str = "tallystick.limits/1"

    def told(self) -> Details:
        """Return it as the details of an answer; a window that is `over` has been reset since."""
        return {"now": Moment(self.now), "windows": [window.told(self.now) for window in self.windows]}


class Told(NamedTuple):
    """What was said of a window at one moment."""

    provider: str
    name: str
    minutes: int
    used_percent: float
    resets_at: int
    time: int
    plan: str
    account: str


class History(NamedTuple):
    """What was said of windows in a time, in its order; of the same said often, the first and the last time."""

    samples: list[Told]
    schema: str = "tallystick.limits_history/1"

    def told(self) -> Details:
        """Return it as the details of an answer."""
        return {"samples": [_said(each) for each in self.samples]}


type Asking = Callable[[int, Spans], Pattern]
"""Tells a person's pattern as of a moment, given when they were stopped (`Habits.at`)."""


def limits(ledger: Ledger, now: int, habits: Asking | None = None, *, until: int = END) -> Limits:
    """Return how far each window is used up, by provider, name and account, and when it runs out by a person's habits.

    With `until`, by what was said before that moment.
    """
    strands = standing(ledger.ask("limits", since=now - _BACK_MS, until=until), now)
    habits = habits or Habits(ledger).at
    stopped = _stopped(strands)
    return Limits(now, [_window(strand, now, lambda: habits(now, stopped)) for strand in strands])


def history(ledger: Ledger, since: int, until: int = END, *, provider: str = "", name: str = "") -> History:
    """Return what was said of the windows of a provider and a name, or of all, in a time."""
    rows = (Told(*row) for row in ledger.ask("limits", since=since, until=until))
    wanted = (
        each for each in rows if provider in {"", each.provider} and name in {"", each.name} and is_believed(each)
    )
    return History(_changes(list(wanted)))


def _stopped(strands: Iterable[Strand]) -> Spans:
    """Return from when until when windows were used up, each time once."""
    found: dict[int, int] = {}
    for strand in strands:
        for _, _, _, used, resets_at, time, _, _ in (*strand.before, *strand.rows):
            if used >= _FULL and time < resets_at:
                found[resets_at] = min(time, found.get(resets_at, time))
    return sorted((since, until) for until, since in found.items())


def _window(strand: Strand, now: int, pattern: Callable[[], Pattern]) -> Window:
    provider, name, _, _, _, time, plan, _ = strand.last
    found = Window(provider, name, strand.minutes, strand.used, strand.resets_at, min(time, now), plan, strand.account)
    if not found.minutes or not found.resets_at or found.over(now):
        return found
    told = [Sample(*each) for each in strand.series]
    ahead = forecast(told, found.minutes, found.resets_at, now, pattern())
    return found._replace(pace=_pace(found, now), forecast=ahead)


def _pace(window: Window, now: int) -> float | None:
    length = window.minutes * 60_000
    if not length or not window.resets_at or window.over(now):
        return None
    return min(max(100.0 * (now - window.resets_at + length) / length, 0.0), 100.0)


def _changes(told: Sequence[Told]) -> list[Told]:
    """Leave out what only repeats the word before it and is repeated itself."""
    found: list[Told] = []
    runs: dict[tuple[str, str, str], list[int]] = {}
    kept: dict[int, Told] = {}
    for place, each in enumerate(told):
        run = runs.setdefault((each.provider, each.name, each.account), [])
        same = bool(run) and told[run[0]][3:5] == each[3:5]
        if same and len(run) > 1:
            del kept[run.pop()]
        if not same:
            run.clear()
        run.append(place)
        kept[place] = each
    found += (kept[place] for place in sorted(kept))
    return found


def _said(each: Told) -> Details:
    resets = Moment(each.resets_at) if each.resets_at else None
    return {**each._asdict(), "minutes": each.minutes or None, "resets_at": resets, "time": Moment(each.time)}


def _moment(name: str, value: float | None) -> object:
    return Moment(value) if value is not None and name in {"runs_out", "early", "late"} else value
