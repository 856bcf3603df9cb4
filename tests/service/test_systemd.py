"""The unit of systemd: its text, and that a real systemd reads each sign of it as it was meant."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.service.world import DEV, GOLDEN, ODD, eventually, free_port, get, person, plan, systemd, unavailable

import tallystick
from tallystick.service.running import write
from tallystick.service.service import ASK, REGISTER, Plan, Seen
from tallystick.service.systemd import SYSTEMD, UNIT, command_line, word

SOURCES = Path(tallystick.__file__).resolve().parents[1]


def test_the_unit_is_as_it_was_agreed(*, update_samples: bool) -> None:
    (file,) = SYSTEMD.files(ODD, DEV)
    golden = GOLDEN / UNIT
    if update_samples:
        golden.write_bytes(file.content)
    assert file.path == f"{DEV.config}/systemd/user/tallystick.service"
    assert file.mode == 0o600
    assert file.content.decode() == golden.read_text()


@pytest.mark.parametrize(
    "text, written",
    [
        ("/usr/bin/python3", "/usr/bin/python3"),
        ("a b", '"a b"'),
        ("", '""'),
        (";", '";"'),
        ("100%", '"100%%"'),
        ('say "x"', '"say \\"x\\""'),
        ("back\\slash", '"back\\\\slash"'),
        ("it's", '"it\'s"'),
        ("ünï", '"ünï"'),
    ],
)
def test_a_word_is_quoted_by_the_rules_of_systemd(text: str, written: str) -> None:
    assert word(text) == written


def test_a_dollar_is_doubled_in_arguments_only_where_it_is_read() -> None:
    assert command_line(("/bin/x", "$HOME")) == '/bin/x "$$HOME"'
    # In the path of the executable it is not read: the shell takes the path as an argument.
    assert command_line(("/b$in/x", "y")) == '/bin/sh -c "exec \\"$$0\\" \\"$$@\\"" "/b$$in/x" y'


@pytest.mark.parametrize(
    "out, seen",
    [
        ("LoadState=loaded\nActiveState=active\nSubState=running\nMainPID=42\nResult=success", (True, False, 42)),
        ("LoadState=loaded\nActiveState=inactive\nSubState=dead\nMainPID=0\nResult=success", (False, False, None)),
        ("LoadState=loaded\nActiveState=failed\nSubState=failed\nMainPID=0\nResult=exit-code", (False, True, None)),
        (
            "LoadState=loaded\nActiveState=activating\nSubState=auto-restart\nMainPID=0\nResult=exit-code",
            (False, True, None),
        ),
        ("LoadState=not-found\nActiveState=inactive\nSubState=dead\nMainPID=0", (False, False, None)),
        ("", (False, False, None)),
    ],
)
def test_what_systemctl_shows_is_understood(out: str, seen: tuple[bool, bool, int | None]) -> None:
    assert SYSTEMD.read(0, out)[:3] == seen


def test_systemctl_that_fails_tells_nothing() -> None:
    assert SYSTEMD.read(1, "ActiveState=active") == Seen(running=False, words="systemd does not know it")


def odd_plan(folder: Path) -> Plan:
    """Return a plan for the stand-in in folders whose names hold every sign that systemd reads."""
    home = folder / 'Été 100% %h "new" it\'s $HOME ${PATH}' / "back\\slash x"
    home.mkdir(parents=True)
    interpreter = home / "python 3"
    interpreter.symlink_to(os.path.realpath(sys.executable))
    odd = {
        "PYTHONPATH": os.pathsep.join([str(SOURCES), *(each for each in sys.path if "site-packages" in each)]),
        "TALLY_ODD": "a 'b' \"c\" %n %% $HOME ${PATH} \\n \\ <&> ünï ; # ",
    }
    return plan(person(home), free_port(), **odd)._replace(interpreter=str(interpreter))


def test_systemd_analyze_finds_nothing_to_complain_of(tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        assert not os.environ.get("TALLY_REQUIRE_SYSTEMD"), (
            "TALLY_REQUIRE_SYSTEMD is set, but systemd-analyze is missing"
        )
        unavailable("systemd-analyze is missing")
    (file,) = SYSTEMD.files(odd_plan(tmp_path), person(tmp_path))
    write(file)
    found = subprocess.run(
        ["systemd-analyze", "--user", "--man=no", "--generators=no", "verify", file.path],
        env={"HOME": str(tmp_path), "PATH": os.environ["PATH"], "XDG_RUNTIME_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    complaints = [line for line in found.stderr.splitlines() if UNIT in line]
    assert (found.returncode, complaints) == (0, []), found.stderr


def test_a_real_systemd_starts_just_what_was_meant(tmp_path: Path) -> None:
    somebody, meant = person(tmp_path), odd_plan(tmp_path)
    (file,) = SYSTEMD.files(meant, somebody)
    with systemd(tmp_path) as real:
        write(file)
        for step in SYSTEMD.commands(REGISTER, somebody):
            done = real.run(*step.arguments)
            assert done.returncode == 0 or not step.needed, done.stderr
        shown = real.run(*SYSTEMD.commands(ASK, somebody)[0].arguments)
        seen = SYSTEMD.read(shown.returncode, shown.stdout)
        assert (seen.running, seen.words) == (True, "active (running)")
        assert eventually(lambda: Path(meant.log).exists())
        told = get(meant.port)
        assert tuple(told["command"]) == meant.command
        assert told["folder"] == meant.folder
        assert told["pid"] == seen.pid
        for name, value in meant.environment:
            assert told["environment"][name] == value
