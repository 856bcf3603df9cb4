"""The status is what the manager says held against whether the address answers."""

import json
import os
import signal
from pathlib import Path

from tests.service.tiny import TINY
from tests.service.world import eventually, free_port, holding, plan

from tallystick.service import detached, lifecycle, parts, process, running
from tallystick.service.planning import encoded, installing, record
from tallystick.service.service import Plan, Write
from tallystick.service.status import (
    ABSENT,
    BROKEN,
    FAILED,
    RUNNING,
    STOPPED,
    UNHEALTHY,
    Grounds,
    Status,
    available,
    installed,
    plan_of,
    seen_by,
    status,
)


def quiet(_: str) -> None:
    """Say nothing."""


def install(grounds: Grounds, **more: str) -> Plan:
    """Install the stand-in and return its plan."""
    meant = plan(grounds.person, free_port(), **more)
    lifecycle.install(grounds, meant, quiet)
    return meant


def test_where_nothing_is_it_is_absent(grounds: Grounds) -> None:
    assert status(grounds) == Status(ABSENT, installed=False)
    assert not installed(grounds)
    assert plan_of(grounds) is None
    assert status(grounds._replace(service=None)).state == ABSENT


def test_one_that_answers_is_running_and_tells_all(grounds: Grounds) -> None:
    meant = install(grounds)
    found = status(grounds)
    assert (found.state, found.installed, found.manager, found.words) == (
        RUNNING,
        True,
        "the tiny manager",
        "tiny words",
    )
    assert (found.version, found.address, found.log) == ("9.8.7", f"http://127.0.0.1:{meant.port}", meant.log)
    assert found.uptime_seconds is not None
    assert 0 < found.uptime_seconds < 60
    assert found.pid
    assert found.todo == ""
    assert plan_of(grounds) == meant
    assert os.path.exists(f"/proc/{found.pid}") or not os.path.exists("/proc")


def test_one_that_was_killed_has_failed(grounds: Grounds) -> None:
    install(grounds)
    pid = status(grounds).pid
    assert pid
    os.kill(pid, signal.SIGKILL)
    assert eventually(lambda: status(grounds).state == FAILED)
    assert "`tally logs` tells why" in status(grounds).todo


def test_one_that_does_not_answer_is_unhealthy(grounds: Grounds) -> None:
    meant = plan(grounds.person, free_port(), TALLY_STAND_IN="mute")
    running.perform(installing(TINY, meant, grounds.person), grounds.environ)
    found = status(grounds)
    assert (found.state, found.version) == (UNHEALTHY, "")
    assert "does not answer" in found.todo
    assert found.uptime_seconds is not None
    with holding(meant.port):
        found = status(grounds)
    assert found.state == UNHEALTHY
    assert f"Port {meant.port} is taken by another program" in found.todo


def test_one_that_answers_in_place_of_ours_is_not_ours(grounds: Grounds, tmp_path: Path) -> None:
    meant = plan(grounds.person, free_port(), TALLY_STAND_IN="mute")
    running.perform(installing(TINY, meant, grounds.person), grounds.environ)
    somebody = grounds.person._replace(state=str(tmp_path / "other"))
    other = detached.start(plan(somebody, meant.port), somebody, grounds.environ)
    assert other is not None
    assert eventually(lambda: "taken" in status(grounds).todo)
    assert status(grounds).state == UNHEALTHY
    detached.stop(other, somebody)


def test_one_that_was_stopped_says_how_to_start_it(grounds: Grounds) -> None:
    meant = install(grounds)
    lifecycle.stop(grounds, quiet)
    found = status(grounds)
    assert (found.state, found.pid, found.todo) == (STOPPED, None, "`tally up` starts it.")
    with holding(meant.port):
        assert "taken by another program" in status(grounds).todo


def test_an_interpreter_that_is_gone_is_told(grounds: Grounds) -> None:
    meant = install(grounds)
    running.write(Write(record(grounds.person), encoded(meant._replace(interpreter="/gone/python"))))
    found = status(grounds)
    # It goes on as long as it runs, and would not start again.
    assert found.state == RUNNING
    assert "(/gone/python): run `tally service install` again." in found.todo
    lifecycle.stop(grounds, quiet)
    found = status(grounds)
    assert (found.state, "/gone/python" in found.todo) == (BROKEN, True)


def test_a_lost_record_is_told(grounds: Grounds) -> None:
    install(grounds)
    os.unlink(record(grounds.person))
    found = status(grounds)
    assert (found.state, found.installed) == (BROKEN, True)
    assert "run `tally service install` again" in found.todo


def test_without_the_manager_what_answers_is_running(grounds: Grounds) -> None:
    meant = install(grounds)
    pid = status(grounds).pid
    gone = Path(grounds.person.config) / "tiny.gone"
    gone.touch()
    assert not available(TINY, grounds)
    assert seen_by(TINY, grounds) is None
    found = status(grounds)
    assert (found.state, found.pid) == (RUNNING, pid)
    gone.unlink()
    lifecycle.stop(grounds, quiet)
    gone.touch()
    found = status(grounds)
    assert (found.state, found.todo, found.log) == (STOPPED, "There is no tiny manager.", meant.log)
    gone.unlink()


def test_a_manager_that_is_not_there_is_not_available(grounds: Grounds) -> None:
    lonely = grounds._replace(environ={"PATH": "/nowhere"})
    from tallystick.service.systemd import SYSTEMD

    assert not available(SYSTEMD, lonely)
    assert seen_by(SYSTEMD, lonely) is None


def test_one_without_a_service_is_told_as_such(grounds: Grounds) -> None:
    meant = plan(grounds.person, free_port())
    server = detached.start(meant, grounds.person, grounds.environ)
    assert server is not None
    assert eventually(lambda: status(grounds).state == RUNNING)
    found = status(grounds)
    assert (found.installed, found.manager, found.pid, found.version) == (False, "", server.pid, "9.8.7")


def test_a_server_that_is_kept_running_by_what_was_started_is_its_own(grounds: Grounds) -> None:
    meant = plan(grounds.person, free_port())
    pid = lifecycle.up(grounds, meant, quiet).pid or 0
    record = Path(grounds.person.state) / "server.json"
    before, here = record.read_text(), process.identity(os.getpid()) or ""
    # As if this process had been started, and the server by it.
    told = json.loads(before) | {"pid": os.getpid(), "began": here}
    record.write_text(json.dumps(told))
    assert status(grounds).state == UNHEALTHY
    parts.tell(grounds.person.state, parts.Keeper(os.getpid(), here, (parts.Part(parts.SERVER, pid, meant.port),)))
    assert (status(grounds).state, status(grounds).pid) == (RUNNING, os.getpid())
    parts.tell(grounds.person.state, parts.Keeper(os.getpid(), here, (parts.Part(parts.SERVER, pid + 1, meant.port),)))
    assert status(grounds).state == UNHEALTHY
    record.write_text(before)
    lifecycle.down(grounds, quiet)
