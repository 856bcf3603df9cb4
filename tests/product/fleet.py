"""Machines and a server of a test's own, which run as they do for people: real processes on the loopback."""

import json
import os
import re
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

PROGRAM = (sys.executable, "-P", "-m", "tallystick")
CODE = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b")


class Machine:
    """A home with logs of its own, in which commands run as they do for a person."""

    def __init__(self, folder: Path, name: str) -> None:
        """Make the home."""
        self.name, self.home, self.data = name, folder / name, folder / f"{name}-data"
        self.home.mkdir()
        self._written = 0

    def environ(self, **more: str) -> dict[str, str]:
        """Return what commands see."""
        kept = {name: os.environ[name] for name in ("PATH", "COVERAGE_PROCESS_START", "LANG") if name in os.environ}
        own = {"HOME": str(self.home), "TALLY_DATA_DIR": str(self.data), "TALLY_MACHINE": self.name, "TZ": "UTC"}
        return {**kept, **own, **more}

    def start(self, *arguments: str, **more: str) -> "subprocess.Popen[str]":
        """Start a command."""
        return subprocess.Popen(
            [*PROGRAM, *arguments], env=self.environ(**more), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def tally(self, *arguments: str, code: int = 0, **more: str) -> str:
        """Run a command, which is to end with a code; return what it says."""
        process = self.start(*arguments, **more)
        out, err = process.communicate(timeout=60)
        assert process.returncode == code, f"{arguments} ended with {process.returncode}: {out}{err}"
        return out + err

    def work(self, answers: int, shared: str = "") -> None:
        """Have a session with so many answers: of this machine alone, or one that others have as well."""
        session = shared or f"{self.name}-{self._written}"
        path = self.home / ".claude" / "projects" / "p" / f"{session}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as file:
            for number in range(answers):
                usage = {"input_tokens": 10 + number % 7, "output_tokens": 20, "cache_read_input_tokens": 1000}
                message = {
                    "id": f"msg_{session}_{number}",
                    "model": "claude-opus-4-8",
                    "stop_reason": "end_turn",
                    "usage": usage,
                }
                line = {"type": "assistant", "timestamp": f"2026-11-01T10:{number // 60 % 60:02}:{number % 60:02}.000Z"}
                line |= {"sessionId": session, "requestId": f"req_{session}_{number}", "cwd": "/home/dev/p"}
                file.write(json.dumps({**line, "message": message}) + "\n")
        os.utime(path, ns=(1_793_500_000_000_000_000,) * 2)
        self._written += 1

    def figures(self) -> Any:  # noqa: ANN401  as JSON has them
        """Return what its own ledger says of everything."""
        rows = json.loads(
            self.tally("report", "--by", "session,machine,model", "--json", "--limit", "0", "--since", "2020-01-01")
        )
        return rows["rows"], rows["totals"]


class Server(Machine):
    """A machine that others send to."""

    port = 0
    process: "subprocess.Popen[str] | None" = None

    def serve(self, **more: str) -> None:
        """Start to serve, at the same port as before."""
        self.port = self.port or free_port()
        self.process = self.start("serve", "--port", str(self.port), **more)
        until(lambda: reachable(self.port), self.process)

    def kill(self) -> None:
        """Kill it, as whatever it was doing."""
        assert self.process is not None
        self.process.kill()
        self.process.communicate()

    def pair(self, machine: Machine, port: int = 0) -> None:
        """Pair a machine with this server, perhaps through something in between."""
        code = CODE.search(self.tally("server", "invite", "--machine", machine.name))
        assert code is not None
        machine.tally("join", f"http://127.0.0.1:{port or self.port}", code[0], "--no-service")


def free_port() -> int:
    """Return a port that nobody uses."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def reachable(port: int) -> bool:
    """Tell whether somebody listens there."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def until(holds: Any, process: "subprocess.Popen[str]", seconds: float = 20) -> None:  # noqa: ANN401  whatever can be called
    """Wait for something to hold, as long as a process runs."""
    end = time.monotonic() + seconds
    while not holds():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.02)
