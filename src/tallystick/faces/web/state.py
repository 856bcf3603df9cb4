"""The state of a page, all of which is in its address: period, zone, filters, and by what charts are divided."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple
from urllib.parse import urlencode

from tallystick.answers.beside import Beside
from tallystick.answers.question import EVERYTHING, Filters, Question, Wish, question, worded
from tallystick.answers.question import patterns as patterns_in
from tallystick.answers.report import Report
from tallystick.errors import Misused
from tallystick.usage.hours import HOURS, Hours, hours
from tallystick.usage.period import BEGINNING, DAY_MS, END, SLOT_MS, Period, Zone, period, timed

FILTERS: Final = ("tool", "project", "machine", "model", "session", "branch", "agent", "user", "tag")
SPLITS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "model": "model",
        "tool": "tool",
        "class": "token class",
        "project": "project",
        "machine": "machine",
        "agent": "main line and subagents",
    }
)
"""By what the days are divided, each as it is called."""
UNITS: Final[Mapping[str, str]] = MappingProxyType({"cost": "money", "tokens": "tokens"})
SINCE: Final = "30d"
"""The period where none is said."""
EVER: Final = "all"
LONGEST: Final = 1_000
"""Characters of a name by which an address can filter."""
_VALUES_MOST: Final = 20
_DIGITS_MOST: Final = 2
YEARS_MOST: Final = 100
_YEAR_MS: Final = 366 * DAY_MS


class Place(NamedTuple):
    """Where and when a page is shown, which no address says."""

    timezone: str
    """The zone where none is said."""
    now: int
    """Milliseconds since 1970, UTC."""
    signed_in: bool = False
    """Whether it is shown to somebody whose browser has logged in, and can do so again."""
    owner: str = ""
    """Whose server it is, where that shall be told."""
    beside: Beside = Beside()
    """Where budgets and alerts come from."""


class State(NamedTuple):
    """What an address says."""

    place: Place
    since: str = SINCE
    until: str = ""
    timezone: str = ""
    """Empty where none is said."""
    where: Filters = EVERYTHING
    split: str = "model"
    unit: str = "cost"
    weekday: str = ""
    """The only weekday that counts; empty for all. This and the next only pages of single events know of, and these alone
    may be of a period that begins or ends within a day."""
    hour: str = ""
    """The only hour of the day that counts, 0 to 23; empty for all."""
    budget: str = ""
    """The id of the budget that is drawn; empty for the one that stands worst."""

    @property
    def zone(self) -> Zone:
        """The zone of the page's days; raise Misused when there is none of that name."""
        return Zone(self.timezone or self.place.timezone)

    @property
    def period(self) -> Period:
        """The stretch of time; raise Misused, in one sentence, when what is said is none."""
        return period(self.zone, self.place.now, "" if self.since == EVER else self.since, self.until, moments=True)

    @property
    def hours(self) -> Hours | None:
        """The hours of the week that count, None for all; raise Misused for what is none."""
        if self.hour and not (self.hour.isascii() and self.hour.isdigit() and len(self.hour) <= _DIGITS_MOST):
            raise Misused(f"hour {self.hour[:40]!r} is none: give 0 to {HOURS - 1}.")
        return hours(self.weekday, int(self.hour) if self.hour else None)

    def question(self, report: Report, by: str = "", **more: str | int | bool) -> Question:
        """Return a question about this period and these filters; `more` are fields of a `Wish`, with `where` from here."""
        asked = question(report, self.period, Wish(by, self.where, **more), self.place.now)  # type: ignore[arg-type]
        return asked._replace(hours=self.hours)

    def said(self) -> list[tuple[str, str]]:
        """Return what an address has to say for period, zone and filters, as the API and the command line name it."""
        pairs = [
            ("since", "" if self.since == EVER else self.since),
            ("until", self.until),
            ("timezone", self.timezone),
            ("weekday", self.weekday),
            ("hour", self.hour),
        ]
        return [pair for pair in pairs if pair[1]] + [
            (name, worded(pattern)) for name in FILTERS for pattern in self.where.get(name, ())
        ]

    def carried(self) -> list[tuple[str, str]]:
        """Return what a form about days carries along: all that an address says except since, until and timezone."""
        names = ("split", "unit", "weekday", "hour", "budget")
        pairs = [(name, getattr(self, name)) for name in names]
        return [pair for pair in pairs if pair[1] != _USUAL[pair[0]]] + [
            (name, worded(pattern)) for name in FILTERS for pattern in self.where.get(name, ())
        ]

    def address(self, path: str = "/", **changes: str) -> str:
        """Return the address of a page in this state, with some things changed: `since`, a filter (empty for none), and so on."""
        pairs: list[tuple[str, str]] = []
        for name, usual in _USUAL.items():
            chosen = changes.get(name, getattr(self, name))
            if chosen != usual and chosen:
                pairs.append((name, chosen))
        for name in FILTERS:
            patterns: Sequence[str] = (changes[name],) if name in changes else self.where.get(name, ())
            pairs += [(name, worded(pattern)) for pattern in patterns if pattern]
        pairs += [(name, value) for name, value in changes.items() if name not in _USUAL and name not in FILTERS]
        # Half a character, which JSON can hold and no address, may be in a name.
        return f"{path}?{urlencode(pairs, errors='replace')}" if pairs else path

    def stretch(self, begin: int, end: int) -> "State":
        """Return the state of a stretch of time, half open, in milliseconds since 1970, UTC; only for pages that look closer."""
        return self._replace(since=self.zone.iso(begin), until=self.zone.iso(end))

    @property
    def key(self) -> tuple[object, ...]:
        """Everything that a page depends on besides the ledger, the prices and the moment."""
        filters = tuple(sorted((name, tuple(patterns)) for name, patterns in self.where.items()))
        said = tuple(getattr(self, name) for name in _USUAL)
        return (*said, self.place.timezone, filters)

    def rounded(self, step_ms: int = SLOT_MS) -> "State":
        """Return the state as of the last moment that is a multiple of a step, so that what is kept is found again."""
        return self._replace(place=self.place._replace(now=self.place.now // step_ms * step_ms))


_USUAL: Final[Mapping[str, str]] = MappingProxyType(
    {
        "since": SINCE,
        "until": "",
        "timezone": "",
        "split": next(iter(SPLITS)),
        "unit": next(iter(UNITS)),
        "weekday": "",
        "hour": "",
        "budget": "",
    }
)
"""What is meant where an address does not say it: by fields of a state, which are parameters."""


def state(pairs: Iterable[tuple[str, str]], place: Place, *, closer: bool = False) -> State:
    """Read the state from an address; other parameters are left to whoever knows them.

    Only of a page that looks `closer`, at single events, the period may begin and end within a day and hours be chosen.
    Raise Misused, in one sentence, for what cannot be shown.
    """
    said: dict[str, str] = {}
    where: dict[str, list[str]] = {}
    for name, text in pairs:
        value = text.strip()
        if len(value) > LONGEST:
            raise Misused(f"{name[:40]} is too long: give {LONGEST} characters at most.")
        if name in FILTERS and value:
            where.setdefault(name, []).extend(patterns_in([value]))
        elif name in _USUAL and value:
            said[name] = _plain(name, value)
    for name, known in (("split", SPLITS), ("unit", UNITS)):
        if said.get(name, next(iter(known))) not in known:
            raise Misused(f"{name} {said[name][:40]!r} is none: choose among {', '.join(known)}.")
    if any(len(patterns) > _VALUES_MOST for patterns in where.values()):
        raise Misused(f"There are too many values of one filter: give {_VALUES_MOST} at most.")
    found = State(place, where={name: tuple(patterns) for name, patterns in where.items()}, **said)
    if not closer and (found.weekday or found.hour or timed(found.since) or timed(found.until)):
        raise Misused("This page is of whole days: only /why and /events take moments, weekday and hour.")
    span, _ = found.period, found.hours
    if span.since > BEGINNING and span.until < END and span.until - span.since > YEARS_MOST * _YEAR_MS:
        raise Misused(f"The period is too long: give {YEARS_MOST} years at most, or since=all.")
    return found


def _plain(name: str, value: str) -> str:
    """Return the one form of a value that may be said in several."""
    if name == "hour":
        return value.lstrip("0") or "0"
    return value.lower() if name == "weekday" else value
