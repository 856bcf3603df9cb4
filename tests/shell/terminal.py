"""A real shell at a terminal of its own, and a stand-in for the proxy that can be ended as crashes end one."""

import json
import os
import pty
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Final

import pytest

from tallystick.shell.shell import Person, Places, Shell

_PATIENCE: Final = 20.0
"""Seconds for a shell to come to its next prompt on a machine that is busy."""
_START: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({"bash": ("-i",), "zsh": ("-i",), "fish": ("-i",)})
_LISTENER: Final = """
import json, os, socket, sys, time
server = socket.create_server(("127.0.0.1", int(sys.argv[2])))
with open(sys.argv[1] + ".new", "w") as file:
    json.dump({"pid": os.getpid(), "port": server.getsockname()[1], "started": 1}, file)
os.replace(sys.argv[1] + ".new", sys.argv[1])
while True:
    line = server.accept()[0]
    asked = b""
    try:
        while not asked.endswith(b"\\r\\n\\r\\n"):
            got = line.recv(1000)
            if not got:
                break
            asked += got
        # As the real one, which knows by this name alone that it is asked itself.
        host = b"\\r\\nHost: 127.0.0.1:%d\\r\\n" % server.getsockname()[1]
        right = asked.startswith(b"GET /health HTTP/1.") and host in asked
        line.sendall(b"HTTP/1.1 %s\\r\\nContent-Length: 2\\r\\n\\r\\n{}" % (b"200 OK" if right else b"400 Bad Request"))
    except OSError:
        pass
    line.close()
"""


class Home:
    """A person's home with the files that a script looks at."""

    def __init__(self, folder: Path, shell: Shell) -> None:
        """Lay everything out, with names that have to be quoted; the shell's own file runs the script."""
        self.folder, self.shell = folder / "it's $HOME \\ @BUNDLE@ é", shell
        ca = self.folder / "data" / "ca"
        ca.mkdir(parents=True)
        self.places = Places(
            str(self.folder / "data" / "proxy.json"),
            *(str(ca / name) for name in ("extra.pem", "bundle.pem", "named.txt")),
        )
        for path in (self.places.extra, self.places.bundle):
            Path(path).write_text("certificates\n")
        self.script = self.folder / "data" / f"script.{shell.ending}"
        self.script.write_text(shell.script(self.places))
        self.rc = Path(shell.file(Person(str(self.folder), sys.platform, {})))
        self.rc.parent.mkdir(parents=True, exist_ok=True)
        self.begin()

    def begin(self, *lines: str) -> None:
        """Have the shell's own file hold some lines, and then ours."""
        self.rc.write_text("\n".join((*lines, self.shell.line(str(self.script)), "")))


@contextmanager
def proxy(home: Home, port: int = 0) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a stand-in for the proxy: it listens and says where; killed, it leaves its file behind."""
    file = Path(home.places.proxy)
    file.unlink(missing_ok=True)
    process = subprocess.Popen([sys.executable, "-I", "-S", "-c", _LISTENER, str(file), str(port)])
    try:
        deadline = time.monotonic() + _PATIENCE
        while not file.exists():
            assert time.monotonic() < deadline
            time.sleep(0.005)
        yield process
    finally:
        process.kill()
        process.wait()


def port_of(home: Home) -> int:
    """Return the port that the file tells."""
    port: int = json.loads(Path(home.places.proxy).read_text())["port"]
    return port


def killed(process: "subprocess.Popen[bytes]") -> None:
    """End a stand-in as a crash would."""
    process.send_signal(signal.SIGKILL)
    process.wait()


@contextmanager
def silent(home: Home) -> Iterator[socket.socket]:
    """Listen as a proxy does that hangs, and take no connection; each that was tried waits to be taken."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        told = {"pid": os.getpid(), "port": server.getsockname()[1], "started": 1}
        Path(home.places.proxy).write_text(json.dumps(told))
        yield server


@contextmanager
def somebody_else(port: int) -> Iterator[None]:
    """Listen at a port as another program would."""
    with socket.create_server(("127.0.0.1", port)):
        yield


class Terminal:
    """A shell that somebody types into."""

    def __init__(self, home: Home, command: tuple[str, ...], environ: Mapping[str, str]) -> None:
        """Start it."""
        self.home, self._count = home, 0
        for left in home.folder.glob("done*"):
            left.unlink()
        self.said = b""
        variables = {
            "HOME": str(home.folder),
            "PATH": os.environ["PATH"],
            "TERM": "dumb",
            "SHELL": command[0],
            "LC_ALL": "C.UTF-8",
            **environ,
        }
        child, self._file = pty.fork()
        if child == 0:
            try:
                os.chdir(home.folder)
                os.execvpe(command[0], command, variables)  # noqa: S606  a shell is what is tried
            finally:
                os._exit(127)
        self._child = child

    def type(self, line: str) -> None:
        """Type a line and wait until everything that came of it is done, up to the next prompt."""
        self._count += 1
        done = self.home.folder / f"done{self._count}"
        self._write(line)
        # A line of its own: the prompt before it has then been written.
        self._write(f"touch done{self._count}")
        self._wait(done)

    def environment(self) -> dict[str, str]:
        """Return what a program that is started now finds in its environment."""
        out = self.home.folder / "environment"
        out.unlink(missing_ok=True)
        self.type("env -0 > environment")
        return dict(each.split("=", 1) for each in out.read_text().split("\0") if each)

    def _write(self, line: str) -> None:
        data = line.encode() + b"\n"
        while data:
            self._read()
            data = data[os.write(self._file, data) :]

    def _wait(self, done: Path) -> None:
        deadline = time.monotonic() + _PATIENCE
        while not done.exists():
            self._read()
            assert time.monotonic() < deadline, self.said.decode(errors="replace")[-2000:]
            time.sleep(0.002)
        self._read()

    def _read(self) -> None:
        """Take what was written, as a terminal does: a shell whose terminal is full stands still."""
        while select.select([self._file], [], [], 0)[0]:
            try:
                said = os.read(self._file, 65536)
            except OSError:
                return
            if not said:
                return
            self.said += said

    def close(self) -> None:
        """End it."""
        os.kill(self._child, signal.SIGKILL)
        os.waitpid(self._child, 0)
        os.close(self._file)


@contextmanager
def terminal(home: Home, environ: Mapping[str, str] = MappingProxyType({})) -> Iterator[Terminal]:
    """Open a terminal with a person's shell in it."""
    opened = Terminal(home, (shutil.which(home.shell.name) or home.shell.name, *_START[home.shell.name]), environ)
    try:
        yield opened
    finally:
        opened.close()


def needs(shell: Shell) -> None:
    """Skip a test whose shell is not installed."""
    if not shutil.which(shell.name):
        pytest.skip(f"{shell.name} is not installed")
