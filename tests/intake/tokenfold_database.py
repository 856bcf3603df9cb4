"""Makes a database as tokenfold's server keeps one, from the records that its client sends."""

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE events (
    uuid TEXT PRIMARY KEY, type TEXT NOT NULL, subtype TEXT, timestamp TEXT NOT NULL, ts_epoch REAL NOT NULL, day TEXT NOT NULL,
    session_id TEXT, parent_uuid TEXT, is_sidechain INTEGER DEFAULT 0, user_type TEXT, cwd TEXT, git_branch TEXT, version TEXT,
    slug TEXT, agent_id TEXT, permission_mode TEXT, source_machine TEXT NOT NULL, project_dir TEXT, model TEXT, message_id TEXT,
    request_id TEXT, stop_reason TEXT, api_error TEXT, is_api_error INTEGER DEFAULT 0, input_tokens INTEGER DEFAULT 0,
    output_tokens INTEGER DEFAULT 0, cache_creation_tokens INTEGER DEFAULT 0, cache_read_tokens INTEGER DEFAULT 0,
    cache_ephemeral_5m INTEGER DEFAULT 0, cache_ephemeral_1h INTEGER DEFAULT 0, service_tier TEXT, has_text INTEGER DEFAULT 0,
    has_tool_use INTEGER DEFAULT 0, has_tool_result INTEGER DEFAULT 0, is_human_prompt INTEGER DEFAULT 0
);
CREATE TABLE tool_uses (
    tool_use_id TEXT PRIMARY KEY, event_uuid TEXT NOT NULL, session_id TEXT, source_machine TEXT NOT NULL, name TEXT NOT NULL,
    timestamp TEXT NOT NULL, ts_epoch REAL NOT NULL, day TEXT NOT NULL, result_event_uuid TEXT, is_error INTEGER DEFAULT 0,
    duration_ms REAL
);
CREATE TABLE sync_cursors (machine TEXT, project_dir TEXT, session_file TEXT, last_line_num INTEGER, updated_at TEXT);
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT);
"""
_USE = """
INSERT OR IGNORE INTO tool_uses (tool_use_id, event_uuid, source_machine, name, timestamp, ts_epoch, day)
VALUES (:id, :event, :machine, :name, :timestamp, :ts_epoch, :day)
"""
_COUNTS = {
    "input_tokens": "input_tokens",
    "output_tokens": "output_tokens",
    "cache_creation_input_tokens": "cache_creation_tokens",
    "cache_read_input_tokens": "cache_read_tokens",
}


def made(path: Path, pushes: Iterable[dict[str, Any]]) -> Path:
    """Write a database of what was pushed."""
    with closing(sqlite3.connect(path)) as db:
        db.executescript(_SCHEMA)
        for push in pushes:
            for record in push["events"]:
                _keep(db, record, push)
        db.commit()
    return path


def _keep(db: sqlite3.Connection, record: dict[str, Any], push: dict[str, Any]) -> None:
    if not record.get("uuid") or not record.get("timestamp"):
        return
    message, time = record.get("message") or {}, datetime.fromisoformat(record["timestamp"])
    when = {"timestamp": record["timestamp"], "ts_epoch": time.timestamp(), "day": f"{time:%Y-%m-%d}"}
    content = message.get("content") if isinstance(message, dict) else None
    usage = message.get("usage") or {}
    row = _named(record, message) | {
        "uuid": record["uuid"],
        "type": record.get("type", ""),
        **when,
        "source_machine": push["machine"],
        "project_dir": push["project_dir"],
        "service_tier": usage.get("service_tier"),
        **{ours: usage.get(theirs) or 0 for theirs, ours in _COUNTS.items()},
        "is_human_prompt": int(_is_prompt(record, content)),
    }
    marks = ", ".join(f":{name}" for name in row)
    kept = db.execute(f"INSERT OR IGNORE INTO events ({', '.join(row)}) VALUES ({marks})", row)  # noqa: S608  names of ours
    for block in content if isinstance(content, list) and kept.rowcount else ():
        if block.get("type") == "tool_use":
            told = {"id": block["id"], "event": record["uuid"], "name": block["name"], "machine": push["machine"]}
            db.execute(_USE, told | when)


def _named(record: dict[str, Any], message: dict[str, Any]) -> dict[str, Any]:
    return {
        "session_id": record.get("sessionId"),
        "is_sidechain": int(record.get("isSidechain") is True),
        "user_type": record.get("userType"),
        "cwd": record.get("cwd"),
        "git_branch": record.get("gitBranch"),
        "version": record.get("version"),
        "agent_id": record.get("agentId"),
        "model": message.get("model"),
        "message_id": message.get("id"),
        "request_id": record.get("requestId"),
        "stop_reason": message.get("stop_reason"),
    }


def _is_prompt(record: dict[str, Any], content: Any) -> bool:  # noqa: ANN401  whatever JSON has
    """Tell what its server takes for a prompt: it also takes notices for some."""
    if record.get("type") != "user" or record.get("userType") != "external":
        return False
    if isinstance(content, str):
        return not content.startswith("<")
    return isinstance(content, list) and '"tool_result"' not in json.dumps(content)
