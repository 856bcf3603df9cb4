"""An exchange becomes lines with what is known, at the right times, and never anything else than named fields."""

import gzip
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.intake.wire.stand_in import Lengths, Raising

from tallystick.intake.wire.exchange import Exchange
from tallystick.intake.wire.runs import Run
from tallystick.intake.wire.spool import Spool
from tallystick.providers.accounts import pseudonym
from tallystick.providers.provider import Asked, Call, Limit, Watch
from tallystick.usage.tokens import Tokens

BEGAN = 1_795_311_238.0
LINE = {
    "v": 1,
    "at": 1_795_311_238_794,
    "began": 1_795_311_238_000,
    "first": 412,
    "via": "proxy",
    "host": "api.example",
    "provider": "anthropic",
    "model": "m-1",
    "asked": "m",
    "id": "msg_1",
    "request": "req_1",
    "status": 200,
    "outcome": "done",
    "tokens": [42, 5156, 0, 708, 245, 7],
    "tier": "priority",
    "speed": "fast",
    "geo": "us",
    "searches": 2,
    "fetches": 3,
    "cost": 12_345,
    "part": 1,
    "kind": "compaction",
    "mismatch": True,
    "project": "/home/dev/shop",
    "tags": {"ticket": "X"},
}


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        """Begin."""
        self.seconds = BEGAN

    def __call__(self) -> float:
        """Return the moment."""
        return self.seconds


class Kept(Spool):
    """A spool that keeps its lines for the test."""

    def __init__(self) -> None:
        """Begin with none."""
        self.lines: list[dict[str, Any]] = []

    def put(self, line: Mapping[str, Any]) -> None:
        """Keep a line as it would be written."""
        self.lines.append(json.loads(json.dumps(line)))


class Given(Lengths):
    """Tells one call that a test gives it."""

    def __init__(self, call: Call) -> None:
        """Take it."""
        super().__init__()
        self._call = call

    def end(self, *, cut: bool) -> list[Call]:
        """Tell it."""
        return [self._call._replace(outcome="cut") if cut else self._call]


@pytest.fixture
def clock() -> Clock:
    """Return a clock."""
    return Clock()


@pytest.fixture
def spool() -> Kept:
    """Return a spool."""
    return Kept()


def exchange(
    watch: Watch, spool: Spool, clock: Clock, headers: Mapping[str, str] | None = None, run: Run | None = None
) -> Exchange:
    """Begin one."""
    asked = Asked("POST", "api.example", "/v1/messages?beta=true", headers or {})
    return Exchange(watch, asked, "proxy", spool, clock, run or Run())


def test_a_call_becomes_the_line_that_was_agreed_on(spool: Kept, clock: Clock) -> None:
    tokens = Tokens(42, 5156, 0, 708, 245, 7)
    call = Call(
        "anthropic", "m-1", tokens, "done", "msg_1", "req_1", 200, "m", "priority", "fast", "us", 2, 3, 12_345, 1,
        "compaction", mismatch=True,
    )  # fmt: skip
    one = exchange(Given(call), spool, clock, run=Run("/home/dev/shop", {"ticket": "X"}))
    one.sent(b"{}")
    one.head(200, {})
    clock.seconds = BEGAN + 0.412
    one.took(b"x")
    clock.seconds = BEGAN + 0.6
    one.took(b"x")
    clock.seconds = BEGAN + 0.794
    one.end()
    (line,) = spool.lines
    assert len(line.pop("nonce")) == 16
    assert {name: line[name] for name in LINE} == LINE
    assert set(line) - set(LINE) == {"tool", "version", "session", "agent", "parent"}


def test_the_lines_of_a_run_name_its_token(spool: Kept, clock: Clock) -> None:
    for run in (Run("/p", {}, "t1"), Run("/p")):
        one = exchange(Lengths(), spool, clock, run=run)
        one.head(200, {})
        one.end()
    assert [line.get("run") for line in spool.lines] == ["t1", None]


def test_each_line_has_a_nonce_of_its_own(spool: Kept, clock: Clock) -> None:
    for _ in range(50):
        one = exchange(Lengths(), spool, clock)
        one.head(200, {})
        one.end()
    assert len({line["nonce"] for line in spool.lines}) == 50


def test_an_answer_that_is_cut_off_is_told_so_once(spool: Kept, clock: Clock) -> None:
    one = exchange(Lengths(), spool, clock)
    one.head(200, {})
    one.took(b"abc")
    one.end(cut=True)
    one.took(b"def")
    one.end()
    assert [(line["outcome"], line["tokens"][4]) for line in spool.lines] == [("cut", 3)]


def test_bodies_are_unpacked_by_their_own_headers(spool: Kept, clock: Clock) -> None:
    one = exchange(Lengths(), spool, clock, {"content-encoding": "gzip"})
    one.sent(gzip.compress(b"a" * 1_000))
    one.head(200, {"content-encoding": "gzip"})
    one.took(gzip.compress(b"b" * 2_000))
    one.end()
    assert spool.lines[0]["tokens"] == [1_000, 0, 0, 0, 2_000, 0]


def test_a_request_that_cannot_be_unpacked_leaves_the_answer_to_count(spool: Kept, clock: Clock) -> None:
    one = exchange(Lengths(), spool, clock, {"content-encoding": "gzip"})
    one.sent(b"no gzip")
    one.sent(b"at all")
    one.head(200, {})
    one.took(b"abc")
    one.end()
    assert [(line["outcome"], line["tokens"]) for line in spool.lines] == [("done", [0, 0, 0, 0, 3, 0])]


def test_an_answer_that_cannot_be_unpacked_is_missing_with_a_note(spool: Kept, clock: Clock) -> None:
    one = exchange(Lengths(), spool, clock)
    one.head(200, {"content-encoding": "br"})
    one.took(b"\xff" * 100)
    one.took(b"more")
    one.end()
    note, call = spool.lines
    assert note == {"v": 1, "note": {"at": 1_795_311_238_000, "host": "api.example", "why": "undecodable"}}
    assert (call["outcome"], call["provider"], call["status"]) == ("missing", "test", 200)


@pytest.mark.parametrize("at", ["sent", "head", "took", "end"])
def test_a_watch_that_fails_leaves_a_call_without_counts_and_one_note(spool: Kept, clock: Clock, at: str) -> None:
    one = exchange(Raising(at), spool, clock)
    one.sent(b"a")
    one.sent(b"a")
    one.head(429, {})
    one.took(b"b")
    one.took(b"b")
    one.end()
    one.end()
    note, call = spool.lines
    assert note["note"]["why"] == "unreadable"
    assert call["outcome"] == "missing"
    assert "secret" not in json.dumps(spool.lines)


@pytest.mark.parametrize("at", ["frame_sent", "frame_took"])
def test_a_watch_that_fails_on_a_websocket_fails_once(spool: Kept, clock: Clock, at: str) -> None:
    one = exchange(Raising(at), spool, clock)
    one.head(101, {})
    for _ in range(3):
        one.frame_sent(b"a")
        one.frame_took(b"end")
    one.end(cut=True)
    assert [line.get("note", line).get("why", line.get("outcome")) for line in spool.lines] == ["unreadable", "missing"]


def test_each_response_on_a_websocket_is_timed_from_its_own_request(spool: Kept, clock: Clock) -> None:
    one = exchange(Lengths(), spool, clock)
    one.head(101, {})
    for begin in (10, 20):
        clock.seconds = BEGAN + begin
        one.frame_sent(b"ask")
        clock.seconds += 0.25
        one.frame_took(b"first")
        clock.seconds += 1
        one.frame_took(b"end")
    one.end(cut=True)
    told = [(line["began"] - 1_795_311_238_000, line["first"], line["at"] - line["began"]) for line in spool.lines]
    assert told == [(10_000, 250, 1_250), (20_000, 250, 1_250)]
    assert [line["tokens"] for line in spool.lines] == [[3, 0, 0, 0, 8, 0]] * 2


def test_limits_are_told_with_the_moment_each_once(spool: Kept, clock: Clock) -> None:
    watch = Lengths()
    one = exchange(watch, spool, clock)
    one.head(200, {"used": "12.5"})
    watch.limits.append(Limit("test", "7d", 10_080, 50.0, 1_795_400_000_000, "max"))
    one.end()
    first, call, second = spool.lines
    assert first["limit"] == {
        "provider": "test",
        "window": "5h",
        "minutes": 300,
        "used_percent": 12.5,
        "resets_at": 0,
        "time": 1_795_311_238_000,
        "plan": "",
        "account": "",
    }
    assert call["outcome"] == "done"
    assert (second["limit"]["window"], second["limit"]["resets_at"]) == ("7d", 1_795_400_000_000)


def test_limits_are_told_with_the_account_whose_answer_it_is_and_not_by_its_id(spool: Kept, clock: Clock) -> None:
    organisation = "5b7e3a52-2f0e-4d0c-9a67-3b8a2d3a0c11"
    one = exchange(Lengths(), spool, clock)
    one.head(200, {"used": "12.5", "anthropic-organization-id": organisation})
    one.end()
    assert spool.lines[0]["limit"]["account"] == pseudonym(organisation)
    assert organisation not in str(spool.lines)


def test_words_that_are_too_long_or_no_text_do_not_break_a_line(tmp_path: Path, clock: Clock) -> None:
    call = Call("p", "m" * 90_000, id="\ud800" * 9, request="\n\x00")
    spool = Spool(str(tmp_path), clock)
    one = exchange(Given(call), spool, clock, run=Run("/p" * 9_000, {f"k{n}" * 99: "v" * 999 for n in range(99)}))
    one.head(200, {})
    one.end()
    spool.close()
    (file,) = tmp_path.iterdir()
    text = file.read_bytes()
    assert len(text) < 4_096
    assert text.count(b"\n") == 1
    line = json.loads(text)
    assert (line["id"], line["request"]) == ("?" * 9, "\n\x00")


def pieces(data: bytes) -> Iterator[bytes]:
    """Yield a body byte by byte."""
    for place in range(len(data)):
        yield data[place : place + 1]


def test_the_first_byte_is_of_the_body_and_not_of_the_head(spool: Kept, clock: Clock) -> None:
    one = exchange(Lengths(), spool, clock)
    clock.seconds += 1
    one.head(200, {})
    clock.seconds += 1
    one.took(b"")
    clock.seconds += 1
    for piece in pieces(b"abc"):
        one.took(piece)
    one.end()
    assert spool.lines[0]["first"] == 3_000
