"""Captures of real clients: what each told the ledger of the mock, sent in the vendor's shape, is counted so; and as in the log."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.providers.sampling import SHELF

from tallystick.providers.clients import client
from tallystick.providers.openai_socket import Socket
from tallystick.providers.provider import Asked, Call
from tallystick.tools.claude_code import CLAUDE_CODE
from tallystick.tools.codex import CODEX
from tallystick.tools.tool import Tool
from tallystick.usage.event import FINISHED, UsageEvent
from tallystick.usage.identity import key, key_of_bytes
from tallystick.usage.tokens import Tokens

pytestmark = pytest.mark.shared
HOSTS = {"anthropic": "api.anthropic.com", "openai": "api.openai.com", "gemini": "generativelanguage.googleapis.com"}
type Line = dict[str, Any]


def lines(shared: Path, under: str = "") -> Iterator[Line]:
    """Yield the ledgers' lines."""
    found = sorted((shared / "realclients" / "captured" / under).rglob("ledger.jsonl"))
    assert found
    for path in found:
        yield from map(json.loads, path.read_text().splitlines())


def event(said: Line) -> bytes:
    """Return one event of a stream."""
    return b"data: " + json.dumps(said).encode() + b"\n\n"


def anthropic(line: Line) -> bytes:
    named = {"id": line["response_id"], "model": line["model"], "type": "message", "content": [{"type": "text"}]}
    if not line["stream"]:
        return json.dumps(named | {"usage": line["usage"], "stop_reason": "end_turn"}).encode()
    begun = event({"type": "message_start", "message": named | {"usage": line["start_usage"]}})
    final = {name: said for name, said in line["usage"].items() if name not in ("service_tier", "cache_creation")}
    ended = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": final}
    return begun + (event(ended) + event({"type": "message_stop"}) if line["usage_sent"] else b"")


def responses(line: Line) -> bytes:
    named = {"id": line["response_id"], "model": line["model"], "object": "response"}
    whole = named | {"status": "completed", "usage": line["usage"]}
    if not line["stream"]:
        return json.dumps(whole).encode()
    begun = event({"type": "response.created", "response": named | {"status": "in_progress"}})
    return begun + (event({"type": "response.completed", "response": whole}) if line["usage_sent"] else b"")


def chat(line: Line) -> bytes:
    named = {"id": line["response_id"], "model": line["model"]}
    ended = named | {"choices": [{"finish_reason": "stop"}]}
    if not line["stream"]:
        return json.dumps(ended | {"usage": line["usage"]}).encode()
    usage = event(named | {"choices": [], "usage": line["usage"]}) if line["usage_sent"] else b""
    return event(ended) + usage + b"data: [DONE]\n\n"


def gemini(line: Line) -> bytes:
    whole = {"responseId": line["response_id"], "modelVersion": line["model"], "usageMetadata": line["usage"]}
    ended = whole | {"candidates": [{"finishReason": "STOP"}]}
    if not line["stream"]:
        return json.dumps(ended).encode()
    return event({"responseId": line["response_id"], "modelVersion": line["model"]}) + (
        event(ended) if line["usage_sent"] else b""
    )


def shape_of(line: Line) -> Callable[[Line], bytes]:
    return {"anthropic": anthropic, "gemini": gemini}.get(
        line["provider"], responses if line.get("api") == "responses" else chat
    )


def told(line: Line) -> Call:
    """Return the call that a watch tells of a line."""
    asked = Asked("POST", HOSTS[line["provider"]], line["endpoint"], line["headers"])
    if line["transport"] == "websocket":
        return over_socket(line, asked)
    watch = SHELF.watch(asked)
    assert watch is not None
    watch.sent(json.dumps({"model": line["model"]}).encode())
    header = "request-id" if line["provider"] == "anthropic" else "x-request-id"
    watch.head(line["status"], {header: line["request_id"]} if line["request_id"] else {})
    if line["status"] == 200:
        watch.took(shape_of(line)(line))
    (call,) = watch.end(cut=not line["usage_sent"])
    return call


def over_socket(line: Line, asked: Asked) -> Call:
    watch = SHELF.watch(asked._replace(method="GET", headers={**asked.headers, "upgrade": "websocket"}))
    assert isinstance(watch, Socket)
    watch.head(101, {})
    watch.frame_sent(
        json.dumps({"type": "response.create", "model": line["model"], "generate": line["generate"]}).encode()
    )
    if line["status"] != 200:
        (call,) = watch.frame_took(json.dumps({"type": "error", "status": line["status"]}).encode())
        return call
    response = {"id": line["response_id"], "model": line["model"], "status": "completed", "usage": line["usage"]}
    watch.frame_took(json.dumps({"type": "response.created", "response": response | {"usage": None}}).encode())
    calls = []
    if line["usage_sent"]:
        calls = watch.frame_took(json.dumps({"type": "response.completed", "response": response}).encode())
    (call,) = calls + watch.end(cut=True)
    return call


def counts(line: Line) -> Tokens:
    """Return what a line's counts are, disjoint: plain arithmetic on the vendors' names."""
    said = line["usage"]
    match line["provider"]:
        case "anthropic":
            split = said["cache_creation"]
            return Tokens(
                said["input_tokens"],
                said["cache_read_input_tokens"],
                split["ephemeral_5m_input_tokens"],
                split["ephemeral_1h_input_tokens"],
                said["output_tokens"],
            )
        case "gemini":
            cached, thoughts = said.get("cachedContentTokenCount", 0), said.get("thoughtsTokenCount", 0)
            fresh = said["promptTokenCount"] - cached + said.get("toolUsePromptTokenCount", 0)
            return Tokens(fresh, cached, 0, 0, said["candidatesTokenCount"] + thoughts, thoughts)
        case _:
            into, out = ("input", "output") if line["api"] == "responses" else ("prompt", "completion")
            cached = said[f"{into}_tokens_details"]["cached_tokens"]
            reasoning = said[f"{out}_tokens_details"]["reasoning_tokens"]
            return Tokens(said[f"{into}_tokens"] - cached, cached, 0, 0, said[f"{out}_tokens"], reasoning)


def test_every_line_is_counted_as_the_ledger_says(shared: Path) -> None:
    number = 0
    for line in lines(shared):
        call = told(line)
        number += 1
        if line["usage"] is None:
            assert (call.outcome, call.tokens, call.status) == ("failed", Tokens(), line["status"])
        elif line["usage_sent"]:
            assert call.tokens == counts(line)
            assert call.outcome == ("prewarm" if line.get("generate") is False else "done")
            assert (call.id, call.model) == (line["response_id"], line["model"])
            assert call.request == ((line["request_id"] or "") if line["transport"] == "http" else "")
            assert not call.mismatch
        else:
            assert call.outcome in {"cut", "missing"}
    assert number > 200


def test_every_client_is_known_by_its_headers(shared: Path) -> None:
    for tool in ("claude-code", "codex", "gemini-cli", "opencode", "qwen-code"):
        for line in lines(shared, next(p.name for p in (shared / "realclients/captured").glob(f"{tool}-*"))):
            who = client(Asked("POST", "", "", line["headers"]))
            assert who.tool == tool
            assert who.version
            assert bool(who.session) is (tool not in ("gemini-cli", "qwen-code"))


def logged(tool: Tool, shared: Path, under: str) -> dict[int, UsageEvent]:
    """Return what a tool's own files say, by identity."""
    found: dict[int, UsageEvent] = {}
    for path in sorted((shared / "realclients" / "captured" / under).rglob("*.jsonl")):
        if path.name.startswith("ledger") or not path.stat().st_size:
            continue
        reader: Any = tool.reader(str(path), {})
        data = path.read_bytes()
        reader.feed(data, 0, len(data), 0)
        found |= {each.key: each for each in reader.finish()[0].events if each.grade == FINISHED}
    return found


@pytest.mark.parametrize(
    "tool, under, identity",
    [
        (CLAUDE_CODE, "claude-code-2.1.330/main", key),
        (CODEX, "codex-0.169.0/http", lambda answer: key_of_bytes(b"codex\x1f" + answer.encode())),
        (CODEX, "codex-0.169.0/websocket", lambda answer: key_of_bytes(b"codex\x1f" + answer.encode())),
    ],
    ids=["claude-code", "codex-http", "codex-websocket"],
)
def test_wire_and_log_say_the_same_of_one_call(
    shared: Path, tool: Tool, under: str, identity: Callable[[str], int]
) -> None:
    events, both = logged(tool, shared, under), 0
    for line in lines(shared, under):
        event = events.get(identity(line["response_id"] or ""))
        if event is None or not line["usage_sent"]:
            continue
        call, both = told(line), both + 1
        # Over HTTP Codex was given a provider of its own name, which only the log knows.
        assert call.provider == event.variant.provider or under.endswith("/http")
        assert (call.model, call.tier, call.speed, call.geo) == event.variant[1:]
        assert call.tokens == event.tokens
        who = client(Asked("POST", "", "", line["headers"]))
        assert who.session == event.context.session
        assert bool(who.agent or who.parent) is bool(event.context.agent)
    assert both > 15
