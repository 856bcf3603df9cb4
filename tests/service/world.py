"""A place of a test's own in which servers run: plans for the stand-in, free ports, and a real systemd where that goes."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tallystick.service.service import Person, Plan

STAND_IN = Path(__file__).with_name("stand_in.py")
SYSTEMD = "/usr/lib/systemd/systemd"
GOLDEN = Path(__file__).with_name("golden")

ODD = Plan(
    interpreter='/opt/Été 100% "new"/it\'s $HOME/bin\\x/python3.13',
    program=("-P", "-m", "tallystick"),
    arguments=(
        "serve",
        "--host",
        "127.0.0.1",
        "--port",
        "3847",
        "--log",
        '/home/dev/my state/$x %h "q" <&> \'\\n/server.log',
    ),
    environment=(
        ("CLAUDE_CONFIG_DIR", '/home/dev/a b,/home/dev/"c"'),
        ("PATH", "/home/dev/.local/bin:/usr/bin"),
        ("PORT", "3847"),
        ("TALLY_DATA_DIR", "/home/dev/100% <mine> & $yours\\ünï"),
        ("TZ", "Europe/Berlin"),
    ),
    folder="/home/dev/my home 100%",
    log='/home/dev/my state/$x %h "q" <&> \'\\n/server.log',
    host="127.0.0.1",
    port=3847,
    version="1.2.3",
)
"""A plan with every sign that some manager reads as something else."""
DEV = Person(
    home="/home/dev/my home 100%", config="/home/dev/my home 100%/.config", state="/home/dev/my state", uid=501
)

WINDOWS = ODD._replace(
    interpreter="C:\\Program Files\\Été & Co\\python.exe",
    folder="C:\\Users\\dev",
    log="C:\\Users\\dev\\AppData\\Local\\tallystick\\log\\server.log",
)
WINDOWS_DEV = Person(
    home="C:\\Users\\dev",
    config="C:\\Users\\dev\\AppData\\Local",
    state="C:\\Users\\dev\\AppData\\Local\\tallystick",
    account="LAPTOP <1>\\dev",
)


def free_port() -> int:
    """Return a port that nobody holds at the moment."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def person(folder: Path) -> Person:
    """Return somebody whose home is a folder of a test."""
    return Person(str(folder), str(folder / ".config"), str(folder / "state" / "tallystick"), os.getuid())


def plan(somebody: Person, port: int, **more: str) -> Plan:
    """Return a plan that runs the stand-in; `more` is added to its environment."""
    log = f"{somebody.state}/log/server.log"
    return Plan(
        interpreter=sys.executable,
        program=("-P", str(STAND_IN)),
        arguments=("serve", "--host", "127.0.0.1", "--port", str(port), "--log", log),
        environment=tuple(sorted({"HOME": somebody.home, **more}.items())),
        folder=somebody.home,
        log=log,
        host="127.0.0.1",
        port=port,
        version="1.2.3",
    )


def get(port: int, path: str = "/health") -> dict[str, Any]:
    """Ask the stand-in, which may be about to listen only."""
    import json

    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        assert eventually(lambda: _listens(port))
        connection.request("GET", path)
        told: dict[str, Any] = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    return told


def _listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def eventually(done: Callable[[], bool], seconds: float = 15) -> bool:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@contextmanager
def holding(port: int) -> Iterator[None]:
    """Hold a port as another program would, one that hangs up on whoever calls."""
    with socket.create_server(("127.0.0.1", port)) as server:

        def serve() -> None:
            while True:
                connection, _ = server.accept()
                last = connection.recv(1) == b"!"
                connection.close()
                if last:
                    return

        thread = Thread(target=serve)
        thread.start()
        try:
            yield
        finally:
            with socket.create_connection(("127.0.0.1", port)) as goodbye:
                goodbye.send(b"!")
            thread.join()


class Systemd:
    """A systemd of one person that runs in a corner of this system, apart from everything else."""

    def __init__(self, inside: int, environ: Mapping[str, str], *, mapped: bool) -> None:
        """Take the process inside which everything runs."""
        self.environ = dict(environ)
        self._enter = ["nsenter", "--target", str(inside), "--mount", "--pid", "--wd=/"]
        if mapped:
            self._enter += ["--user", "--preserve-credentials"]

    def run(self, *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
        """Run a command in there."""
        return subprocess.run(
            [*self._enter, *arguments],
            env=self.environ | more,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )


BEGIN = """
set -e
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/system "$XDG_RUNTIME_DIR"
chmod 700 "$XDG_RUNTIME_DIR"
"$0" --user --log-target=console --log-level=warning --unit=default.target &
wait
"""
"""As process 1 of its namespace it would take itself for the system's own."""


@contextmanager
def systemd(home: Path) -> Iterator[Systemd]:
    """Run a real systemd for one person in namespaces of its own; skip where the kernel or the system has no such thing."""
    for needed in ("unshare", "nsenter", "systemctl", SYSTEMD):
        if not shutil.which(needed):
            unavailable(f"{needed} is missing")
    mapped = os.geteuid() != 0
    runtime = "/run/user/0" if mapped else f"/run/user/{os.geteuid()}"
    environ = {
        "HOME": str(home),
        "PATH": os.environ["PATH"],
        "XDG_RUNTIME_DIR": runtime,
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_STATE_HOME": str(home / "state"),
        "SYSTEMD_UNIT_PATH": f"{home}/.config/systemd/user:{_targets(home)}",
        "TZ": "UTC",
    }
    apart = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    with (home / "systemd.log").open("wb") as log:
        begun = subprocess.Popen(
            [*apart, *(["--map-root-user"] if mapped else []), "sh", "-c", BEGIN, SYSTEMD],
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        yield _begun(begun, environ, home, mapped=mapped)
    finally:
        begun.kill()
        begun.wait()


def _targets(home: Path) -> Path:
    """Return a folder with the few units that systemd itself asks for, so that nothing of this machine is started."""
    folder = home / "targets"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("default", "basic", "shutdown", "exit", "sockets", "timers", "paths"):
        (folder / f"{name}.target").write_text(f"[Unit]\nDescription={name}\nDefaultDependencies=no\n")
    return folder


def _begun(begun: "subprocess.Popen[bytes]", environ: Mapping[str, str], home: Path, *, mapped: bool) -> Systemd:
    children = Path(f"/proc/{begun.pid}/task/{begun.pid}/children")
    if not eventually(lambda: begun.poll() is not None or bool(children.read_text().split()), 5) or begun.poll():
        unavailable(f"it does not start: {(home / 'systemd.log').read_text()[-300:]}")
    found = Systemd(int(children.read_text().split()[0]), environ, mapped=mapped)
    if not eventually(lambda: found.run("systemctl", "--user", "show", "--property=Version").returncode == 0, 10):
        unavailable(f"it does not answer: {(home / 'systemd.log').read_text()[-300:]}")
    return found


def unavailable(why: str) -> None:
    """Skip a test for which the system has not what it takes."""
    pytest.skip(f"systemd cannot be tried here: {why}")
