"""`tally shell`: into a shell's file and out again, and lines for a shell to take."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.cli.stage import Stage
from tests.cli.test_ca import wire
from tests.cli.test_env import port, wanted

from tallystick.shell.shelf import NAMES, SHELLS
from tallystick.shell.shell import Person

__all__ = ["port", "wire"]


@pytest.fixture
def home(wire: Stage, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the home of somebody who uses bash."""
    monkeypatch.setenv("SHELL", "/bin/bash")
    for name in ("ZDOTDIR", "TALLY_SHELL"):
        monkeypatch.delenv(name, raising=False)
    return wire.home


@pytest.mark.parametrize("shell", NAMES)
def test_into_the_file_and_out_again(wire: Stage, home: Path, shell: str) -> None:
    file = Path(next(each for each in SHELLS if each.name == shell).file(Person(str(home), "linux", os.environ)))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"# mine\r\nlast")
    done = wire.tally("shell", "install", "--shell", shell)
    assert (done.code, done.out) == (0, "")
    assert f"{file} has" in done.err
    content = file.read_bytes()
    assert content.startswith(b"# mine\r\nlast\r\n# >>> tallystick >>>")
    script = next((home / "data" / "shell").iterdir())
    assert str(script).encode() in content
    # All that the script looks for is there before it is.
    assert (home / "data" / "ca" / "bundle.pem").is_file()
    again = wire.tally("shell", "install", "--shell", shell)
    assert f"{file} is as it should be." in again.err
    assert file.read_bytes() == content
    assert wire.tally("shell", "uninstall", "--shell", shell).code == 0
    assert file.read_bytes() == b"# mine\r\nlast"
    assert list((home / "data" / "shell").iterdir()) == []
    assert "It is not installed." in wire.tally("shell", "uninstall", "--shell", shell).err


def test_uninstall_finds_every_shell_and_leaves_no_file_of_its_own(wire: Stage, home: Path) -> None:
    before = {path for path in home.rglob("*") if path.is_file()}
    for shell in NAMES:
        assert wire.tally("shell", "install", "--shell", shell).code == 0
    assert wire.tally("shell", "uninstall").code == 0
    left = {path for path in home.rglob("*") if path.is_file() and "ca" not in path.parts} - before
    assert left == set()


def test_another_file_can_be_named(wire: Stage, home: Path) -> None:
    file = home / "my.rc"
    assert wire.tally("shell", "install", "--file", str(file)).code == 0
    assert file.exists()
    assert not (home / ".bashrc").exists()
    assert wire.tally("shell", "uninstall", "--file", str(file)).code == 0
    assert not file.exists()


def test_a_dry_run_changes_nothing(wire: Stage, home: Path) -> None:
    planned = wire.tally("shell", "install", "--dry-run")
    assert planned.code == 0
    assert f"# change {home}/.bashrc\nif [ -r " in planned.out
    assert [path.name for path in home.rglob("*") if path.is_file()] == ["root.pem"]
    wire.tally("shell", "install")
    there = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    assert wire.tally("shell", "uninstall", "--dry-run").out == (
        f"# remove {home}/.bashrc\n# remove {home}/data/shell/bash.bash\n"
    )
    assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == there


@pytest.mark.parametrize("shell", NAMES)
def test_the_script_is_printed(wire: Stage, home: Path, shell: str) -> None:
    wire.tally("shell", "install", "--shell", shell)
    printed = wire.tally("shell", "init", shell)
    assert (printed.code, printed.err) == (0, "")
    assert printed.out.encode() == next((home / "data" / "shell").iterdir()).read_bytes()


def test_an_unknown_shell_is_wrong_usage(wire: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELL", "/bin/dash")
    for verb in ("init", "install", "env"):
        found = wire.tally("shell", verb)
        assert (found.code, found.out) == (2, "")
        assert "'dash' is none of the shells" in found.err
    assert wire.tally("shell", "init", "tcsh").code == 2


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_takes_the_lines(wire: Stage, port: int, shell: str) -> None:
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    lines = wire.tally("shell", "env", "--shell", shell).out
    assert lines
    command = [shell, "-N"] if shell == "fish" else [shell]
    done = subprocess.run(
        [*command, "-c", f"{lines}\nenv -0"], env={"PATH": os.environ["PATH"]}, capture_output=True, check=True
    )
    found = dict(each.split("=", 1) for each in done.stdout.decode().split("\0") if each)
    assert {name: value for name, value in found.items() if name in wanted(wire, port)} == wanted(wire, port)


@pytest.mark.usefixtures("home")
def test_without_a_proxy_there_is_nothing_to_take(wire: Stage) -> None:
    found = wire.tally("shell", "env")
    # What goes to the shell is empty, so that eval does nothing.
    assert (found.code, found.out) == (3, "")
    assert "The proxy does not run" in found.err


def test_a_file_that_cannot_be_changed_stays_and_is_told(wire: Stage, home: Path) -> None:
    (home / ".bashrc").write_text("# >>> tallystick >>>\nmine\n")
    found = wire.tally("shell", "install")
    assert found.code == 3
    assert f"{home}/.bashrc: A block begins there" in found.err
    assert (home / ".bashrc").read_text() == "# >>> tallystick >>>\nmine\n"
