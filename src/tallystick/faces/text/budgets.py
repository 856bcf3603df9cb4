"""Budgets as a table: what of each is used, what that leads to, and what a person must know besides."""

from collections.abc import Iterator, Sequence
from typing import Final

from rich.console import Console
from rich.text import Text

from tallystick.answers.budgets import OK, OVER, SOFT, USD, Budget, Standing, Standings, filter_text
from tallystick.faces.text import as_table, words
from tallystick.faces.text.closer import columns as plain_columns
from tallystick.faces.text.sheet import BAR, DASH, FAINT, GOOD, NOTHING, STRONG, WARNING, Cell, Column
from tallystick.usage.period import Zone

_BAR: Final = 8
_TONES: Final = {OK: GOOD, SOFT: WARNING, OVER: WARNING}
NONE: Final = "There is no budget yet: `tally budget set 'project=foo' 50usd/week` makes one."


def shown(found: Standings, console: Console) -> None:
    """Show how budgets stand on a terminal."""
    console.print()
    console.print(Text.assemble(" ", ("Budgets", "bold"), (f"  {_zones(found)}", "dim")))
    as_table.table(_columns(found), console)
    for note in notes(found):
        as_table.say(console, note)
    console.print()


def plain(found: Standings) -> str:
    """Return how budgets stand as aligned columns, for pipes."""
    rows = [
        [
            *(each.budget.id, _about(each.budget), used(each).text, amount(each.budget)),
            *(percent(each.share), _state(each, found.now).text, _quantity(round(each.expected), each.budget)),
            *("" if each.projected is None else _quantity(each.projected, each.budget), _renews(each, found.now)),
        ]
        for each in found.standings
    ]
    headings = ">Id Budget >Used >Amount >Share State >Expected >At_the_end Renews"
    return "".join(f"{line}\n" for line in plain_columns(headings, rows))


def notes(found: Standings) -> list[Cell]:
    """Return what a person must know besides the figures."""
    return [note for each in found.standings for note in _notes(each, found.now)]


def _zones(found: Standings) -> str:
    zones = list(dict.fromkeys(each.budget.zone for each in found.standings))
    return f"{Zone(zones[0]).local(found.now):%Y-%m-%d %H:%M} · {', '.join(zones)}" if zones else ""


def _columns(found: Standings) -> list[Column]:
    each = found.standings
    bars = [words.bar(round(min(one.share, 1) * 1000), 1000, _BAR) for one in each]
    tracks = [Cell(f"{bar}{'·' * (_BAR - len(bar))}", BAR if one.state == OK else WARNING) for bar, one in zip(bars, each, strict=True)]  # fmt: skip
    ends = [DASH if one.projected is None else _ahead(one, one.projected) for one in each]
    even = [Cell(_quantity(round(one.expected), one.budget), FAINT) for one in each]
    return [
        Column("id", "", [Cell(one.budget.id, FAINT) for one in each], NOTHING, right=True),
        Column("budget", "Budget", [Cell(_about(one.budget)) for one in each], NOTHING),
        Column("used", "Used", [used(one) for one in each], NOTHING, right=True),
        Column("amount", "Amount", [Cell(amount(one.budget)) for one in each], NOTHING),
        Column("share", "Share", [Cell(percent(one.share), STRONG) for one in each], NOTHING, right=True),
        Column("bar", "", tracks, NOTHING, drop=3),
        Column("state", "State", [_state(one, found.now) for one in each], NOTHING),
        Column("expected", "By now", even, NOTHING, right=True, drop=2),
        Column("projected", "At the end", ends, NOTHING, right=True, drop=1),
        Column("renews", "Renews", [Cell(_renews(one, found.now), FAINT) for one in each], NOTHING, drop=4),
    ]


def used(found: Standing) -> Cell:
    """Return what is used; a plus behind it says that it is the least it can be."""
    text = _quantity(found.used, found.budget)
    return Cell(text) if found.is_certain else Cell(f"{text}+", WARNING)


def amount(budget: Budget) -> str:
    """Return how much a budget is, and for how long."""
    return f"{_quantity(budget.amount, budget)}/{budget.period}"


def percent(share: float) -> str:
    """Return a share in percent, rounded down, so that only what is whole is 100 %."""
    return f"{int(share * 1000 + 1e-9) / 10:.1f} %"


def _about(budget: Budget) -> str:
    return words.clean(filter_text(budget.where)) or "everything"


def _quantity(number: int, budget: Budget) -> str:
    if budget.unit == USD:
        return f"-{words.money(-number)}" if number < 0 else words.money(number)
    return f"{words.number(number, compact=True)} tok"


def _ahead(found: Standing, projected: int) -> Cell:
    return Cell(_quantity(projected, found.budget), WARNING if projected > found.limit else "")


def _state(found: Standing, now: int) -> Cell:
    if found.is_let(now):
        return Cell("let go", WARNING)
    if found.state == OVER:
        return Cell("used up", WARNING)
    # What has no price may be more than all the rest.
    text = found.state if found.state != OK or found.is_certain else "unsure"
    return Cell(text, WARNING if text == "unsure" else _TONES[found.state])


def _renews(found: Standing, now: int) -> str:
    return f"in {words.duration(max(found.until - now, 0))}"


def _notes(found: Standing, now: int) -> Iterator[Cell]:
    budget, zone = found.budget, Zone(found.budget.zone)
    name = f"{budget.id} ({_about(budget)})"
    if found.unpriced_tokens:
        tokens = words.number(found.unpriced_tokens, compact=True)
        yield Cell(f"{name}: no price is known for {tokens} tokens, so that more is used than it says.", WARNING)
    if found.runs_out is not None and found.state != OVER:
        what = "it and what is allowed beyond it are" if found.more else "it is"
        yield Cell(f"{name}: at this pace {what} used up on {zone.local(found.runs_out):%a %Y-%m-%d %H:%M}.", WARNING)  # fmt: skip
    if found.refuses(now):
        told = (
            f"{name}: hooks and the gateway refuse what comes. `tally budget override {budget.id} --for 1h` lifts that."
        )
        yield Cell(told, WARNING)
    if found.is_let(now):
        yield Cell(f"{name}: over its amount, let go {_leave(found, now)}.", FAINT)
    elif found.more:
        yield Cell(f"{name}: {_quantity(found.more, budget)} more are allowed in this {budget.period}.", FAINT)


def _leave(found: Standing, now: int) -> str:
    """Return for how long, or by how much, a person has let a budget be exceeded."""
    if now < found.lifted:
        return f"until {Zone(found.budget.zone).local(found.lifted):%a %Y-%m-%d %H:%M}"
    return f"by up to {_quantity(found.more, found.budget)} more in this {found.budget.period}"


def defined(budgets: Sequence[Budget]) -> str:
    """Return budgets as they are defined, as aligned columns."""
    rows = [
        [each.id, _about(each), amount(each), percent(each.soft), "hard" if each.hard else "", each.zone]
        for each in budgets
    ]
    return "".join(f"{line}\n" for line in plain_columns(">Id Budget Amount >Soft Cap Zone", rows))
