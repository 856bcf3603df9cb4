"""The proxy answers only when its file, its process and its port say so."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tallystick.shell.answering import address


def told(folder: Path, content: object) -> str:
    """Return a file that says something."""
    file = folder / "proxy.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(file)


def test_it_answers_and_then_no_longer(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        file = told(tmp_path, {"pid": os.getpid(), "port": port, "started": 1})
        assert address(file) == f"http://127.0.0.1:{port}"
    assert address(file) == ""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows is not asked for the process")
def test_somebody_else_at_its_port_is_not_the_proxy(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert address(told(tmp_path, {"pid": gone.pid, "port": server.getsockname()[1]})) == ""


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
