"""Chats as Gemini CLI writes them: compact JSON, keys in its order, made-up people and words."""

import json
from typing import Any

from tests.tools import reading
from tests.tools.reading import Source, Told, Way

from tallystick.tools.gemini_cli import GEMINI_CLI
from tallystick.tools.tool import DOCUMENT, Found

type Json = Any
type Fields = dict[str, Json]

SESSION = "5e551011-0000-4000-8000-000000000001"
OTHER = "5e551022-0000-4000-8000-000000000002"
PATH = f"shop/chats/session-2026-11-20T10-00-{SESSION[:8]}.jsonl"
DOCUMENT_PATH = PATH.removesuffix("l")
AGENT = f"shop/chats/{SESSION}/a9e57000-0000-4000-8000-00000000000a.jsonl"
PRO = "gemini-3.1-pro-preview"


def uuid(number: int) -> str:
    """Return a message's id."""
    return f"{number:08x}-0000-4000-8000-000000000000"


def at(seconds: float) -> str:
    """Return a moment of 20 November 2026, so many seconds after ten o'clock UTC."""
    return f"2026-11-20T10:{int(seconds) // 60:02}:{seconds % 60:06.3f}Z"


def line(fields: object) -> bytes:
    """Return a line of compact JSON."""
    return json.dumps(fields, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"


def head(session: str = SESSION, **more: Json) -> Fields:
    """Return what a chat begins with."""
    about = {"sessionId": session, "projectHash": "0" * 64, "startTime": at(0), "lastUpdated": at(0), "kind": "main"}
    return about | more


def counts(prompt: int = 100, output: int = 10, cached: int = 0, thoughts: int = 0, tool: int = 0) -> Fields:
    """Return the counts of an answer, with their total."""
    total = prompt + output + thoughts + tool
    return {"input": prompt, "output": output, "cached": cached, "thoughts": thoughts, "tool": tool, "total": total}


def answer(number: int, seconds: float, tokens: Json = None, *calls: Fields, **more: Json) -> Fields:
    """Return a message of the model; without counts of its own it has the usual ones."""
    message: Fields = {
        "id": uuid(number),
        "timestamp": at(seconds),
        "type": "gemini",
        "content": "done",
        "thoughts": [],
    }
    message |= {"tokens": counts() if tokens is None else tokens, "model": PRO}
    return message | ({"toolCalls": list(calls)} if calls else {}) | more


def call(name: str = "read_file", seconds: float = 2, status: str = "success", number: int = 1) -> Fields:
    """Return the use of a tool with its result."""
    result = [{"functionResponse": {"id": f"{name}-{number}", "name": name, "response": {"output": "x"}}}]
    return {
        "id": f"{name}-{number}",
        "name": name,
        "args": {},
        "result": result,
        "status": status,
        "timestamp": at(seconds),
    }


def said(number: int, seconds: float, content: Json = "paint the shop", **more: Json) -> Fields:
    """Return a message of the person."""
    parts = [{"text": content}] if isinstance(content, str) else content
    return {"id": uuid(number), "timestamp": at(seconds), "type": "user", "content": parts} | more


def result(number: int, seconds: float) -> Fields:
    """Return the message that takes a tool's result to the model."""
    return said(number, seconds, [{"functionResponse": {"id": "read_file-1", "name": "read_file", "response": {}}}])


def repeated(*messages: Fields) -> Fields:
    """Return the line with which a resumed chat repeats its history."""
    return {"$set": {"messages": list(messages), "lastUpdated": at(60)}}


def source(*records: object, path: str = PATH, **companions: Json) -> Source:
    """Return a chat of lines; bytes among the records are lines as they are."""
    content = b"".join(each if isinstance(each, bytes) else line(each) for each in records)
    return Source(path, content, companions)


def document(*messages: Fields, path: str = DOCUMENT_PATH, **about: Json) -> Source:
    """Return a chat of the older form."""
    return Source(path, json.dumps(head(**about) | {"messages": list(messages)}).encode(), form=DOCUMENT)


def found(*records: object, path: str = PATH) -> Found:
    """Read a chat of lines at once."""
    return reading.whole(GEMINI_CLI, source(*records, path=path))


def told(*chats: Source | Fields | bytes, way: Way = reading.whole) -> Told:
    """Read several chats, or the lines of one, and settle what they say."""
    sources = [chat for chat in chats if isinstance(chat, Source)]
    lines = [chat for chat in chats if not isinstance(chat, Source)]
    sources += [source(*lines)] if lines else []
    return reading.told([(each.path, way(GEMINI_CLI, each)) for each in sources])
