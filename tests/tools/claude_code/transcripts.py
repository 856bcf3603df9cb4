"""Lines of transcripts as Claude Code writes them: compact JSON, keys in its order, made-up people and words."""

import json
from typing import Any

from tests.tools import reading
from tests.tools.reading import Source, Told

from tallystick.tools.claude_code import CLAUDE_CODE
from tallystick.tools.claude_code.reader import ClaudeReader
from tallystick.tools.tool import Found

type Json = Any
type Fields = dict[str, Json]

SESSION = "5e551011-0000-4000-8000-000000000001"
FOLDER = "-home-dev-shop"
PATH = f"{FOLDER}/{SESSION}.jsonl"
AGENT = f"{FOLDER}/{SESSION}/subagents/agent-a1b2c3d4e5f60718.jsonl"
OPUS = "claude-opus-5-5"
BEGIN = 36_000
"""Ten o'clock, in seconds of the day, where the seconds of `at` begin."""


def at(seconds: float) -> str:
    """Return a moment of 1 November 2026, so many seconds after ten o'clock UTC."""
    thousandths = round((BEGIN + seconds) * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    return f"2026-11-{1 + minutes // 1440:02}T{minutes // 60 % 24:02}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}Z"


def line(fields: object) -> bytes:
    """Return a line of compact JSON, characters of all scripts as they are."""
    return json.dumps(fields, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"


def usage(fresh: int = 3, read: int = 0, hour: int = 0, output: int = 10, **more: Json) -> Fields:
    """Return a usage object whose writes live for an hour, with other fields as given (None takes one away)."""
    counts: Fields = {
        "input_tokens": fresh,
        "cache_creation_input_tokens": hour,
        "cache_read_input_tokens": read,
        "output_tokens": output,
        "service_tier": "standard",
        "cache_creation": {"ephemeral_1h_input_tokens": hour, "ephemeral_5m_input_tokens": 0},
    }
    return {name: value for name, value in (counts | more).items() if value is not None}


def text(words: str = "done") -> Fields:
    """Return a block of text."""
    return {"type": "text", "text": words}


def use(tool: str, number: int = 1, **given: Json) -> Fields:
    """Return a block that asks for a tool."""
    return {"type": "tool_use", "id": f"toolu_{number:022}", "name": tool, "input": given}


def answer(number: int = 1, seconds: float = 1, counts: Fields | None = None, *blocks: Fields, **more: Json) -> bytes:
    """Return one line of an answer; ids come from its number. `stop`, `model` and `id` go into the message."""
    message = {
        "model": more.pop("model", OPUS),
        "id": more.pop("id", f"msg_{number:024}"),
        "type": "message",
        "role": "assistant",
        "content": list(blocks) or [text()],
        "stop_reason": more.pop("stop", "end_turn"),
        "stop_sequence": None,
        "usage": usage() if counts is None else counts,
    }
    fields: Fields = {
        "parentUuid": f"11111111-0000-4000-8000-{number:012}",
        "isSidechain": False,
        "message": message,
        "requestId": f"req_{number:024}",
        "type": "assistant",
        "uuid": f"aaaaaaaa-0000-4000-8000-{number:06}{round(seconds * 10):06}",
        "timestamp": at(seconds),
        **_tail(),
    }
    return line(_without_none(fields | more))


def prompt(seconds: float = 0, content: Json = "please count", **more: Json) -> bytes:
    """Return a line of type `user`."""
    fields: Fields = {
        "parentUuid": None,
        "isSidechain": False,
        "type": "user",
        "message": {"role": "user", "content": content},
        "uuid": f"bbbbbbbb-0000-4000-8000-{round(seconds * 10):012}",
        "timestamp": at(seconds),
        **_tail(),
    }
    return line(_without_none(fields | more, "parentUuid"))


def result(
    number: int = 1, seconds: float = 2, content: Json = "ok", *, failed: bool | None = False, **more: Json
) -> bytes:
    """Return the line of a tool's result, its text twice as usual."""
    block = {"tool_use_id": f"toolu_{number:022}", "type": "tool_result", "content": content, "is_error": failed}
    fields = {
        "parentUuid": f"11111111-0000-4000-8000-{number:012}",
        "isSidechain": False,
        "type": "user",
        "message": {"role": "user", "content": [_without_none(block)]},
        "uuid": f"cccccccc-0000-4000-8000-{number:06}{round(seconds * 10):06}",
        "timestamp": at(seconds),
        "toolUseResult": {"stdout": content, "stderr": "", "interrupted": False},
        **_tail(),
    }
    return line(_without_none(fields | more))


def notice(seconds: float, words: str = "API Error", **more: Json) -> bytes:
    """Return what the tool writes in the model's place."""
    counts = {"input_tokens": 0, "output_tokens": 0, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0}
    fields = {"requestId": None, "isApiErrorMessage": True} | more
    return answer(
        999, seconds, counts, text(words), id="5b0a3f5e-synthetic", model="<synthetic>", stop="stop_sequence", **fields
    )


def _tail() -> Fields:
    return {
        "userType": "external",
        "entrypoint": "cli",
        "cwd": "/home/dev/shop",
        "sessionId": SESSION,
        "version": "2.1.330",
        "gitBranch": "main",
    }


def _without_none(fields: Fields, but: str = "") -> Fields:
    return {name: value for name, value in fields.items() if value is not None or name == but}


def found(*lines: bytes, path: str = PATH) -> Found:
    """Return what a reader finds in lines that come at once."""
    return reading.whole(CLAUDE_CODE, Source(path, b"".join(lines)))


def told(*lines: bytes, path: str = PATH) -> Told:
    """Return the same in words, settled."""
    return reading.told([(path, found(*lines, path=path))])


def reasons(*lines: bytes) -> list[str]:
    """Return why lines were skipped."""
    return [skipped.reason for skipped in found(*lines).skipped]


class SlowReader(ClaudeReader):
    """Reads with the standard library alone, however much there is."""

    def _prepare(self, size: int) -> None:
        """Import nothing."""


SLOW = CLAUDE_CODE._replace(reader=SlowReader)


def read(content: bytes, way: reading.Way = reading.whole, *, slow: bool = False) -> Told:
    """Return what bytes say, read in one way and by either decoder."""
    return reading.told([(PATH, way(SLOW if slow else CLAUDE_CODE, Source(PATH, content)))])
