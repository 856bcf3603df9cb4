"""One proxy to a folder, found while it lives and never after; beginning one waits until it listens."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from tests.shell.listeners import crowded, healthy

from tallystick.errors import Unavailable
from tallystick.intake.proxy.running import Running, alone, asked, begin, forget, holder, running, tell

# A stand-in for the proxy's process: takes its place, listens, tells, and says how it is when it is asked.
PROGRAM = """
import os, socket, sys, time
from tallystick.intake.proxy.running import Running, alone, tell
time.sleep(float(sys.argv[2]))
with alone(sys.argv[1]), socket.create_server(("127.0.0.1", 0)) as listener:
    port = listener.getsockname()[1]
    tell(sys.argv[1], Running(os.getpid(), port, 1))
    print("listens", flush=True)
    while True:
        with listener.accept()[0] as line:
            well = line.recv(4096).startswith(b"GET /health HTTP/1.1\\r\\nHost: 127.0.0.1:%d\\r\\n" % port)
            line.sendall(b"HTTP/1.1 200 OK\\r\\n\\r\\n{}" if well else b"HTTP/1.1 400 Bad\\r\\n\\r\\n")
"""


@contextmanager
def process(data: Path, after: float = 0) -> Iterator["subprocess.Popen[str]"]:
    """Run the stand-in."""
    command = [sys.executable, "-c", PROGRAM, str(data), str(after)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as started:
        try:
            yield started
        finally:
            started.kill()


def test_a_proxy_is_found_while_it_lives_and_not_after_it_was_killed(tmp_path: Path) -> None:
    assert running(str(tmp_path)) is None
    with process(tmp_path) as there:
        assert there.stdout is not None
        assert there.stdout.readline() == "listens\n"
        found = running(str(tmp_path))
        assert found is not None
        assert found.pid == there.pid
        assert found.address == f"http://127.0.0.1:{found.port}"
        there.kill()
        there.wait()
        assert (tmp_path / "proxy.json").exists()
        assert running(str(tmp_path)) is None


@pytest.mark.skipif(os.name != "posix", reason="there is no such signal")
def test_one_that_is_stopped_is_there_and_does_not_run(tmp_path: Path) -> None:
    with process(tmp_path) as there:
        assert there.stdout is not None
        there.stdout.readline()
        found = running(str(tmp_path))
        assert found is not None
        there.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        assert running(str(tmp_path)) is None
        # A second, and what a busy machine adds.
        assert time.monotonic() - began < 5
        assert holder(str(tmp_path)) == found
        there.send_signal(signal.SIGCONT)
        assert running(str(tmp_path)) == found
        there.kill()
        there.wait()
        assert holder(str(tmp_path)) is None


def test_one_that_says_it_is_not_well_does_not_run(tmp_path: Path) -> None:
    for code, runs in ((404, False), (200, True)):
        with healthy(code) as port, alone(str(tmp_path)):
            found = Running(os.getpid(), port, 1)
            tell(str(tmp_path), found)
            assert running(str(tmp_path)) == (found if runs else None)
            assert holder(str(tmp_path)) == found


@pytest.mark.parametrize("full", [False, True])
def test_one_that_hangs_is_waited_for_no_longer_than_said(full: bool) -> None:  # noqa: FBT001  a case
    with socket.create_server(("127.0.0.1", 0)) as server, ExitStack() as stack:
        port = server.getsockname()[1]
        if full:
            server.listen(0)
            stack.enter_context(crowded(port))
        began = time.monotonic()
        assert asked(port, "GET", "/health", 0.2) == b""
        assert time.monotonic() - began < 2
    assert asked(70_000, "GET", "/health") == b""


def test_a_second_one_is_refused_and_one_after_a_killed_one_is_not(tmp_path: Path) -> None:
    with process(tmp_path) as there:
        assert there.stdout is not None
        there.stdout.readline()
        with pytest.raises(Unavailable, match=r"runs already at http://127\.0\.0\.1:"), alone(str(tmp_path)):
            pass
        assert running(str(tmp_path)) is not None
        there.kill()
        there.wait()
    with alone(str(tmp_path)):
        # The record of the killed one is gone before this one has told anything.
        assert not (tmp_path / "proxy.json").exists()


def test_a_record_whose_process_lives_but_is_no_proxy_is_stale(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        tell(str(tmp_path), Running(os.getpid(), listener.getsockname()[1], 1))
        assert running(str(tmp_path)) is None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": 1}', '{"pid": "x", "port": 1, "started": 1}'])
def test_a_damaged_record_is_no_proxy(tmp_path: Path, content: str) -> None:
    (tmp_path / "proxy.json").write_text(content)
    with alone(str(tmp_path)):
        (tmp_path / "proxy.json").write_text(content)
        assert running(str(tmp_path)) is None


def test_looking_does_not_keep_a_proxy_from_beginning(tmp_path: Path) -> None:
    tell(str(tmp_path), Running(1, 1, 1))
    for _ in range(50):
        running(str(tmp_path))
    with alone(str(tmp_path)):
        pass


def test_the_record_is_as_others_read_it(tmp_path: Path) -> None:
    tell(str(tmp_path), Running(12, 8377, 1_795_000_000_000))
    assert json.loads((tmp_path / "proxy.json").read_text()) == {"pid": 12, "port": 8377, "started": 1_795_000_000_000}
    assert (tmp_path / "proxy.json").stat().st_mode & 0o777 == 0o600
    forget(str(tmp_path))
    forget(str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_what_goes_wrong_while_being_the_proxy_is_not_renamed(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="of its own"), alone(str(tmp_path)):
        raise OSError("of its own")


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match="cannot be written"), alone(str(tmp_path / "file")):
        pass


def test_beginning_starts_one_and_finds_it_the_next_time(tmp_path: Path) -> None:
    started: list[subprocess.Popen[str]] = []
    with process(tmp_path, 0.3) as there:

        def start() -> "subprocess.Popen[str]":
            started.append(there)
            return there

        first = begin(str(tmp_path), start)
        assert first.pid == there.pid
        assert begin(str(tmp_path), start) == first
        assert len(started) == 1


def test_two_that_begin_at_once_share_the_one_that_was_faster(tmp_path: Path) -> None:
    with process(tmp_path) as fast, process(tmp_path) as slow:
        assert begin(str(tmp_path), lambda: slow).pid in {fast.pid, slow.pid}
        assert begin(str(tmp_path), lambda: fast) == running(str(tmp_path))


def test_one_that_ends_at_once_or_never_listens_is_told(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit(3)"]
    with subprocess.Popen(command) as ended, pytest.raises(Unavailable, match="ended as soon"):
        begin(str(tmp_path), lambda: ended)
    began = time.monotonic()
    with process(tmp_path, 50) as idle, pytest.raises(Unavailable, match="does not listen"):
        begin(str(tmp_path), lambda: idle, 0.3)
    assert time.monotonic() - began < 5
