"""The agent of launchd: its file, its commands, and what launchctl prints."""

import plistlib

import pytest
from tests.service.world import DEV, GOLDEN, ODD

from tallystick.service.launchd import LAUNCHD
from tallystick.service.service import CHECK, REGISTER, START, STOP


def test_the_agent_is_as_it_was_agreed(*, update_samples: bool) -> None:
    (file,) = LAUNCHD.files(ODD, DEV)
    golden = GOLDEN / "tallystick.server.plist"
    if update_samples:
        golden.write_bytes(file.content)
    assert file.path == f"{DEV.home}/Library/LaunchAgents/tallystick.server.plist"
    # launchd refuses an agent that others may write.
    assert file.mode == 0o600
    assert file.content.decode() == golden.read_text()


def test_launchd_reads_what_was_meant() -> None:
    found = plistlib.loads(LAUNCHD.files(ODD, DEV)[0].content)
    assert found == {
        "Label": "tallystick.server",
        "ProgramArguments": list(ODD.command),
        "EnvironmentVariables": dict(ODD.environment),
        "WorkingDirectory": ODD.folder,
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "ThrottleInterval": 10,
        "ExitTimeOut": 20,
        "Umask": 63,
        "StandardOutPath": ODD.first_words,
        "StandardErrorPath": ODD.first_words,
    }


def test_the_session_is_that_of_the_person_at_the_screen() -> None:
    assert [step.arguments for step in LAUNCHD.commands(CHECK, DEV)] == [("launchctl", "print", "gui/501")]
    assert [step.arguments for step in LAUNCHD.commands(REGISTER, DEV)] == [
        ("launchctl", "bootout", "gui/501/tallystick.server"),
        ("launchctl", "enable", "gui/501/tallystick.server"),
        ("launchctl", "bootstrap", "gui/501", f"{DEV.home}/Library/LaunchAgents/tallystick.server.plist"),
    ]


def test_taking_in_waits_until_the_one_before_is_gone() -> None:
    out, _, taken_in = LAUNCHD.commands(REGISTER, DEV)
    assert not out.needed
    assert taken_in.needed
    assert taken_in.tries > 1


def test_starting_does_no_harm_to_one_that_runs() -> None:
    # bootstrap fails for one that is held already, and kickstart without -k leaves one alone that runs.
    enable, taken_in, kick = LAUNCHD.commands(START, DEV)
    assert (enable.needed, taken_in.needed, taken_in.tries, kick.needed) == (True, False, 1, False)
    assert "-k" not in kick.arguments
    # As long as it is held, it would be started again; so stopping lets go of it.
    assert [step.arguments[1] for step in LAUNCHD.commands(STOP, DEV)] == ["bootout"]


RUNS = """gui/501/tallystick.server = {
	active count = 1
	path = /Users/dev/Library/LaunchAgents/tallystick.server.plist
	state = running
	program = /usr/bin/python3
	last exit code = (never exited)
	pid = 4242
}
"""


@pytest.mark.parametrize(
    "code, out, seen",
    [
        (0, RUNS, (True, False, 4242, "running")),
        (0, "\tstate = not running\n\tlast exit code = 0\n", (False, False, None, "not running")),
        (0, "\tstate = spawn scheduled\n\tlast exit code = 1\n", (False, True, None, "spawn scheduled: exit code 1")),
        (0, "something new", (False, False, None, "unknown")),
        (113, "Could not find service", (False, False, None, "launchd does not hold it")),
    ],
)
def test_what_launchctl_prints_is_understood(code: int, out: str, seen: tuple[bool, bool, int | None, str]) -> None:
    assert tuple(LAUNCHD.read(code, out)) == seen
