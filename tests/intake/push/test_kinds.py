"""The shelf of kinds: each is found by its name."""

from tallystick.intake.push import arrival
from tallystick.intake.push.kinds import KINDS


def test_an_envelope_is_a_push() -> None:
    assert KINDS["push"] is arrival.take
