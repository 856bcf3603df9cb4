"""A server without a manager is found again by number and beginning, and never taken for another."""

import json
import os
import signal
import stat
from pathlib import Path

import pytest
from tests.service.world import eventually, free_port, get, plan

from tallystick.service import detached, probe
from tallystick.service.process import identity
from tallystick.service.status import Grounds


def record(grounds: Grounds) -> Path:
    """Return the file that says which process it is."""
    return Path(grounds.person.state) / "server.json"


def test_it_is_found_again_until_it_ends(grounds: Grounds) -> None:
    port = free_port()
    meant = plan(grounds.person, port, TALLY_X="a b")
    assert detached.alive(grounds.person) is None
    server = detached.start(meant, grounds.person, {**grounds.environ, "KEPT": "too", "TALLY_X": "other"})
    assert server is not None
    assert eventually(lambda: probe.ask("127.0.0.1", port).kind == probe.HEALTHY)
    told = get(port)
    assert (told["pid"], told["folder"]) == (server.pid, meant.folder)
    # The plan's own environment counts before that of whoever starts it.
    assert (told["environment"]["KEPT"], told["environment"]["TALLY_X"]) == ("too", "a b")
    assert detached.alive(grounds.person) == server
    assert server.plan == meant
    assert stat.S_IMODE(record(grounds).stat().st_mode) == 0o600
    detached.stop(server, grounds.person)
    assert identity(server.pid) is None
    assert not record(grounds).exists()
    assert detached.alive(grounds.person) is None


def test_one_that_was_killed_is_not_found(grounds: Grounds) -> None:
    server = detached.start(plan(grounds.person, free_port()), grounds.person, grounds.environ)
    assert server is not None
    os.kill(server.pid, signal.SIGKILL)
    assert eventually(lambda: detached.alive(grounds.person) is None)
    assert record(grounds).exists()
    detached.forget(grounds.person)
    detached.forget(grounds.person)
    assert not record(grounds).exists()


def test_a_number_that_belongs_to_another_process_by_now_is_stale(grounds: Grounds) -> None:
    server = detached.start(plan(grounds.person, free_port()), grounds.person, grounds.environ)
    assert server is not None
    told = json.loads(record(grounds).read_text())
    record(grounds).write_text(json.dumps(told | {"pid": os.getpid()}))
    assert detached.alive(grounds.person) is None
    # Not even what holds such a record is ended by it.
    detached.stop(server._replace(pid=os.getpid()), grounds.person)
    assert identity(os.getpid())
    os.kill(server.pid, signal.SIGKILL)


@pytest.mark.parametrize("content", ["", "null", "{}", '{"pid": "x", "began": 1}', '{"pid": 1, "began": "y"}', "\0"])
def test_a_damaged_record_is_none(grounds: Grounds, content: str) -> None:
    record(grounds).parent.mkdir(parents=True)
    record(grounds).write_text(content)
    assert detached.alive(grounds.person) is None
