"""`tally up`, `down`, `status`, `open` and `logs` with a process of its own, as where no service is installed."""

import json
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
from tallystick.service import parts, process
from tallystick.service.parts import Keeper, Part


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


def test_the_status_tells_of_each_part(up: Stage) -> None:
    absent = up.tally("status")
    assert (absent.code, absent.out) == (3, "")
    assert absent.err == "tally: Nothing runs in the background: `tally up` starts it.\n"
    up.tally("up")
    pid, port = get(int(os.environ["PORT"]))["pid"], int(os.environ["PORT"])
    found = up.tally("status")
    assert (found.code, found.err) == (0, "")
    lines = found.out.splitlines()
    assert lines[:2] == [f"address  {address()}", "version  9.8.7"]
    assert lines[2].split() == ["part", "process", "port", "up", "for", "restarts"]
    assert lines[3].split()[:3] == ["server", str(pid), str(port)]
    assert max(map(len, lines)) < 80
    # What is kept running is told of as the record of who keeps it has it.
    began = process.identity(os.getpid()) or ""
    trouble = "It ended (signal 9)."
    rows = (Part("server", pid, port, 1_795_311_238_794, 2, trouble), Part("proxy", restarts=1, trouble=trouble))
    parts.tell(background.grounds().person.state, Keeper(os.getpid(), began, rows))
    found = up.tally("status")
    assert found.code == 1
    assert [line.split()[0] for line in found.out.splitlines()[3:]] == ["server", "last", "proxy", "last"]
    assert found.out.splitlines()[5].split() == ["proxy", "none", "none", "1"]
    told = json.loads(up.tally("status", "--json").out)
    assert (told["schema"], told["state"], told["address"]) == ("tallystick.status/1", "running", address())
    assert told["parts"][0]["since"] == "2026-11-22T01:33:58.794Z"
    assert told["parts"][1] == {
        "name": "proxy",
        "pid": None,
        "port": None,
        "since": None,
        "restarts": 1,
        "trouble": trouble,
    }


def test_up_tells_of_a_proxy_that_there_cannot_be(up: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "has_proxy", lambda: False)
    found = up.tally("up")
    assert found.code == 0
    assert found.err.splitlines()[1].endswith(
        "`pip install 'tallystick[proxy]'` brings it. Until then the server runs alone."
    )
    command = get(int(os.environ["PORT"]))["command"]
    assert command[command.index("keep") :][-1] == "--without-proxy"


def test_what_leads_through_our_own_proxy_is_not_handed_on(up: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    own = "http://127.0.0.1:8377"
    for name, value in {"_TALLY_PROXY": own, "HTTPS_PROXY": own, "https_proxy": own, "HTTP_PROXY": own}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("_TALLY_OWN_HTTP_PROXY", "http://proxy.example:3128")
    up.tally("up")
    given = get(int(os.environ["PORT"]))["environment"]
    assert not {"_TALLY_PROXY", "HTTPS_PROXY", "https_proxy"} & set(given)
    assert given["HTTP_PROXY"] == "http://proxy.example:3128"


def test_each_part_has_a_log_of_its_own(up: Stage) -> None:
    folder = Path(background.grounds().person.state) / "log"
    folder.mkdir(parents=True)
    for part in ("server", "proxy", "keeper"):
        (folder / f"{part}.log").write_text(f"first\n{part}\n")
        assert up.tally("logs", part, "-n", "1") == (0, f"{part}\n", "")
    assert up.tally("logs", "-n", "1").out == "server\n"
    assert up.tally("logs", "nobody").code == 2


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
