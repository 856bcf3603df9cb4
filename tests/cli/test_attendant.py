"""The attendant before small processes: what is heard, what happens when one dies, and how it ends."""

import os
import signal
import sys
import threading
from collections.abc import Mapping
from time import monotonic
from typing import Any, Self

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

    def __enter__(self) -> Self:
        """Start it."""
        self.attendant.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End it, whatever the test came to: one that starts processes for ever would be in the way of all other tests."""
        self.attendant.end()

    def troubles(self) -> list[str]:
        """Return what was said to be wrong."""
        return [event["text"] for event in self.events if event["event"] == "trouble"]


def test_what_it_says_is_heard_and_what_else_it_writes_is_logged() -> None:
    code = (
        'import sys\nprint(\'{"event": "changed"}\')\nprint(\'{"event" is no JSON\')\n'
        "print('Traceback: odd', file=sys.stderr)\nsys.stdout.flush()\nsys.stdin.read()\n"
    )
    with Heard(code) as heard:
        assert until(lambda: len(heard.log) == 2)
        assert heard.events == [{"event": "trouble", "text": ""}, {"event": "changed"}]
        assert sorted(heard.log) == ["Traceback: odd", '{"event" is no JSON']
        assert heard.alive == [True]
    assert heard.alive == [True]


AGAIN = "What follows the logs has ended (exit code 7) and is started again"


def test_one_that_dies_is_started_again_at_once_and_then_ever_later() -> None:
    began = monotonic()
    with Heard('print(\'{"event": "idle"}\', flush=True)\nraise SystemExit(7)') as heard:
        assert until(lambda: len(heard.log) == 3)
        assert monotonic() - began >= 1
    assert heard.log == [f"{AGAIN}.", f"{AGAIN} in 1 s.", f"{AGAIN} in 2 s."]
    assert heard.troubles()[:2] == ["", f"{AGAIN}."]
    assert heard.alive[:3] == [True, False, True]


def test_one_that_ran_well_for_long_is_started_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attendant, "_WELL_S", 0.0)
    with Heard("raise SystemExit(7)") as heard:
        # They end as fast as they are started: between two looks it may have been more than one.
        assert until(lambda: len(heard.log) >= 4)
    assert set(heard.log) == {f"{AGAIN}."}


def test_one_that_is_killed_is_started_again() -> None:
    with Heard(ENDS_WITH_INPUT) as heard:
        assert until(lambda: heard.alive == [True])
        first = heard.attendant.pid
        os.kill(first, signal.SIGKILL)
        assert until(lambda: heard.alive == [True, False, True])
        assert heard.attendant.pid not in {0, first}
        assert "(signal 9)" in heard.log[0]
        # What was wrong is over.
        assert heard.troubles()[-1] == ""


def test_it_ends_at_once_and_takes_the_process_along() -> None:
    with Heard(ENDS_WITH_INPUT) as heard:
        assert until(lambda: heard.alive == [True])
        pid, began = heard.attendant.pid, monotonic()
        heard.attendant.end()
        assert monotonic() - began < 1
        assert not runs(pid)
        assert heard.log == []
        assert heard.attendant.pid == 0


def test_one_that_does_not_listen_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attendant, "_TO_END_S", 0.2)
    with Heard('import time\nprint(\'{"event": "idle"}\', flush=True)\ntime.sleep(60)') as heard:
        assert until(lambda: heard.alive == [True])
        pid = heard.attendant.pid
        heard.attendant.end()
        assert not runs(pid)


def test_what_cannot_be_started_is_told() -> None:
    heard = Heard("")
    heard.attendant._command = ("/nowhere/python",)
    with heard:
        assert until(lambda: len(heard.log) == 2)
    assert "it cannot be started: no such file or directory" in heard.log[0]
    assert not [thread for thread in threading.enumerate() if thread.name == "attendant"]
