"""The attendant before small processes: what is heard, what happens when one dies, and how it ends."""

import sys
import threading
from collections.abc import Mapping
from time import monotonic
from typing import Any

import pytest
from tests.cli.running import runs, until

from tallystick.cli import attendant
from tallystick.cli.attendant import Attendant

ENDS_WITH_INPUT = 'import sys\nprint(\'{"event": "idle"}\', flush=True)\nsys.stdin.read()\n'


class Heard:
    """Who hears an attendant."""

    def __init__(self, code: str) -> None:
        self.events: list[Mapping[str, Any]] = []
        self.alive: list[bool] = []
        self.log: list[str] = []
        self.attendant = Attendant(self.events.append, self.alive.append, self.log.append, (sys.executable, "-c", code))

    def troubles(self) -> list[str]:
        """Return what was said to be wrong."""
        return [event["text"] for event in self.events if event["event"] == "trouble"]


def test_what_it_says_is_heard_and_what_else_it_writes_is_logged() -> None:
    heard = Heard(
        'import sys\nprint(\'{"event": "changed"}\')\nprint(\'{"event" is no JSON\')\n'
        "print('Traceback: odd', file=sys.stderr)\nsys.stdout.flush()\nsys.stdin.read()\n"
    )
    heard.attendant.start()
    assert until(lambda: len(heard.log) == 2)
    assert heard.events == [{"event": "trouble", "text": ""}, {"event": "changed"}]
    assert sorted(heard.log) == ["Traceback: odd", '{"event" is no JSON']
    assert heard.alive == [True]
    heard.attendant.end()
    assert heard.alive == [True]


def test_one_that_dies_is_started_again_at_once_and_then_ever_later(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Heard('print(\'{"event": "idle"}\', flush=True)\nraise SystemExit(7)')
    began = monotonic()
    heard.attendant.start()
    assert until(lambda: len(heard.log) == 3)
    assert monotonic() - began >= 1
    heard.attendant.end()
    again = "What follows the logs has ended (exit code 7) and is started again"
    assert heard.log == [f"{again}.", f"{again} in 1 s.", f"{again} in 2 s."]
    assert heard.troubles()[:2] == ["", f"{again}."]
    assert heard.alive[:3] == [True, False, True]
    # One that ran well for long is started at once again.
    monkeypatch.setattr(attendant, "_WELL_S", 0.0)
    well = Heard("raise SystemExit(7)")
    well.attendant.start()
    assert until(lambda: len(well.log) == 4)
    well.attendant.end()
    assert set(well.log[:4]) == {f"{again}."}


def test_one_that_is_killed_is_started_again() -> None:
    heard = Heard(ENDS_WITH_INPUT)
    heard.attendant.start()
    assert until(lambda: heard.alive == [True])
    first = heard.attendant.pid
    import os
    import signal

    os.kill(first, signal.SIGKILL)
    assert until(lambda: heard.alive == [True, False, True])
    assert heard.attendant.pid not in {0, first}
    assert "(signal 9)" in heard.log[0]
    # What was wrong is over.
    assert heard.troubles()[-1] == ""
    heard.attendant.end()


def test_it_ends_at_once_and_takes_the_process_along() -> None:
    heard = Heard(ENDS_WITH_INPUT)
    heard.attendant.start()
    assert until(lambda: heard.alive == [True])
    pid, began = heard.attendant.pid, monotonic()
    heard.attendant.end()
    assert monotonic() - began < 1
    assert not runs(pid)
    assert heard.log == []
    assert heard.attendant.pid == 0
    heard.attendant.end()


def test_one_that_does_not_listen_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attendant, "_TO_END_S", 0.2)
    heard = Heard('import time\nprint(\'{"event": "idle"}\', flush=True)\ntime.sleep(60)')
    heard.attendant.start()
    assert until(lambda: heard.alive == [True])
    pid = heard.attendant.pid
    heard.attendant.end()
    assert not runs(pid)


def test_what_cannot_be_started_is_told() -> None:
    heard = Heard("")
    heard.attendant._command = ("/nowhere/python",)
    heard.attendant.start()
    assert until(lambda: len(heard.log) == 2)
    heard.attendant.end()
    assert "it cannot be started: no such file or directory" in heard.log[0]
    assert not [thread for thread in threading.enumerate() if thread.name == "attendant"]
