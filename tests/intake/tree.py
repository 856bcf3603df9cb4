"""Trees of synthetic transcripts, with what they add up to known beforehand."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from tallystick.intake.follow import Follower
from tallystick.intake.logs import News, Summary, bring_in, look
from tallystick.intake.walk import File
from tallystick.ledger.ledger import Batch, Ledger, Source
from tallystick.tools.claude_code.reader import ClaudeReader
from tallystick.tools.tool import Root, Tool

EVER = {"since": -(2**62), "until": 2**62}
WHOSE = ("box", "dev")


def _roots(home: str, environ: Mapping[str, str]) -> list[Root]:
    return [
        Root(f"{home}/{name}", (".jsonl", ".jsonl.zst"), ("journal.jsonl",))
        for name in environ.get("LOGS", "logs,archive").split(",")
    ]


LOGS = Tool(
    "claude-code",
    "Logs of a test",
    _roots,
    ClaudeReader,
    companions=lambda path: (path.replace(".jsonl", ".meta.json"),),
)
"""Transcripts in `logs` and `archive` below home, some of them compressed."""


def line(**fields: object) -> bytes:
    """Return an object as a line."""
    return json.dumps(fields, separators=(",", ":")).encode() + b"\n"


def stamp(number: int) -> str:
    """Return the moment of the numbered second of a day, as transcripts write it."""
    return f"2026-11-01T{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}.000Z"


def answer(number: int, tokens: int = 10, **fields: object) -> bytes:
    """Return the line of an answer that counts so many output tokens; ids and time come from its number."""
    usage = {"input_tokens": 1, "cache_read_input_tokens": 0, "output_tokens": tokens}
    message: dict[str, object] = {
        "id": f"msg_{number}",
        "model": "claude-opus-4-8",
        "stop_reason": "end_turn",
        "usage": usage,
    }
    content = fields.pop("content", None)
    if content:
        message["content"] = content
    said = {"sessionId": "s1", "cwd": "/home/dev/p", "version": "2.1.300", "requestId": f"req_{number}"}
    return line(type="assistant", timestamp=stamp(number), uuid=f"uuid_{number}", **(said | fields), message=message)


def padding(size: int) -> bytes:
    """Return a line of so many bytes that says nothing of interest."""
    return b'{"type":"attachment","text":"' + b"x" * (size - 32) + b'"}\n'


def write(path: Path, content: bytes) -> Path:
    """Write a file, making its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def bring(home: Path, ledger: Ledger, tool: Tool = LOGS) -> Summary:
    """Look at a home and bring what is new into a ledger; troubles of both steps are in the summary."""
    news, troubles = look([tool], str(home), {}, ledger)
    summary = bring_in(news, ledger, WHOSE)
    return summary._replace(troubles=(*troubles, *summary.troubles))


def output(ledger: Ledger) -> dict[int, int]:
    """Return the output tokens of each event by the second at which it ended."""
    return {row[1] // 1000 % 86_400: row[8] for row in ledger.ask("events", **EVER)}


def total(ledger: Ledger) -> tuple[int, int]:
    """Return requests and output tokens as the sums have them."""
    rows = ledger.ask("usage_by_context", **EVER)
    return sum(row[5] for row in rows), sum(row[10] for row in rows)


def look_at(path: Path) -> File:
    """Return a file as a walk describes it."""
    about = path.stat()
    return File(str(path), about.st_ino, about.st_size, about.st_mtime_ns)


def follow(path: Path, before: Source | None = None, tool: Tool = LOGS) -> list[Batch]:
    """Return what a fresh follower reads in a file."""
    return list(Follower(*WHOSE).read(tool, look_at(path), before))


def news(path: Path, before: Source | None = None) -> News:
    """Return a file as something to be read."""
    return News(LOGS, look_at(path), before)


def touched(path: Path, seconds: int) -> Path:
    """Give a file a time of its own, so that two versions of it always differ in it."""
    os.utime(path, (seconds, seconds))
    return path
