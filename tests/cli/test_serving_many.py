"""A server for many machines, as real processes: who may come in is decided anew with each request, by what commands do meanwhile."""

import json
import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from tests.cli.running import PROGRAM, around, started
from tests.cli.stage import Stage

EVERYWHERE = "0.0.0.0"  # noqa: S104  what is tested
PAGE = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"


class Site(NamedTuple):
    """A server that runs."""

    address: str

    def ask(
        self, method: str, path: str, token: str = "", body: str = "", **headers: str
    ) -> tuple[int, dict[str, str], str]:
        """Return status, headers and content, wherever a redirect would lead."""
        connection = HTTPConnection(urlsplit(self.address).netloc, timeout=20)
        shown = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            connection.request(
                method, path, body, {**shown, **{name.replace("_", "-"): text for name, text in headers.items()}}
            )
            answer = connection.getresponse()
            return answer.status, {name.lower(): text for name, text in answer.getheaders()}, answer.read().decode()
        finally:
            connection.close()


@contextmanager
def serving(stage: Stage, *arguments: str, **more: str) -> Iterator[Site]:
    """Serve on a free port for as long as it is needed."""
    with started(stage, "serve", "--port", "0", *arguments, **more) as told:
        found = re.search(r"http://\S+/", told.next(lambda line: "serves at" in line))
        assert found
        yield Site(found[0].rstrip("/"))


def refused(stage: Stage) -> str:
    """Return what a server says that may not listen beyond this machine."""
    done = subprocess.run(
        [*PROGRAM, "serve", "--host", EVERYWHERE, "--port", "0"],
        env=around(stage),
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert done.returncode == 4, done.stderr
    return done.stderr


def token(stage: Stage, scope: str, *more: str) -> str:
    """Return a new token."""
    return stage.tally("server", "tokens", "create", "--scope", scope, *more).out.strip()


def test_beyond_this_machine_it_serves_once_somebody_can_read(stage: Stage) -> None:
    assert "make one with `tally server tokens create --scope admin`, set one as TALLY_SERVER_TOKEN" in refused(stage)
    token(stage, "ingest", "--machine", "laptop")
    token(stage, "read")
    stage.tally("server", "tokens", "revoke", "2")
    assert "nothing is served without a token" in refused(stage)
    admin = token(stage, "admin")
    with serving(stage, "--host", EVERYWHERE) as site:
        assert site.ask("GET", "/api/v1/reports")[0] == 401
        assert site.ask("GET", "/usage")[0] == 401
        assert site.ask("GET", "/health")[0] == 200
        assert site.ask("GET", "/api/v1/reports", admin)[0] == 200
        assert site.ask("GET", "/", Accept=PAGE)[:2][0] == 303
        # The last one who could read is gone: that opens nothing.
        assert stage.tally("server", "tokens", "revoke", "3").code == 0
        assert site.ask("GET", "/api/v1/reports", admin)[0] == 401
        assert site.ask("GET", "/api/v1/reports")[0] == 401
        again = token(stage, "read")
        assert site.ask("GET", "/api/v1/reports", again)[0] == 200


@pytest.mark.parametrize("name", ["TALLY_SERVER_HOSTS", "TALLY_SERVER_PROXIES"])
def test_behind_a_proxy_it_serves_once_somebody_can_read(stage: Stage, name: str) -> None:
    said = {name: "192.0.2.1"}
    done = subprocess.run(
        [*PROGRAM, "serve", "--port", "0"],
        env=around(stage, **said),
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert (done.returncode, "(hosts or proxies are set) nothing is served without a token" in done.stderr) == (4, True)
    reader = token(stage, "read")
    with serving(stage, **said) as site:
        assert site.ask("GET", "/api/v1/reports", reader)[0] == 200
        # The last one who could read is gone, with all that tells that there was one: that opens nothing.
        for file in (stage.home / "data").glob("access.db*"):
            file.unlink()
        assert site.ask("GET", "/api/v1/reports")[0] == 401


def test_beyond_this_machine_nothing_is_open_also_when_all_tokens_are_lost(stage: Stage) -> None:
    admin = token(stage, "admin")
    with serving(stage, "--host", EVERYWHERE) as site:
        for file in (stage.home / "data").glob("access.db*"):
            file.unlink()
        assert site.ask("GET", "/api/v1/reports")[0] == 401
        assert site.ask("GET", "/api/v1/reports", admin)[0] == 401


def test_on_this_machine_reading_is_open_until_there_are_tokens_for_it(stage: Stage) -> None:
    with serving(stage) as site:
        assert site.ask("GET", "/api/v1/reports")[0] == 200
        assert site.ask("POST", "/api/v1/push")[0] == 401
        token(stage, "ingest", "--machine", "laptop")
        assert site.ask("GET", "/api/v1/reports")[0] == 200
        reader = token(stage, "read")
        assert site.ask("GET", "/api/v1/reports")[0] == 401
        assert site.ask("GET", "/api/v1/reports", reader)[0] == 200


def test_a_machine_is_paired_with_a_server_that_runs_and_is_put_out(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(stage) as site:
        line = stage.tally("server", "invite", "--user", "anna", "--url", site.address).out.split()
        assert line[:2] == ["tally", "join"]
        monkeypatch.setenv("TALLY_DATA_DIR", str(stage.home / "of the laptop"))
        said = stage.tally(*line[1:], "--machine", "laptop", "--no-service")
        assert said.out.startswith(f"This machine is laptop, of anna, and belongs to {site.address}")
        kept = json.loads((stage.home / "of the laptop" / "push.json").read_text())
        # It may send; that what it sends is no push is the next who says so.
        assert site.ask("POST", "/api/v1/push", kept["token"], "x", Content_Type="text/plain")[0] == 415
        assert site.ask("GET", "/api/v1/reports", kept["token"])[0] == 200
        monkeypatch.setenv("TALLY_DATA_DIR", str(stage.home / "data"))
        assert stage.tally("server", "tokens", "revoke", "1").code == 0
        status, headers, text = site.ask("POST", "/api/v1/push", kept["token"], "x", Content_Type="text/plain")
        assert (status, json.loads(text)["error"]["code"]) == (401, "unknown")
        assert headers["content-type"] == "application/json"
    assert kept["token"][12:] not in (stage.home / "data" / "access.db").read_bytes().decode("latin-1")


@pytest.mark.parametrize("proto, secure", [("https", True), ("http", False)])
def test_a_person_logs_in_with_the_servers_own_token(stage: Stage, proto: str, secure: bool) -> None:  # noqa: FBT001  as pytest gives it
    with serving(stage, TALLY_SERVER_TOKEN="long-and-secret") as site:
        status, headers, _ = site.ask("GET", "/events?tool=codex", Accept=PAGE)
        assert (status, headers["location"]) == (303, "/login?next=%2Fevents%3Ftool%3Dcodex")
        form = {"Content_Type": "application/x-www-form-urlencoded", "X_Forwarded_Proto": proto}
        status, headers, _ = site.ask("POST", "/login", "", "token=long-and-secret&next=%2Fevents", **form)
        assert (status, headers["location"]) == (303, "/events")
        assert ("secure" in headers["set-cookie"].lower()) is secure
        cookie = headers["set-cookie"].partition(";")[0]
        status, _, text = site.ask("GET", "/events", Accept=PAGE, Cookie=cookie)
        assert status == 200
        assert "Sign out" in text
    # Another token, and nobody is logged in any more.
    with serving(stage, TALLY_SERVER_TOKEN="another") as site:
        assert site.ask("GET", "/api/v1/reports", Cookie=cookie)[0] == 401


def own_address() -> str:
    """Return an address of this machine under which others reach it; skip where there is none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        try:
            # Nothing is sent: only the way there is looked up.
            asked.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this machine has no address beyond itself")
        return str(asked.getsockname()[0])


def test_only_proxies_that_are_named_are_believed(stage: Stage) -> None:
    here = own_address()
    form = {"Content_Type": "application/x-www-form-urlencoded", "X_Forwarded_Proto": "https"}
    for proxies, secure in (("", False), (here, True)):
        environ = {"TALLY_SERVER_TOKEN": "t", "TALLY_SERVER_PROXIES": proxies, "TALLY_SERVER_HOSTS": here}
        with serving(stage, "--host", EVERYWHERE, **environ) as site:
            found = Site(f"http://{here}:{urlsplit(site.address).port}").ask("POST", "/login", "", "token=t", **form)
            assert found[0] == 303
            assert ("secure" in found[1]["set-cookie"].lower()) is secure
