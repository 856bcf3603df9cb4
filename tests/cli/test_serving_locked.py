"""Another program holds the ledger: what passes is untouched, what was counted waits in the spool, and counts once afterwards."""

import json
import sqlite3
import subprocess
import sys
import time
import urllib.request
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from tests.cli.running import PROGRAM, around, started, until
from tests.cli.stage import Stage
from tests.service.world import free_port

with warnings.catch_warnings():
    # mitmproxy's filter language uses names of pyparsing's that are deprecated.
    warnings.simplefilter("ignore", DeprecationWarning)
    from tests.cli.test_proxy import HOST, listening, options
    from tests.intake.proxy.origin import Authority, Origin, asked, authority, connected, served
    from tests.intake.proxy.passing import spooled

EACH = 3
"""Calls on each of the two ways."""
HELD_S = 12.0
"""Longer than a writer waits for the lock, which is ten seconds: then it gives up, and tries again."""
HOLDS = """
import sqlite3, sys
ledger = sqlite3.connect(sys.argv[1], isolation_level=None)
ledger.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
ledger.execute("ROLLBACK")
"""


def answer(number: int) -> bytes:
    """Return what a provider answers to one call: 10 tokens of input, and 20 of output."""
    usage = {"input_tokens": 10, "output_tokens": 20}
    told = {"id": f"msg_{number}", "type": "message", "model": "claude-opus-4-1-20250805", "usage": usage}
    return json.dumps(told).encode()


class _Provider(BaseHTTPRequestHandler):
    """Answers by the number in the path."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = answer(int(self.path.rpartition("=")[2]))
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Return the authority of the servers behind the proxy."""
    return authority(tmp_path_factory.mktemp("behind"))


@pytest.fixture
def origin(behind: Authority) -> Iterator[Origin]:
    """Serve what a provider would, with TLS."""
    with served(behind, (HOST,)) as found:
        yield found


@pytest.fixture
def upstream() -> Iterator[int]:
    """Serve what a provider would, without."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Provider) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server.server_port
        server.shutdown()


@contextmanager
def held(ledger: Path) -> Iterator[None]:
    """Hold the ledger's write lock in another process."""
    command = [sys.executable, "-c", HOLDS, str(ledger)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "held\n"
            yield
        finally:
            process.communicate()


def counted(ledger: Path) -> int:
    """Return how many events there are."""
    with closing(sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)) as db:
        return int(db.execute("SELECT count(*) FROM events").fetchone()[0])


def totals(stage: Stage, more: dict[str, str]) -> tuple[int, int, int]:
    """Return requests, input and output of all days."""
    found = subprocess.run(
        [*PROGRAM, "daily", "--json"], env=around(stage, **more), check=True, capture_output=True, text=True
    )
    told = json.loads(found.stdout)["totals"]
    return told["requests"], told["input"], told["output"]


@pytest.mark.slow
def test_calls_pass_and_count_once_when_the_ledger_is_free(
    stage: Stage, origin: Origin, behind: Authority, upstream: int
) -> None:
    port, data = free_port(), stage.home / "data"
    more = {"PORT": str(port), "TALLY_GATEWAY_UPSTREAMS_ANTHROPIC": f"http://127.0.0.1:{upstream}"}
    with started(stage, "serve", **more) as server, started(stage, *options(origin, behind)) as proxy:
        server.next(lambda line: "serves at" in line, 30)
        through = connected(listening(proxy), HOST, data / "ca" / "tallystick-ca.pem")
        ledger = data / "ledger.db"
        with held(ledger):
            began = time.monotonic()
            for number in range(EACH):
                origin.answers["/v1/messages"] = answer(number), {}
                assert asked(through, "/v1/messages", b"{}") == answer(number)
                url = f"http://127.0.0.1:{port}/gateway/anthropic/v1/messages?n={EACH + number}"
                with urllib.request.urlopen(urllib.request.Request(url, b"{}"), timeout=5) as said:
                    assert said.read() == answer(EACH + number)
            # Nobody has waited for the lock.
            assert time.monotonic() - began < 5
            assert until(lambda: len(spooled(data)) == 2 * EACH)
            time.sleep(max(began + HELD_S - time.monotonic(), 0))
            assert counted(ledger) == 0
        through.close()
        assert until(lambda: counted(ledger) == 2 * EACH, 20)
        wanted = 2 * EACH, 2 * EACH * 10, 2 * EACH * 20
        assert totals(stage, more) == wanted
    # And once more, by somebody who reads the spool himself.
    assert totals(stage, more) == wanted
    assert [line["outcome"] for line in spooled(data)] == ["done"] * (2 * EACH)
