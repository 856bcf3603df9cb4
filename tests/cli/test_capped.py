"""Budgets in a server: the gateway of a real one refuses, lets through at once what a person lifts, and opens where we fail."""

import json
import os
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

import pytest
from tests.cli.running import started, until
from tests.cli.spending import spend
from tests.cli.stage import Stage

from tallystick.answers.desk import Desk
from tallystick.cli.capped import Capped, Stops
from tallystick.cli.caps import UNKNOWN, Cap, State, path, read, write
from tallystick.settings import load

NOW = 1_795_000_000_000
FOO = Cap("1", {"project": ("foo",)}, NOW + 3_600_000, 0, "Foo is used up.")
OPUS = Cap("2", {"machine": ("box",), "model": ("*opus*",)}, NOW + 3_600_000, 0, "Opus is used up.")


def test_the_gateway_goes_by_the_file_as_it_is(tmp_path: Path) -> None:
    file = path(str(tmp_path))
    stops = Stops(file, lambda: NOW)
    assert stops({"project": "foo"}) == ""
    write(file, State(NOW, "box", "dev", 1, (FOO,)))
    assert stops({"project": "/srv/foo"}) == "Foo is used up."
    assert stops({"project": "/srv/bar"}) == ""
    # The project is not known, and nobody will find it out.
    assert stops({"tool": "codex"}) == ""
    write(file, State(NOW, "box", "dev", 1, ()))
    assert stops({"project": "/srv/foo"}) == ""
    write(file, State(NOW, "box", "dev", 1, (FOO,)))
    Path(file).write_text("{")
    assert stops({"project": "/srv/foo"}) == ""
    os.unlink(file)
    assert stops({"project": "/srv/foo"}) == ""


def test_the_model_is_asked_for_only_where_it_decides(tmp_path: Path) -> None:
    file = path(str(tmp_path))
    stops = Stops(file, lambda: NOW)
    write(file, State(NOW, "box", "dev", 1, (OPUS,)))
    assert stops({"tool": "codex"}) is None
    assert stops({"model": "claude-opus-4-8"}) == "Opus is used up."
    assert stops({"model": "claude-haiku-4-5"}) == ""
    write(file, State(NOW, "laptop", "dev", 1, (OPUS,)))
    assert stops({"tool": "codex"}) == ""
    # That it would fit alone says nothing where something else is not known.
    write(file, State(NOW, "box", "dev", 1, (OPUS._replace(where={"project": ("foo",), "model": ("*opus*",)}),)))
    assert stops({"tool": "codex"}) == ""
    assert stops({"project": "foo"}) is None


def test_a_file_that_is_not_current_stops_nobody(tmp_path: Path) -> None:
    clock = [NOW]
    file = path(str(tmp_path))
    stops = Stops(file, lambda: clock[0])
    write(file, State(NOW, "box", "dev", 1, (FOO,)))
    clock[0] = NOW + 16 * 60_000
    assert stops({"project": "foo"}) == ""


class Broken:
    """A desk whose ledger cannot be asked."""

    version = "1"

    def get(self, *_: object, **__: object) -> "Future[Any]":
        """Fail."""
        future: Future[Any] = Future()
        future.set_exception(RuntimeError("made up"))
        return future


def test_where_the_ledger_cannot_be_asked_the_gates_are_opened(stage: Stage) -> None:
    spend(stage, 4)
    stage.tally("budget", "set", "1usd/month", "--hard")
    file = path(str(stage.home / "data"))
    assert read(file).caps  # type: ignore[union-attr]
    said: list[str] = []
    chosen = load(dict(os.environ), str(stage.home))
    capped = Capped(cast("Desk", Broken()), chosen, said.append)
    try:
        capped.look()
        capped.look()
    finally:
        capped.end()
    assert (read(file).caps, read(file).hard) == ((), UNKNOWN)  # type: ignore[union-attr]
    assert said == ["Budgets refuse nothing, because it is not known how they stand: RuntimeError"]


class Answering(BaseHTTPRequestHandler):
    """Answers as a provider does, and costs nothing."""

    def do_POST(self) -> None:
        """Answer."""
        self.rfile.read(int(self.headers["content-length"]))
        body = b'{"type": "message", "id": "m", "model": "claude-opus-4-1", "usage": {"input_tokens": 1, "output_tokens": 1}}'
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def provider() -> Iterator[str]:
    """Serve one on this machine; give its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def gateway(stage: Stage) -> Iterator[Callable[[str], tuple[int, Any]]]:
    """Run a real server with a gateway that heeds budgets; give what asks it for a model."""
    with provider() as url:
        stage.config.parent.mkdir(parents=True)
        stage.config.write_text(f'[budgets]\ngateway = true\n[gateway.upstreams]\nanthropic = "{url}"\n')
        with started(stage, "serve", "--port", "0") as served:
            address = served.next(lambda line: "serves at" in line, 20).split()[3]

            def ask(model: str) -> tuple[int, Any]:
                body = json.dumps({"model": model, "messages": []}).encode()
                headers = {
                    "User-Agent": "claude-cli/2.1.330 (external, cli)",
                    "Content-Type": "application/json",
                    "X-Stainless-Lang": "js",
                }
                request = urllib.request.Request(f"{address}gateway/anthropic/v1/messages", body, headers)  # noqa: S310  this machine
                try:
                    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
                        request, timeout=20
                    ) as answer:
                        return answer.status, json.load(answer)
                except urllib.error.HTTPError as error:
                    return error.code, json.load(error)

            yield ask


@pytest.mark.slow
def test_a_real_gateway_refuses_and_a_person_lifts_it_at_once(stage: Stage) -> None:
    spend(stage, 4)
    with gateway(stage) as ask:
        assert ask("claude-opus-4-1")[0] == 200
        stage.tally("budget", "set", "tool=claude-code model=*opus*", "1usd/month", "--hard")
        status, told = ask("claude-opus-4-1")
        assert (status, told["error"]["type"]) == (429, "rate_limit_error")
        assert told["error"]["message"].startswith(
            "The budget of $1.00 a month for tool=claude-code model=*opus* is used up"
        )
        assert ask("claude-haiku-4-5")[0] == 200
        stage.tally("budget", "override", "1", "--for", "1h")
        assert ask("claude-opus-4-1")[0] == 200
        stage.tally("budget", "override", "1", "--end")
        assert ask("claude-opus-4-1")[0] == 429
        # The server itself finds out that a budget is used up, and does not forget it.
        stage.tally("budget", "remove", "1")
        stage.tally("budget", "set", "project=shop model=*opus*", "2usd/month", "--hard")
        stage.tally("budget", "set", "tool=claude-code", "2usd/month", "--hard")
        assert ask("claude-opus-4-1")[0] == 200
        spend(stage, 10)
        assert until(lambda: ask("claude-opus-4-1")[0] == 429, 30)
        # Whatever damages the file, nobody is held up by it; and a moment later it is whole again.
        Path(path(str(stage.home / "data"))).write_text("{")
        assert ask("claude-opus-4-1")[0] == 200
        assert until(lambda: ask("claude-opus-4-1")[0] == 429, 30)


@pytest.mark.slow
def test_looking_costs_little(tmp_path: Path) -> None:
    file = path(str(tmp_path))
    write(file, State(NOW, "box", "dev", 1, (FOO, OPUS)))
    stops = Stops(file, lambda: NOW)
    stops({"project": "bar", "model": "x"})
    began = time.perf_counter()
    for _ in range(2_000):
        stops({"project": "bar", "model": "x"})
    # A request goes by it each time; a stat and a few comparisons take some ten microseconds.
    assert (time.perf_counter() - began) / 2_000 < 0.001
