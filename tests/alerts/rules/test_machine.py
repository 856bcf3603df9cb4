"""Machines: silent for long is told, a weekend is not, and one that is long gone is no news."""

import pytest

from tallystick.alerts.rules.machine import MACHINE
from tallystick.alerts.situation import Machined, Situation

HOUR = 3_600_000
NOW = 10**12


@pytest.mark.parametrize(
    "hours, state",
    [(-5, "fine"), (0, "fine"), (35, "fine"), (36, "near"), (62, "near"), (71, "near"), (72, "case"), (791, "case"), (793, "near")],
)  # fmt: skip
def test_the_state_of_a_machine(hours: int, state: str) -> None:
    found = MACHINE.look(Situation(NOW, machines=(Machined("m", NOW - hours * HOUR),)), MACHINE.limits)
    assert found is not None
    assert [(each.key, each.state) for each in found] == [("machine:m", state)]


def test_it_says_for_how_long() -> None:
    found = MACHINE.look(Situation(NOW, machines=(Machined("m", NOW - 75 * HOUR),)), MACHINE.limits)
    assert found is not None
    assert found[0].text == "Nothing was heard of it for 3 d 3 h: what was used there since is missing in every total."
    assert MACHINE.look(Situation(NOW), MACHINE.limits) is None
