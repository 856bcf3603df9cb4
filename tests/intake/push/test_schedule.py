"""Schedules: what each system would be told, line by line."""

import plistlib
from collections.abc import Sequence
from pathlib import Path

import pytest

from tallystick.errors import Unavailable
from tallystick.intake.push.schedule import MARK, Job, carry_out, plan

COMMAND = ("/usr/bin/python3", "-I", "-S", "/home/dev/my tools/client.pyz", "--once")
LINE = (
    "2-59/5 * * * * /usr/bin/python3 -I -S '/home/dev/my tools/client.pyz' --once >/dev/null 2>&1 # tallystick client"
)


class Crontab:
    """Stands for the program: holds a table, as the system's does."""

    def __init__(self, table: str | None = None) -> None:
        self.table = table
        self.calls: list[tuple[str, ...]] = []

    def __call__(self, program: Sequence[str], text: str) -> tuple[int, str, str]:
        self.calls.append(tuple(program))
        if program[1] == "-l":
            return (0, self.table, "") if self.table is not None else (1, "", "no crontab for dev\n")
        self.table = text
        return 0, "", ""


def test_cron_gets_one_line_beside_the_others_and_loses_it_again() -> None:
    cron = Crontab("MAILTO=dev\n0 1 * * * backup\n")
    # The CRC-32 of "/home/dev" is 912 960 792 (as `gzip` writes it), which leaves 2 when divided by 5.
    job = Job(COMMAND, "/home/dev", "linux")
    for _ in range(2):
        carry_out(plan(job, cron, install=True), cron)
        assert cron.table == f"MAILTO=dev\n0 1 * * * backup\n{LINE}\n"
    carry_out(plan(job, cron, install=False), cron)
    assert cron.table == "MAILTO=dev\n0 1 * * * backup\n"


def test_cron_takes_a_sign_that_would_end_its_line() -> None:
    cron = Crontab()
    carry_out(plan(Job(("python3", "/a%b.pyz"), "/home/dev", "freebsd"), cron, install=True), cron)
    assert cron.table is not None
    assert r"python3 '/a\%b.pyz' >" in cron.table or r"python3 /a\%b.pyz >" in cron.table
    assert cron.table.endswith(f"{MARK}\n")


def test_a_crontab_that_cannot_be_read_is_not_written() -> None:
    def refused(program: Sequence[str], _text: str) -> tuple[int, str, str]:
        return (1, "", "you are not allowed to use this program") if program[1] == "-l" else (0, "", "")

    with pytest.raises(Unavailable, match="not allowed"):
        plan(Job(COMMAND, "/home/dev", "linux"), refused, install=True)


def test_where_there_is_no_cron_the_command_is_told() -> None:
    def missing(program: Sequence[str], _text: str) -> tuple[int, str, str]:
        raise FileNotFoundError(program[0])

    with pytest.raises(
        Unavailable, match=r"every 5 minutes: /usr/bin/python3 -I -S '/home/dev/my tools/client\.pyz' --once"
    ):
        plan(Job(COMMAND, "/home/dev", "linux"), missing, install=True)


def test_launchd_gets_a_file_and_is_told_of_it(tmp_path: Path) -> None:
    calls: list[tuple[str, ...]] = []

    def run(program: Sequence[str], _text: str) -> tuple[int, str, str]:
        calls.append(tuple(program))
        # Nothing to end yet.
        return (3, "", "No such process") if program[1] == "bootout" else (0, "", "")

    job = Job((*COMMAND, "<&>"), str(tmp_path), "darwin", 501)
    carry_out(plan(job, run, install=True), run)
    path = tmp_path / "Library" / "LaunchAgents" / "tallystick.client.plist"
    made = plistlib.loads(path.read_bytes())
    assert (made["Label"], made["ProgramArguments"], made["StartInterval"]) == (
        "tallystick.client",
        [*COMMAND, "<&>"],
        300,
    )
    assert calls == [
        ("launchctl", "bootout", "gui/501/tallystick.client"),
        ("launchctl", "bootstrap", "gui/501", str(path)),
    ]
    carry_out(plan(job, run, install=False), run)
    assert not path.exists()


def test_windows_gets_a_task() -> None:
    job = Job(("C:\\Python\\python.exe", "-I", "C:\\my tools\\client.pyz"), "C:\\Users\\dev", "win32")
    ((program, text),) = plan(job, Crontab(), install=True).programs
    assert program == (
        "schtasks", "/Create", "/SC", "MINUTE", "/MO", "5", "/TN", "tallystick.client",
        "/TR", 'C:\\Python\\python.exe -I "C:\\my tools\\client.pyz"', "/F",
    )  # fmt: skip
    assert text == ""
    ((program, _),) = plan(job, Crontab(), install=False).programs
    assert program == ("schtasks", "/Delete", "/TN", "tallystick.client", "/F")


def test_a_step_that_fails_is_told() -> None:
    def run(_program: Sequence[str], _text: str) -> tuple[int, str, str]:
        return 1, "", "Access is denied.\n"

    with pytest.raises(Unavailable, match=r"schtasks .* failed: Access is denied\."):
        carry_out(plan(Job(("a",), "C:", "win32"), run, install=True), run)


def test_a_plan_tells_what_would_be_done() -> None:
    told = plan(Job(COMMAND, "/home/dev", "linux"), Crontab("x\n"), install=True).told()
    assert told == f"run crontab -, with:\nx\n{LINE}\n"
    told = plan(Job(COMMAND, "/home/dev", "darwin", 7), Crontab(), install=False).told()
    assert told.splitlines() == [
        "remove /home/dev/Library/LaunchAgents/tallystick.client.plist",
        "run launchctl bootout gui/7/tallystick.client",
    ]
