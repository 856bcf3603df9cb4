"""`tally serve`: a real server that follows the logs, refuses what it must, and ends cleanly, whatever is going on."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from importlib.metadata import version
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import pytest
from tests.cli.running import PROGRAM, Told, around, children, runs, started, until
from tests.cli.stage import Stage
from tests.faces.prometheus.exposition import parsed, value

from tallystick.faces.compat.tokengate import ALL

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
TO_END = 3.0
EVER = "/api/v1/reports/daily?since=2026-11-01&until=2026-11-01"


class Site:
    """A server that runs, and what it can be asked."""

    def __init__(self, told: Told, address: str) -> None:
        self.told, self.address, self.pid = told, address, told.process.pid

    def open(self, path: str, **headers: str) -> Any:  # noqa: ANN401  a response
        """Ask for an address."""
        return build_opener(ProxyHandler({})).open(Request(self.address + path, headers=headers), timeout=10)  # noqa: S310

    def text(self, path: str, **headers: str) -> str:
        """Return what an address says."""
        with self.open(path.lstrip("/"), **headers) as answer:
            return str(answer.read().decode())

    def json(self, path: str) -> Any:  # noqa: ANN401  whatever JSON holds
        """Return what an address says."""
        return json.loads(self.text(path))

    def requests(self) -> int:
        """Return how many requests there were on the day of the logs."""
        return int(self.json(EVER)["totals"]["requests"])

    def end(self, number: int = signal.SIGTERM) -> int:
        """End it and return its exit code; fail when that takes too long."""
        self.told.process.send_signal(number)
        return self.told.process.wait(TO_END)


@contextmanager
def serving(stage: Stage, *arguments: str, **more: str) -> Iterator[Site]:
    """Serve on a free port for as long as it is needed."""
    with started(stage, "serve", "--port", "0", *arguments, **more) as told:
        line = told.next(lambda line: "serves at" in line)
        found = re.search(r"http://\S+/", line)
        assert found, line
        yield Site(told, found[0])


def keep_script(stage: Stage) -> None:
    """Put something in the place of the script that draws charts, which a server would take seconds to make."""
    folder = stage.home / "data" / "cache"
    folder.mkdir(parents=True)
    (folder / f"vega-{version('vl-convert-python')}.js").write_bytes(b" " * 1_000_000)


def said(stage: Stage, *arguments: str, **more: str) -> tuple[int, str]:
    """Return the exit code of a server that does not come to serving, and what it said."""
    done = subprocess.run(
        [*PROGRAM, "serve", *arguments],
        env=around(stage, **more),
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert done.stdout == ""
    return done.returncode, done.stderr


def test_it_follows_the_logs_and_every_route_shows_what_is_new_in_time(stage: Stage) -> None:
    stage.answers(3)
    with serving(stage) as site:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", site.address)
        assert until(lambda: site.requests() == 3)
        assert site.json("/health") == {
            "status": "ok",
            "version": site.json("/api/v1/health")["version"],
            "adapters": list(ALL),
            # Nobody pushes totals here.
            "guids_tracked": 0,
            "hosts_tracked": 0,
        }
        began = monotonic()
        stage.answers(5)
        assert until(lambda: site.requests() == 5, 2)
        assert monotonic() - began < 2
        metrics = parsed(site.text("/metrics"))
        assert value(metrics, "llm_requests_total", tool="claude-code") == "5"
        assert value(metrics, "meter_follower_up") == "1"
        assert site.open("metrics").headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        usage = site.json("/usage")
        assert [each["source"] for each in usage["breakdown"]] == list(ALL)
        assert [each["available"] for each in usage["breakdown"]] == [True, False, False]
        assert usage["breakdown"][1]["error"] == "OpenCode is not on this machine: there is no ~/.local/share/opencode."
        assert site.end() == 0


def test_the_first_page_is_whole_and_asks_for_nothing_from_elsewhere(stage: Stage) -> None:
    stage.answers(3)
    with serving(stage) as site:
        assert until(lambda: site.requests() == 3)
        with site.open("") as answer:
            page = answer.read().decode()
            assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")
        assert "Tallystick" in page
        named = re.findall(r'(?:href|src)="([^"]+)"', page)
        # Within the page, or at this server.
        assert all(each.startswith(("/", "#")) and not each.startswith("//") for each in named)
        files = [each for each in named if each.startswith("/static/")]
        types = {each: site.open(each.lstrip("/")).headers["Content-Type"] for each in files}
        assert types["/static/tally.css"].startswith("text/css")
        assert types["/static/tally.svg"] == "image/svg+xml"
        with pytest.raises(HTTPError, match="404"):
            site.open("static/..%2fpages.py")


def test_the_page_about_the_api_tells_of_all_routes_those_that_stand_beside_it_too(stage: Stage) -> None:
    with serving(stage) as site:
        docs = site.text("docs").replace("\u200b", "")
        paths = set(site.json("api/v1/openapi.json")["paths"])
        assert paths >= {"/metrics", "/usage", "/api/v1/compare"}
        assert all(path in docs for path in paths)
        assert f"curl {site.address}metrics<" in docs
        assert site.open("docs.css").headers["Content-Type"].startswith("text/css")


def test_an_address_at_which_there_is_nothing_is_told_to_people_on_a_page(stage: Stage) -> None:
    with serving(stage) as site:
        told = {}
        for path, accept in (("nowhere", "text/html,*/*;q=0.8"), ("nowhere", "*/*"), ("api/v1/nowhere", "text/html")):
            with pytest.raises(HTTPError, match="404") as missing:
                site.open(path, Accept=accept)
            with missing.value as answer:
                told[path, accept] = (answer.headers["Content-Type"], answer.read().decode())
        page, *others = told.values()
        assert page[0] == "text/html; charset=utf-8"
        assert "There is no page at this address." in page[1]
        assert "/nowhere" in page[1]
        for kind, text in others:
            assert kind == "application/json"
            assert json.loads(text)["error"]["code"] == "not_found"


@LINUX
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_in_time_while_somebody_listens_and_takes_the_follower_along(stage: Stage, number: int) -> None:
    with serving(stage) as site:
        (follower,) = children(site.pid)
        ended = threading.Event()
        stream = site.open("api/v1/stream")

        def listen() -> None:
            while stream.readline():
                pass
            ended.set()

        threading.Thread(target=listen, daemon=True).start()
        assert site.end(number) == 0
        # The stream has come to its end instead of being torn.
        assert ended.wait(1)
        assert not runs(follower)


def test_it_ends_quietly_while_somebody_reads_slowly(stage: Stage) -> None:
    keep_script(stage)
    with serving(stage) as site:
        assert len(site.text("static/vega.js")) == 1_000_000
        slow = socket.create_connection(("127.0.0.1", int(site.address.rsplit(":", 1)[1].strip("/"))))
        with slow:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            # More than the buffers between them hold.
            slow.sendall(b"GET /static/vega.js HTTP/1.1\r\nHost: localhost\r\n\r\n" * 20)
            assert slow.recv(10)
            until(lambda: False, 0.5)
            assert site.end() == 0
        assert until(lambda: not site.told.process.stdout or site.told.process.poll() is not None)
        lines = list(site.told.lines.queue)
        assert not [line for line in lines if "Traceback" in line or "Exception" in line]


@LINUX
def test_a_follower_that_is_killed_comes_back_and_is_told_of(stage: Stage) -> None:
    stage.answers(1)
    with serving(stage) as site:
        assert until(lambda: site.requests() == 1)
        (first,) = children(site.pid)
        os.kill(first, signal.SIGKILL)
        assert until(lambda: children(site.pid) not in ([], [first]))
        stage.answers(2)
        assert until(lambda: site.requests() == 2, 4)
        assert until(lambda: site.json("/api/v1/health")["following"])


@LINUX
def test_killed_itself_it_leaves_nothing_behind_and_starts_again_with_the_same_numbers(stage: Stage) -> None:
    stage.answers(40)
    for pause in (0.0, 0.3):
        with serving(stage) as site:
            until(lambda: False, pause)
            followers = children(site.pid)
            site.told.process.kill()
            site.told.process.wait()
            assert until(lambda: not any(map(runs, followers)), 2)  # noqa: B023  called at once
    with serving(stage) as site:
        assert until(lambda: site.requests() == 40)


@LINUX
def test_killed_while_it_imports_and_while_it_is_asked_it_comes_to_the_same_numbers(stage: Stage) -> None:
    # Enough to take some time; a file for each model.
    models = [f"house-model-{number}" for number in range(24)]
    for model in models:
        stage.log = stage.log.with_name(f"{model}.jsonl")
        stage.answers(1_500, model)
    keep_script(stage)
    unfinished = 0
    for pause in (0.05, 0.15, 0.3, 0.5):
        with serving(stage) as site:
            threads = [threading.Thread(target=_ask_on, args=(site,)) for _ in range(3)]
            for thread in threads:
                thread.start()
            assert until(lambda: site.json("/api/v1/health")["importing"] is not None or site.requests())
            until(lambda: False, pause)
            followers = children(site.pid)
            unfinished += site.requests() < 36_000
            site.told.process.kill()
            site.told.process.wait()
            for thread in threads:
                thread.join()
            assert until(lambda: not any(map(runs, followers)), 2)  # noqa: B023
    # Else nothing was tried.
    assert unfinished
    with serving(stage) as site:
        assert until(lambda: site.requests() == 36_000, 30)
        totals = site.json(EVER)["totals"]
        assert (totals["input"], totals["output"]) == (360_000, 720_000)
        rows = site.json("/api/v1/query?by=model&since=2026-11-01&until=2026-11-01")["rows"]
        assert {row["model"]: row["requests"] for row in rows} == dict.fromkeys(models, 1_500)


def _ask_on(site: Site) -> None:
    """Ask until nobody answers any more."""
    while True:
        try:
            site.json("/api/v1/reports/models")
            site.text("/")
        except (OSError, HTTPException):
            return


def test_a_port_that_is_taken_is_told_in_one_sentence(stage: Stage) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        code, text = said(stage, "--port", str(port))
        assert code == 3
        assert text == (
            f"tally: Port {port} on 127.0.0.1 is taken: stop what uses it, or choose another, such as"
            f" `tally serve --port {port + 1}`.\n"
        )


def test_a_port_that_another_tallystick_has_is_told_with_its_address(stage: Stage) -> None:
    with serving(stage) as site:
        port = site.address.rpartition(":")[2].rstrip("/")
        code, text = said(stage, PORT=port)
        assert code == 3
        assert f"Tallystick serves at {site.address} already" in text


@pytest.mark.parametrize(
    "arguments, environ, code, sentence",
    [
        (["--host", "0.0.0.0"], {}, 4, "Beyond this machine (0.0.0.0) nothing is served without a token"),  # noqa: S104  what is refused
        (["--host", "::"], {}, 4, "set one as TALLY_SERVER_TOKEN"),
        ([], {"PORT": "http"}, 2, "PORT in the environment sets port to 'http'"),
        ([], {"CACHE_TTL": "soon"}, 2, "CACHE_TTL in the environment"),
        (
            [],
            {"ADAPTERS": "codex,cursor"},
            2,
            "'codex,cursor', and cursor names no tool: give all, or some of claude-code,",
        ),
        ([], {"TALLY_TIMEZONE": "Mars/Base"}, 2, "There is no time zone 'Mars/Base'"),
        (["--host", "no.such.host.invalid"], {}, 3, "There is no address 'no.such.host.invalid' to listen on"),
        (["--host", "192.0.2.1"], {"TALLY_SERVER_TOKEN": "t"}, 3, "Nothing can listen on 192.0.2.1 port"),
        (["--port", "0", "--log", "/dev/null/x"], {}, 3, "The log /dev/null/x cannot be written ("),
        (["--port", "0"], {"TALLY_DATA_DIR": "/dev/null/x"}, 3, "cannot be made ("),
    ],
)
def test_what_it_cannot_go_by_ends_it_before_it_begins(
    stage: Stage, arguments: list[str], environ: dict[str, str], code: int, sentence: str
) -> None:
    if arguments == ["--host", "::"] and not socket.has_dualstack_ipv6():
        pytest.skip("this machine knows no IPv6")
    found, text = said(stage, *arguments, **environ)
    assert found == code, text
    assert sentence in text
    assert text.startswith("tally: ")
    assert text.count("\n") == 1


def test_with_a_token_it_serves_beyond_this_machine_and_asks_for_it(stage: Stage) -> None:
    with serving(stage, "--host", "0.0.0.0", TALLY_SERVER_TOKEN="long-and-secret") as site:  # noqa: S104  what is tested
        assert site.address.startswith("http://127.0.0.1:")
        with pytest.raises(HTTPError) as refused:
            site.text("/usage")
        refused.value.close()
        assert refused.value.code == 401
        assert "total" in site.text("/usage", Authorization="Bearer long-and-secret")
        assert "ok" in site.text("/health")


def test_the_environment_of_tokengate_is_obeyed(stage: Stage) -> None:
    stage.answers(1)
    with serving(stage, ADAPTERS="codex, gemini-cli", CACHE_TTL="0") as site:
        assert site.json("/health")["adapters"] == ["codex", "gemini-cli"]
        assert [each["displayName"] for each in site.json("/usage")["breakdown"]] == ["Codex", "Gemini CLI"]
        assert [site.json("/usage")["cached"] for _ in range(3)] == [False] * 3


def test_the_log_holds_beginning_and_end_and_is_begun_anew_when_it_is_large(stage: Stage, tmp_path: Path) -> None:
    log = tmp_path / "deep er" / "server.log"
    log.parent.mkdir()
    log.write_text("x" * (5 << 20))
    with serving(stage, "--log", str(log)) as site:
        site.end()
    text = log.read_text()
    assert len(text) < 10_000
    assert f"Serving at {site.address}" in text
    assert "Finished server process" in text
    assert log.with_name("server.log.1").stat().st_size == 5 << 20


def test_the_demo_is_served_with_a_note_and_without_a_ledger(stage: Stage) -> None:
    with started(stage, "demo", "serve", "--port", "0") as told:
        found = re.search(r"http://\S+/", told.next(lambda line: "serves at" in line))
        assert found
        site = Site(told, found[0])
        page = site.text("/")
        assert "This is demo data" in page
        assert 'class="bad"' not in page.partition("<main")[0]
        health = site.json("/api/v1/health")
        assert (health["status"], health["trouble"]) == ("ok", None)
        assert health["note"].startswith("This is demo data")
        assert site.json("/api/v1/reports/daily")["totals"]["requests"] > 1_000
        assert site.end() == 0
    assert not (stage.home / "data" / "ledger.db").exists()


def test_without_its_extra_it_says_what_brings_it(stage: Stage) -> None:
    code = "import sys; sys.modules['uvicorn'] = None; from tallystick.cli import main; sys.exit(main(['serve']))"
    done = subprocess.run([sys.executable, "-c", code], env=around(stage), capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert "`pip install 'tallystick[server]'` brings it" in done.stderr
