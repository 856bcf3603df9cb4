"""What changed: a period held against the one before it, by measure, and which models and projects explain it."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from tallystick.answers.answer import Answer, Details, Figures, Money, added
from tallystick.answers.as_json import measures
from tallystick.answers.fold import answer
from tallystick.answers.question import Question, Wish, question
from tallystick.answers.report import MEASURES
from tallystick.answers.reports.places import ANY
from tallystick.errors import Misused
from tallystick.ledger.ledger import Ledger
from tallystick.prices.price_book import PriceBook
from tallystick.usage.period import BEGINNING, END, SLOT_MS, Period

TOP: Final = 5
"""Movers of each key that are named; the others are told together."""
KEYS: Final = ("model", "project", "tool")
"""By what a change is explained."""
_WEEK: Final = 7
_FIRST_DAY: Final = -719_162 + 366
"""The first day that can be reckoned with in every zone: Python's calendar begins a year before, in the year 1."""


class Change(NamedTuple):
    """One measure then and now; None where nothing had a price."""

    before: int | None
    now: int | None

    @property
    def by(self) -> int | None:
        """The difference."""
        return None if self.before is None or self.now is None else self.now - self.before

    @property
    def share(self) -> float | None:
        """The difference as a part of what was before: 0.25 is a quarter more; None where there was nothing."""
        by = self.by
        return None if by is None or not self.before else by / self.before


class Mover(NamedTuple):
    """One model, project or tool then and now."""

    name: str
    before: Figures
    now: Figures
    by: int
    """What it adds to the difference, in the measure of the comparison."""


class Movers(NamedTuple):
    """What of one kind explains the difference."""

    key: str
    rows: list[Mover]
    """The greatest differences first, in either direction."""
    others: int
    """How many more there are that differ."""
    others_by: int
    """What those add to the difference."""


class Comparison(NamedTuple):
    """A period and the one before it."""

    question: Question
    before: Period
    now: Answer
    then: Answer
    measure: str
    """By which movers are told: `cost_usd` where something has a price, else `total`."""
    movers: list[Movers]
    cut: bool
    """Whether the period is not over, so that the one before is counted up to the same time of its last day only."""
    schema: str = "tallystick.comparison/1"

    def changes(self) -> Mapping[str, Change]:
        """Return each measure then and now."""
        then = dict(measures(self.then.totals, prices=self.question.prices))
        now = dict(measures(self.now.totals, prices=self.question.prices))
        return {name: Change(then[name], now[name]) for name in MEASURES if name in now}

    def told(self) -> Details:
        """Return it as the details of an answer."""
        money = self.measure == "cost_usd"
        return {
            "timezone": self.question.period.zone.name,
            "since": self.now.days[0],
            "until": self.now.days[1],
            "before": {"since": self.before.days[0], "until": self.before.days[1]},
            "same_time_of_day": self.cut,
            "where": {name: list(patterns) for name, patterns in self.question.where.items()},
            "changes": [
                {"measure": name, **_amounts(change, money=name == "cost_usd")}
                for name, change in self.changes().items()
            ],
            "measure": self.measure,
            "movers": [
                {
                    "key": each.key,
                    "name": mover.name,
                    "before": _amount(_value(mover.before, self.measure), money=money),
                    "now": _amount(_value(mover.now, self.measure), money=money),
                    "by": _amount(mover.by, money=money),
                }
                for each in self.movers
                for mover in each.rows
            ],
            "others": [
                {"key": each.key, "rows": each.others, "by": _amount(each.others_by, money=money)}
                for each in self.movers
            ],
            "totals": dict(measures(self.now.totals, prices=self.question.prices)),
            "totals_before": dict(measures(self.then.totals, prices=self.question.prices)),
        }


def compare(ledger: Ledger, book: PriceBook | None, asked: Question, *, weekdays: bool = False) -> Comparison:
    """Hold a question's period against as many days before it, or before those, so that weekdays agree.

    Raise Misused when it has no beginning. One without an end ends today.
    """
    span, before, cut = periods(asked, weekdays=weekdays)
    now, then = (_answer(ledger, book, asked, each) for each in (span, before))
    priced = any(each.totals.priced for each in (now, then))
    measure = "cost_usd" if asked.prices and priced else "total"
    movers = [_movers(place, now, then, measure) for place in range(len(KEYS))]
    return Comparison(asked._replace(period=span), before, now, then, measure, movers, cut)


def periods(asked: Question, *, weekdays: bool = False) -> tuple[Period, Period, bool]:
    """Return the period, the one before it, and whether that one is cut off at the present time of its last day."""
    zone, now = asked.period.zone, asked.now
    if asked.period.since == BEGINNING:
        raise Misused("A comparison needs a first day: say --since, for instance 7d.")
    first, today = zone.day(asked.period.since), zone.day(now)
    last = max(first, today) if asked.period.until == END else zone.day(asked.period.until - 1)
    days = last - first + 1
    shift = -(-days // _WEEK) * _WEEK if weekdays else days
    if first - shift < _FIRST_DAY:
        raise Misused("The period before that would begin before there were days: say a later --since.")
    span = Period(zone, asked.period.since, zone.midnight(last + 1))
    if first <= today <= last:
        # Up to the end of the quarter-hour that runs: sums are by quarter-hours.
        elapsed = -(-(now + 1 - zone.midnight(today)) // SLOT_MS) * SLOT_MS
        end = min(zone.midnight(today - shift) + elapsed, zone.midnight(today - shift + 1))
        return span, Period(zone, zone.midnight(first - shift), end), True
    return span, Period(zone, zone.midnight(first - shift), zone.midnight(last - shift + 1)), False


def _answer(ledger: Ledger, book: PriceBook | None, asked: Question, span: Period) -> Answer:
    # By all keys at once: reading the sums once for each of them would take three times as long.
    wish = Wish(",".join(KEYS), asked.where, prices=asked.prices)
    return answer(ledger, book, question(ANY, span, wish, asked.now))


def _by(found: Answer, place: int) -> dict[str, Figures]:
    groups: defaultdict[str, list[Figures]] = defaultdict(list)
    for row in found.rows:
        groups[row.keys[place]].append(row.figures)
    return {name: added(figures) for name, figures in groups.items()}


def _movers(place: int, now: Answer, then: Answer, measure: str) -> Movers:
    before, after = _by(then, place), _by(now, place)
    nothing = Figures()
    rows = []
    for name in {**after, **before}:
        pair = before.get(name, nothing), after.get(name, nothing)
        by = (_value(pair[1], measure) or 0) - (_value(pair[0], measure) or 0)
        if by:
            rows.append(Mover(name, *pair, by))
    rows.sort(key=lambda mover: (-abs(mover.by), mover.name))
    return Movers(KEYS[place], rows[:TOP], len(rows[TOP:]), sum(mover.by for mover in rows[TOP:]))


def _value(figures: Figures, measure: str) -> int | None:
    value: int | None = getattr(figures, measure)
    return value


def _amount(value: int | None, *, money: bool) -> int | None:
    return value if value is None or not money else Money(value)


def _amounts(change: Change, *, money: bool) -> dict[str, Any]:
    return {
        "before": _amount(change.before, money=money),
        "now": _amount(change.now, money=money),
        "by": _amount(change.by, money=money),
        "share": change.share,
    }
