"""The pusher: a process sends for as long as the machine is paired, and what is wrong with that is told beside other troubles."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from tests.cli.running import children, runs, started, until
from tests.cli.stage import Stage
from tests.cli.test_push import events, pair
from tests.intake.push.served import Reply, served, timeless

from tallystick.cli import entrance, pusher
from tallystick.cli.pusher import Pusher, Troubles
from tallystick.intake.push.pairing import Pairing, write

TELLING = (
    sys.executable,
    "-c",
    'import sys; print(\'{"event": "trouble", "text": "no way"}\', flush=True); sys.stdin.read()',
)


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pusher, "_LOOK_S", 0.05)


@pytest.mark.usefixtures("stage")
def test_a_process_sends_while_the_machine_is_paired(tmp_path: Path) -> None:
    path, told = tmp_path / "push.json", list[str]()
    made = Pusher(entrance.settings(), str(path), told.append, told.append, TELLING)
    made.start()
    try:
        assert not until(lambda: made.pid, 0.3)
        write(str(path), Pairing("http://127.0.0.1:1", "t", "laptop"))
        assert until(lambda: made.pid)
        assert until(lambda: "no way" in told)
        pid = made.pid
        path.unlink()
        assert until(lambda: not runs(pid))
        assert until(lambda: told[-1] == "")
    finally:
        made.end()
    assert made.pid == 0


@pytest.mark.usefixtures("stage")
def test_its_process_ends_with_it(tmp_path: Path) -> None:
    path = tmp_path / "push.json"
    write(str(path), Pairing("http://127.0.0.1:1", "t", "laptop"))
    made = Pusher(entrance.settings(), str(path), lambda _: None, lambda _: None, TELLING)
    made.start()
    assert until(lambda: made.pid)
    pid = made.pid
    made.end()
    assert not runs(pid)
    # Once more does no harm.
    made.end()


@pytest.mark.usefixtures("stage")
def test_one_that_dies_is_started_again(tmp_path: Path) -> None:
    path, told = tmp_path / "push.json", list[str]()
    path.write_text("damaged: whoever sends is to tell")
    made = Pusher(entrance.settings(), str(path), told.append, told.append, (sys.executable, "-c", ""))
    made.start()
    try:
        assert until(lambda: len(told) >= 4)
    finally:
        made.end()
    assert told[0] == "What sends to the server has ended (exit code 0) and is started again."


def test_troubles_of_both_are_told_together() -> None:
    heard: list[Mapping[str, Any]] = []
    both = Troubles(heard.append)
    both.sends("The server is gone.")
    both.follows({"event": "trouble", "text": "A file cannot be read."})
    both.follows({"event": "trouble", "text": ""})
    both.follows({"event": "idle"})
    # An import is taken for the end of all trouble by who hears of it.
    both.follows({"event": "importing", "bytes": 1})
    both.sends("")
    assert [each.get("text", each["event"]) for each in heard] == [
        "The server is gone.",
        "The server is gone. A file cannot be read.",
        "The server is gone.",
        "idle",
        "importing",
        "The server is gone.",
        "",
    ]


def test_who_follows_the_logs_sends_as_well(stage: Stage) -> None:
    stage.answers(1)
    with served(Reply(503), timeless()) as server:
        pair(stage, server)
        with started(stage, "follow") as running:
            running.next(lambda line: "503" in line)
            assert until(lambda: len(server.requests) == 2)
            assert events(server.requests[1].told) == 1
            # What follows is this process, what sends is its only child.
            (child,) = children(running.process.pid)
            stage.answers(2, model="claude-sonnet-4-5")
            assert until(lambda: len(server.requests) == 3)
            assert events(server.requests[2].told) == 2
            running.process.terminate()
            assert running.process.wait(5) == 0
        assert until(lambda: not runs(child))


def test_the_server_sends_as_well_and_tells_of_its_troubles(stage: Stage) -> None:
    stage.answers(1)
    with served(Reply(401), timeless()) as server:
        pair(stage, server)
        with started(stage, "serve", "--port", "0") as running:
            address = running.next(lambda line: "serves at" in line).split()[3]

            def trouble() -> str:
                with urlopen(f"{address}api/v1/health") as answer:  # noqa: S310  this machine itself
                    return str(json.load(answer)["trouble"] or "")

            assert until(lambda: "does not know the token" in trouble())
            # The pairing is written anew, and all is well.
            pair(stage, server)
            assert until(lambda: len(server.requests) == 2)
            assert until(lambda: trouble() == "")
            stage.answers(2, model="claude-sonnet-4-5")
            assert until(lambda: sum(events(each.told) for each in server.requests[1:]) == 3)
            assert len(children(running.process.pid)) == 2
            running.process.terminate()
            assert running.process.wait(10) == 0
