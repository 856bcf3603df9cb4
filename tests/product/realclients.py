"""Real clients without a terminal, in a network of their own in which there is nothing but loopback."""

import fcntl
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

PINS = (
    "@anthropic-ai/claude-code@2.1.330",
    "@openai/codex@0.169.0",
    "@google/gemini-cli@0.61.0",
    "opencode-ai@1.18.33",
    "@qwen-code/qwen-code@0.15.10",
    "@github/copilot@1.0.102",
)
HOSTS = ("api.anthropic.com", "api.openai.com", "generativelanguage.googleapis.com", "chatgpt.com")
_INSTALL_S = 300
_TURN_S = 90
_INTO_S = 0.8
"""Seconds after which an answer that takes several is on its way."""
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
_HEED_S = 1.5
"""Seconds that a client has to heed a signal before the next, ruder one."""


def installed() -> Path | None:
    """Return the folder below which the clients are, installed once and kept; None where npm does not get them.

    `TALLY_CLIENTS` names a folder; without it they are in the temporary one. They take 1.5 GB and 20 to 60 seconds.
    """
    folder = Path(os.environ.get("TALLY_CLIENTS") or Path(tempfile.gettempdir()) / "tally-clients")
    folder.mkdir(parents=True, exist_ok=True)
    done = folder / "pinned.json"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if done.exists() and json.loads(done.read_text()) == list(PINS):
            return folder
        if shutil.which("npm") is None or shutil.which("node") is None:
            return None
        (folder / "package.json").write_text('{"name": "clients", "private": true}')
        command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-progress", *PINS]
        with suppress(subprocess.TimeoutExpired, subprocess.CalledProcessError):
            # It says at once where nobody answers; an installation would go on trying for minutes.
            subprocess.run(
                ["npm", "ping", "--fetch-retries=0"], cwd=folder, timeout=20, check=True, capture_output=True
            )
            if not subprocess.run(command, cwd=folder, timeout=_INSTALL_S, check=False, capture_output=True).returncode:
                done.write_text(json.dumps(PINS))
                return folder
    return None


class Apart:
    """A network namespace with loopback alone, in which nothing that is started can reach anybody."""

    def __init__(self, keeper: "subprocess.Popen[bytes]") -> None:
        """Take the process that keeps it."""
        self._enter = ["nsenter", f"--target={keeper.pid}", "--net"]
        if os.geteuid():
            self._enter += ["--user", "--preserve-credentials"]

    def command(self, *command: str) -> list[str]:
        """Return what runs a command within."""
        return [*self._enter, *command]


@contextmanager
def apart() -> Iterator[Apart | None]:
    """Make a namespace that ends with this process; None where this system allows none."""
    kind = ["--net"] if os.geteuid() == 0 else ["--net", "--map-root-user"]
    command = ["unshare", *kind, "sh", "-c", "ip link set lo up && echo up && exec cat"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as keeper:
        assert keeper.stdout is not None
        up = keeper.stdout.readline() == b"up\n"
        try:
            yield Apart(keeper) if up else None
        finally:
            keeper.kill()


@contextmanager
def running(
    command: Sequence[str], environ: Mapping[str, str], ready: str, log: Path, *, how: str = "terminate"
) -> Iterator[str]:
    """Run a program until the end of the block, where it is ended or killed; give the line of its output that fits a pattern."""
    with log.open("ab") as errors:
        process = subprocess.Popen(
            command, env=environ, stdout=subprocess.PIPE, stderr=errors, text=True, start_new_session=True
        )
        try:
            assert process.stdout is not None
            found = next((line for line in process.stdout if re.search(ready, line)), "")
            assert found, f"{command} did not begin: {log.read_text()}"
            yield found
        finally:
            getattr(process, how)()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            assert process.stdout is not None
            process.stdout.close()


class Ground(NamedTuple):
    """Everything that clients need to be run and counted: the other side of the wire, and both ways to it."""

    folder: Path
    apart: Apart
    drive: Any
    """The module that knows how each client is run."""
    clients: Path
    environ: Mapping[str, str]
    """What our own programs see."""
    proxy: str
    gateway: str
    given: Mapping[str, str]
    """What `tally env` gives to a program."""

    @property
    def data(self) -> Path:
        """Our data folder."""
        return self.folder / "data"

    def truth(self) -> list[dict[str, Any]]:
        """Return what was answered, as the other side wrote it down."""
        return _lines([self.folder / "ledger.jsonl"])

    def spooled(self) -> list[dict[str, Any]]:
        """Return what was counted."""
        return _lines(sorted((self.data / "spool").glob("*.jsonl")))

    def asked(self, job: str) -> bool:
        """Tell whether the request for a job has come to the other side: not one beside it, such as for a title."""
        for path in sorted((self.folder / "asked").glob("*.json"), reverse=True):
            with suppress(ValueError):
                body = json.loads(path.read_text())["body"]
                if job in json.dumps(body) and body.get("tools") and body.get("generate") is not False:
                    return True
        return False

    def tally(self, *arguments: str) -> str:
        """Run a command of ours and return what it prints."""
        command = self.apart.command(sys.executable, "-P", "-m", "tallystick", *arguments)
        return subprocess.run(command, env=self.environ, check=True, capture_output=True, text=True, timeout=60).stdout


def _lines(files: Sequence[Path]) -> list[dict[str, Any]]:
    return [json.loads(line) for file in files if file.exists() for line in file.read_text().splitlines()]


@contextmanager
def ground(shared: Path, clients: Path, within: Apart, folder: Path, *mocking: str) -> Iterator[Ground]:
    """Start the other side of the wire, the proxy and the gateway; end them with the block. `mocking` are options of the former."""
    home = folder / "home"
    home.mkdir(parents=True)
    kept = {name: os.environ[name] for name in ("PATH", "COVERAGE_PROCESS_START", "LANG") if name in os.environ}
    environ = {**kept, "HOME": str(home), "TALLY_DATA_DIR": str(folder / "data"), "TZ": "UTC"}
    log, python = folder / "log", within.command(sys.executable)
    ca = folder / "mock-ca"
    mock = [str(shared / "realclients" / "mock_llm.py"), "--port", "0", "--tls-port", "0", "--ca-dir", str(ca)]
    mock += ["--ledger", str(folder / "ledger.jsonl"), "--other", str(folder / "other.jsonl")]
    mock += ["--dump", str(folder / "asked"), *mocking]
    with ExitStack() as stack:
        said = json.loads(stack.enter_context(running([*python, *mock], environ, r"^\{", log)))
        port = said["https"].rpartition(":")[2]
        ways = [word for host in HOSTS for word in ("--connect-to", f"{host}=127.0.0.1:{port}")]
        proxy = [*python, "-P", "-m", "tallystick", "proxy", "--port", "0", "--upstream-ca", said["ca"], *ways]
        line = stack.enter_context(running(proxy, environ, "passes traffic on", log))
        serve = [*python, "-P", "-m", "tallystick", "serve", "--port", "0"]
        leading = {**environ, **_leading(folder, said["https"]), "TALLY_GATEWAY_UPSTREAM_CA": said["ca"]}
        there = stack.enter_context(running(serve, leading, "serves at", log))
        made = Ground(folder, within, _drive(shared), clients, environ, _address(line), _address(there), given={})
        yield made._replace(given=_given(made.tally("env")))


def _leading(folder: Path, where: str) -> dict[str, str]:
    """Return the variables that lead every upstream to the other side, and one more by which no websocket goes: `plain`.

    The gateway heeds budgets, of which there are none until a test sets one.
    """
    config = folder / "config.toml"
    plain = f'[gateway.upstreams.plain]\nurl = "{where}"\nprovider = "openai"\nwebsockets = false\n'
    config.write_text(f"{plain}[budgets]\ngateway = true\n")
    names = ("ANTHROPIC", "OPENAI", "GOOGLE")
    return {"TALLY_CONFIG": str(config)} | {f"TALLY_GATEWAY_UPSTREAMS_{name}": where for name in names}


def _address(line: str) -> str:
    found = re.search(r"http://127\.0\.0\.1:\d+", line)
    assert found, line
    return found[0]


def _given(text: str) -> dict[str, str]:
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line)
    return {name: value.strip('"') for name, _, value in pairs}


def _drive(shared: Path) -> Any:  # noqa: ANN401  a script that is loaded
    found = importlib.util.spec_from_file_location("drive", shared / "realclients" / "drive.py")
    assert found
    assert found.loader
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


class Turn(NamedTuple):
    """One prompt to a client."""

    steps: Sequence[Any]
    """What the other side answers, step by step."""
    abort: bool = False
    """The client is interrupted while its answer comes."""
    again: bool = True
    """Whether it goes on with the session before."""
    fork: bool = False


class Client:
    """One client in a home of its own, by one way to the other side."""

    def __init__(self, place: Ground, name: str, way: str, ident: str, **more: Any) -> None:  # noqa: ANN401
        """Set it up. `more` are `upstream`, the gateway's name for who answers, and options of the driver, such as `model`."""
        self.place, self.name, self.way, self.ident = place, name, way, ident
        self.home = place.folder / f"home-{ident}"
        provider = {"claude": "anthropic", "gemini": "google"}.get(name, "openai")
        model = str(more.get("model") or "")
        if name == "opencode":
            provider = model.partition("/")[0] or "anthropic"
        elif model.startswith("claude"):
            provider = "anthropic"
        provider = more.pop("upstream", "") or provider
        options: dict[str, Any] = {
            "client": name,
            "prefix": str(place.clients),
            "bin": None,
            "mode": "proxy" if way == "proxy" else "baseurl",
            "mock": f"{place.gateway}/gateway/{provider}",
            "proxy": place.proxy,
            "ca": None,
            "model": None,
            "transport": "ws",
            "scenario": "mixed",
            "home": str(self.home),
            "project": str(place.folder / f"project-{ident}"),
            "otel": None,
            "otel_protocol": "",
            "env": [],
        }
        self.run = place.drive.Run(Namespace(**{**options, **more}))
        if way == "proxy":
            self.run.env.update(place.given)
        self.turns = 0

    def turn(self, turn: Turn) -> tuple[int, str]:
        """Give it a prompt; return its exit code and what it said."""
        job = f"{self.ident}-{self.turns}"
        prompt = f"Job {job} please. @@mock{json.dumps({'id': job, 'steps': list(turn.steps)})}@@"
        again = turn.again and self.turns > 0 and self.run.session is not None
        command = self.place.apart.command(*self.run.command(prompt, again, again and turn.fork))
        self.turns += 1
        output = self.place.folder / f"{job}.out"
        with output.open("wb") as out, self._begun(command, out) as process:
            if turn.abort:
                self._interrupt(process, job)
            with suppress(subprocess.TimeoutExpired):
                process.wait(_TURN_S)
        said = output.read_text(errors="replace")
        self.run.session = self.run.session_of(said) or self.run.session
        return process.returncode, said

    def _interrupt(self, process: "subprocess.Popen[bytes]", job: str) -> None:
        """Interrupt it while its answer comes."""
        end = time.monotonic() + _TURN_S
        while not self.place.asked(job) and process.poll() is None and time.monotonic() < end:
            time.sleep(0.05)
        time.sleep(_INTO_S)
        for number in _SIGNALS:
            process.send_signal(number)
            with suppress(subprocess.TimeoutExpired):
                process.wait(_HEED_S)
                return

    @contextmanager
    def _begun(self, command: Sequence[str], out: Any) -> Iterator["subprocess.Popen[bytes]"]:  # noqa: ANN401
        process = subprocess.Popen(
            command,
            cwd=self.run.project,
            env=self.run.env,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            # What it has started in turn goes with it.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
