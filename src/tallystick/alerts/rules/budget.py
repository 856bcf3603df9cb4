"""Budgets: one is used up, or used to the share from which on its owner wants to know."""

from typing import Final

from tallystick.alerts.finding import CASE, CRITICAL, FINE, NEAR, WARNING, Fact, Finding, money
from tallystick.alerts.rules.rule import DAY_MS, MINUTE_MS, Limits, Rule
from tallystick.alerts.situation import Budgeted, Situation

_NEARLY: Final = 0.95
"""Below this part of a threshold its crossing is undone, such as by a greater amount; just below it may be rounding."""
_SPAN_MS: Final = DAY_MS // 2
"""No period is shorter than a day, and where a zone changes its clocks its edges move by an hour."""


def look(now: Situation, limits: Limits) -> list[Finding] | None:
    """Return two findings of each budget: of its soft share, and of the whole."""
    del limits
    if now.budgets is None:
        return None
    return [finding for budget in now.budgets if budget.amount > 0 for finding in _findings(budget)]


def _findings(budget: Budgeted) -> list[Finding]:
    share = budget.used / budget.amount
    over = CASE if share >= 1 else NEAR if share >= _NEARLY else FINE
    facts: dict[str, Fact] = {
        "budget": budget.id,
        "filters": budget.filters,
        "period": budget.period,
        "unit": budget.unit,
        "used": _plain(budget.used, budget.unit),
        "amount": _plain(budget.amount, budget.unit),
        "share": round(share, 4),
        "hard": budget.hard,
        "unpriced_tokens": budget.unpriced_tokens,
    }
    of = f"{_told(budget.used, budget.unit)} of {_told(budget.amount, budget.unit)} for this {budget.period}"
    lacking = f" {budget.unpriced_tokens:,} tokens without a known price come on top." if budget.unpriced_tokens else ""
    refused = (
        " It is a hard one: hook and gateway refuse more until it is raised, overridden or begins anew."
        if budget.hard
        else ""
    )
    found = [
        Finding(
            f"budget:{budget.id}:over",
            over,
            CRITICAL,
            "Budget used up: {filters}",
            f"{of} are used ({share:.0%}).{lacking}{refused}",
            facts,
            budget.since,
            _SPAN_MS,
        )
    ]
    if 0 < budget.soft < 1:
        # Where it is over, that is told, and not this besides.
        state = NEAR if share >= 1 else CASE if share >= budget.soft else NEAR if share >= budget.soft * _NEARLY else FINE  # fmt: skip
        title = f"Budget used to {share:.0%}: {{filters}}"
        text = f"{of} are used.{lacking}"
        found.append(Finding(f"budget:{budget.id}:soft", state, WARNING, title, text, facts, budget.since, _SPAN_MS))
    return found


def _told(amount: int, unit: str) -> str:
    return money(amount) if unit == "usd" else f"{amount:,} tokens"


def _plain(amount: int, unit: str) -> float:
    return amount / 1e12 if unit == "usd" else amount


BUDGET: Final = Rule("budget", "a budget crossed its soft share, or is used up", look, {}, 0, 15 * MINUTE_MS)
