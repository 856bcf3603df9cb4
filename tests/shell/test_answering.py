"""The proxy answers only when its file, its process and its port say so."""

import json
import os
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.shell.listeners import crowded, healthy

from tallystick.shell.answering import address


def told(folder: Path, content: object) -> str:
    """Return a file that says something."""
    file = folder / "proxy.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(file)


def test_it_answers_and_then_no_longer(tmp_path: Path) -> None:
    with healthy() as port:
        file = told(tmp_path, {"pid": os.getpid(), "port": port, "started": 1})
        assert address(file) == f"http://127.0.0.1:{port}"
    assert address(file) == ""


def test_somebody_who_is_no_proxy_does_not_answer(tmp_path: Path) -> None:
    with healthy(404) as port:
        assert address(told(tmp_path, {"pid": os.getpid(), "port": port})) == ""


@pytest.mark.parametrize("full", [False, True])
def test_one_that_hangs_does_not_answer(tmp_path: Path, full: bool) -> None:  # noqa: FBT001  a case
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        file = told(tmp_path, {"pid": os.getpid(), "port": port})
        with ExitStack() as stack:
            if full:
                server.listen(0)
                stack.enter_context(crowded(port))
            begun = time.monotonic()
            assert address(file) == ""
            # Half a second, and what a busy machine adds.
            assert time.monotonic() - begun < 5


@pytest.mark.skipif(sys.platform == "win32", reason="Windows is not asked for the process")
def test_somebody_else_at_its_port_is_not_the_proxy(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    with healthy() as port:
        assert address(told(tmp_path, {"pid": gone.pid, "port": port})) == ""


NOBODY: tuple[object, ...] = (
    "",
    "{",
    "[]",
    {},
    {"port": 1},
    {"pid": 1},
    {"pid": 0, "port": 1},
    {"pid": -1, "port": 1},
    {"pid": "x", "port": 1},
    {"pid": os.getpid(), "port": 70000},
    {"pid": 10**30, "port": 1},
    {"pid": None, "port": None},
)


@pytest.mark.parametrize("content", NOBODY)
def test_a_file_that_says_nothing_is_no_proxy(tmp_path: Path, content: object) -> None:
    assert address(told(tmp_path, content)) == ""


def test_without_a_file_there_is_none(tmp_path: Path) -> None:
    assert address(str(tmp_path / "proxy.json")) == ""
