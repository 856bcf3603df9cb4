"""The product against what real clients wrote: each request that was logged counts exactly as it was answered."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tallystick.intake.logs import bring_in, look
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.tools.claude_code import CLAUDE_CODE
from tallystick.tools.codex import CODEX
from tallystick.tools.tool import Tool
from tallystick.usage.event import CUT_OFF
from tallystick.usage.identity import key

EVER = {"since": 0, "until": 2**62}
CLAUDE = "claude-code-2.1.330"


class Seen(NamedTuple):
    """An event of the ledger: (input, cache read, cache written, output), and its grade."""

    counts: tuple[int, int, int, int]
    grade: int


def counted(tool: Tool, home: Path, data: Path) -> dict[int, Seen]:
    """Return the events that the logs of a home hold, by their keys."""
    ledger = SqliteLedger(str(data / "ledger.db"), write=True)
    news, troubles = look([tool], str(home), {}, ledger)
    summary = bring_in(news, ledger, ("box", "dev"))
    assert not troubles
    assert not summary.troubles
    keys = dict(ledger.connection.execute("SELECT id, key FROM events").fetchall())
    rows = ledger.ask("events", **EVER)
    ledger.close()
    return {keys[row[0]]: Seen((row[4], row[5], row[6] + row[7], row[8]), row[10]) for row in rows}


def answered(folder: Path, provider: str) -> Iterator[dict[str, Any]]:
    """Yield the requests that got an answer, as the other side of the wire wrote them down."""
    for line in (folder / "ledger.jsonl").read_text().splitlines():
        request: dict[str, Any] = json.loads(line)
        if request["provider"] == provider and request.get("response_id") and request.get("usage"):
            yield request


def truth(usage: Mapping[str, Any]) -> tuple[int, int, int, int]:
    """Return the counts of an answer of either provider."""
    if "cache_read_input_tokens" in usage:
        fresh, read = usage["input_tokens"], usage["cache_read_input_tokens"]
        return fresh, read, usage["cache_creation_input_tokens"], usage["output_tokens"]
    cached = usage["input_tokens_details"]["cached_tokens"]
    return usage["input_tokens"] - cached, cached, 0, usage["output_tokens"]


@pytest.mark.parametrize(
    "folder, absent, cut_off",
    [
        # WebSearch's inner request and two of /compact.
        ("main", 3, 2),
        ("abort", 0, 1),
        # The request for a title.
        ("interactive", 1, 0),
        # WebSearch's inner request.
        ("otel-claude-json", 1, 1),
    ],
)
def test_claude_code(shared: Path, tmp_path: Path, folder: str, absent: int, cut_off: int) -> None:
    home = shared / "realclients" / "captured" / CLAUDE / folder
    seen = counted(CLAUDE_CODE, home, tmp_path)
    sessions = {path.stem for path in home.rglob("*.jsonl")}
    sent = [request for request in answered(home, "anthropic") if _session(request) in sessions]
    missing = [request for request in sent if request["usage_sent"] and key(request["response_id"]) not in seen]
    assert len(missing) == absent
    for request in sent:
        event = seen.get(key(request["response_id"]))
        if event and request["usage_sent"]:
            assert event.counts == truth(request["usage"]), request["response_id"]
            assert event.grade != CUT_OFF
        elif event:
            # Its final counts never left: what the log has is how the stream began.
            assert event.counts[:3] == truth(request["usage"])[:3]
            assert event.grade == CUT_OFF
    assert sum(event.grade == CUT_OFF for event in seen.values()) == cut_off
    known = {key(request["response_id"]) for request in answered(home, "anthropic")}
    assert set(seen) <= known, "an event that nobody answered"


def _session(request: Mapping[str, Any]) -> str:
    headers: Mapping[str, str] = request.get("headers") or {}
    return headers.get("x-claude-code-session-id", "")


@pytest.mark.parametrize("folder", ["websocket", "http", "websocket-faults", "http-faults"])
def test_codex(shared: Path, tmp_path: Path, folder: str) -> None:
    home = shared / "realclients" / "captured" / "codex-0.169.0" / folder
    seen = counted(CODEX, home, tmp_path)
    by_id = {key("codex", request["response_id"]): request for request in answered(home, "openai")}
    assert seen, "nothing was counted"
    assert set(seen) <= set(by_id), "an event that nobody answered"
    for number, event in seen.items():
        assert event.counts == truth(by_id[number]["usage"])
    absent = [request for number, request in by_id.items() if number not in seen and request["usage_sent"]]
    # A websocket is warmed up by a request that makes nothing; all others were logged.
    assert all(request["usage"]["total_tokens"] == 0 for request in absent), absent
