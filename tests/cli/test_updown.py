"""`tally up`, `down`, `open` and `logs` with a process of its own, as where no service is installed."""

import os
import subprocess
import sys
import webbrowser
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from tests.cli.stage import Stage
from tests.service.tiny import TINY
from tests.service.world import STAND_IN, eventually, free_port, get

from tallystick.cli import background
from tallystick.cli.updown import has_screen


@pytest.fixture
def up(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """Return a stage on which the stand-in is what runs."""
    for name in ("XDG_STATE_HOME", "DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(background, "PROGRAM", ("-P", str(STAND_IN)))
    monkeypatch.setattr(background, "manager_of", lambda _: TINY)
    monkeypatch.setenv("PORT", str(free_port()))
    yield stage
    stage.tally("down")
    _bury()


def _bury() -> None:
    """Take note of servers that have ended: who starts one usually ends before it, and tests do not."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def address() -> str:
    """Return the address that was asked for."""
    return f"http://127.0.0.1:{os.environ['PORT']}"


def test_up_and_down_can_be_said_again(up: Stage) -> None:
    assert up.tally("down") == (0, "", "tally: Nothing runs in the background.\n")
    assert up.tally("up") == (0, f"{address()}\n", f"tally: It runs: {address()}\n")
    assert up.tally("up") == (0, f"{address()}\n", f"tally: It runs already: {address()}\n")
    pid = get(int(os.environ["PORT"]))["pid"]
    status = up.tally("service", "status")
    assert (status.code, status.out.splitlines()[0]) == (3, "not installed; a server without a service: running")
    assert up.tally("down") == (0, "", f"tally: Stopped (process {pid}).\n")
    assert up.tally("open").code == 3


def test_the_dashboard_is_opened_where_there_is_a_screen(up: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    def once(place: str) -> bool:
        opened.append(place)
        return len(opened) == 1

    monkeypatch.setattr(webbrowser, "open", once)
    found = up.tally("open")
    assert (found.code, found.out) == (3, "")
    assert "`tally up` starts it" in found.err
    up.tally("up")
    found = up.tally("open")
    assert (found.code, found.out) == (0, f"{address()}\n")
    assert "no screen" in found.err
    assert not opened
    monkeypatch.setenv("DISPLAY", ":0")
    assert up.tally("open") == (0, f"{address()}\n", "")
    assert opened == [address()]
    found = up.tally("up", "--open")
    assert "No browser was found" in found.err
    assert opened == [address()] * 2


@pytest.mark.parametrize(
    "environ, platform, seen",
    [
        ({}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({"WSL_DISTRO_NAME": "Debian"}, "linux", True),
        ({}, "darwin", True),
        ({"SSH_CONNECTION": "1"}, "darwin", False),
        ({}, "win32", True),
    ],
)
def test_where_a_browser_would_be_seen(environ: dict[str, str], platform: str, *, seen: bool) -> None:
    assert has_screen(environ, platform) is seen


def test_logs_are_printed_and_followed(up: Stage, tmp_path: Path) -> None:
    up.tally("up")
    assert up.tally("logs", "-n", "1").out.endswith(f"INFO serving on 127.0.0.1:{os.environ['PORT']}\n")
    out = tmp_path / "out"
    with out.open("wb") as stream:
        following = subprocess.Popen(
            [sys.executable, "-m", "tallystick", "logs", "-f", "-n", "1"], stdout=stream, stderr=stream
        )
    try:
        assert eventually(lambda: "serving on" in out.read_text())
        for number in range(3):
            get(int(os.environ["PORT"]), "/talk")
            assert eventually(lambda: out.read_text().count("line 199 of many") == number + 1)  # noqa: B023  at once
        # The log was rotated meanwhile, and nothing is missing.
        assert out.read_text().count(" of many") == 600
    finally:
        following.terminate()
        following.wait()
