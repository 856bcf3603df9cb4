"""How the budgets of this machine stand: their definitions, asked of the ledger or a server, and what of that gates go by."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tallystick.access.budgets import Budgets
from tallystick.access.store import Store
from tallystick.answers.asked import FILTERS
from tallystick.answers.budgets import (
    OVER,
    USD,
    Asked,
    Budget,
    Override,
    Standing,
    Standings,
    allowed,
    filter_text,
    standings,
)
from tallystick.answers.question import Filters
from tallystick.cli import caps, control, entrance
from tallystick.cli.caps import Cap, State
from tallystick.errors import TallystickError
from tallystick.usage.period import Zone

if TYPE_CHECKING:
    from tallystick.settings import Settings

_AGAIN_MOST: Final = 5
"""How often what is written is written again because somebody changed a budget meanwhile."""
_WHERE_MOST: Final = 60


class Known(NamedTuple):
    """What persons defined, and what they let be exceeded."""

    budgets: tuple[Budget, ...] = ()
    overrides: tuple[Override, ...] = ()


def store(chosen: "Settings") -> Store:
    """Return where budgets are kept."""
    return control.store(chosen)


def known(kept: Store) -> Known:
    """Return all budgets; raise Unavailable where they cannot be read."""
    found = Budgets(kept)
    return Known(
        tuple(Budget(each.id, _ordered(each.where), *each[2:]) for each in found.defined()),
        tuple(Override(*each) for each in found.lifted()),
    )


def _ordered(where: Mapping[str, Sequence[str]]) -> Filters:
    return {name: tuple(where[name]) for name in FILTERS if name in where}


def stand(answers: Asked, found: Known, now: int) -> Standings:
    """Return how they stand at a moment (milliseconds since 1970, UTC)."""
    return Standings(now, standings(answers, found.budgets, now, found.overrides))


def standing(chosen: "Settings", kept: Store, values: Mapping[str, Any]) -> Standings:
    """Return how they stand now, by all that is in the logs, and tell the gates."""
    found = known(kept)
    now = entrance.now()
    if not found.budgets:
        tell(chosen, kept, Standings(now, []))
        return Standings(now, [])
    made = entrance.answered(chosen, values, lambda answers: stand(answers, found, now))
    tell(chosen, kept, made)
    return made


def tell(chosen: "Settings", kept: Store, found: Standings, warn: Callable[[str], None] = entrance.say) -> None:
    """Write down for the gates which budgets refuse what comes; where that fails, none does."""
    file = caps.path(chosen.data_dir)
    try:
        for _ in range(_AGAIN_MOST):
            now_known = known(kept)
            caps.write(file, _state(chosen, _anew(found, now_known), found.now))
            # Who changed a budget wrote it down before this did, perhaps: theirs must not be lost.
            if known(kept) == now_known:
                return
    except (OSError, TallystickError) as error:
        warn(f"What hooks and the gateway go by cannot be written, so that they refuse nothing ({error}).")
        with suppress(OSError):
            open_up(chosen, found.now)


def open_up(chosen: "Settings", now: int) -> None:
    """Have gates refuse nothing, since it is not known how budgets stand; raise OSError where that cannot be written."""
    caps.write(caps.path(chosen.data_dir), State(now, chosen.machine, chosen.user, caps.UNKNOWN, ()))


def _anew(found: Standings, now_known: Known) -> list[Standing]:
    """Return how budgets stand that are defined as they were, by what persons let be exceeded now."""
    by_id = {each.budget.id: each for each in found.standings}
    made = []
    for budget in now_known.budgets:
        before = by_id.get(budget.id)
        if before is None or _counted(before.budget) != _counted(budget):
            continue
        lifted, more = allowed(budget, before.since, before.until, now_known.overrides)
        made.append(before._replace(budget=budget, lifted=lifted, more=more))
    return made


def _counted(budget: Budget) -> tuple[Any, ...]:
    return budget.where, budget.unit, budget.period, budget.zone


def _state(chosen: "Settings", found: Sequence[Standing], now: int) -> State:
    hard = [each for each in found if each.budget.hard]
    full = [each for each in hard if each.state == OVER]
    made = tuple(Cap(each.budget.id, each.budget.where, each.until, each.lifted, refusal(each)) for each in full)
    return State(now, chosen.machine, chosen.user, len(hard), made)


def refusal(found: Standing) -> str:
    """Return what is said to whom a budget refuses something: why, until when, and what to do."""
    budget, zone = found.budget, Zone(found.budget.zone)
    whose = filter_text(budget.where)
    whose = f" for {whose}" if whose else ""
    allowed = f" and {amount(found.more, budget.unit)} more" if found.more else ""
    more = "5usd" if budget.unit == USD else "100k tokens"
    return (
        f"The budget of {amount(budget.amount, budget.unit)} a {budget.period}{whose}{allowed} is used up: "
        f"{amount(found.used, budget.unit)} since {zone.local(found.since):%a %Y-%m-%d}. "
        f"It begins anew on {zone.local(found.until):%a %Y-%m-%d %H:%M} ({budget.zone}). "
        f"To go on now: `tally budget override {budget.id} --for 1h`, or `--more '{more}'`."
    )


def amount(number: int, unit: str) -> str:
    """Return an amount as a person reads it."""
    from tallystick.faces.text import words

    return words.money(number) if unit == USD else f"{number:,} tokens"


def labelled(budget: Budget) -> str:
    """Return what a budget is about, and how much it is."""
    about = filter_text(budget.where) or "everything"
    return f"{about[:_WHERE_MOST]} {amount(budget.amount, budget.unit)}/{budget.period}"
