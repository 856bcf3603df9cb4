"""Rollouts made up line by line, in the layout in which Codex writes them."""

import json
from datetime import UTC, datetime
from typing import Any

from tallystick.tools.codex.rollout import Rollout
from tallystick.tools.tool import Found, State

NOON = 1_793_534_400_000
"""1 November 2026, 12:00 UTC, in milliseconds since 1970."""
CHILD = "019a3f7c-0000-7000-8000-000000000002"
PARENT = "019a3f00-0000-7000-8000-000000000001"
"""The parent's id is 0x7c0000 milliseconds older."""
BORN = int("019a3f7c0000", 16)
THREAD = CHILD

type Line = bytes
type Json = Any
"""What a field may hold, damaged ones included."""


def stamp(time: int) -> str:
    """Return a moment as Codex writes it."""
    moment = datetime.fromtimestamp(time / 1000, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{time % 1000:03d}Z"


def line(kind: str, payload: Json, time: int = NOON, ordinal: int | None = None) -> Line:
    """Return one line."""
    head: dict[str, Any] = {"timestamp": stamp(time)}
    if ordinal is not None:
        head["ordinal"] = ordinal
    return json.dumps({**head, "type": kind, "payload": payload}, separators=(",", ":")).encode() + b"\n"


def event(kind: str, time: int = NOON, ordinal: int | None = None, **fields: Json) -> Line:
    """Return a line of type `event_msg`."""
    return line("event_msg", {"type": kind, **fields}, time, ordinal)


def item(kind: str, time: int = NOON, ordinal: int | None = None, **fields: Json) -> Line:
    """Return a line of type `response_item`."""
    return line("response_item", {"type": kind, **fields}, time, ordinal)


def meta(thread: str = THREAD, time: int = NOON, ordinal: int | None = None, **fields: Json) -> Line:
    """Return a `session_meta`."""
    usual = {"id": thread, "timestamp": stamp(time), "cwd": "/home/dev/shop", "cli_version": "0.98.0", "source": "cli"}
    return line("session_meta", {**usual, **fields}, time, ordinal)


def context(model: str = "gpt-5.5", turn: str = "", time: int = NOON, **fields: Json) -> Line:
    """Return a `turn_context`."""
    return line("turn_context", {"turn_id": turn or None, "model": model, "cwd": "/home/dev/shop", **fields}, time)


def usage(
    prompt: int, cached: int = 0, output: int = 0, reasoning: int = 0, total: int | None = None
) -> dict[str, int]:
    """Return a usage object."""
    names = ("input_tokens", "cached_input_tokens", "output_tokens", "reasoning_output_tokens", "total_tokens")
    return dict(
        zip(names, (prompt, cached, output, reasoning, prompt + output if total is None else total), strict=True)
    )


def token_count(total: Json, last: Json, time: int = NOON, limits: Json = None, **fields: Json) -> Line:
    """Return a `token_count`; without totals and last request it has no `info`."""
    info = {"total_token_usage": total, "last_token_usage": last, "model_context_window": 258_400}
    said = {name: value for name, value in info.items() if value is not None}
    info_or_none = said if total is not None or last is not None else None
    return event("token_count", time, info=info_or_none, rate_limits=limits, **fields)


def record(response: str | None, counts: Json, time: int = NOON, thread: str | None = THREAD, **fields: Json) -> Line:
    """Return a `token_usage_record`."""
    said = {"thread_id": thread, "response_id": response, "usage": counts}
    return line("token_usage_record", {**said, **fields}, time)


def call(name: str, identity: str, time: int) -> Line:
    """Return a tool's use."""
    return item("function_call", time, name=name, arguments='{"command":"make test, and then some"}', call_id=identity)


def output(identity: str, time: int, text: str = "Exit code: 0\nWall time: 0.3 seconds\nOutput:\nfine") -> Line:
    """Return a tool's result."""
    return item("function_call_output", time, call_id=identity, output=text)


def said(time: int, text: str = "Please mend the fence and paint it green afterwards.") -> Line:
    """Return a person's message."""
    return event("user_message", time, message=text, images=[])


def read(*lines: Line, path: str = "rollout.jsonl", state: State | None = None) -> tuple[Found, State]:
    """Return what a rollout of these lines tells."""
    data = b"".join(lines)
    reader = Rollout(path, state or {})
    # Behind a read stands what the buffer held before.
    reader.feed(bytearray(data + b"x" * 300), 0, len(data), 0)
    return reader.finish()


def totals(found: Found) -> list[tuple[int, int, int]]:
    """Return uncached input, cached input and output of each request."""
    return [(each.tokens.input, each.tokens.cache_read, each.tokens.output) for each in found.events]
