"""Base URLs of a run: each that leads to the gateway carries the run, what leads elsewhere stays, and what is called counts."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from tests.cli.running import PROGRAM, Told, around, started, until
from tests.cli.stage import Stage
from tests.service.world import free_port

from tallystick.cli import based
from tallystick.intake.gateway.upstreams import upstreams

AT = "http://127.0.0.1:3847"
"""Where the server is."""
KNOWN = upstreams({"own": "https://llm.example.com/team-a"}, {}, "the test")
ANSWER = {
    "id": "msg_1",
    "type": "message",
    "model": "claude-opus-4-1-20250805",
    "usage": {"input_tokens": 42, "cache_read_input_tokens": 5_156, "output_tokens": 245},
}
"""42 x 15 + 5 156 x 1.5 + 245 x 75 = 26 739 millionths of a dollar."""
LINE = "tally: 1 call, 5,443 tokens, $0.0267, 99% of the input from caches.\n"
CALLS = """
import os, urllib.request
request = urllib.request.Request(os.environ["ANTHROPIC_BASE_URL"] + "/v1/messages?beta=true", b'{"model": "claude-opus-4-1"}')
print(urllib.request.urlopen(request).read().decode())
"""
"""A tool that knows of nothing but its base URL."""


def test_an_address_of_the_gateway_carries_the_run_wherever_it_stands() -> None:
    environ = {
        "ANTHROPIC_BASE_URL": f"{AT}/gateway/anthropic",
        "OPENAI_BASE_URL": "http://localhost:3847/gateway/openai/v1",
        # As a run within a run finds it.
        "OTHER": f"{AT}/gateway/~t0/own",
        "OPENCODE_CONFIG_CONTENT": f'{{"a": "{AT}/gateway/openai/v1", "b": "{AT}/gateway/google"}}',
        "ELSEWHERE": "http://127.0.0.1:3848/gateway/anthropic http://example.com:3847/gateway/anthropic",
        "PAGES": f"{AT}/docs {AT}/gateway/",
    }
    assert based.of_run(environ, AT, "t1") == {
        "ANTHROPIC_BASE_URL": f"{AT}/gateway/~t1/anthropic",
        "OPENAI_BASE_URL": "http://localhost:3847/gateway/~t1/openai/v1",
        "OTHER": f"{AT}/gateway/~t1/own",
        "OPENCODE_CONFIG_CONTENT": f'{{"a": "{AT}/gateway/~t1/openai/v1", "b": "{AT}/gateway/~t1/google"}}',
    }


def test_without_anything_set_each_tool_is_led_to_its_provider() -> None:
    assert based.given({}, KNOWN, AT, "t1") == {
        "ANTHROPIC_BASE_URL": f"{AT}/gateway/~t1/anthropic",
        "OPENAI_BASE_URL": f"{AT}/gateway/~t1/openai/v1",
        "GOOGLE_GEMINI_BASE_URL": f"{AT}/gateway/~t1/google",
        "TALLY_GATEWAY": f"{AT}/gateway/~t1",
    }


def test_what_a_person_has_set_leads_through_its_upstream_or_stays(capsys: pytest.CaptureFixture[str]) -> None:
    environ = {
        "ANTHROPIC_BASE_URL": "https://llm.example.com/team-a/anthropic/",
        "OPENAI_BASE_URL": "https://llm.example.com/team-abc/v1",
        "COPILOT_PROVIDER_BASE_URL": "https://API.openai.com/v1",
    }
    found = based.given(environ, KNOWN, AT, "t1")
    assert found["ANTHROPIC_BASE_URL"] == f"{AT}/gateway/~t1/own/anthropic"
    assert found["COPILOT_PROVIDER_BASE_URL"] == f"{AT}/gateway/~t1/openai/v1"
    assert "OPENAI_BASE_URL" not in found
    assert capsys.readouterr().err == (
        "tally: OPENAI_BASE_URL leads to llm.example.com, which is no upstream of the gateway: what is asked there is "
        "not counted.\n"
    )


class Provider(ThreadingHTTPServer):
    """A provider that is asked without encryption."""

    def __init__(self) -> None:
        """Listen."""
        super().__init__(("127.0.0.1", 0), _Answering)
        self.heads: list[tuple[str, dict[str, str]]] = []


class _Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Provider

    def do_POST(self) -> None:
        self.server.heads.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps(ANSWER).encode()
        self.send_response(200)
        self.send_header("request-id", "req_1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def provider() -> Iterator[Provider]:
    """Answer as a provider does."""
    with Provider() as found:
        Thread(target=found.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield found
        found.shutdown()


class House:
    """A server with its gateway, and commands beside it."""

    def __init__(self, stage: Stage, provider: Provider) -> None:
        """Take a port."""
        self.stage, self.port = stage, free_port()
        self.more = {
            "PORT": str(self.port),
            "TALLY_GATEWAY_UPSTREAMS_ANTHROPIC": f"http://127.0.0.1:{provider.server_port}",
        }

    @contextmanager
    def serving(self) -> Iterator[Told]:
        """Serve."""
        with started(self.stage, "serve", **self.more) as told:
            told.next(lambda line: "serves at" in line, 30)
            yield told

    def tally(self, *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
        """Run a command."""
        return subprocess.run(
            [*PROGRAM, *arguments],
            env=around(self.stage, **self.more, **more),
            cwd=self.stage.home,
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
        )

    def spooled(self) -> list[dict[str, Any]]:
        """Return the lines of calls."""
        files = sorted((self.stage.home / "data" / "spool").glob("*.jsonl"))
        return [json.loads(line) for file in files for line in file.read_text().splitlines()]


def test_calls_through_the_gateway_are_told_of_in_the_line_of_their_run(stage: Stage, provider: Provider) -> None:
    house = House(stage, provider)
    with house.serving():
        found = house.tally("run", "--gateway", "--tag", "ticket=X-1", "--", sys.executable, "-c", CALLS)
        assert (found.returncode, json.loads(found.stdout), found.stderr) == (0, ANSWER, LINE)
        # A tool that is led there by its own environment, with the proxy beside it.
        with started(stage, "proxy", "--port", "0") as told:
            told.next(lambda line: "passes traffic on at" in line, 30)
            own = f"http://127.0.0.1:{house.port}/gateway/anthropic"
            found = house.tally("run", "--", sys.executable, "-c", CALLS, ANTHROPIC_BASE_URL=own)
            assert (json.loads(found.stdout), found.stderr) == (ANSWER, LINE)
        # And one that nobody runs.
        direct = subprocess.run(
            [sys.executable, "-c", CALLS], env={"ANTHROPIC_BASE_URL": own}, check=True, capture_output=True
        )
        assert json.loads(direct.stdout) == ANSWER
        assert until(lambda: len(house.spooled()) == 3)
    first, second, third = house.spooled()
    assert (first["project"], first["tags"]) == (str(stage.home), {"ticket": "X-1"})
    assert (second["project"], second["tags"]) == (str(stage.home), {})
    assert (third["project"], "run" in third) == ("", False)
    assert len({each.get("run") for each in (first, second, third)}) == 3
    # Nothing of a run reaches the provider: each request is the same to it.
    assert provider.heads[0] == provider.heads[1] == provider.heads[2]
    assert provider.heads[0][0] == "/v1/messages?beta=true"
    assert os.listdir(stage.home / "data" / "runs") == []


def test_where_no_server_runs_a_tool_runs_only_where_that_is_wanted(stage: Stage, provider: Provider) -> None:
    house = House(stage, provider)
    found = house.tally("run", "--gateway", "--", "echo", "hi")
    assert (found.returncode, found.stdout) == (3, "")
    assert found.stderr.startswith("tally: No server runs, which has the gateway: `tally up` starts it")
    found = house.tally("run", "--gateway", "--anyway", "--", "echo", "hi")
    assert (found.returncode, found.stdout) == (0, "hi\n")
    assert found.stderr.endswith("\n  echo runs uncounted.\n")
