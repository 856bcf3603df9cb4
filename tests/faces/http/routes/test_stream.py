"""The stream: versions as they come, beats in between, and an end for both sides."""

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from tests.faces.http.live import SITE, Live, serving

from tallystick.faces.http.routes import stream
from tallystick.faces.http.site import PREFIX


def events(lines: Iterator[str]) -> Iterator[tuple[str, object]]:
    """Yield each event of a stream: its name and its data; a comment is named by nothing."""
    name = ""
    for line in lines:
        if line.startswith("event: "):
            name = line[7:]
        elif line.startswith("data: "):
            yield name, json.loads(line[6:])
        elif line.startswith(":"):
            yield "", line


def test_every_version_is_told_and_how_far_an_import_has_come(tmp_path: Path) -> None:
    with serving(tmp_path) as live, live.client.stream("GET", f"{PREFIX}/stream") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert "content-encoding" not in answer.headers
        told = events(answer.iter_lines())
        assert next(told) == ("version", {"version": live.desk.version})
        assert next(told)[0] == "status"
        live.desk.changed()
        assert next(told) == ("version", {"version": live.desk.version})
        live.desk.heard({"event": "importing", "files": 1, "files_all": 2, "bytes": 1, "bytes_all": 4, "events": 3})
        name, data = next(told)
        assert (name, isinstance(data, dict) and data["importing"]) == ("status", 0.25)


def test_it_ends_when_the_server_is_about_to(tmp_path: Path) -> None:
    with serving(tmp_path) as live, live.client.stream("GET", f"{PREFIX}/stream") as answer:
        lines = answer.iter_lines()
        next(lines)
        threading.Timer(0.2, live.desk.end).start()
        begun = time.monotonic()
        for _ in lines:
            pass
        assert time.monotonic() - begun < 3
        assert live.get("/stream").status_code == 503


def test_who_has_gone_is_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "LISTENERS_MOST", 2)
    with serving(tmp_path) as live:
        for _ in range(2):
            _heard_once(live)
        until = time.monotonic() + 5
        while live.desk._listeners and time.monotonic() < until:
            time.sleep(0.02)
        assert not live.desk._listeners
        _heard_once(live)


def test_there_are_not_more_than_can_be_borne(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "LISTENERS_MOST", 1)
    with serving(tmp_path) as live, live.client.stream("GET", f"{PREFIX}/stream") as answer:
        next(answer.iter_lines())
        refused = live.get("/stream")
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")


def test_a_comment_keeps_the_connection_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream.router, "__defaults__", (0.1,))
    with serving(tmp_path, SITE) as live, live.client.stream("GET", f"{PREFIX}/stream") as answer:
        told = events(answer.iter_lines())
        assert [next(told)[0] for _ in range(4)] == ["version", "status", "", ""]


def _heard_once(live: Live) -> None:
    with (
        httpx2.Client(base_url=live.client.base_url, timeout=5) as client,
        client.stream("GET", f"{PREFIX}/stream") as answer,
    ):
        next(answer.iter_lines())
