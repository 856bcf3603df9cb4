"""Budgets: how much of an amount of money or tokens is used up in a day, a week or a month, by whatever filter, and whither it leads."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple, Protocol

from tallystick.answers.answer import Answer, Details, Moment, Money
from tallystick.answers.question import Filters, Question, Wish, question, worded
from tallystick.answers.reports.places import ANY
from tallystick.usage.period import SLOT_MS, Period, Zone

USD: Final = "usd"
TOKENS: Final = "tokens"
PERIODS: Final = ("day", "week", "month")
OK: Final = "ok"
SOFT: Final = "soft"
OVER: Final = "over"
SCHEMA: Final = "tallystick.budgets/1"
_EPOCH: Final = date(1970, 1, 1)
_PARTS: Final = 10_000
"""How finely a soft limit is told: hundredths of a percent."""
_EARLY: Final = 20
"""Before that part of a period is over, nothing is said of where it leads: one morning says little about a month."""


class Budget(NamedTuple):
    """What may be used in each day, week or month."""

    id: str
    where: Filters
    """What counts, as filters of reports have it; without any, everything."""
    amount: int
    """Pico-dollars (1e-12 USD) or tokens, more than none."""
    unit: str
    """`usd` or `tokens`."""
    period: str
    """`day`, `week` (from Monday) or `month`."""
    zone: str
    """The IANA name of the zone whose days count."""
    soft: float
    """The part of the amount from which on one is told: 0.8."""
    hard: bool
    """Whether what comes beyond the amount is refused, where there is somebody to refuse it."""


class Override(NamedTuple):
    """That a person lets a hard budget be exceeded."""

    budget: str
    made: int
    """Milliseconds since 1970, UTC."""
    until: int = 0
    """Until when nothing is refused: milliseconds since 1970, UTC; 0 where it is for so much, and not for so long."""
    more: int = 0
    """What may be used beyond the amount in the period in which it was made, in the budget's unit."""


class Day(NamedTuple):
    """What was used on a day of a period, or in an hour of one that is a day."""

    name: str
    """The day or hour as reports name it."""
    since: int
    """Milliseconds since 1970, UTC."""
    until: int
    used: int
    left: int
    """What of the amount was left at its end; negative beyond it."""
    expected: float
    """What would be used by its end were the amount used evenly."""


class Standing(NamedTuple):
    """How a budget stands."""

    budget: Budget
    since: int
    """When the period began: milliseconds since 1970, UTC."""
    until: int
    """When it ends, and the next one begins."""
    used: int
    """In the budget's unit, to the last token and pico-dollar as reports tell it."""
    share: float
    """The part of the amount that is used; 1 is all of it, whatever was allowed beyond it."""
    expected: float
    """What would be used by now were the amount used evenly."""
    projected: int | None
    """What is used at the end of the period if it goes on as so far; None while that is too early to say."""
    unpriced_tokens: int
    """Tokens that are in no cost because no price is known: with them, `used` is the least it can be. None for a budget of tokens."""
    days: tuple[Day, ...] = ()
    """What was used day by day until now, or hour by hour where the period is a day."""
    runs_out: int | None = None
    """When the amount and what is allowed beyond it are used up if it goes on as so far, where that is before the period ends: milliseconds since 1970, UTC."""
    lifted: int = 0
    """Until when a person has lifted the cap: milliseconds since 1970, UTC."""
    more: int = 0
    """What a person has allowed beyond the amount in this period."""

    @property
    def limit(self) -> int:
        """What may be used in this period: the amount, and what a person has allowed beyond it."""
        return self.budget.amount + self.more

    @property
    def state(self) -> str:
        """`ok`, `soft` from the soft limit on, `over` once the whole amount and what was allowed beyond it are used."""
        return state(self.budget, self.used, self.more)

    @property
    def is_certain(self) -> bool:
        """Whether all that was used is known in the budget's unit."""
        return not self.unpriced_tokens

    def refuses(self, now: int) -> bool:
        """Tell whether more is refused at a moment of its period (milliseconds since 1970, UTC)."""
        return self.budget.hard and self.says_no(now)

    def says_no(self, now: int) -> bool:
        """Tell whether it is used up, and no person has let that be so at a moment (milliseconds since 1970, UTC)."""
        return self.state == OVER and now >= self.lifted

    def is_let(self, now: int) -> bool:
        """Tell whether the whole amount is used, and a person has let it be exceeded at a moment (milliseconds since 1970, UTC)."""
        return self.used >= self.budget.amount and not self.says_no(now)

    def told(self) -> Details:
        """Return it as details; amounts are dollars or tokens, whichever the unit is."""
        kind, budget = Money if self.budget.unit == USD else int, self.budget
        return {
            "id": budget.id,
            "filter": filter_text(budget.where),
            "where": {name: list(found) for name, found in budget.where.items()},
            "unit": budget.unit,
            "amount": kind(budget.amount),
            "period": budget.period,
            "timezone": budget.zone,
            "soft": budget.soft,
            "hard": budget.hard,
            "since": Moment(self.since),
            "until": Moment(self.until),
            "used": kind(self.used),
            "share": round(self.share, 6),
            "state": self.state,
            "certain": self.is_certain,
            "unpriced_tokens": self.unpriced_tokens,
            "expected": kind(round(self.expected)),
            "projected": None if self.projected is None else kind(self.projected),
            "runs_out": None if self.runs_out is None else Moment(self.runs_out),
            "lifted_until": Moment(self.lifted) if self.lifted else None,
            "more": kind(self.more),
            "days": [
                {
                    "name": day.name,
                    "since": Moment(day.since),
                    "until": Moment(day.until),
                    "used": kind(day.used),
                    "left": kind(day.left),
                    "expected": kind(round(day.expected)),
                }
                for day in self.days
            ],
        }


class Standings(NamedTuple):
    """How all budgets stand."""

    now: int
    """Milliseconds since 1970, UTC."""
    standings: Sequence[Standing]
    schema: str = SCHEMA

    def told(self) -> Details:
        """Return it as the details of an answer."""
        return {"now": Moment(self.now), "budgets": [each.told() for each in self.standings]}


class Asked(Protocol):
    """Who answers: a ledger here, or a server."""

    def ask(self, question: Question) -> Answer:
        """Answer a question."""


def standings(
    answers: Asked, budgets: Sequence[Budget], now: int, overrides: Sequence[Override] = ()
) -> list[Standing]:
    """Return how budgets stand at a moment (milliseconds since 1970, UTC); each figure is that of a report over its period."""
    return [_standing(answers, each, now, overrides) for each in budgets]


def span(budget: Budget, now: int) -> Period:
    """Return the period of a budget that holds a moment."""
    zone = Zone(budget.zone)
    first, after = zone.span(budget.period, now // SLOT_MS)
    day = date.fromisoformat(f"{first}-01" if budget.period == "month" else first)
    return Period(zone, zone.midnight((day - _EPOCH).days), after * SLOT_MS)


def asking(budget: Budget, now: int) -> Question:
    """Return the question whose totals tell what was used of a budget in its period so far."""
    by = "hour" if budget.period == "day" else "day"
    wish = Wish(by, budget.where, f"{by}:asc", prices=budget.unit == USD)
    return question(ANY, span(budget, now), wish, now)


def filter_text(where: Filters) -> str:
    """Return filters as a person writes them: `project=foo model=*opus*,gpt-5`; empty where everything counts."""
    return " ".join(_quoted(f"{name}={','.join(map(worded, found))}") for name, found in where.items())


def _quoted(text: str) -> str:
    if not any(each.isspace() or each in "\"'" for each in text):
        return text
    return f"'{text}'" if "'" not in text else f'"{text}"'


def _standing(answers: Asked, budget: Budget, now: int, overrides: Sequence[Override]) -> Standing:
    period = span(budget, now)
    answer = answers.ask(asking(budget, now))
    money = budget.unit == USD
    used = answer.totals.priced_pico if money else answer.totals.total
    passed, length = now - period.since, period.until - period.since
    by_name = {row.keys[0]: row.figures.priced_pico if money else row.figures.total for row in answer.rows}
    lifted, more = allowed(budget, period.since, period.until, overrides)
    return Standing(
        budget,
        period.since,
        period.until,
        used,
        used / budget.amount,
        budget.amount * passed / length,
        used * length // passed if passed * _EARLY >= length else None,
        answer.totals.unpriced_tokens if money else 0,
        _days(budget, period, now, by_name),
        _runs_out(budget.amount + more, period, now, used),
        lifted,
        more,
    )


def state(budget: Budget, used: int, more: int = 0) -> str:
    """Return in which state a budget is of which so much is used, and beyond which so much is allowed: what is just used up is over."""
    limit = budget.amount + more
    if used >= limit:
        return OVER
    return SOFT if used * _PARTS >= round(budget.soft * _PARTS) * limit else OK


def allowed(budget: Budget, since: int, until: int, overrides: Sequence[Override]) -> tuple[int, int]:
    """Return until when persons have lifted a budget, and what they allowed beyond it in a period; moments are milliseconds since 1970, UTC."""
    made = [each for each in overrides if each.budget == budget.id]
    return max((each.until for each in made), default=0), sum(each.more for each in made if since <= each.made < until)


def _runs_out(limit: int, period: Period, now: int, used: int) -> int | None:
    passed, length = now - period.since, period.until - period.since
    if not used or passed * _EARLY < length:
        return None
    found = period.since + limit * passed // used
    return found if now < found < period.until else None


def _days(budget: Budget, period: Period, now: int, used: Mapping[str, int]) -> tuple[Day, ...]:
    """Return each day of a period, or each hour of a day, until now; in those without usage nothing was used."""
    unit = "hour" if budget.period == "day" else "day"
    found: list[Day] = []
    left, moment = budget.amount, period.since
    while moment <= now:
        name, after = period.zone.span(unit, moment // SLOT_MS)
        until = min(after * SLOT_MS, period.until)
        left -= used.get(name, 0)
        even = budget.amount * (until - period.since) / (period.until - period.since)
        found.append(Day(name, moment, until, used.get(name, 0), left, even))
        moment = until
    return tuple(found)
