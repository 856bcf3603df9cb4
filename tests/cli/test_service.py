"""`tally service`: what it shows, what it exits with, and its whole life under a real systemd."""

import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.stage import Stage
from tests.service.tiny import TINY
from tests.service.world import STAND_IN, Systemd, eventually, free_port, get, systemd

from tallystick.cli import background
from tallystick.cli.service import duration
from tallystick.service import running
from tallystick.service.planning import installing, uninstalling


@pytest.fixture
def service(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """Return a stage on which the stand-in is what runs, under the tiny manager."""
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setattr(background, "PROGRAM", ("-P", str(STAND_IN)))
    monkeypatch.setattr(background, "manager_of", lambda _: TINY)
    monkeypatch.setenv("PORT", str(free_port()))
    yield stage
    grounds = background.grounds()
    running.perform(uninstalling(TINY, grounds.person), grounds.environ)


def test_a_whole_life(service: Stage) -> None:
    port = os.environ["PORT"]
    assert service.tally("service", "status").code == 3
    installed = service.tally("service", "install")
    assert (installed.code, installed.out) == (0, "")
    assert f"http://127.0.0.1:{port}" in installed.err
    found = service.tally("service", "status")
    assert (found.code, found.out.splitlines()[0], found.err) == (0, "running", "")
    rows = dict(line.strip().split(maxsplit=1) for line in found.out.splitlines()[1:])
    assert rows["address"] == f"http://127.0.0.1:{port}"
    assert rows["version"] == "9.8.7"
    assert rows["process"] == str(get(int(port))["pid"])
    assert rows["manager"] == "the tiny manager: tiny words"
    assert "serving on" in service.tally("service", "logs").out
    assert service.tally("service", "restart").code == 0
    assert service.tally("service", "stop").code == 0
    stopped = service.tally("service", "status")
    assert (stopped.code, stopped.out.splitlines()[0]) == (3, "stopped")
    assert service.tally("service", "start").code == 0
    os.kill(get(int(port))["pid"], signal.SIGKILL)
    assert eventually(lambda: service.tally("service", "status").code == 1)
    assert service.tally("service", "status").out.startswith("failed\n")
    removed = service.tally("service", "uninstall")
    assert removed.code == 0
    assert "What stays is the ledger and its log" in removed.err
    assert service.tally("service", "uninstall").code == 0
    assert service.tally("service", "start").code == 3
    assert service.tally("service", "stop").code == 0


def test_installed_again_it_keeps_the_proxy_that_it_has(service: Stage) -> None:
    def command() -> list[str]:
        found: list[str] = get(int(os.environ["PORT"]))["command"]
        return found

    for options, verb in (([], "serve"), (["--with-proxy"], "keep"), ([], "keep"), (["--without-proxy"], "serve")):
        assert service.tally("service", "install", *options).code == 0
        assert verb in command()


def test_the_status_for_scripts(service: Stage) -> None:
    absent = service.tally("service", "status", "--json")
    assert absent.code == 3
    assert json.loads(absent.out) == {
        "schema": "tallystick.service/1",
        "state": "not installed",
        "installed": False,
        "manager": "",
        "pid": None,
        "address": "",
        "version": "",
        "uptime_seconds": None,
        "log": "",
        "words": "",
        "todo": "",
    }
    service.tally("service", "install")
    found = json.loads(service.tally("service", "status", "--json").out)
    assert (found["state"], found["version"], found["address"]) == (
        "running",
        "9.8.7",
        f"http://127.0.0.1:{os.environ['PORT']}",
    )
    assert 0 < found["uptime_seconds"] < 60


@pytest.mark.parametrize("verb", ["install", "uninstall", "start", "stop", "restart"])
def test_a_dry_run_shows_all_and_changes_nothing(stage: Stage, monkeypatch: pytest.MonkeyPatch, verb: str) -> None:
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    before = sorted(stage.home.rglob("*"))
    found = stage.tally("service", verb, "--dry-run")
    assert (found.code, found.err) == (0, "")
    assert sorted(stage.home.rglob("*")) == before
    if sys.platform == "linux":
        unit = f"{stage.home}/.config/systemd/user/tallystick.service"
        expected = {
            "install": [f"# write {unit} (mode 600)", "ExecStart=", f"systemctl --user enable {unit}"],
            "uninstall": ["systemctl --user disable --now tallystick.service", f"# remove {unit}"],
        }.get(verb, [f"systemctl --user {verb} tallystick.service"])
        assert all(line in found.out for line in expected)


@pytest.mark.skipif(sys.platform != "linux", reason="units are those of systemd")
def test_with_the_proxy_it_is_what_keeps_both_running(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setenv("NODE_EXTRA_CA_CERTS", "/etc/ssl/company.pem")
    alone, both = (stage.tally("service", "install", "--dry-run", *more).out for more in ([], ["--with-proxy"]))
    assert " -m tallystick serve --host" in alone
    assert " -m tallystick keep --host" in both
    assert "--without-proxy" not in both
    # The proxy trusts whom the person trusts.
    assert "Environment=NODE_EXTRA_CA_CERTS=/etc/ssl/company.pem" in both
    monkeypatch.setattr(background, "has_proxy", lambda: False)
    found = stage.tally("service", "install", "--dry-run", "--with-proxy")
    assert (found.code, found.out) == (3, "")
    assert "pip install 'tallystick[proxy]'" in found.err


def test_a_dry_run_shows_utf_16_as_text(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    from tallystick.service.windows_task import WINDOWS_TASK

    monkeypatch.setattr(background, "manager_of", lambda _: WINDOWS_TASK)
    found = stage.tally("service", "install", "--dry-run")
    assert '<?xml version="1.0" encoding="UTF-16"?>\n<Task version="1.2"' in found.out
    assert "schtasks /Create /TN Tallystick /XML" in found.out


def test_without_a_session_it_says_what_to_do(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    from tallystick.service.systemd import SYSTEMD

    monkeypatch.setattr(background, "manager_of", lambda _: SYSTEMD)
    # A place where systemd cannot be.
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(stage.home))
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.delenv("SUDO_USER", raising=False)
    found = stage.tally("service", "install", "--port", str(free_port()))
    assert (found.code, found.out) == (3, "")
    assert "There is no systemd session for this user" in found.err
    assert "`tally up`" in found.err
    assert not (stage.home / ".config" / "systemd").exists()


@pytest.mark.parametrize(
    "arguments", [["install", "--port", "0"], ["install", "--port", "x"], ["dance"], ["logs", "-n", "-1"]]
)
def test_what_is_mistyped_is_wrong_usage(stage: Stage, arguments: list[str]) -> None:
    assert stage.tally("service", *arguments).code == 2


def test_logs_before_there_are_any(service: Stage) -> None:
    found = service.tally("service", "logs")
    assert (found.code, found.out) == (3, "")
    assert "There is no log yet" in found.err


def test_the_command_of_the_windows_task_runs_the_plan_in_its_environment(
    service: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert service.tally("service", "run").code == 3
    monkeypatch.setenv("TALLY_TIMEZONE", "Asia/Tokyo")
    grounds = background.grounds()
    plan = background.plan(grounds.person, None, None)._replace(arguments=("config", "show", "--json"))
    running.perform(installing(TINY, plan, grounds.person)[:2], grounds.environ)
    monkeypatch.delenv("TALLY_TIMEZONE")
    found = service.tally("service", "run")
    assert json.loads(found.out)["timezone"]["value"] == "Asia/Tokyo"


@pytest.mark.parametrize(
    "seconds, text",
    [(0, "0 s"), (59.9, "59 s"), (60, "1 min 0 s"), (3725, "1 h 2 min"), (86400, "1 d 0 h"), (90061, "1 d 1 h")],
)
def test_a_duration_is_told_in_two_units(seconds: float, text: str) -> None:
    assert duration(seconds) == text


TALLY = f"""
import sys
from tallystick.cli import background, main
background.PROGRAM = ("-P", {str(STAND_IN)!r})
sys.exit(main(sys.argv[1:]))
"""


class Tally:
    """The commands of this checkout, called beside a real systemd, with the stand-in as what runs."""

    def __init__(self, real: Systemd) -> None:
        """Take the systemd."""
        self.real = real

    def __call__(self, *arguments: str) -> tuple[int, str]:
        """Call a command and return its code and all that it said."""
        done = self.real.run(sys.executable, "-P", "-c", TALLY, *arguments)
        return done.returncode, done.stdout + done.stderr

    def status(self) -> dict[str, object]:
        """Return the status."""
        found: dict[str, object] = json.loads(self("service", "status", "--json")[1])
        return found


@pytest.mark.slow
def test_a_whole_life_under_a_real_systemd(tmp_path: Path) -> None:
    home = tmp_path / 'my "home" 100% $x'
    home.mkdir()
    port = free_port()
    with systemd(home) as real:
        tally = Tally(real)
        assert tally("service", "status")[0] == 3
        code, said = tally("service", "install", "--port", str(port))
        assert code == 0, said
        assert f"http://127.0.0.1:{port}" in said
        assert "loginctl enable-linger" in said
        first = tally.status()
        assert (first["state"], first["words"], first["pid"]) == ("running", "active (running)", get(port)["pid"])
        assert tally("service", "install", "--port", str(port))[0] == 0
        again = tally.status()
        assert again["pid"] != first["pid"]
        _killed_it_comes_back(tally, port)
        assert tally("service", "restart")[0] == 0
        assert "serving on" in tally("logs", "-n", "5")[1]
        assert tally("down")[0] == 0
        assert tally.status()["state"] == "stopped"
        assert tally("service", "status")[0] == 3
        assert tally("up")[0] == 0
        assert tally("service", "status")[0] == 0
        assert real.run("systemctl", "--user", "is-enabled", "tallystick.service").stdout == "enabled\n"
        code, said = tally("service", "uninstall")
        assert code == 0, said
        assert real.run("systemctl", "--user", "show", "tallystick.service", "-P", "LoadState").stdout == "not-found\n"
        assert tally("service", "status")[0] == 3
        assert tally("service", "uninstall")[0] == 0
    left = {each.name for each in home.rglob("*") if (each.is_file() or each.is_symlink()) and each.suffix != ".target"}
    assert left == {"server.log", "lock", "systemd.log"}


def _killed_it_comes_back(tally: Tally, port: int) -> None:
    pid = get(port)["pid"]
    assert tally.real.run("kill", "-9", str(pid)).returncode == 0
    assert eventually(lambda: tally.status()["state"] == "failed", 4)
    assert eventually(lambda: tally.status()["state"] == "running", 20)
    assert get(port)["pid"] != pid


@pytest.mark.slow
def test_one_that_always_fails_is_given_up_and_started_again_when_asked(tmp_path: Path) -> None:
    port = free_port()
    with systemd(tmp_path) as real:
        tally = Tally(real)
        real.environ["TALLY_STAND_IN"] = "crash"
        code, said = tally("service", "install", "--port", str(port))
        assert code == 1
        assert "It was started and does not answer. It failed" in said
        assert tally("service", "status")[0] == 1
        del real.environ["TALLY_STAND_IN"]
        assert tally("service", "install", "--port", str(port))[0] == 0
        assert tally("service", "uninstall")[0] == 0
