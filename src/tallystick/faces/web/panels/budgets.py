"""The panel on budgets: how each stands, and how one of them burns down."""

from collections.abc import Iterator, Sequence
from typing import Final

from tallystick.answers.answer import Money
from tallystick.answers.answers import Answers
from tallystick.answers.budgets import OVER, SOFT, USD, Budget, Standing, filter_text, standings
from tallystick.faces.web.panels import axis
from tallystick.faces.web.panels.panel import Cell, Column, Panel, Point, Source, Table, View
from tallystick.faces.web.state import State
from tallystick.faces.web.wording import clipped, dollars, exact, money, percent, short
from tallystick.usage.period import DAY_MS, Zone, iso

NONE: Final = (
    "No budget is set. One of fifty dollars a week for everything: `tally budget set 50usd/week`; for one project, "
    "with a warning at 80 %: `tally budget set 'project=*/foo' 50usd/week --soft 80%`."
)
_HOLDS_MS: Final = 10_000
"""Somebody may set one in the meantime."""
_NAME_MOST: Final = 24
_EXPLAINED: Final = "The dotted line is even use, the dashed one an estimate: on as so far."


def budgets(answers: Answers, state: State) -> View:
    """Return how budgets stand, whatever the period and the filters, and the burn-down of the chosen or the worst one."""
    defined, overrides = state.place.beside.budgets()
    return shown(standings(answers, defined, state.place.now, overrides), state)


def shown(found: Sequence[Standing], state: State) -> View:
    """Return budgets as a table, the worst first, and one of them as a chart."""
    if not found:
        return View(Table((), ()), empty=NONE)
    ranked = sorted(found, key=_rank)
    drawn = next((each for each in ranked if each.budget.id == state.budget), ranked[0])
    now = state.place.now
    columns = [
        Column("Budget", number=False),
        Column("Per", number=False, about="In which time", minor=True),
        Column("Used"),
        Column("Even", about="What would be used by now if it were used evenly", minor=True),
        Column("At the end", about="What is used at the end if it goes on as so far: an estimate", minor=True),
        Column("State", number=False, about="Each leads to its burn-down"),
    ]
    zone = Zone(drawn.budget.zone)
    points = list(_burnt(drawn, now))
    return View(
        Table(columns, [_row(each, state) for each in ranked]),
        points,
        note=_note(ranked, drawn),
        params={**axis.moments(drawn.since, drawn.until, zone), "money": drawn.budget.unit == USD, **_reach(drawn)},
    )


def _rank(each: Standing) -> tuple[int, float]:
    kind = (OVER, SOFT).index(each.state) if each.state in {OVER, SOFT} else 2
    ahead = each.projected / each.limit if each.projected is not None else 0
    return kind, -max(each.used / each.limit, ahead)


def _name(budget: Budget) -> str:
    return clipped(f"{filter_text(budget.where) or 'everything'}, {_amount(budget.amount, budget)}/{budget.period}")


def _amount(number: float, budget: Budget) -> str:
    return money(round(number)) if budget.unit == USD else f"{short(number)} tokens"


def _short(number: float, budget: Budget) -> str:
    """Return an amount whose unit goes without saying beside a budget."""
    return money(round(number)) if budget.unit == USD else short(number)


def _raw(number: float, budget: Budget) -> int:
    return Money(round(number)) if budget.unit == USD else round(number)


def _row(each: Standing, state: State) -> list[Cell]:
    budget = each.budget
    about = filter_text(budget.where) or "everything"
    tone = "bad" if each.says_no(state.place.now) else ""
    mark = "+" if each.unpriced_tokens else ""
    lacks = f"At least: {each.unpriced_tokens:,} tokens in it have no known price" if mark else percent(each.share)
    own = _days(each, state)
    said = exact(budget.amount).removeprefix("$") + " USD" if budget.unit == USD else f"{budget.amount} tokens"
    return [
        Cell(
            clipped(about, _NAME_MOST),
            f"{about} {said}/{budget.period}",
            own.address("/"),
            f"{about}, {_amount(budget.amount, budget)} a {budget.period}",
        ),
        Cell(budget.period),
        Cell(
            f"{_short(each.used, budget)}{mark} of {_short(budget.amount, budget)}",
            _raw(each.used, budget),
            own.address("/why") if each.used or mark else "",
            lacks,
            min(each.share, 1.0),
            tone,
        ),
        Cell(_short(each.expected, budget), _raw(each.expected, budget)),
        Cell("–", "", title="Too early to say", tone="faint")
        if each.projected is None
        else Cell(
            f"≈ {_short(each.projected, budget)}",
            _raw(each.projected, budget),
            title="An estimate",
            tone="bad" if each.projected > each.limit else "",
        ),
        _state(each, state.place.now)._replace(link=f"{state.address('/', budget=budget.id)}#budgets"),
    ]


def _days(each: Standing, state: State) -> State:
    """Return the state of a page that shows what counts for a budget, in its period."""
    zone = Zone(each.budget.zone)
    since, until = iso(zone.day(each.since)), iso(zone.day(each.until - 1))
    own = "" if each.budget.zone == state.place.timezone else each.budget.zone
    return State(state.place, since, until, own, each.budget.where, state.split, state.unit, budget=each.budget.id)


def _state(each: Standing, now: int) -> Cell:
    budget, zone = each.budget, Zone(each.budget.zone)
    ends = f"Until {zone.local(each.until):%a %Y-%m-%d %H:%M} ({budget.zone})"
    if each.is_let(now):
        told = f"over, let go {_leave(each, now)}"
        return Cell(told, each.state, title=f"Over its amount, and a person lets it go on. {ends}", tone="faint")
    if each.state == OVER:
        return Cell("used up, refused" if budget.hard else "used up", each.state, title=ends, tone="bad")
    if each.runs_out is not None:
        clock = _clock(each.runs_out - now, budget)
        soft = f"past {percent(budget.soft, 0)}, " if each.state == SOFT else ""
        return Cell(f"{soft}runs out ≈ {zone.local(each.runs_out):{clock}}", each.state, title=ends, tone="bad")
    if each.state == SOFT:
        return Cell(f"past {percent(budget.soft, 0)}", each.state, title=ends, tone="bad")
    return Cell("on course" if each.projected is not None else "just begun", each.state, title=ends, tone="good")


def _leave(each: Standing, now: int) -> str:
    """Return for how long, or by how much, a person has let a budget be exceeded."""
    if now < each.lifted:
        return f"until {Zone(each.budget.zone).local(each.lifted):{_clock(each.lifted - now, each.budget)}}"
    return f"by {_amount(each.more, each.budget)}"


def _clock(ahead: int, budget: Budget) -> str:
    """Return how a moment that lies so far ahead is told."""
    return "%H:%M" if ahead < DAY_MS else "%a %-d %b" if budget.period == "month" else "%a %H:%M"


def _burnt(each: Standing, now: int) -> Iterator[Point]:
    """Yield what of a budget was left from its beginning until now, what is left at its end as things go, and even use."""
    budget, zone = each.budget, Zone(each.budget.zone)

    def point(kind: str, time: int, left: float) -> Point:
        when, shown = f"{zone.local(time):%Y-%m-%d %H:%M}", _amount(left, budget)
        value = dollars(round(left)) if budget.unit == USD else left
        return {"kind": kind, "at": time + zone.offset(time), "left": value, "when": when, "shown": shown}

    yield point("left", each.since, budget.amount)
    for day in each.days:
        yield point("left", min(day.until, now), day.left)
    yield point("even", each.since, budget.amount)
    yield point("even", each.until, 0)
    if each.projected is not None:
        yield point("ahead", now, budget.amount - each.used)
        yield point("ahead", each.until, budget.amount - each.projected)


def _reach(each: Standing) -> dict[str, float]:
    """Return between what and what a burn-down is drawn; an estimate may go beyond."""
    left = [day.left for day in each.days]
    ahead = each.budget.amount - (each.projected or 0)
    least = min([0, *left, max(ahead, -each.budget.amount // 2)])
    scale = 10**12 if each.budget.unit == USD else 1
    return {"least": least / scale, "most": max([each.budget.amount, *left]) / scale}


def _note(found: Sequence[Standing], drawn: Standing) -> str:
    told = f"Whatever the period and the filters. Drawn is what is left of: {_name(drawn.budget)}. {_EXPLAINED}"
    if drawn.more:
        told += f" {_amount(drawn.more, drawn.budget)} more were allowed."
    if lacking := sum(each.unpriced_tokens for each in found):
        told += f" {short(lacking)} tokens have no known price, so that at least so much is used as stands here."
    return told


BUDGETS: Final = Panel(
    "budgets",
    "Budgets",
    budgets,
    lambda _: Source("budgets", "budget check", bare=True),
    "What of each budget is used, beside even use, and how one of them burns down; its end is an estimate.",
    open=True,
    step_ms=_HOLDS_MS,
)
