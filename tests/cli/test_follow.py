"""`tally follow`: real processes that bring in what is new within two seconds, whatever goes wrong, and end when they shall."""

import errno
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from tests.cli.running import PROGRAM, around, children, runs, started, until
from tests.cli.stage import Stage

from tallystick.cli.follow import Following
from tallystick.errors import Unavailable
from tallystick.house import House, Where
from tallystick.intake.logs import Summary
from tallystick.intake.walk import Trouble
from tallystick.ledger.sqlite.opening import WriterLock

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
IN_TIME = 2.0


def requests(stage: Stage) -> int:
    """Return how many requests the ledger has, without looking at the logs."""
    with closing(sqlite3.connect(f"file:{stage.home / 'data' / 'ledger.db'}?mode=ro", uri=True)) as ledger:
        (number,) = ledger.execute("SELECT count(*) FROM events").fetchone()
    return int(number)


def test_a_server_is_told_of_each_change_in_time(stage: Stage) -> None:
    stage.answers(3)
    with started(stage, "follow", "--for-server") as told:
        assert told.event("idle") == {"event": "idle"}
        assert requests(stage) == 3
        for number in (4, 5, 6):
            began = monotonic()
            stage.answers(number)
            told.event("changed", IN_TIME)
            assert until(lambda: requests(stage) == number, began + IN_TIME - monotonic())  # noqa: B023  called at once


def test_what_another_process_commits_is_told_too(stage: Stage) -> None:
    with started(stage, "follow", "--for-server") as told:
        told.event("idle")
        (stage.home / "elsewhere").mkdir()
        other = Stage.__new__(Stage)
        other.log = stage.home / "elsewhere" / ".claude" / "projects" / "p" / "s.jsonl"
        other.answers(2)
        environ = around(stage, TALLY_HOME=str(stage.home / "elsewhere"))
        subprocess.run([*PROGRAM, "daily", "--json"], env=environ, check=True, capture_output=True)
        told.event("changed", IN_TIME)


def test_the_place_of_a_tool_that_is_installed_later_is_found(stage: Stage) -> None:
    with started(stage, "follow", "--for-server") as told:
        told.event("idle")
        began = monotonic()
        stage.answers(2)
        assert until(lambda: requests(stage) == 2, began + IN_TIME - monotonic())
        told.event("changed", IN_TIME)


def test_it_ends_with_its_input(stage: Stage) -> None:
    with started(stage, "follow", "--for-server") as told:
        told.event("idle")
        assert told.process.stdin
        began = monotonic()
        told.process.stdin.close()
        assert told.process.wait(IN_TIME) == 0
        assert monotonic() - began < IN_TIME


@LINUX
def test_it_ends_when_who_started_it_is_killed(stage: Stage, tmp_path: Path) -> None:
    code = (
        "import subprocess, sys, time\n"
        f"made = subprocess.Popen({[*PROGRAM, 'follow', '--for-server']!r}, stdin=subprocess.PIPE)\n"
        "print(made.pid, flush=True)\ntime.sleep(60)\n"
    )
    with (tmp_path / "out").open("w") as out:
        parent = subprocess.Popen([sys.executable, "-c", code], env=around(stage), stdout=out)
    try:
        assert until(lambda: '"idle"' in (tmp_path / "out").read_text())
        (follower,) = children(parent.pid)
    finally:
        parent.kill()
        parent.wait()
    assert until(lambda: not runs(follower), IN_TIME)


def test_killed_in_an_import_it_loses_nothing(stage: Stage) -> None:
    # Some MiB, which workers read.
    stage.log.parent.mkdir(parents=True)
    padding = "x" * 2_000
    usage = {"input_tokens": 1, "output_tokens": 1}
    for number in range(40):
        with stage.log.with_name(f"s{number}.jsonl").open("w") as file:
            for each in range(200):
                message = {"id": f"m{number}-{each}", "model": "m", "stop_reason": "end_turn", "usage": usage}
                line = {
                    "type": "assistant",
                    "timestamp": "2026-11-01T10:00:00Z",
                    "sessionId": f"s{number}",
                    "x": padding,
                }
                file.write(json.dumps(line | {"requestId": f"r{number}-{each}", "message": message}) + "\n")
    for pause in (0.25, 0.35, 0.5):
        with started(stage, "follow", "--for-server") as told:
            until(lambda: False, pause)
            told.process.kill()
            told.process.wait()
    with started(stage, "follow", "--for-server") as told:
        told.event("idle", 20)
        assert requests(stage) == 40 * 200


def test_a_person_gets_a_line_for_each_change_and_ends_it_with_ctrl_c(stage: Stage) -> None:
    with started(stage, "follow") as told:
        assert told.next(lambda _: True)[8:] == "  today: 0 requests, 0 tokens, $0.00"
        stage.answers(2)
        assert told.next(lambda line: "today" in line, IN_TIME + 1)
        told.process.send_signal(signal.SIGINT)
        assert told.process.wait(IN_TIME) == 0


class Sick(House):
    """A house in which bringing in does what a test says."""

    def __init__(self, home: Path, does: list[Callable[[], Summary]]) -> None:
        super().__init__(Where(str(home / "data"), str(home), {}, "box", "dev"))
        self.does, self.times = does, list[float]()

    def refresh(self, *_: object) -> Summary:
        """Do the next thing; without any, find nothing."""
        self.times.append(monotonic())
        self.busy = False
        return self.does.pop(0)() if self.does else Summary()

    def raising(self, error: Exception) -> Callable[[], Summary]:
        """Return what raises an error."""

        def raises() -> Summary:
            raise error

        return raises


def followed(house: Sick, enough: Callable[[list[Mapping[str, Any]]], bool]) -> list[Mapping[str, Any]]:
    """Follow until enough was told; return all of it."""
    told: list[Mapping[str, Any]] = []
    stop = threading.Event()

    def tell(event: Mapping[str, Any]) -> None:
        told.append(event)
        if enough(told):
            stop.set()

    threading.Timer(15, stop.set).start()
    Following(house, tell, stop).run()
    house.close()
    return told


def troubles(told: list[Mapping[str, Any]]) -> list[str]:
    """Return what was said to be wrong, in order."""
    return [event["text"] for event in told if event["event"] == "trouble"]


def test_a_full_disk_is_told_once_and_tried_again_ever_more_seldom(tmp_path: Path) -> None:
    house = Sick(tmp_path, [])
    full = house.raising(Unavailable("The ledger cannot be written (database or disk is full)."))
    house.does = [full, full, full]
    told = troubles(followed(house, lambda told: len(troubles(told)) > 1))
    assert told == ["The ledger cannot be written (database or disk is full). It is tried again every 1 s.", ""]
    first, second, third, fourth = house.times[:4]
    # On a busy machine it may be later.
    assert second - first >= 0.99
    assert third - second >= 1.99
    assert fourth - third >= 3.99


@pytest.mark.parametrize(
    "error, text",
    [
        (OSError(errno.EIO, "Input/output error", "/x"), "The logs cannot be read in (/x: input/output error). It is"),
        (ValueError("odd"), "The logs cannot be read in (ValueError: odd); please report this. It is"),
    ],
)
def test_whatever_goes_wrong_it_goes_on(tmp_path: Path, error: Exception, text: str) -> None:
    house = Sick(tmp_path, [])
    house.does = [house.raising(error)]
    told = troubles(followed(house, lambda told: len(troubles(told)) > 1))
    assert told[0].startswith(text)
    assert told[1] == ""


def test_files_that_cannot_be_read_are_told_once(tmp_path: Path) -> None:
    house = Sick(tmp_path, [])
    sick = Summary(troubles=(Trouble("/a", "permission denied"), Trouble("/b", "permission denied")))
    house.does = [lambda: sick, lambda: sick, Summary]
    told = troubles(followed(house, lambda told: len(troubles(told)) > 1))
    assert told == ["2 files or folders could not be read; `tally doctor` tells which.", ""]


@pytest.mark.slow
def test_a_ledger_that_another_one_holds_is_waited_for(stage: Stage) -> None:
    stage.answers(1)
    stage.tally("daily")
    lock = WriterLock(str(stage.home / "data" / "ledger.db"))
    assert lock.take(wait=False)
    with started(stage, "follow", "--for-server") as told:
        told.event("idle")
        stage.answers(2)
        told.next(lambda line: "Another tally is reading the logs" in line, 15)
        assert requests(stage) == 1
        lock.release()
        assert told.event("trouble", 5) == {"event": "trouble", "text": ""}
        assert until(lambda: requests(stage) == 2, 3)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_log_that_may_not_be_read_is_told(stage: Stage) -> None:
    stage.answers(1)
    stage.log.chmod(0)
    with started(stage, "follow", "--for-server") as told:
        assert "could not be read" in told.event("trouble")["text"]
