"""The state of a page, all of which is in its address: period, zone, filters, and by what charts are divided."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple
from urllib.parse import urlencode

from tallystick.answers.question import EVERYTHING, Filters, Question, Wish, question, worded
from tallystick.answers.question import patterns as patterns_in
from tallystick.answers.report import Report
from tallystick.errors import Misused
from tallystick.usage.period import BEGINNING, DAY_MS, END, SLOT_MS, Period, Zone, period

FILTERS: Final = ("tool", "project", "machine", "model", "session", "branch", "agent")
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
YEARS_MOST: Final = 100
_YEAR_MS: Final = 366 * DAY_MS


class Place(NamedTuple):
    """Where and when a page is shown, which no address says."""

    timezone: str
    """The zone where none is said."""
    now: int
    """Milliseconds since 1970, UTC."""


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

    @property
    def zone(self) -> Zone:
        """The zone of the page's days; raise Misused when there is none of that name."""
        return Zone(self.timezone or self.place.timezone)

    @property
    def period(self) -> Period:
        """The stretch of time; raise Misused, in one sentence, when what is said is none."""
        return period(self.zone, self.place.now, "" if self.since == EVER else self.since, self.until)

    def question(self, report: Report, by: str = "", **more: str | int | bool) -> Question:
        """Return a question about this period and these filters; `more` are fields of a `Wish`, with `where` from here."""
        return question(report, self.period, Wish(by, self.where, **more), self.place.now)  # type: ignore[arg-type]

    def said(self) -> list[tuple[str, str]]:
        """Return what an address has to say for period, zone and filters, as the API and the command line name it."""
        pairs = [
            ("since", "" if self.since == EVER else self.since),
            ("until", self.until),
            ("timezone", self.timezone),
        ]
        return [pair for pair in pairs if pair[1]] + [
            (name, worded(pattern)) for name in FILTERS for pattern in self.where.get(name, ())
        ]

    def carried(self) -> list[tuple[str, str]]:
        """Return what a form about days carries along: all that an address says except since, until and timezone."""
        pairs = [("split", self.split), ("unit", self.unit)]
        usual = {"split": next(iter(SPLITS)), "unit": next(iter(UNITS))}
        return [pair for pair in pairs if pair[1] != usual[pair[0]]] + [
            (name, worded(pattern)) for name in FILTERS for pattern in self.where.get(name, ())
        ]

    def address(self, path: str = "/", **changes: str) -> str:
        """Return the address of a page in this state, with some things changed: `since`, a filter (empty for none), and so on."""
        pairs: list[tuple[str, str]] = []
        plain = {"since": self.since, "until": self.until, "timezone": self.timezone}
        usual = {"since": SINCE, "until": "", "timezone": "", "split": "model", "unit": "cost"}
        for name, value in {**plain, "split": self.split, "unit": self.unit}.items():
            chosen = changes.get(name, value)
            if chosen != usual[name] and chosen:
                pairs.append((name, chosen))
        for name in FILTERS:
            patterns: Sequence[str] = (changes[name],) if name in changes else self.where.get(name, ())
            pairs += [(name, worded(pattern)) for pattern in patterns if pattern]
        pairs += [(name, value) for name, value in changes.items() if name not in usual and name not in FILTERS]
        # Half a character, which JSON can hold and no address, may be in a name.
        return f"{path}?{urlencode(pairs, errors='replace')}" if pairs else path

    @property
    def key(self) -> tuple[object, ...]:
        """Everything that a page depends on besides the ledger, the prices and the moment."""
        filters = tuple(sorted((name, tuple(patterns)) for name, patterns in self.where.items()))
        return (self.since, self.until, self.timezone, self.place.timezone, filters, self.split, self.unit)

    def rounded(self, step_ms: int = SLOT_MS) -> "State":
        """Return the state as of the last moment that is a multiple of a step, so that what is kept is found again."""
        return self._replace(place=self.place._replace(now=self.place.now // step_ms * step_ms))


def state(pairs: Iterable[tuple[str, str]], place: Place) -> State:
    """Read the state from an address; other parameters are left to whoever knows them.

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
        elif name in {"since", "until", "timezone", "split", "unit"} and value:
            said[name] = value
    for name, known in (("split", SPLITS), ("unit", UNITS)):
        if said.get(name, next(iter(known))) not in known:
            raise Misused(f"{name} {said[name][:40]!r} is none: choose among {', '.join(known)}.")
    if any(len(patterns) > _VALUES_MOST for patterns in where.values()):
        raise Misused(f"There are too many values of one filter: give {_VALUES_MOST} at most.")
    found = State(
        place,
        said.get("since", SINCE),
        said.get("until", ""),
        said.get("timezone", ""),
        {name: tuple(patterns) for name, patterns in where.items()},
        said.get("split", next(iter(SPLITS))),
        said.get("unit", next(iter(UNITS))),
    )
    span = found.period
    if span.since > BEGINNING and span.until < END and span.until - span.since > YEARS_MOST * _YEAR_MS:
        raise Misused(f"The period is too long: give {YEARS_MOST} years at most, or since=all.")
    return found
