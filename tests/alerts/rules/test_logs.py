"""Logs: told some days before they are lost."""

import pytest

from tallystick.alerts.rules.logs import LOGS
from tallystick.alerts.situation import Situation, Unread


@pytest.mark.parametrize(
    "days, state", [(None, "fine"), (30, "fine"), (4, "fine"), (3.9, "near"), (3, "near"), (2.9, "case"), (0, "case")]
)
def test_the_state_of_a_tool(days: float | None, state: str) -> None:
    found = LOGS.look(Situation(1, unread=(Unread("codex", 2, days),)), LOGS.limits)
    assert found is not None
    assert [(each.key, each.state) for each in found] == [("logs:codex", state)]


def test_it_says_how_many() -> None:
    found = LOGS.look(Situation(1, unread=(Unread("codex", 1, 0.5),)), LOGS.limits)
    assert found is not None
    assert found[0].text == "1 log that the ledger has not read are deleted in 0.5 days: run `tally doctor`."
    assert LOGS.look(Situation(1), LOGS.limits) is None
