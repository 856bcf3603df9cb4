"""The situation that alerts are about, put together from answers and from a look around this machine."""

import os
from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import datetime
from typing import Final

from tallystick.alerts.finding import Filters
from tallystick.alerts.situation import Budgeted, Hour, Machined, Situation, Unpriced, Unread, Windowed
from tallystick.answers.answer import Answer
from tallystick.answers.answers import Answers
from tallystick.answers.budgets import Budget, Override, Standing, standings
from tallystick.answers.health import Place, Seen
from tallystick.answers.limits import Limits
from tallystick.answers.question import Wish, question
from tallystick.answers.reports.places import ANY
from tallystick.cli import budgeted, entrance
from tallystick.cli.budgeted import Known
from tallystick.intake.survey import survey
from tallystick.settings import Settings
from tallystick.usage.period import Period, Zone

_DAYS: Final = 57
"""Eight weeks, and today."""
_EARLIER_MS: Final = 5 * 60_000
"""A little longer than rules have something be so before they tell of it."""


def known(chosen: Settings) -> Known:
    """Return the budgets of this machine, and what persons let be exceeded; raise Unavailable where they cannot be read."""
    with closing(budgeted.store(chosen)) as kept:
        return budgeted.known(kept)


def situation(
    answers: Answers,
    budgets: Iterable[Budget],
    zone: Zone,
    now: int,
    *,
    unpriced: bool,
    overrides: Sequence[Override] = (),
) -> Situation:
    """Return what answers tell of a moment; what has no price only on wish, because that takes longer than all the rest."""
    spent = answers.ask(
        question(ANY, Period(zone, zone.midnight(zone.day(now) - _DAYS)), Wish("hour", order="hour:asc", limit=0), now)
    )
    lacking = answers.receivers(now).health.unpriced if unpriced else None
    return Situation(
        now,
        zone.offset(now),
        tuple(_budgeted(each, now) for each in standings(answers, list(budgets), now, overrides)),
        _windowed(answers.limits(now)),
        _hours(spent),
        tuple(Machined(name, seen) for name, seen in spent.coverage.heard),
        None,
        None if lacking is None else tuple(Unpriced(model, tokens) for model, tokens in lacking),
    )


def with_earlier(answers: Answers, found: Situation) -> Situation:
    """Return a situation with how windows stood some minutes earlier, by what was known then: what is foretold needs no second look so."""
    then = found.now - _EARLIER_MS
    return found._replace(
        earlier=Situation(then, found.offset, windows=_windowed(answers.limits(then, until=then + 1)))
    )


def unread(chosen: Settings, now: int) -> tuple[Unread, ...]:
    """Return the logs on this machine that the ledger has not taken in, by a look around."""
    house = entrance.house(chosen)
    try:
        looked = survey(house.readable, house.where.home, os.environ, house.ledger, house.others)
    finally:
        house.close()
    seen = [Seen(each.tool, tuple(Place(*place) for place in each.places), *each[2:]) for each in looked.seen]
    return tuple(Unread(each.tool, each.unread_files, each.lost_in_days(now)) for each in seen)


def _budgeted(each: Standing, now: int) -> Budgeted:
    budget = each.budget
    filters: Filters = tuple((key, pattern) for key, patterns in budget.where.items() for pattern in patterns)
    return Budgeted(
        budget.id,
        filters,
        budget.unit,
        budget.period,
        # What a person has allowed besides is no crossing.
        each.limit,
        each.used,
        budget.soft,
        budget.hard and now >= each.lifted,
        each.since,
        each.until,
        each.unpriced_tokens,
    )


def _windowed(limits: Limits) -> tuple[Windowed, ...]:
    found = []
    for each in limits.windows:
        ahead = each.forecast
        window = Windowed(
            each.provider, each.name, each.account, each.minutes, each.used_percent, each.resets_at, each.time
        )
        if ahead is not None:
            window = window._replace(forecast=True, runs_out=ahead.runs_out, low=ahead.low, high=ahead.high)
        found.append(window)
    return tuple(found)


def _hours(answer: Answer) -> tuple[Hour, ...]:
    found = []
    for row in answer.rows:
        if row.figures.priced_pico:
            local = datetime.fromisoformat(row.keys[0])
            found.append(Hour(int(local.timestamp()) * 1000, local.weekday(), local.hour, row.figures.priced_pico))
    return tuple(found)
