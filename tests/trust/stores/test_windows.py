"""The commands of Windows as they were agreed: the person's own store, and nothing as an administrator."""

from tests.trust.stores.world import GIVEN, lines

from tallystick.trust.stores.windows import WINDOWS


def test_the_commands() -> None:
    assert lines(WINDOWS.install(GIVEN)) == [f"certutil -user -addstore Root {GIVEN.path}"]
    assert lines(WINDOWS.uninstall(GIVEN)) == ["-certutil -user -delstore Root A1B2C3"]
    assert lines((WINDOWS.asked(GIVEN),)) == ["certutil -user -verifystore Root A1B2C3"]
