"""Installing, starting and stopping: each can be repeated, is undone, and says what stands in its way."""

import os
import signal
import threading
from pathlib import Path

import pytest
from tests.service.world import eventually, free_port, get, holding, plan

from tallystick.errors import Refused, TallystickError, Unavailable
from tallystick.service import detached, lifecycle, probe
from tallystick.service.planning import record
from tallystick.service.service import Plan
from tallystick.service.status import ABSENT, RUNNING, STOPPED, Grounds, status


class Told(list[str]):
    """What was said, sentence by sentence."""

    def __call__(self, sentence: str) -> None:
        """Hear a sentence."""
        self.append(sentence)

    def take(self) -> str:
        """Return all that was said since the last time."""
        said = "\n".join(self)
        self.clear()
        return said


@pytest.fixture
def told() -> Told:
    """Return somebody who listens."""
    return Told()


@pytest.fixture
def meant(grounds: Grounds) -> Plan:
    """Return a plan for the stand-in."""
    return plan(grounds.person, free_port())


def silent(port: int) -> bool:
    """Whether nobody answers."""
    return probe.ask("127.0.0.1", port).kind == probe.SILENT


def test_installing_twice_brings_up_to_date_and_uninstalling_leaves_the_log(
    grounds: Grounds, meant: Plan, told: Told
) -> None:
    lifecycle.install(grounds, meant, told)
    assert told.take() == f"Installed: the tiny manager. It answers at http://127.0.0.1:{meant.port}\nA hint."
    first = get(meant.port)["pid"]
    again = plan(grounds.person, meant.port, TALLY_NEW="yes")
    lifecycle.install(grounds, again, told)
    assert told.take().startswith("Brought up to date: the tiny manager.")
    assert get(meant.port)["pid"] != first
    assert get(meant.port)["environment"]["TALLY_NEW"] == "yes"
    moved = plan(grounds.person, free_port())
    lifecycle.install(grounds, moved, told)
    assert silent(meant.port)
    assert status(grounds).address == f"http://127.0.0.1:{moved.port}"
    told.take()
    lifecycle.uninstall(grounds, told)
    assert told.take() == f"Removed. What stays is the ledger and its log ({moved.log})."
    assert silent(moved.port)
    left = {each.name for each in Path(grounds.person.home).rglob("*") if each.is_file()}
    assert left == {"server.log", "said", "lock"}
    lifecycle.uninstall(grounds, told)
    assert told.take() == "There is no service to remove."


def test_it_is_stopped_started_and_restarted(grounds: Grounds, meant: Plan, told: Told) -> None:
    lifecycle.install(grounds, meant, told)
    first = get(meant.port)["pid"]
    told.take()
    assert lifecycle.start(grounds, told).pid == first
    assert told.take() == f"It runs already: http://127.0.0.1:{meant.port}"
    lifecycle.stop(grounds, told)
    assert silent(meant.port)
    lifecycle.stop(grounds, told)
    second = lifecycle.start(grounds, told).pid
    third = lifecycle.restart(grounds, told).pid
    assert len({first, second, third, None}) == 4
    os.kill(third or 0, signal.SIGKILL)
    assert eventually(lambda: silent(meant.port))
    assert lifecycle.restart(grounds, told).state == RUNNING


def test_what_is_not_installed_is_neither_started_nor_harmed(grounds: Grounds, told: Told) -> None:
    with pytest.raises(Unavailable, match="`tally service install` does that"):
        lifecycle.start(grounds, told)
    lifecycle.stop(grounds, told)
    assert told.take() == "The service is not installed."


def test_a_port_that_another_program_holds_is_told_before_anything_is_done(
    grounds: Grounds, meant: Plan, told: Told
) -> None:
    with holding(meant.port):
        for verb in (lifecycle.install, lifecycle.up):
            with pytest.raises(Unavailable, match=f"Port {meant.port} is taken by another program"):
                verb(grounds, meant, told)
    assert status(grounds).state == ABSENT
    assert not os.path.exists(record(grounds.person))
    lifecycle.install(grounds, meant, told)
    lifecycle.stop(grounds, told)
    with holding(meant.port):
        for again in (lifecycle.start, lifecycle.restart):
            with pytest.raises(Unavailable, match="taken by another program"):
                again(grounds, told)
        other = plan(grounds.person, free_port())
    lifecycle.install(grounds, other, told)
    with holding(meant.port), pytest.raises(Unavailable, match="taken"):
        lifecycle.install(grounds, meant, told)
    assert status(grounds).address == f"http://127.0.0.1:{other.port}"


def test_one_that_fails_is_told_with_its_last_words(
    grounds: Grounds, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    meant = plan(grounds.person, free_port(), TALLY_STAND_IN="crash")
    with pytest.raises(TallystickError, match=r"It ended at once\.\n  it does not want to$"):
        lifecycle.up(grounds, meant, told)
    assert status(grounds).state == ABSENT
    with pytest.raises(TallystickError, match=r"does not answer\. It failed"):
        lifecycle.install(grounds, meant, told)
    monkeypatch.setattr(lifecycle, "SECONDS_TO_ANSWER", 0.5)
    mute = plan(grounds.person, free_port(), TALLY_STAND_IN="mute")
    with pytest.raises(TallystickError, match="It runs and does not answer"):
        lifecycle.install(grounds, mute, told)


def test_without_its_manager_nothing_is_begun_but_what_is_there_can_be_removed(
    grounds: Grounds, meant: Plan, told: Told
) -> None:
    gone = Path(grounds.person.config) / "tiny.gone"
    gone.parent.mkdir()
    gone.touch()
    with pytest.raises(Unavailable, match="There is no tiny manager"):
        lifecycle.install(grounds, meant, told)
    assert status(grounds).state == ABSENT
    gone.unlink()
    lifecycle.install(grounds, meant, told)
    lifecycle.stop(grounds, told)
    gone.touch()
    for verb in (lifecycle.start, lifecycle.stop):
        with pytest.raises(Unavailable, match="There is no tiny manager"):
            verb(grounds, told)
    lifecycle.uninstall(grounds, told)
    assert status(grounds).state == ABSENT
    gone.unlink()


def test_a_system_without_a_manager_is_told(grounds: Grounds, meant: Plan, told: Told) -> None:
    bare = grounds._replace(service=None)
    with pytest.raises(Unavailable, match="`tally up` runs it without one"):
        lifecycle.install(bare, meant, told)
    assert lifecycle.up(bare, meant, told).state == RUNNING
    lifecycle.down(bare, told)


def test_sudo_is_refused(grounds: Grounds, meant: Plan, told: Told) -> None:
    root = grounds._replace(person=grounds.person._replace(uid=0), environ={**grounds.environ, "SUDO_USER": "dev"})
    with pytest.raises(Refused, match="without sudo"):
        lifecycle.install(root, meant, told)


def test_up_and_down_without_a_service(grounds: Grounds, meant: Plan, told: Told) -> None:
    found = lifecycle.up(grounds, meant, told)
    assert (found.state, found.installed, found.version) == (RUNNING, False, "9.8.7")
    assert told.take() == f"It runs: http://127.0.0.1:{meant.port}"
    assert lifecycle.up(grounds, meant, told).pid == found.pid
    assert told.take() == f"It runs already: http://127.0.0.1:{meant.port}"
    assert lifecycle.running_address(grounds) == f"http://127.0.0.1:{meant.port}"
    lifecycle.down(grounds, told)
    assert told.take() == f"Stopped (process {found.pid})."
    assert silent(meant.port)
    assert not lifecycle.down(grounds, told)
    assert told.take() == ""
    with pytest.raises(Unavailable, match="`tally up` starts it"):
        lifecycle.running_address(grounds)


def test_up_after_a_kill_starts_anew_whoever_has_the_number_now(grounds: Grounds, meant: Plan, told: Told) -> None:
    first = lifecycle.up(grounds, meant, told).pid
    os.kill(first or 0, signal.SIGKILL)
    assert eventually(lambda: status(grounds).state == ABSENT)
    second = lifecycle.up(grounds, meant, told).pid
    assert second not in {first, None}
    # Where a system gives a number again, another process has it.
    server = Path(grounds.person.state) / "server.json"
    server.write_text(server.read_text().replace(f'"pid": {second}', f'"pid": {os.getpid()}'))
    with pytest.raises(Unavailable, match="taken"):
        lifecycle.up(grounds, meant, told)
    lifecycle.down(grounds, told)
    os.kill(second or 0, signal.SIGTERM)


def test_up_means_the_service_where_one_is_installed(grounds: Grounds, meant: Plan, told: Told) -> None:
    lifecycle.install(grounds, meant, told)
    lifecycle.down(grounds, told)
    assert status(grounds).state == STOPPED
    told.take()
    found = lifecycle.up(grounds, plan(grounds.person, free_port()), told)
    assert (found.installed, found.address) == (True, f"http://127.0.0.1:{meant.port}")
    assert f"The service is installed for http://127.0.0.1:{meant.port}" in told.take()


def test_installing_takes_over_from_one_without_a_service(grounds: Grounds, meant: Plan, told: Told) -> None:
    before = lifecycle.up(grounds, meant, told).pid
    told.take()
    lifecycle.install(grounds, meant, told)
    assert f"(process {before}) was stopped" in told.take()
    assert detached.alive(grounds.person) is None
    assert status(grounds).installed


def test_one_that_runs_and_does_not_answer_is_not_started_twice(
    grounds: Grounds, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifecycle, "SECONDS_TO_ANSWER", 0.5)
    mute = plan(grounds.person, free_port(), TALLY_STAND_IN="mute")
    with pytest.raises(TallystickError, match="does not answer"):
        lifecycle.up(grounds, mute, told)
    with pytest.raises(TallystickError, match="`tally down`, then `tally up`"):
        lifecycle.up(grounds, mute, told)
    lifecycle.down(grounds, told)
    assert detached.alive(grounds.person) is None


def test_a_broken_installation_is_told_when_it_is_started(grounds: Grounds, meant: Plan, told: Told) -> None:
    lifecycle.install(grounds, meant, told)
    lifecycle.stop(grounds, told)
    os.unlink(record(grounds.person))
    with pytest.raises(Unavailable, match="run `tally service install` again"):
        lifecycle.start(grounds, told)
    lifecycle.install(grounds, meant, told)
    assert status(grounds).state == RUNNING


def test_two_installs_at_once_leave_one_service(grounds: Grounds, meant: Plan) -> None:
    told = [Told(), Told()]
    both = [threading.Thread(target=lifecycle.install, args=(grounds, meant, each)) for each in told]
    for each in both:
        each.start()
    for each in both:
        each.join()
    first = sorted(each.take().split(":")[0] for each in told)
    assert first == ["Brought up to date", "Installed"]
    assert get(meant.port)["pid"] == status(grounds).pid


def test_a_log_is_rotated_while_the_server_writes_it(grounds: Grounds, meant: Plan, told: Told) -> None:
    lifecycle.up(grounds, meant, told)
    for _ in range(3):
        get(meant.port, "/talk")
    names = {each.name for each in Path(meant.log).parent.iterdir()}
    assert names == {"start.log", "server.log", "server.log.1", "server.log.2", "server.log.3"}
    assert all(each.stat().st_size <= 4096 for each in Path(meant.log).parent.iterdir())
    lifecycle.down(grounds, told)
