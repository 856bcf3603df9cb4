"""The client when something goes wrong: at the server, on the disk, or to itself."""

import re
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path

import pytest
from tests.intake.push.clients import LOG, Client, ledgers, outputs, read_in, take_in, told
from tests.intake.push.receiving import CODE, Receiver
from tests.intake.tree import answer, write

from tallystick.intake.push.alone import alone


def test_two_at_once_are_safe(client: Client, server: Receiver) -> None:
    client.join(server)
    write(client.home / LOG, answer(9))
    (lock,) = client.state.rglob("lock")
    with alone(str(lock)) as mine:
        assert mine
        done = client()
        assert (done.returncode, done.stdout) == (0, b"")
        assert done.stderr == b"Another client is at work; it sends what is new.\n"
        assert len(server.bodies) == 1
    running = [subprocess.Popen([*client.command], env=client.environ) for _ in range(4)]
    assert [process.wait() for process in running] == [0] * 4
    assert outputs(server).count(10) == 2


def test_a_place_that_cannot_be_written_to_is_told(client: Client, tmp_path: Path) -> None:
    write(tmp_path / "file", b"")
    client.environ["XDG_STATE_HOME"] = str(tmp_path / "file")
    done = client("--server", "http://127.0.0.1:9")
    assert done.returncode == 3
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize("status, code", [(401, 4), (403, 4), (404, 1)])
def test_a_server_that_refuses_loses_nothing(client: Client, server: Receiver, status: int, code: int) -> None:
    server.statuses = [(status, {})]
    done = client("--server", server.url, "--join", CODE)
    assert done.returncode == code
    assert done.stderr.count(b"\n") == 1
    (client.home / LOG).unlink()
    assert client().returncode == 0
    assert outputs(server) == [10, 20]


def test_what_goes_wrong_unseen_is_told_to_who_looks(client: Client, server: Receiver) -> None:
    assert client("--status").stdout == (
        b"It has no server yet.\nWhat waits to be sent: 0 rows.\nThe last run did not fail.\n"
    )
    client.join(server)
    write(client.home / LOG, answer(3, 30))
    for _ in range(2):
        server.statuses = [(401, {})]
        assert client("--once").returncode == 4
    shown = client("--status")
    assert (shown.returncode, shown.stderr) == (0, b"")
    where, waiting, fault = shown.stdout.decode().splitlines()
    assert where == f"It sends to {server.url}, as box."
    # An answer and its log.
    assert waiting == "What waits to be sent: 2 rows."
    assert re.fullmatch(r"The last run failed \(20\d\d-\d\d-\d\d \d\d:\d\d UTC\): .* does not know the token .*", fault)
    server.statuses = [(401, {})]
    done = client()
    # It was so before, and is so now.
    assert done.stderr.count(b"does not know the token") == 2
    assert client().stderr.decode() == f"{fault}\n"
    assert client().stderr == b""
    assert client("--status").stdout.endswith(b"rows.\nThe last run did not fail.\n")


@pytest.mark.parametrize("status", [400, 413])
def test_what_something_on_the_way_answers_loses_nothing(client: Client, server: Receiver, status: int) -> None:
    # Whatever is sent it refuses, and not in the words of the server.
    server.statuses = [(status, {})] * 9
    done = client("--server", server.url, "--join", CODE)
    assert done.returncode == 1
    assert b"though not as Tallystick does" in done.stderr
    server.statuses = []
    (client.home / LOG).unlink()
    assert client().returncode == 0
    assert outputs(server) == [10, 20]


def test_a_server_that_is_busy_is_asked_again(client: Client, server: Receiver) -> None:
    server.statuses = [(503, {"Retry-After": "1"}), (429, {}), (413, {})]
    assert client("--server", server.url, "--join", CODE).returncode == 0
    assert sorted(outputs(server)) == [10, 20]


def test_modules_that_are_gone_are_unpacked_anew(client: Client, server: Receiver) -> None:
    client.join(server)
    for name in ("rounds", "client"):
        (gone,) = client.state.rglob(f"code/*/tallystick/intake/push/{name}.py")
        gone.unlink()
        for compiled in gone.parent.rglob(f"{name}.*.pyc"):
            compiled.unlink()
        write(client.home / LOG, answer(3, 30 + len(name)))
        done = client()
        if name == "rounds":
            assert done.returncode == 1
            assert (
                done.stderr
                == b"tallystick.intake.push.rounds was missing among the client's unpacked modules; they are unpacked anew the next time.\n"
            )
            done = client()
        assert (done.returncode, done.stderr) == (0, b"")
    assert outputs(server) == [10, 20, 36, 36]


@pytest.mark.skipif(sys.platform == "win32", reason="limits of processes are those of POSIX")
def test_a_full_disk_is_told_and_loses_nothing(client: Client, server: Receiver) -> None:
    assert client("--server", server.url).returncode == 2
    write(client.home / LOG, b"".join(answer(number) for number in range(6_000)))
    program = "import os, resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (65536,) * 2); os.execv(sys.argv[1], sys.argv[1:])"
    full = [sys.executable, "-c", program, *client.command, "--join", CODE]
    done = subprocess.run(full, env=client.environ, capture_output=True, check=False)
    assert done.returncode == 3
    assert b"Make room for it" in done.stderr
    assert done.stderr.count(b"\n") == 1
    assert client().returncode == 0
    assert len(outputs(server)) == 6_000


def test_whenever_it_is_killed_everything_is_sent_in_the_end(client: Client, server: Receiver) -> None:
    for number in range(4):
        write(
            client.home / LOG.replace("s1", f"k{number}"),
            b"".join(answer(each, sessionId=f"k{number}") for each in range(number * 2_000, number * 2_000 + 1_500)),
        )
    client.join(server, "--project", "pseudonym")
    # All of it is to be sent again, which is begun again and again.
    moments = [0.05 * step for step in range(2, 14)]
    for way, moment in zip(("leave-out", "pseudonym") * 6, moments, strict=True):
        with subprocess.Popen(
            [*client.command, "--project", way], env=client.environ, stderr=subprocess.DEVNULL
        ) as killed:
            with suppress(subprocess.TimeoutExpired):
                killed.wait(moment)
            killed.kill()
    client.join(server)
    here, there = ledgers()
    with closing(here), closing(there):
        read_in(client.home, here)
        take_in(server.bodies, there)
        ours, theirs = told(there), told(here)
    assert len(theirs["events"]) == 4 * 1_500
    # Where it was at work was masked in one way and another; what it consumed is the same.
    assert ours["usage_by_variant"] == theirs["usage_by_variant"]
