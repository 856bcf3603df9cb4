"""`tally proxy` as a real process: counts what a provider answers, survives what happens to it, and ends cleanly."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.cli.running import PROGRAM, Told, around, started, until
from tests.cli.stage import Stage

from tallystick.cli import ca
from tallystick.cli.proxy import _renew, begin, planned
from tallystick.errors import Misused, Unavailable
from tallystick.intake.proxy.plan import Plan, Way
from tallystick.intake.proxy.running import running
from tallystick.service import process
from tallystick.settings import Settings

with warnings.catch_warnings():
    # mitmproxy's filter language uses names of pyparsing's that are deprecated.
    warnings.simplefilter("ignore", DeprecationWarning)
    from tests.intake.proxy.origin import Authority, Origin, asked, authority, connected, served
    from tests.intake.proxy.passing import spooled

HOST = "api.anthropic.com"
ANSWER = {
    "id": "msg_1",
    "type": "message",
    "model": "claude-opus-4-8",
    "usage": {"input_tokens": 42, "cache_read_input_tokens": 5_156, "output_tokens": 245},
}


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Return the authority of the servers behind the proxy."""
    return authority(tmp_path_factory.mktemp("behind"))


@pytest.fixture(scope="module")
def origin(behind: Authority) -> Iterator[Origin]:
    """Serve what a provider would."""
    with served(behind, (HOST,)) as found:
        found.answers["/v1/messages"] = json.dumps(ANSWER).encode(), {"request-id": "req_1"}
        yield found


def options(origin: Origin, behind: Authority, *more: str) -> tuple[str, ...]:
    """Return the command line of a proxy that leads the provider's host to the test."""
    way = f"{HOST}=127.0.0.1:{origin.port}"
    return ("proxy", "--port", "0", "--connect-to", way, "--upstream-ca", str(behind.certificate), *more)


def listening(told: Told) -> int:
    """Return the port, once it listens."""
    line = told.next(lambda line: "passes traffic on at" in line, 30)
    return int(line.split(" (")[0].rpartition(":")[2])


def called(stage: Stage, port: int, user: str = "") -> bytes:
    """Make one call through the proxy, trusting its authority."""
    connection = connected(port, HOST, stage.home / "data" / "ca" / "tallystick-ca.pem", user)
    try:
        return asked(connection, "/v1/messages?beta=true", b'{"model": "claude-opus-4-8"}')
    finally:
        connection.close()


def test_calls_are_counted_and_it_ends_when_it_shall(stage: Stage, origin: Origin, behind: Authority) -> None:
    data = stage.home / "data"
    with started(stage, *options(origin, behind)) as told:
        port = listening(told)
        origin.answers["/v1/messages?beta=true"] = origin.answers["/v1/messages"]
        assert json.loads(called(stage, port)) == ANSWER
        assert until(lambda: spooled(data))
        (line,) = spooled(data)
        assert (line["provider"], line["model"], line["id"], line["request"]) == (
            "anthropic",
            "claude-opus-4-8",
            "msg_1",
            "req_1",
        )
        assert line["tokens"] == [42, 5_156, 0, 0, 245, 0]
        found = running(str(data))
        assert found is not None
        assert (found.pid, found.port) == (told.process.pid, port)
        second = subprocess.run(
            [*PROGRAM, *options(origin, behind)], env=around(stage), check=False, capture_output=True, text=True
        )
        assert second.returncode == 3
        assert second.stderr == (
            f"tally: A proxy runs already at http://127.0.0.1:{port}: use that one, or stop it with `tally down`.\n"
        )
        told.process.send_signal(signal.SIGTERM)
        assert told.process.wait(20) == 0
    assert running(str(data)) is None
    assert not (data / "proxy.json").exists()
    assert [line for line in told.all if "passes traffic on" not in line] == []


def test_what_was_spooled_outlives_a_kill_and_the_next_one_goes_on(
    stage: Stage, origin: Origin, behind: Authority
) -> None:
    data = stage.home / "data"
    for round_ in (1, 2):
        with started(stage, *options(origin, behind)) as told:
            port = listening(told)
            for _ in range(3):
                called(stage, port)
            connection = connected(port, HOST, data / "ca" / "tallystick-ca.pem")
            connection.request("GET", "/endless")
            assert connection.getresponse().read(9) == b"data: 0\n\n"
            assert until(lambda: len(spooled(data)) == 3 * round_)  # noqa: B023  called at once
            told.process.kill()
            told.process.wait()
            connection.close()
        assert running(str(data)) is None
    assert [line["outcome"] for line in spooled(data)] == ["done"] * 6
    assert len(list((data / "spool").iterdir())) == 2


def test_a_torn_line_of_a_killed_one_is_left_as_it_is(stage: Stage, origin: Origin, behind: Authority) -> None:
    data = stage.home / "data"
    (data / "spool").mkdir(parents=True)
    torn = data / "spool" / "1795000000000-1.jsonl"
    torn.write_text('{"v":1,"id":"a"}\n{"v":1,"i')
    with started(stage, *options(origin, behind)) as told:
        called(stage, listening(told))
        assert until(lambda: len(spooled(data)) == 2)
    assert torn.read_text() == '{"v":1,"id":"a"}\n{"v":1,"i'


def test_an_archive_is_told_loudly(stage: Stage, origin: Origin, behind: Authority, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    with started(stage, *options(origin, behind, "--archive", str(kept))) as told:
        called(stage, listening(told))
        assert any(f"ARE WRITTEN TO {kept}" in line for line in told.all)
    assert len(list(kept.iterdir())) == 2


def test_one_that_hangs_is_told_and_ended(stage: Stage) -> None:
    with started(stage, "proxy", "--port", "0") as told:
        port = listening(told)
        told.process.send_signal(signal.SIGSTOP)
        pid = told.process.pid
        status = stage.tally("status")
        assert (status.code, status.out.splitlines()[-2].split()[:3]) == (1, ["proxy", str(pid), "none"])
        assert status.out.splitlines()[-1].strip().startswith("last trouble: It is there and does not answer")
        assert stage.tally("shell", "env", "--shell", "bash").code == 3
        second = [*PROGRAM, "proxy", "--port", "0"]
        said = subprocess.run(second, env=around(stage), check=False, capture_output=True, text=True)
        assert said.stderr.startswith(f"tally: A proxy runs already at http://127.0.0.1:{port}: ")
        assert stage.tally("down").err == f"tally: The proxy was stopped (process {pid}).\n"
        assert told.process.wait(5) == -signal.SIGKILL


def test_the_authority_is_renewed_while_it_runs_with_the_bundle(
    stage: Stage, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    from tallystick.trust import authority as authorities
    from tallystick.trust.folder import Folder

    place = Folder(str(stage.home / "data" / "ca"))
    # It ends within a year of that, and less than the thirty days are left in which a new one is made.
    hosts, year_ago = ca.hosts(settings(stage)), int(time.time() * 1000) - 340 * 86_400_000
    before = authorities.ensured(place, hosts, year_ago).certificate
    _renew()
    _renew()
    after = authorities.found(place, int(time.time() * 1000))
    assert after is not None
    assert after.certificate.fingerprint != before.fingerprint
    bundle = Path(place.bundle).read_bytes()
    assert after.certificate.pem in bundle
    # Whoever was started before goes on being served by the one before, and whoever is started now trusts both.
    assert before.pem in bundle
    assert [record.getMessage().partition(" is new")[0] for record in caplog.records] == [after.certificate.name]
    assert capsys.readouterr().err == ""


def test_without_the_extra_it_says_what_to_install(stage: Stage) -> None:
    hidden = (
        "import sys; sys.modules['mitmproxy'] = None; sys.argv = ['tally', 'proxy'];"
        "from tallystick.cli import main; raise SystemExit(main())"
    )
    said = subprocess.run(
        [sys.executable, "-c", hidden], env=around(stage), check=False, capture_output=True, text=True
    )
    assert said.returncode == 3
    assert said.stderr == (
        "tally: `tally proxy` needs what is not installed (mitmproxy): `pip install 'tallystick[proxy]'` brings it.\n"
    )


def test_another_command_has_it_run_in_the_background_once(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    more = {"XDG_STATE_HOME": str(stage.home / "state"), "ALL_PROXY": "socks5h://corp.example:1080"}
    for name, value in around(stage, **more).items():
        monkeypatch.setenv(name, value)
    for name in ("HTTPS_PROXY", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    first = begin(settings(stage), 0)
    try:
        # What it had to say before it wrote a log is heard by whoever had it started, once.
        said = capsys.readouterr().err
        assert said == f"tally: {SOCKS}\n"
        assert begin(settings(stage), 0) == first
        assert capsys.readouterr().err == ""
        assert SOCKS in (stage.home / "state" / "tallystick" / "log" / "proxy.log").read_text()
    finally:
        os.kill(first.pid, signal.SIGTERM)
    assert until(lambda: running(str(stage.home / "data")) is None)
    assert until(lambda: process.identity(first.pid) is None)


SOCKS = (
    "ALL_PROXY names a proxy of the kind socks5h, which is not spoken here: providers are asked directly. "
    "Set HTTPS_PROXY to an HTTP proxy if there is one; `tally proxy` takes --upstream or --direct."
)


def test_a_new_authority_is_taken_while_it_runs(stage: Stage, origin: Origin, behind: Authority) -> None:
    trusts = stage.home / "data" / "ca" / "tallystick-ca.pem"
    with started(stage, *options(origin, behind)) as told:
        port = listening(told)
        before = Path(shutil.copy(trusts, stage.home / "before.pem"))
        open_ = connected(port, HOST, before)
        assert json.loads(asked(open_, "/v1/messages", b"{}")) == ANSWER
        for arguments, kept in (((), True), (("--drop",), False)):
            rotated = subprocess.run(
                [*PROGRAM, "ca", "rotate", *arguments],
                env=around(stage),
                check=True,
                capture_output=True,
                text=True,
            )
            assert (
                f"The proxy that runs (process {told.process.pid}) signs with it from now on; connections that are open go on."
                in rotated.stderr
            )
            # Whoever is started now trusts the bundle, which holds the new one, and the one before unless it was dropped.
            bundle = stage.home / "data" / "ca" / "bundle.pem"
            assert trusts.read_text() in bundle.read_text()
            assert (before.read_text() in bundle.read_text()) == kept
            after = connected(port, HOST, bundle)
            assert json.loads(asked(after, "/v1/messages", b"{}")) == ANSWER
            assert json.loads(asked(open_, "/v1/messages", b"{}")) == ANSWER
            after.close()
        open_.close()
        assert until(lambda: len(spooled(stage.home / "data")) == 5)


def test_why_it_cannot_begin_in_the_background_is_told(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in around(stage, XDG_STATE_HOME=str(stage.home / "state")).items():
        monkeypatch.setenv(name, value)
    with Occupied() as port, pytest.raises(Unavailable, match=f"127.0.0.1 port {port}"):
        begin(settings(stage), port)


class Occupied:
    """A port that somebody has."""

    def __enter__(self) -> int:
        """Take one."""
        import socket

        self._listener = socket.create_server(("127.0.0.1", 0))
        return int(self._listener.getsockname()[1])

    def __exit__(self, *_: object) -> None:
        """Let go of it."""
        self._listener.close()


def settings(stage: Stage) -> Settings:
    """Return the settings of a stage."""
    home = str(stage.home)
    return Settings(home, str(stage.home / "data"), str(stage.home / "config.toml"), "UTC", "m", "u")


def made(stage: Stage, environ: dict[str, str] | None = None, **given: Any) -> Plan:  # noqa: ANN401  as click gives them
    """Return a plan without what the system trusts."""
    return planned(settings(stage), given, environ or {})._replace(trusted=(), stored="")


def test_a_plan_is_what_was_said(stage: Stage) -> None:
    assert made(stage) == Plan(str(stage.home / "data"), 8377)
    assert made(stage, port=0).port == 0
    assert made(stage, upstream="http://me:x@corp.example:8080") == Plan(
        str(stage.home / "data"), 8377, "http://corp.example:8080", "me:x"
    )
    assert made(stage, reverse="https://api.example").reverse == "https://api.example:443"
    assert made(stage, connect_to=("a=b:1",)).ways == (Way("a", 0, "b", 1),)
    assert made(stage, archive="kept").archive == str(Path("kept").absolute())


def test_the_environments_proxy_is_gone_through_unless_it_is_this_one(stage: Stage) -> None:
    corp = {"HTTPS_PROXY": "http://corp.example:8080"}
    assert made(stage, corp).upstream == "http://corp.example:8080"
    assert made(stage, {"ALL_PROXY": "corp.example:8080"}).upstream == "http://corp.example:8080"
    assert made(stage, {**corp, "https_proxy": "http://first.example:1"}).upstream == "http://first.example:1"
    assert made(stage, corp, direct=True).upstream == ""
    assert made(stage, corp, upstream="http://said.example:1").upstream == "http://said.example:1"
    assert made(stage, corp, connect_to=("a=b:1",)).upstream == ""
    assert made(stage, corp, reverse="https://api.example").upstream == ""
    assert made(stage, {"HTTPS_PROXY": "http://t1:x@127.0.0.1:8377"}).upstream == ""
    assert made(stage, {"HTTPS_PROXY": "http://127.0.0.1:9000"}, port=9_000).upstream == ""
    assert made(stage, {"HTTPS_PROXY": "http://127.0.0.1:3128"}).upstream == "http://127.0.0.1:3128"
    assert made(stage, {"ALL_PROXY": "socks5://corp.example:1080"}).upstream == ""


@pytest.mark.parametrize("arguments", [("--direct",), ("--upstream", "http://127.0.0.1:9"), ()])
def test_a_proxy_that_is_not_spoken_is_told_unless_somebody_said_otherwise(
    stage: Stage, arguments: tuple[str, ...]
) -> None:
    with started(stage, "proxy", "--port", "0", *arguments, all_proxy="socks5://corp.example:1080") as told:
        listening(told)
        assert any("all_proxy names a proxy of the kind socks5," in line for line in told.all) == (not arguments)


def test_servers_are_known_by_what_the_system_and_the_person_trust(stage: Stage, tmp_path: Path) -> None:
    file = tmp_path / "corp.pem"
    file.write_text("")
    found = planned(settings(stage), {"upstream_ca": (str(file),)}, {"NODE_EXTRA_CA_CERTS": "/etc/corp.pem"})
    assert found.trusted[-2:] == ("/etc/corp.pem", str(file))
    assert len(found.trusted) > 2 or found.stored


@pytest.mark.parametrize(
    "given, words",
    [
        ({"upstream": "http://a:1", "reverse": "https://b"}, "--upstream and --reverse exclude"),
        ({"reverse": "https://b", "direct": True}, "--reverse and --direct exclude"),
        ({"upstream": "http://a:1", "connect_to": ("a=b:1",)}, "--connect-to and --upstream exclude"),
        ({"upstream_ca": ("/nonexistent.pem",)}, "is no file"),
    ],
)
def test_what_makes_no_sense_is_refused(stage: Stage, given: dict[str, Any], words: str) -> None:
    with pytest.raises(Misused, match=words):
        made(stage, **given)
