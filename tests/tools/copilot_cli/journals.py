"""Made-up journals, databases and telemetry of Copilot CLI, and what the ledger makes of them."""

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from tallystick.intake.logs import bring_in, look
from tallystick.ledger.memory import MemoryLedger
from tallystick.tools.copilot_cli import COPILOT_CLI
from tallystick.tools.copilot_cli.journal import Journal
from tallystick.tools.copilot_cli.store import Store
from tallystick.tools.tool import DatabaseReader, Found, Record, State

SESSION = "5e551011-0000-4000-8000-00000000000a"
ANSWER = "msg_01MadeUpAnswerNumber"
MODEL = "claude-opus-4.8"
EVER = {"since": -(2**62), "until": 2**62}

TABLES = """
CREATE TABLE sessions (id TEXT PRIMARY KEY, cwd TEXT, branch TEXT, created_at TEXT);
CREATE TABLE assistant_usage_events (id INTEGER PRIMARY KEY AUTOINCREMENT, session_id TEXT, model TEXT, agent_id TEXT,
 input_tokens INTEGER, cache_read_tokens INTEGER, cache_write_tokens INTEGER, output_tokens INTEGER,
 reasoning_tokens INTEGER, total_nano_aiu INTEGER, initiator TEXT, created_at TEXT);
"""

type Line = dict[str, Any]
type Sums = dict[str, tuple[int, int, int, int]]
"""By model: input, read from a cache, written to one, output."""


def at(second: int) -> str:
    """Return a moment of the made-up day, which begins at ten o'clock."""
    return f"2026-11-20T{10 + second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}.000Z"


def line(second: int, kind: str, data: object, **more: object) -> Line:
    return {"type": kind, "data": data, "id": f"line-{second}-{kind}", "timestamp": at(second), **more}


def start(second: int = 0, session: str = SESSION, version: str = "1.0.102") -> Line:
    context = {"cwd": "/home/dev/shop", "branch": "main"}
    said = {"sessionId": session, "copilotVersion": version, "selectedModel": MODEL, "context": context}
    return line(second, "session.start", said)


def usage(second: int, answer: str, counts: tuple[int, int, int, int], **more: object) -> Line:
    """Return a usage record; the counts are input with all it holds, read, written, output."""
    prompt, read, written, output = counts
    said = {"model": MODEL, "apiCallId": answer, "inputTokens": prompt, "cacheReadTokens": read, **more}
    return line(
        second, "session.usage_record", {"usage": {**said, "cacheWriteTokens": written, "outputTokens": output}}
    )


def message(second: int, output: int | None = None, **more: object) -> Line:
    said = {"messageId": f"message-{second}", "model": MODEL, "outputTokens": output, "toolRequests": [], **more}
    return line(second, "assistant.message", said)


def shutdown(second: int, metrics: Mapping[str, tuple[int, ...]], **more: object) -> Line:
    """Return the end of a session; the metrics are requests, input, read, written, output and AI units in billionths."""
    names = ("inputTokens", "cacheReadTokens", "cacheWriteTokens", "outputTokens")
    told = {
        model: {
            "requests": {"count": count},
            "usage": dict(zip(names, counts, strict=False)),
            "totalNanoAiu": counts[4] if len(counts) > len(names) else 0,
        }
        for model, (count, *counts) in metrics.items()
    }
    return line(second, "session.shutdown", {"modelMetrics": told, "sessionStartTime": at(0), **more})


def written(lines: Iterable[Line]) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in lines)


def read(lines: Iterable[Line], state: State | None = None, session: str = SESSION) -> tuple[Found, State]:
    """Return what a journal tells."""
    journal, data = Journal(f"session-state/{session}/events.jsonl", state or {}), written(lines)
    journal.feed(data, 0, len(data), 0)
    return journal.finish()


def row(second: int, counts: tuple[int, int, int, int], **more: object) -> dict[str, Any]:
    """Return a row of the store; the counts are input with all it holds, read, written, output."""
    names = ("input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens")
    said = {"session_id": SESSION, "model": MODEL, "created_at": at(second)}
    return {**said, **dict(zip(names, counts, strict=True)), **more}


def fill(path: Path, rows: Iterable[Mapping[str, Any]], tables: str = TABLES) -> Path:
    """Write rows into a store, made first where there is none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as database:
        if not database.execute("SELECT 1 FROM sqlite_master").fetchone():
            database.executescript(tables)
            if tables == TABLES:
                database.execute("INSERT INTO sessions VALUES (?, '/home/dev/shop', 'main', ?)", (SESSION, at(0)))
        for each in rows:
            marks = ", ".join("?" * len(each))
            database.execute(
                f"INSERT INTO assistant_usage_events ({', '.join(each)}) VALUES ({marks})",  # noqa: S608 - our own names
                tuple(each.values()),
            )
        database.commit()
    return path


def consult(path: Path, state: State | None = None) -> tuple[Found, State]:
    """Return what a store tells, and what its reader remembers, as JSON brings it back."""
    reader = Store(json.loads(json.dumps(state or {})))
    answer(path, reader)
    return reader.finish()


def answer(path: Path, reader: DatabaseReader) -> None:
    """Let a reader ask its questions of a database."""
    with closing(sqlite3.connect(path)) as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        columns = {name: [each[1] for each in database.execute(f"PRAGMA table_info({name})")] for name in names}
        questions = reader.read({name: frozenset(each) for name, each in columns.items()})
        rows: Iterable[Record] | None = None
        while True:
            try:
                query = next(questions) if rows is None else questions.send(rows)
            except StopIteration:
                return
            rows = database.execute(query.sql, dict(query.values))


def counted(home: Path, *, backwards: bool = False) -> tuple[Sums, list[tuple[Any, ...]]]:
    """Return what the ledger counts of a home by model, and its events."""
    ledger = MemoryLedger()
    news, troubles = look([COPILOT_CLI], str(home), {}, ledger)
    order: Callable[[Any], str] = lambda item: str(item.file.path)  # noqa: E731 - one line for one use
    summary = bring_in(sorted(news, key=order, reverse=backwards), ledger, ("box", "dev"))
    assert not troubles
    assert not summary.troubles
    models = {each[0]: each[2] for each in ledger.ask("variants")}
    sums: dict[str, Counter[int]] = {}
    events = ledger.ask("events", **EVER)
    for event in events:
        kinds = sums.setdefault(models[event[3]], Counter())
        kinds.update({0: event[4], 1: event[5], 2: event[6] + event[7], 3: event[8]})
    return {model: (each[0], each[1], each[2], each[3]) for model, each in sums.items()}, events


def settle(home: Path, lines: Iterable[Line] = (), rows: Iterable[Mapping[str, Any]] = ()) -> Path:
    """Write a journal and a store into a home and return it."""
    lines, rows = list(lines), list(rows)
    if lines:
        folder = home / ".copilot" / "session-state" / SESSION
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "events.jsonl").write_bytes(written(lines))
    if rows:
        fill(home / ".copilot" / "session-store.db", rows)
    return home
