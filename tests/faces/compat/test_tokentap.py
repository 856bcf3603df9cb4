"""The routes of tokentap: its keys, periods to the millisecond, pages, and sums worked out by hand."""

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from tests.answers.sample import CODEX, NOW, event
from tests.answers.stand import fill
from tests.faces.compat.lent import Lent, lent

from tallystick.faces.compat import tokentap
from tallystick.usage.event import Context, Variant
from tallystick.usage.tokens import Tokens

OPUS = Variant("anthropic", "claude-opus-4-1-20250805")
GEMINI = Variant("google", "gemini-3-pro")
MAIN = Context("claude-code", "s1", "/home/dev/shop", "main", "", "2.1.0", "box", "dev")
EVENTS = (
    # A Saturday, five milliseconds before the Sunday with which tokentap's weeks begin.
    event("2026-10-31T23:59:59.995", OPUS, MAIN, Tokens(1, 10, 100, 1_000, 2), work_ms=700),
    event("2026-11-01T00:00:00", CODEX, MAIN, Tokens(4, 20, 0, 0, 8, 5)),
    event("2026-11-01T10:07:00", GEMINI, MAIN, Tokens(16, 40, 0, 0, 32)),
    event("2026-11-01T10:07:30.001", OPUS, MAIN, Tokens(64, 80, 200, 0, 128)),
    event("2026-11-02T10:00:00", OPUS, MAIN, Tokens(256, 160, 400, 0, 512)),
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lent]:
    """Serve the routes before these events."""
    folder: Path = tmp_path_factory.mktemp("tokentap")
    with lent(folder, lambda desk, _, __: [tokentap.router(desk)], NOW, {}) as found:
        fill(found.ledger, EVENTS)
        yield found


def asked(server: Lent, path: str, **parameters: Any) -> Any:  # noqa: ANN401  whatever JSON has
    """Ask for something; return what is answered."""
    found = server.get(path, params=parameters)
    assert found.status_code == 200, found.text
    return found.json()


def test_a_page_has_the_newest_first_and_tells_how_many_there_are(server: Lent) -> None:
    found = asked(server, "/api/events", limit=2)
    assert (found["total"], found["skip"], found["limit"]) == (5, 0, 2)
    newest = found["events"][0]
    assert newest == {
        "_id": newest["_id"],
        "timestamp": "2026-11-02T10:00:00.000Z",
        "duration_ms": 0,
        "provider": "anthropic",
        "model": "claude-opus-4-1-20250805",
        "path": None,
        "input_tokens": 256,
        "output_tokens": 512,
        "total_tokens": 256 + 160 + 400 + 512,
        "cache_creation_tokens": 400,
        "cache_read_tokens": 160,
        "estimated_input_tokens": None,
        # 256 x 15 + 160 x 1.5 + 400 x 18.75 + 512 x 75 = 49 980 millionths of a dollar.
        "estimated_cost": 0.04998,
        "is_token_consuming": True,
        "messages": [],
        "response_status": None,
        "response_stop_reason": None,
        "streaming": None,
        "program": "claude-code",
        "project": "/home/dev/shop",
        "session": "s1",
        "device_id": "box",
    }
    assert asked(server, f"/api/events/{newest['_id']}") == newest


def test_pages_follow_one_another_and_end(server: Lent) -> None:
    pages = [asked(server, "/api/events", skip=skip, limit=2) for skip in range(0, 8, 2)]
    assert [len(page["events"]) for page in pages] == [2, 2, 1, 0]
    assert {page["total"] for page in pages} == {5}
    times = [each["timestamp"] for page in pages for each in page["events"]]
    assert all(first > second for first, second in pairwise(times))
    assert len(set(times)) == 5
    assert asked(server, "/api/events", skip=2**53)["events"] == []


@pytest.mark.parametrize("number", ["999999", "0", "-1", "nope", "1" * 300, "\N{ARABIC-INDIC DIGIT ONE}"])
def test_an_event_that_is_not_there_is_missing(server: Lent, number: str) -> None:
    found = server.get(f"/api/events/{number}")
    assert (found.status_code, found.json()) == (404, {"error": "Event not found"})


@pytest.mark.parametrize(
    "parameters, outputs",
    [
        ({}, [512, 128, 32, 8, 2]),
        ({"provider": "gemini"}, [32]),
        ({"provider": "google"}, [32]),
        ({"model": "gpt-5.2-codex"}, [8]),
        ({"provider": "openai", "model": "gemini-3-pro"}, []),
        # Both ends are included, to the millisecond.
        ({"date_from": "2026-10-31T23:59:59.995", "date_to": "2026-11-01T10:07:00"}, [32, 8, 2]),
        ({"date_from": "2026-10-31T23:59:59.996", "date_to": "2026-11-01T10:07:30.001Z"}, [128, 32, 8]),
        ({"date_to": "2026-11-01T10:07:30.000"}, [32, 8, 2]),
        ({"date_from": "2026-11-01T12:07:30+02:00"}, [512, 128]),
        # Within one quarter-hour.
        ({"date_from": "2026-11-01T10:07:10", "date_to": "2026-11-01T10:08"}, [128]),
        # A date alone is the whole day.
        ({"date_from": "2026-11-01", "date_to": "2026-11-01"}, [128, 32, 8]),
        ({"date_from": "2026-11-02", "date_to": "2026-11-01"}, []),
    ],
)
def test_events_and_sums_agree_on_what_fits(server: Lent, parameters: dict[str, str], outputs: list[int]) -> None:
    page = asked(server, "/api/events", **parameters)
    assert [each["output_tokens"] for each in page["events"]] == outputs
    assert page["total"] == len(outputs)
    sums = asked(server, "/api/stats/summary", **parameters)
    assert (sums["total_output_tokens"], sums["request_count"]) == (sum(outputs), len(outputs))
    times = asked(server, "/api/stats/over-time", **parameters)
    assert sum(each["output_tokens"] for each in times) == sum(outputs)


def test_the_five_totals(server: Lent) -> None:
    assert asked(server, "/api/stats/summary") == {
        "total_input_tokens": 1 + 4 + 16 + 64 + 256,
        "total_output_tokens": 2 + 8 + 32 + 128 + 512,
        "total_cache_creation_tokens": 1_100 + 200 + 400,
        "total_cache_read_tokens": 10 + 20 + 40 + 80 + 160,
        "request_count": 5,
    }


def test_models_come_by_input(server: Lent) -> None:
    found = asked(server, "/api/stats/by-model")
    assert [(each["provider"], each["model"], each["input_tokens"], each["request_count"]) for each in found] == [
        ("anthropic", "claude-opus-4-1-20250805", 1 + 64 + 256, 3),
        ("gemini", "gemini-3-pro", 16, 1),
        ("openai", "gpt-5.2-codex", 4, 1),
    ]
    assert found[0] == {
        "provider": "anthropic",
        "model": "claude-opus-4-1-20250805",
        "input_tokens": 321,
        "output_tokens": 642,
        "cache_creation_tokens": 1_700,
        "cache_read_tokens": 250,
        "request_count": 3,
    }


@pytest.mark.parametrize(
    "granularity, rows",
    [
        ("hour", [("10-31T23", 1, 1), ("11-01T00", 4, 1), ("11-01T10", 80, 2), ("11-02T10", 256, 1)]),
        ("day", [("10-31T00", 1, 1), ("11-01T00", 84, 3), ("11-02T00", 256, 1)]),
        ("week", [("10-25T00", 1, 1), ("11-01T00", 340, 4)]),
    ],
)
def test_buckets_are_those_of_utc(server: Lent, granularity: str, rows: list[tuple[str, int, int]]) -> None:
    found = asked(server, "/api/stats/over-time", granularity=granularity)
    expected = [(f"2026-{bucket}:00:00Z", tokens, number) for bucket, tokens, number in rows]
    assert [(each["bucket"], each["input_tokens"], each["request_count"]) for each in found] == expected
    assert set(found[0]) == {"bucket", "input_tokens", "output_tokens", "request_count"}


@pytest.mark.parametrize(
    "path, name, text",
    [
        ("/api/events", "limit", "0"),
        ("/api/events", "limit", "201"),
        ("/api/events", "limit", ""),
        ("/api/events", "skip", "-1"),
        ("/api/events", "skip", "1e3"),
        ("/api/events", "skip", "9" * 40),
        ("/api/events", "date_from", "yesterday-ish"),
        ("/api/stats/summary", "date_to", "2026-13-01"),
        ("/api/stats/by-model", "date_from", "é"),
        ("/api/stats/over-time", "granularity", "month"),
        ("/api/stats/over-time", "date_to", "0000-00-00"),
    ],
)
def test_what_makes_no_sense_is_told(server: Lent, path: str, name: str, text: str) -> None:
    found = server.get(path, params={name: text})
    assert found.status_code == 422, found.text
    assert found.json()["detail"][0]["loc"] == ["query", name]


def test_moments_beyond_what_can_be_reckoned_with_leave_nothing_out(server: Lent) -> None:
    for path in ("/api/stats/summary", "/api/stats/over-time", "/api/events"):
        wide = {"date_from": "0001-01-01T00:00:00+14:00", "date_to": "9999-12-31T23:59:59-23:59"}
        assert asked(server, path, **wide) == asked(server, path)
        for none in ({"date_from": "9999-12-31T23:59:59-23:59"}, {"date_to": "0001-01-01T00:00:00+14:00"}):
            assert not asked(server, "/api/stats/over-time", **none)


def test_the_plus_of_an_offset_may_have_become_a_space(server: Lent) -> None:
    found = server.get("/api/events?date_from=2026-11-01T12:07:30+02:00")
    assert found.json()["total"] == 2


def test_the_ledger_is_told_of_under_the_key_of_the_store_there(server: Lent, tmp_path: Path) -> None:
    assert asked(server, "/api/health") == {"status": "ok", "mongodb": True}
    with lent(tmp_path, lambda desk, _, __: [tokentap.router(desk)], NOW, {}) as other:
        for file in tmp_path.glob("ledger.db*"):
            file.write_bytes(b"no ledger " * 2_000)
        assert asked(other, "/api/health") == {"status": "ok", "mongodb": False}


def test_nothing_that_is_told_is_a_body(server: Lent) -> None:
    text = json.dumps(asked(server, "/api/events"))
    assert not {"raw_request", "raw_response"} & set(text.replace('"', " ").split())
