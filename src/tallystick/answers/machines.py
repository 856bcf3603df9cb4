"""Machines: when each was last heard of, how far behind it is, what was used on it, and what is wrong there; and users."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from tallystick.answers.answer import Answer, Details, Figures, Moment, added
from tallystick.answers.as_json import measures
from tallystick.answers.fold import answered, fold
from tallystick.answers.growth import News
from tallystick.answers.heard import STALE_MS
from tallystick.answers.parts import KEPT, Span, Sums
from tallystick.answers.question import EVERYTHING, Filters, Question, fits
from tallystick.answers.reports.places import ANY
from tallystick.ledger.ledger import Ledger, Row
from tallystick.prices.price_book import PriceBook
from tallystick.usage.period import DAY_MS, END, HOUR_MS, SLOT_MS, Period, Zone

ACTIVE_MS: Final = 15 * 60_000
"""Where there was an event so lately, somebody is at work."""
LATELY_MS: Final = HOUR_MS
"""What was heard of within that time is heard of all the time, as far as one can tell."""
SKEW_MS: Final = 2 * 60_000
"""A clock that differs by more is wrong; by less, that may be the way of what it sent."""
_BACK_MS: Final = (2 * DAY_MS, 30 * DAY_MS)

HERE: Final = "here"
ACTIVE: Final = "active"
LATELY: Final = "lately"
QUIET: Final = "quiet"
STALE: Final = "stale"
TROUBLE: Final = "trouble"
STATES: Final[Mapping[str, str]] = {
    TROUBLE: "something is wrong there, which it tells itself",
    ACTIVE: "there was an event in the last 15 minutes",
    HERE: "the ledger lies there, and so it knows everything",
    LATELY: "heard of in the last hour",
    QUIET: "heard of in the last day; or it sends nothing, and what there is of it was read here",
    STALE: "not heard of for more than a day",
}
"""What each state of a machine means; of several that hold it is the first."""


class Machine(NamedTuple):
    """One machine, or several of one name."""

    name: str
    """The name under which it is shown, and by which it is filtered."""
    paired: tuple[str, ...]
    """The names under which it was paired; none where it does not send."""
    users: tuple[str, ...]
    """Who worked there, ever."""
    here: bool
    """Whether the ledger lies there."""
    seen: int
    """When it was last heard of: milliseconds since 1970, UTC; of one that does not send, its newest event; 0 when never."""
    pending: int
    """Rows that it had still to send."""
    newest: int
    """When its newest event was, ever; 0 when there was none."""
    active: bool
    state: str
    """A key of `STATES`."""
    figures: Figures
    """What was used there, of what was asked for."""
    client: str = ""
    version: str = ""
    skew_ms: int = 0
    """How far its clock is ahead."""
    trouble: str = ""

    @property
    def skewed(self) -> bool:
        """Whether its clock is wrong."""
        return abs(self.skew_ms) > SKEW_MS


class User(NamedTuple):
    """One user."""

    name: str
    machines: tuple[str, ...]
    """Where they worked, ever."""
    newest: int
    """When their newest event was, ever; 0 when there was none."""
    active: bool
    figures: Figures


class Machines(NamedTuple):
    """All machines and users that fit the filters, those first who used most."""

    question: Question
    used: Answer
    """What was used, by machine and user."""
    machines: list[Machine]
    users: list[User]
    known: tuple[int, int]
    """How many machines and how many users there are, whatever the filters."""
    schema: str = "tallystick.machines/1"

    def told(self) -> Details:
        """Return it as the details of an answer."""
        question, prices = self.question, self.question.prices
        return {
            "now": Moment(question.now),
            "timezone": question.period.zone.name,
            "since": self.used.days[0] or None,
            "until": self.used.days[1] or None,
            "where": {name: list(patterns) for name, patterns in question.where.items()},
            "machines": [_told(each, question) for each in self.machines],
            "users": [
                {
                    "user": each.name,
                    "machines": list(each.machines),
                    "newest": _moment(each.newest),
                    "active": each.active,
                    **dict(measures(each.figures, prices=prices)),
                }
                for each in self.users
            ],
            "totals": dict(measures(self.used.totals, prices=prices)),
        }


def _told(machine: Machine, question: Question) -> Details:
    sends = bool(machine.paired)
    behind = question.now - machine.seen if sends else 0 if machine.here else None
    return {
        "machine": machine.name,
        "paired_as": list(machine.paired),
        "users": list(machine.users),
        "here": machine.here,
        "state": machine.state,
        "active": machine.active,
        "last_seen": _moment(machine.seen),
        "behind_ms": behind if behind is None else max(behind, 0),
        "pending": machine.pending,
        "newest": _moment(machine.newest),
        **dict(measures(machine.figures, prices=question.prices)),
        "client": machine.client or None,
        "version": machine.version or None,
        "skew_ms": machine.skew_ms,
        "clock": ("ahead" if machine.skew_ms > 0 else "behind") if machine.skewed else "right",
        "trouble": machine.trouble or None,
    }


def _moment(ms: int) -> Moment | None:
    return Moment(ms) if ms else None


def by_both(asked: Question) -> Question:
    """Return what is to be asked for the figures: what was used by machine and user."""
    return asked._replace(report=ANY, group_by=("machine", "user"), listed=(), order=("machine", False), limit=0)


def machines(
    ledger: Ledger, book: PriceBook | None, asked: Question, here: str, newest: "Newest | None" = None
) -> Machines:
    """Return every machine that is known: from what it sent, or from its work; `here` is the name of the ledger's own one.

    Filters by machine and user choose among them; period and other filters only matter to what was used. Who knows where there
    was work lately, and needs no others, gives that as `newest`.
    """
    both = by_both(asked)
    contexts = ledger.ask("contexts") if newest is None and KEPT.book is None else None
    used = answered(ledger, both, fold(ledger, book, both, contexts))
    if contexts is not None:
        newest = _newest(ledger, {row[0]: row[-2:] for row in contexts}, asked.now)
    elif newest is None:
        newest = _newest_kept(ledger, asked.period.zone)
    arrivals: defaultdict[str, list[Row]] = defaultdict(list)
    for row in ledger.ask("machines"):
        arrivals[row[1]].append(row)
    users = _gathered(newest)
    for name, rows in arrivals.items():
        users[name] |= {row[2] for row in rows if row[2]}
    figures = _figures(used, 0)
    every = [
        _machine(name, arrivals.get(name, ()), here, asked.now)._replace(
            users=tuple(sorted(filter(None, worked))), figures=figures.get(name, Figures())
        )
        for name, worked in users.items()
    ]
    last = _last(newest)
    every = [_stated(each, last.get(each.name, 0), asked.now) for each in every]
    people = _people(newest, _figures(used, 1), every, asked)
    return Machines(
        asked,
        used,
        sorted((each for each in every if _fits(each, asked.where)), key=_most),
        sorted((each for each in people if _asked_for(each, asked.where)), key=_most),
        (len(every), sum(bool(each.name) for each in people)),
    )


type Newest = Mapping[tuple[str, str], int]
"""When the newest event was, by machine and user."""


def _newest(ledger: Ledger, places: Mapping[int, tuple[str, str]], now: int) -> Newest:
    """Return when the newest event was at each of the places, which contexts have; those without events are left out."""
    found: dict[tuple[str, str], int] = {}
    wanted, until = set(places.values()), END
    # Most were at work lately: what is older is looked through only for those that were not.
    for since in (*((now - back) // SLOT_MS for back in _BACK_MS), -END):
        for context, _, latest, _ in ledger.ask("reach", since=since, until=until):
            place = places[context]
            if place in wanted:
                found[place] = max(latest, found.get(place, latest))
        wanted, until = wanted - found.keys(), since
        if not wanted:
            break
    return found


def _newest_kept(ledger: Ledger, zone: Zone) -> Newest:
    """Return the same from what is kept of each day."""
    from tallystick.answers.foldbook import How

    def day(span: Span, sums: Callable[[], Sums]) -> dict[tuple[str, str], int]:
        return latest(sums().contexts, ((row[0], row[2]) for row in ledger.ask("reach", since=span[0], until=span[1])))

    def grown(before: dict[tuple[str, str], int], _: Span, came: News) -> dict[tuple[str, str], int]:
        found = latest(
            came.sums.contexts,
            ((place[4], timed[1]) for place, timed in zip(came.sums.rows, came.timed, strict=True)),
        )
        return {place: max(before.get(place, time), time) for place, time in (before | found).items()}

    def latest(contexts: Iterable[Row], moments: Iterable[tuple[int, int]]) -> dict[tuple[str, str], int]:
        places: dict[int, tuple[str, str]] = {row[0]: row[-2:] for row in contexts}
        found: dict[tuple[str, str], int] = {}
        for context, time in moments:
            found[places[context]] = max(time, found.get(places[context], time))
        return found

    newest: dict[tuple[str, str], int] = {}
    if KEPT.book is not None:
        for part in KEPT.book.parts(ledger, ("newest", zone.name), Period(zone).slots, How(day, grown), zone):
            for place, time in part.items():
                newest[place] = max(time, newest.get(place, time))
    return newest


def _gathered(newest: Newest) -> defaultdict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for machine, user in newest:
        found[machine].add(user)
    return found


def _last(newest: Newest) -> dict[str, int]:
    found: dict[str, int] = {}
    for (machine, _), time in newest.items():
        found[machine] = max(time, found.get(machine, time))
    return found


def _figures(used: Answer, place: int) -> dict[str, Figures]:
    parts: defaultdict[str, list[Figures]] = defaultdict(list)
    for row in used.rows:
        parts[row.keys[place]].append(row.figures)
    return {name: added(each) for name, each in parts.items()}


def _machine(name: str, rows: Sequence[Row], here: str, now: int) -> Machine:
    """Return a machine as what it told itself leaves it."""
    own = name == here and not rows
    if not rows:
        return Machine(name, (), (), own, now if own else 0, 0, 0, active=False, state=HERE, figures=Figures())
    latest = max(rows, key=lambda row: (row[4], row[0]))
    _, _, _, _, last, client, version, skew_ms, _, _ = latest
    return Machine(
        name,
        tuple(row[0] for row in rows),
        (),
        own,
        last,
        sum(row[8] for row in rows),
        0,
        active=False,
        state=QUIET,
        figures=Figures(),
        client=client,
        version=version,
        skew_ms=skew_ms,
        trouble="; ".join(dict.fromkeys(row[9] for row in rows if row[9])),
    )


def _stated(machine: Machine, newest: int, now: int) -> Machine:
    """Return a machine with its newest event, and the state that it is in."""
    # A clock that is ahead makes an event of now one of tomorrow, and one of a moment ago one of now.
    happened = newest - machine.skew_ms if machine.skewed else newest
    active = bool(newest) and abs(now - happened) < ACTIVE_MS
    seen = machine.seen or newest
    machine = machine._replace(newest=newest, active=active, seen=seen)
    silent = now - seen
    if machine.trouble:
        state = TROUBLE
    elif active:
        state = ACTIVE
    elif machine.here:
        state = HERE
    elif silent <= LATELY_MS:
        state = LATELY
    else:
        # Of what does not send nothing is missed.
        state = STALE if machine.paired and silent > STALE_MS else QUIET
    return machine._replace(state=state)


def _people(newest: Newest, figures: Mapping[str, Figures], every: Iterable[Machine], asked: Question) -> list[User]:
    """Return all users with where they worked, and whether somebody who is at work is they."""
    places: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for (machine, user), time in newest.items():
        places[user][machine] = time
    skews = {each.name: each.skew_ms if each.skewed else 0 for each in every}
    return [
        User(
            user,
            tuple(sorted(where)),
            max(where.values()),
            any(abs(asked.now - time + skews[machine]) < ACTIVE_MS for machine, time in where.items()),
            figures.get(user, Figures()),
        )
        for user, where in places.items()
    ]


def _fits(machine: Machine, where: Filters = EVERYTHING) -> bool:
    if "machine" in where and not fits("machine", where["machine"], machine.name):
        return False
    return "user" not in where or any(fits("user", where["user"], user) for user in machine.users or ("",))


def _asked_for(user: User, where: Filters = EVERYTHING) -> bool:
    if "user" in where and not fits("user", where["user"], user.name):
        return False
    return "machine" not in where or any(fits("machine", where["machine"], name) for name in user.machines)


def _most(each: Machine | User) -> tuple[int, int, str]:
    return -each.figures.priced_pico, -each.figures.total, each.name
