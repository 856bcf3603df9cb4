"""Chats as Qwen Code writes them: compact JSON, keys in its order, made-up people and words."""

import json
from typing import Any

from tests.tools import reading
from tests.tools.reading import Source, Told, Way

from tallystick.tools.qwen_code import QWEN_CODE
from tallystick.tools.tool import Found

type Json = Any
type Fields = dict[str, Json]

SESSION = "5e551011-0000-4000-8000-000000000001"
FORK = "5e551022-0000-4000-8000-000000000002"
PATH = f"projects/-home-dev-shop/chats/{SESSION}.jsonl"
FORK_PATH = f"projects/-home-dev-shop/chats/{FORK}.jsonl"
MODEL = "qwen3-coder-plus"


def uuid(number: int) -> str:
    """Return a line's id."""
    return f"{number:08x}-0000-4000-8000-000000000000"


def at(seconds: float) -> str:
    """Return a moment of 20 November 2026, so many seconds after ten o'clock UTC."""
    return f"2026-11-20T10:{int(seconds) // 60:02}:{seconds % 60:06.3f}Z"


def line(fields: object) -> bytes:
    """Return a line of compact JSON."""
    return json.dumps(fields, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"


def record(number: int, seconds: float, kind: str, parent: int = 0, **more: Json) -> Fields:
    """Return a line with what every line has."""
    about = {
        "uuid": uuid(number),
        "parentUuid": uuid(parent) if parent else None,
        "sessionId": SESSION,
        "timestamp": at(seconds),
    }
    return about | {"type": kind, "cwd": "/home/dev/shop", "version": "0.15.10", "gitBranch": "main"} | more


def said(number: int, seconds: float, text: str = "paint the shop", **more: Json) -> Fields:
    """Return a message of the person."""
    return record(number, seconds, "user", message={"role": "user", "parts": [{"text": text}]}, **more)


def telemetry(number: int, seconds: float, event: Fields, **more: Json) -> Fields:
    """Return a line of telemetry."""
    event = {"event.name": "qwen-code.api_response", "event.timestamp": at(seconds)} | event
    return record(number, seconds, "system", subtype="ui_telemetry", systemPayload={"uiEvent": event}, **more)


def request(
    number: int, seconds: float, prompt: int = 100, output: int = 10, cached: int = 0, thoughts: int = 0, **more: Json
) -> Fields:
    """Return the telemetry of a request, with other fields of the event as given (None takes one away)."""
    event = {
        "response_id": f"chatcmpl-{number}",
        "model": MODEL,
        "status_code": 200,
        "duration_ms": 1000,
        "input_token_count": prompt,
        "output_token_count": output,
        "cached_content_token_count": cached,
        "thoughts_token_count": thoughts,
        "total_token_count": prompt + output,
        "response_text": "done",
        "prompt_id": "bbc8574baf934",
        "auth_type": "openai",
    }
    return telemetry(number, seconds, {name: value for name, value in (event | more).items() if value is not None})


def answer(
    number: int, seconds: float, prompt: int = 100, output: int = 10, cached: int = 0, thoughts: int = 0, **more: Json
) -> Fields:
    """Return the line of an answer with the same counts."""
    usage = {
        "promptTokenCount": prompt,
        "candidatesTokenCount": output,
        "thoughtsTokenCount": thoughts,
        "totalTokenCount": prompt + output,
        "cachedContentTokenCount": cached,
    }
    parts = [
        {"text": "done"},
        *({"functionCall": {"id": use, "name": use, "args": {}}} for use in more.pop("uses", ())),
    ]
    return (
        record(
            number, seconds, "assistant", model=MODEL, message={"role": "model", "parts": parts}, usageMetadata=usage
        )
        | more
    )


def result(number: int, seconds: float, use: str, status: str = "success", **more: Json) -> Fields:
    """Return the result of a tool."""
    parts = [{"functionResponse": {"id": use, "name": use, "response": {"output": "x"}}}]
    about: Fields = {"message": {"role": "user", "parts": parts}, "toolCallResult": {"callId": use, "status": status}}
    return record(number, seconds, "tool_result", **about) | more


def used(number: int, seconds: float, **more: Json) -> Fields:
    """Return the telemetry of a tool's use."""
    event = {
        "event.name": "qwen-code.tool_call",
        "function_name": "read_file",
        "duration_ms": 500,
        "status": "success",
        "success": True,
    }
    return telemetry(number, seconds, event | more)


def forked(*lines: Fields) -> list[Fields]:
    """Return lines as a branch copies them: ids and times stay, parents are set anew."""
    parents = [None, *(each["uuid"] for each in lines)]
    return [
        each
        | {"sessionId": FORK, "parentUuid": parent, "forkedFrom": {"sessionId": SESSION, "messageUuid": each["uuid"]}}
        for each, parent in zip(lines, parents, strict=False)
    ]


def source(*records: object, path: str = PATH) -> Source:
    """Return a chat; bytes among the records are lines as they are."""
    return Source(path, b"".join(each if isinstance(each, bytes) else line(each) for each in records))


def found(*records: object, path: str = PATH) -> Found:
    """Read a chat at once."""
    return reading.whole(QWEN_CODE, source(*records, path=path))


def told(*chats: Source | Fields | bytes, way: Way = reading.whole) -> Told:
    """Read several chats, or the lines of one, and settle what they say."""
    sources = [chat for chat in chats if isinstance(chat, Source)]
    lines = [chat for chat in chats if not isinstance(chat, Source)]
    sources += [source(*lines)] if lines else []
    return reading.told([(each.path, way(QWEN_CODE, each)) for each in sources])
