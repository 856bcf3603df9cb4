"""What the tests of this room share: each of them may run with either decoder."""

import pytest

from tallystick.tools.codex.rollout import Rollout


@pytest.fixture(params=["msgspec", "standard library"])
def decoder(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test run with both decoders."""
    if request.param == "standard library":
        monkeypatch.setattr(Rollout, "_prepare", lambda _self, _size: None)
