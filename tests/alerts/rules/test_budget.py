"""Budgets: what is told at which share, and in which words."""

import pytest

from tallystick.alerts.finding import worded
from tallystick.alerts.rules.budget import BUDGET
from tallystick.alerts.situation import Budgeted, Situation

USD = 10**12


def budget(used: float, soft: float = 0.8, unit: str = "usd", hard: bool = False) -> Situation:  # noqa: FBT001, FBT002
    """Return a situation with a budget of 50 dollars or tokens a week."""
    one = USD if unit == "usd" else 1
    of = Budgeted("3", (("project", "a"),), unit, "week", 50 * one, round(used * one), soft, hard, 1_000, 2_000)
    return Situation(1_500, budgets=(of,))


@pytest.mark.parametrize(
    "used, over, soft",
    [
        (0, "fine", "fine"),
        (37.9, "fine", "fine"),
        (38, "fine", "near"),
        (40, "fine", "case"),
        (47.4, "fine", "case"),
        (47.5, "near", "case"),
        (50, "case", "near"),
        (500, "case", "near"),
    ],
)
def test_each_threshold_is_one_alert_and_below_it_is_a_gap(used: float, over: str, soft: str) -> None:
    found = BUDGET.look(budget(used), {})
    assert found is not None
    assert [(each.key, each.state, each.level) for each in found] == [
        ("budget:3:over", over, "critical"),
        ("budget:3:soft", soft, "warning"),
    ]
    assert {each.term for each in found} == {1_000}


def test_it_says_how_much_of_what() -> None:
    found = BUDGET.look(budget(51.25, hard=True), {})
    assert found is not None
    assert worded(found[0].title, found[0].facts) == "Budget used up: project=a"
    assert found[0].text == (
        "$51.25 of $50.00 for this week are used (102%). It is a hard one: hook and gateway refuse more until it is raised, overridden or begins anew."
    )
    assert found[0].facts["used"] == 51.25
    tokens = BUDGET.look(budget(41, unit="tokens"), {})
    assert tokens is not None
    assert (tokens[1].title, tokens[1].text) == ("Budget used to 82%: {filters}", "41 tokens of 50 tokens for this week are used.")  # fmt: skip


def test_without_a_soft_share_there_is_one_finding_and_without_knowledge_none() -> None:
    found = BUDGET.look(budget(49, soft=0), {})
    assert found is not None
    assert len(found) == 1
    assert BUDGET.look(Situation(1), {}) is None
    assert BUDGET.look(Situation(1, budgets=()), {}) == []


def test_tokens_without_a_price_are_told() -> None:
    (one,) = budget(50).budgets or ()
    found = BUDGET.look(Situation(1, budgets=(one._replace(unpriced_tokens=1234),)), {})
    assert found is not None
    assert found[0].text.endswith("1,234 tokens without a known price come on top.")
