"""What keeps server and proxy running, with the real ones: whichever is killed comes back, and nobody outlives their keeper."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from tests.cli.running import PROGRAM, around, started, until
from tests.cli.stage import Stage
from tests.service.world import free_port, holding

from tallystick.cli.keep import Kept, Making, Supervisor
from tallystick.service import parts, probe, process
from tallystick.service.parts import Part

type Facts = dict[str, Any]


class House:
    """Server and proxy of a test's own, and the commands for them."""

    def __init__(self, stage: Stage) -> None:
        """Choose a port."""
        self._stage, self.port = stage, free_port()
        self.state = str(stage.home / ".local" / "state" / "tallystick")
        self.ever: set[int] = set()
        """Every process that there was."""

    def tally(self, *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
        """Call a command."""
        return subprocess.run(
            [*PROGRAM, *arguments],
            env=around(self._stage, PORT=str(self.port), **more),
            check=False,
            capture_output=True,
            text=True,
            timeout=90,
        )

    def status(self) -> tuple[int, Facts, dict[str, Facts]]:
        """Return the exit code of the status, what it tells, and its parts."""
        found = self.tally("status", "--json")
        told = json.loads(found.stdout)
        named = {part["name"]: part for part in told["parts"]}
        self.ever |= {pid for pid in (told["pid"], *(part["pid"] for part in named.values())) if pid}
        return found.returncode, told, named

    def again(self, name: str, before: int) -> Facts:
        """Wait until a part is back and all is well, and return it."""

        def is_back() -> bool:
            keeper = parts.told(self.state)
            part = keeper.part(name) if keeper else None
            return part is not None and part.port is not None and part.pid != before

        assert until(is_back, 30), parts.told(self.state)
        code, _, named = self.status()
        assert code == 0
        return named[name]


@pytest.fixture
def house(stage: Stage) -> Iterator[House]:
    """Return a house, of which nothing runs in the end."""
    found = House(stage)
    yield found
    found.tally("down")
    for pid in found.ever:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def test_whichever_part_is_killed_comes_back_and_none_outlives_the_keeper(house: House) -> None:
    # A proxy that a run of a tool has started is kept as the part that it is.
    assert house.tally("run", "true").returncode == 0
    _, _, alone = house.status()
    up = house.tally("up")
    address = f"http://127.0.0.1:{house.port}"
    assert (up.returncode, up.stdout) == (0, f"{address}\n")
    proxy = alone["proxy"]
    assert up.stderr == f"tally: It runs: {address}\ntally: The proxy runs: http://127.0.0.1:{proxy['port']}\n"
    assert house.again("proxy", 0)["pid"] == proxy["pid"]
    code, told, named = house.status()
    assert (code, told["state"], named["server"]["port"]) == (0, "running", house.port)
    assert [part["restarts"] for part in named.values()] == [0, 0]
    os.kill(named["server"]["pid"], signal.SIGKILL)
    server = house.again("server", named["server"]["pid"])
    assert (server["port"], server["restarts"], server["trouble"]) == (house.port, 1, "It ended (signal 9).")
    assert probe.ask("127.0.0.1", house.port).kind == probe.HEALTHY
    for _ in range(2):
        # The second time it is the keeper's own. Tools that run go on asking at the same port.
        os.kill(proxy["pid"], signal.SIGKILL)
        before, proxy = proxy, house.again("proxy", proxy["pid"])
        assert proxy["port"] == before["port"]
    assert proxy["trouble"] == "It ended (signal 9)."
    assert "The server: It ended (signal 9). It is started again." in house.tally("logs", "keeper").stdout
    assert "Passing traffic on" in house.tally("logs", "proxy").stdout
    os.kill(told["pid"], signal.SIGKILL)
    running = {told["pid"], proxy["pid"], server["pid"]}
    assert until(lambda: not any(map(process.identity, running)), 20)
    absent = house.tally("status")
    assert (absent.returncode, absent.stdout) == (3, "")
    assert absent.stderr == "tally: Nothing runs in the background: `tally up` starts it.\n"


def test_what_the_proxy_says_first_is_heard_and_down_ends_all_parts(house: House) -> None:
    up = house.tally("up", ALL_PROXY="socks5://corp.example:1080")
    _, told, named = house.status()
    heard = up.stderr.splitlines()
    assert heard[1].startswith("tally: ALL_PROXY names a proxy of the kind socks5, which is not spoken here: ")
    assert heard[2] == f"tally: The proxy runs: http://127.0.0.1:{named['proxy']['port']}"
    assert heard[1].removeprefix("tally: ") in house.tally("logs", "proxy").stdout
    # The gateway goes that way, too.
    assert heard[1].removeprefix("tally: ") in house.tally("logs").stdout
    os.kill(named["proxy"]["pid"], signal.SIGSTOP)
    code, _, hung = house.status()
    assert (code, hung["proxy"]["pid"], hung["proxy"]["port"]) == (1, named["proxy"]["pid"], None)
    assert hung["proxy"]["trouble"].startswith("It is there and does not answer")
    os.kill(named["proxy"]["pid"], signal.SIGCONT)
    assert {"server", "proxy"} == set(named)
    down = house.tally("down")
    assert (down.returncode, down.stderr) == (0, f"tally: Stopped (process {told['pid']}).\n")
    assert not any(process.identity(each["pid"]) for each in named.values())
    assert parts.told(house.state) is None


def test_a_server_that_cannot_begin_ends_its_keeper_with_its_own_words(stage: Stage) -> None:
    port = free_port()
    command = ("keep", "--host", "127.0.0.1", "--port", str(port), "--log", str(stage.home / "log" / "server.log"))
    with holding(port), started(stage, *command, "--without-proxy") as told:
        assert told.process.wait(30) == 3
        told.next(lambda line: line.startswith(f"tally: Port {port} on 127.0.0.1 is taken"))


def making(folder: Path, *command: str, needed: bool = False) -> Making:
    """Return how a part is made that ends at once, with code 2 and a sentence."""
    return Making("part", lambda: command, str(folder / "part.log"), lambda: None, needed)


WRONG = ("run", "--tag", "x", "true")


def test_a_part_that_ends_again_and_again_is_tried_ever_more_seldom(stage: Stage) -> None:
    asked: list[int] = []
    found = Kept(making(stage.home, *WRONG), asked.append)
    found.start()
    assert until(lambda: found.part.restarts == 3, 20)
    assert found.part.trouble.startswith("It ended (exit code 2): --tag 'x' is no tag: give a name and a value")
    assert (found.part.pid, found.part.port, asked) == (None, None, [])
    found.ask_to_end()
    found.end()
    assert found.part.restarts == 3


def test_a_part_that_asks_for_it_is_started_anew_at_once(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    asking = "import sys; print('tally: It held more than 7 MiB.'); sys.exit(75)"
    monkeypatch.setattr("tallystick.cli.keep.background.PROGRAM", ("-c", asking))
    found = Kept(making(stage.home, *WRONG), lambda _: None)
    found.start()
    # One that fails for the sixth time has been waited for for 15 s.
    assert until(lambda: found.part.restarts >= 6, 10)
    found.ask_to_end()
    found.end()
    assert found.part.trouble == "It asked to be started anew: It held more than 7 MiB."


def test_all_ends_where_a_part_that_is_needed_cannot_begin(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tallystick.cli.keep.signal.signal", lambda *_: None)
    state = str(stage.home / "state")
    assert Supervisor([making(stage.home, *WRONG, needed=True)], state).run() == 2
    assert parts.told(state) is None


def test_one_that_is_there_is_left_alone_until_it_goes(stage: Stage) -> None:
    here = [(os.getpid(), 8_377)]
    found = Kept(making(stage.home, *WRONG)._replace(listens=lambda: here[0] if here else None), lambda _: None)
    found.start()
    assert until(lambda: found.part.pid == os.getpid())
    assert (found.part.port, found.part.restarts) == (8_377, 0)
    assert found.part.since is not None
    here.clear()
    assert until(lambda: found.part.restarts == 1, 20)
    found.ask_to_end()
    found.end()
    assert isinstance(found.part, Part)
