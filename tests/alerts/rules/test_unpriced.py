"""Unpriced models: told by model, once there are tokens worth it."""

from tallystick.alerts.rules.unpriced import UNPRICED
from tallystick.alerts.situation import Situation, Unpriced


def test_each_model_is_a_thing_of_its_own() -> None:
    found = UNPRICED.look(Situation(1, unpriced=(Unpriced("a", 10_000), Unpriced("b", 9_999))), UNPRICED.limits)
    assert found is not None
    assert [(each.key, each.state) for each in found] == [("unpriced:a", "case"), ("unpriced:b", "near")]
    assert found[0].text.startswith("10,000 tokens of it are in no cost")
    assert UNPRICED.look(Situation(1), UNPRICED.limits) is None
    assert UNPRICED.look(Situation(1, unpriced=()), UNPRICED.limits) == []
