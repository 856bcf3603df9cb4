"""The image's installation, made with the commands of the Dockerfile, runs as the engine would run it, as nobody special."""

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest
from tests.cli.running import until
from tests.test_deploy import CHECKOUT, NOBODY, compose, environment, extras, health, only, steps

from tallystick.faces.http.site import PREFIX
from tallystick.intake.proxy.plan import PORT as PROXY_PORT

TOKEN = "made-up-token-of-this-test-0123456789"
TO_END = 5.0


class Image:
    """The image's installation in a folder of a test's own."""

    def __init__(self, folder: Path, extras: str, command: list[str]) -> None:
        """Install it with the commands of the Dockerfile from what the Dockerfile copies."""
        self.folder, self.extras, self.command = folder, extras, command
        self.environment = environment()
        build = folder / "build"
        build.mkdir()
        for step in steps():
            if (step.stage, step.word) == (0, "COPY"):
                for name in step.rest.split()[:-1]:
                    _copy(CHECKOUT / name, build)
        self._install(build)
        self.home, self.data = folder / "home", folder / "data"
        self.home.mkdir(mode=0o555)
        self.data.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(self.data, NOBODY, NOBODY)

    def _install(self, build: Path) -> None:
        (command,) = (step.rest for step in steps() if step.word == "RUN" and "uv pip install" in step.rest)
        command = command.replace("/opt/tallystick", str(self.folder / "opt")).replace("--no-cache ", "")
        command = command.replace("/usr/local/bin/python3", shlex.quote(os.path.realpath(sys.executable)))
        kept = {name: value for name, value in os.environ.items() if name.startswith(("UV_", "PIP_", "SSL_"))}
        uv = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        around = {**kept, "PATH": uv, "HOME": os.environ["HOME"], "UV_HTTP_TIMEOUT": "5", "EXTRAS": self.extras}
        done = subprocess.run(["sh", "-c", command], cwd=build, env=around, capture_output=True, text=True, check=False)
        if done.returncode and re.search("(?i)failed to (fetch|download)|connect|network", done.stderr):
            pytest.skip(f"nothing can be installed here: {done.stderr.strip().splitlines()[0]}")
        assert done.returncode == 0, done.stderr

    def around(self, **more: str) -> dict[str, str]:
        """Return the environment of a process in it."""
        path = f"{self.folder / 'opt' / 'bin'}{os.pathsep}{os.defpath}"
        own = {"HOME": str(self.home), "PATH": path, "TALLY_DATA_DIR": str(self.data)}
        return {**self.environment, **own, **more}

    def run(self, command: list[str], **more: str) -> "subprocess.CompletedProcess[str]":
        """Run a command in it to its end."""
        return subprocess.run(
            [*nobody(), *command], env=self.around(**more), capture_output=True, text=True, check=False, timeout=30
        )

    @contextmanager
    def runs(self, *arguments: str, **more: str) -> Iterator["subprocess.Popen[str]"]:
        """Run it as the engine does."""
        command = [*nobody(), *json.loads(only("ENTRYPOINT")), *self.command, *arguments]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, env=self.around(**more), stdout=pipe, stderr=pipe, text=True) as process:
            try:
                yield process
            finally:
                process.kill()


def _copy(source: Path, folder: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, folder / source.name, ignore=shutil.ignore_patterns("__pycache__", "book.bin"))
    else:
        shutil.copy(source, folder)


def nobody() -> tuple[str, ...]:
    """Return what makes a command run as the image's user, who may read what this one does and write nothing of it."""
    if os.geteuid():
        return ()
    may = "-all,+dac_read_search"
    return (
        *("setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups", "--no-new-privs"),
        *("--inh-caps", may, "--ambient-caps", may),
    )


def asked(port: int, path: str, headers: Mapping[str, str]) -> int:
    """Return with which status an address answers; 0 when nobody does."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers=dict(headers))
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


@contextmanager
def installed(folder: Path, extras: str, command: list[str]) -> Iterator[Image]:
    """Install an image for a while."""
    if not shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"):
        pytest.skip("uv is not installed")
    if nobody() and subprocess.run([*nobody(), "true"], capture_output=True, check=False).returncode:
        pytest.skip("setpriv cannot make somebody else of root here")
    for each in (folder, folder.parent):
        each.chmod(0o755)
    yield Image(folder, extras, command)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    """Install the image once."""
    with installed(tmp_path_factory.mktemp("image"), extras(), json.loads(only("CMD"))) as made:
        yield made


def free_port() -> int:
    """Return a port that nobody uses."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.mark.slow
def test_the_image_serves_as_nobody_special_and_ends_when_it_is_told_to(image: Image) -> None:
    port = free_port()
    # Where the image listens is everywhere; here the loopback has to do.
    here = {"TALLY_SERVER_HOST": "127.0.0.1", "TALLY_SERVER_PORT": str(port)}
    shown = {"Authorization": f"Bearer {TOKEN}", "Accept": "text/html"}
    with image.runs(TALLY_SERVER_TOKEN=TOKEN, **here) as process:
        up = until(lambda: process.poll() is not None or asked(port, "/health", {}) == 200, 60)
        assert up
        assert process.poll() is None, process.stderr and process.stderr.read()
        assert image.run(health(), **here).returncode == 0
        assert asked(port, f"{PREFIX}/reports/daily", {}) == 401
        assert asked(port, f"{PREFIX}/reports/daily", shown) == 200
        # The page needs both extras.
        assert asked(port, "/", shown) == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(TO_END) == 0
    assert image.run(health(), **here).returncode == 1
    assert (image.data / "ledger.db").stat().st_uid == (NOBODY if nobody() else os.getuid())
    assert not list(image.home.iterdir())


@pytest.mark.slow
def test_the_image_serves_nobody_without_a_token(image: Image) -> None:
    with image.runs() as process:
        assert process.wait(10) == 4
        assert "token" in (process.stderr or sys.stdin).read()


@pytest.mark.slow
def test_the_proxy_s_image_runs_as_nobody_special_and_is_asked_how_it_fares(tmp_path: Path) -> None:
    service = compose("proxy")
    port = free_port()
    check = ["python", "-c", service["healthcheck"]["test"][-1].replace(str(PROXY_PORT), str(port))]
    with installed(tmp_path, service["build"]["args"]["EXTRAS"], service["command"]) as made:
        # As compose has it where .env says nothing.
        unsaid = {name: "" for name, said in service["environment"].items() if said == f"${{{name}:-}}"}
        assert unsaid.keys() == {"HTTPS_PROXY", "TALLY_PROXY_MEMORY_MIB"}
        with made.runs("--port", str(port), **unsaid) as process:
            up = until(lambda: process.poll() is not None or asked(port, "/health", {}) == 200)
            assert (up, process.poll()) == (True, None), process.stderr and process.stderr.read()
            assert made.run(check).returncode == 0
            # What tools on the host are to trust is where docs/deploy.md says.
            assert (made.data / "ca" / "tallystick-ca.pem").stat().st_uid == (NOBODY if nobody() else os.getuid())
            process.send_signal(signal.SIGTERM)
            assert process.wait(TO_END) == 0
        assert made.run(check).returncode == 1
        assert not list(made.home.iterdir())
