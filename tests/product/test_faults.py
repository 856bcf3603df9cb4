"""Many machines with bad luck: whatever dies, is cut off or is full, nothing is lost and nothing counts twice."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from tests.product.fleet import Machine, Server
from tests.product.wire import Wire

from tallystick.ledger.sqlite import maintenance

KILLS = int(os.environ.get("TALLY_KILLS", "5"))
"""How often the server is killed: more of it takes longer."""


def settled(server: Server, machines: list[Machine]) -> None:
    """Send what is left, and compare: the server has every row of every machine once."""
    for machine in machines:
        machine.tally("push")
        assert "0 rows wait" in machine.tally("push")
    rows, totals = server.figures()
    expected = [row for machine in machines for row in machine.figures()[0]]
    order = [(row["session"], row["machine"]) for row in rows]
    assert sorted(order) == sorted({(row["session"], row["machine"]) for row in expected if _original(row, expected)})
    kept = {(row["session"], row["machine"]): row for row in expected}
    assert all(row == kept[row["session"], row["machine"]] for row in rows)
    assert totals["requests"] == sum(row["requests"] for row in rows)
    assert maintenance.verify(str(server.data / "ledger.db")) == []


def _original(row: dict[str, Any], rows: list[dict[str, Any]]) -> bool:
    """Tell whether a session is told as that machine's: of equal copies it is the first one's by name."""
    return bool(row["machine"] == min(each["machine"] for each in rows if each["session"] == row["session"]))


def test_a_server_that_is_killed_again_and_again(server: Server, tmp_path: Path) -> None:
    chance = random.Random(5)
    machines = [Machine(tmp_path, name) for name in ("anna", "bert", "cleo")]
    for machine in machines:
        server.pair(machine)
        machine.work(40, shared="common")
    for _ in range(KILLS):
        for machine in machines:
            machine.work(chance.randrange(100, 1_500))
        pushes = [machine.start("push") for machine in machines]
        time.sleep(chance.uniform(0.3, 1.5))
        server.kill()
        server.serve()
        for push in pushes:
            push.communicate(timeout=60)
    settled(server, machines)


def test_a_machine_that_is_killed_while_it_sends(server: Server, tmp_path: Path) -> None:
    chance = random.Random(6)
    machine = Machine(tmp_path, "anna")
    server.pair(machine)
    for _ in range(KILLS):
        machine.work(chance.randrange(500, 2_500))
        push = machine.start("push")
        time.sleep(chance.uniform(0.1, 0.6))
        push.send_signal(signal.SIGKILL)
        push.communicate()
    settled(server, [machine])


def test_a_wire_that_breaks(server: Server, tmp_path: Path) -> None:
    with closing(Wire(server.port, 7)) as wire:
        machine = Machine(tmp_path, "anna")
        server.pair(machine, wire.port)
        wire.calm = False
        for _ in range(max(KILLS // 2, 2)):
            machine.work(1_800)
            push = machine.start("push")
            push.communicate(timeout=120)
        assert wire.cuts >= 2
        wire.calm = True
        settled(server, [machine])


def test_a_token_that_is_revoked_keeps_what_waits(server: Server, tmp_path: Path) -> None:
    machine = Machine(tmp_path, "anna")
    server.pair(machine)
    machine.work(300)
    machine.tally("push")
    server.tally("server", "tokens", "revoke", "1")
    machine.work(200)
    told = machine.tally("push", code=4)
    assert "token" in told
    assert "tally join" in told
    assert server.figures()[1]["requests"] == 300
    server.pair(machine)
    settled(server, [machine])
    assert server.figures()[1]["requests"] == 500


@contextmanager
def small_disk(folder: Path, mib: int) -> Iterator[Path]:
    """Mount a file system that is soon full; skip the test where one may not."""
    folder.mkdir(mode=0o700)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={mib}m,mode=0700", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("nothing can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_server_whose_disk_is_full_loses_nothing_and_says_so(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 6) as disk:
        server = Server(tmp_path, "hub")
        server.data = disk / "data"
        server.serve()
        machine = Machine(tmp_path, "anna")
        server.pair(machine)
        ballast = disk / "ballast"
        try:
            machine.work(400)
            machine.tally("push")
            ballast.write_bytes(b"x" * 1024)
            with suppress(OSError), ballast.open("ab") as file:
                while file.write(b"x" * 65_536):
                    file.flush()
            machine.work(30_000)
            push = machine.start("push")
            _, err = push.communicate(timeout=120)
            assert push.returncode in {1, 3}, err
            assert len(err.strip().splitlines()) <= 3, err
            # Others still read what there is.
            assert server.figures()[1]["requests"] == 400
            ballast.unlink()
            subprocess.run(["mount", "-o", "remount,size=200m", str(disk)], check=True)
            settled(server, [machine])
            assert server.figures()[1]["requests"] == 30_400
        finally:
            server.kill()


def test_a_machine_whose_disk_is_full_sends_later(server: Server, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 6) as disk:
        machine = Machine(tmp_path, "anna")
        machine.data = disk / "data"
        server.pair(machine)
        machine.work(400)
        machine.tally("push")
        ballast = disk / "ballast"
        with suppress(OSError), ballast.open("ab") as file:
            while file.write(b"x" * 65_536):
                file.flush()
        machine.work(30_000)
        push = machine.start("push")
        out, err = push.communicate(timeout=60)
        assert push.returncode in {1, 3}, (out, err)
        assert len(err.strip().splitlines()) <= 3, err
        ballast.unlink()
        subprocess.run(["mount", "-o", "remount,size=200m", str(disk)], check=True)
        settled(server, [machine])
        assert server.figures()[1]["requests"] == 30_400
