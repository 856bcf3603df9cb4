"""Databases as OpenCode and its relatives write them, row by row, and what is read from them."""

import json
import sqlite3
from pathlib import Path
from typing import Any

from tests.tools import reading

from tallystick.intake.databases import consult
from tallystick.tools.opencode import OPENCODE
from tallystick.tools.tool import Found, State, Tool
from tallystick.usage.instant import instant

type Json = Any
"""What JSON can hold, and what cannot be but comes."""

NOON = instant("2026-11-20T12:00:00Z")
SECOND = 1_000
MINUTE = 60 * SECOND
FIRST = """
CREATE TABLE session (id text PRIMARY KEY, project_id text, parent_id text, directory text NOT NULL, title text NOT NULL,
  version text NOT NULL, agent text, model text, time_created integer NOT NULL, time_updated integer NOT NULL);
CREATE TABLE message (id text PRIMARY KEY, session_id text NOT NULL, time_created integer NOT NULL, time_updated integer NOT NULL,
  data text NOT NULL);
CREATE TABLE part (id text PRIMARY KEY, message_id text NOT NULL, session_id text NOT NULL, time_created integer NOT NULL,
  time_updated integer NOT NULL, data text NOT NULL);
CREATE INDEX message_session_time_created_id_idx ON message (session_id, time_created, id);
CREATE INDEX part_message_id_id_idx ON part (message_id, id);
CREATE INDEX part_session_idx ON part (session_id);
"""
SECOND_VERSION = """
CREATE TABLE session_v2 (id text PRIMARY KEY, project_id text, parent_id text, fork_session_id text, directory text NOT NULL,
  title text, version text NOT NULL, agent text, model text, time_created integer NOT NULL, time_updated integer NOT NULL);
CREATE TABLE session_message (id text PRIMARY KEY, session_id text NOT NULL, type text NOT NULL, seq integer NOT NULL,
  time_created integer NOT NULL, time_updated integer NOT NULL, data text NOT NULL);
CREATE UNIQUE INDEX session_message_session_seq_idx ON session_message (session_id, seq);
CREATE INDEX session_message_session_time_created_id_idx ON session_message (session_id, time_created, id);
"""


def id_of(kind: str, ms: int, number: int = 0) -> str:
    """Return an id as OpenCode makes it at a moment."""
    return f"{kind}_{((ms << 12) + number) % 2**48:012x}abcdefghij{number:04d}"


def counts(
    fresh: int, output: int, reasoning: int = 0, read: int = 0, written: int = 0, **more: Json
) -> dict[str, Any]:
    """Return the counts of a step as they are stored, with the reasoning beside the output and no total."""
    cache = {"read": read, "write": written}
    return {"input": fresh, "output": output, "reasoning": reasoning, "cache": cache, **more}


def answered(at: int, tokens: Json, took: int = 5 * SECOND, **more: Json) -> dict[str, Any]:
    """Return an answer as it is stored."""
    return {
        "role": "assistant", "mode": "build", "agent": "build", "path": {"cwd": "/home/dev/shop", "root": "/"}, "cost": 0,
        "tokens": tokens, "modelID": "claude-sonnet-4-5", "providerID": "anthropic",
        "time": {"created": at, "completed": at + took}, **more,
    }  # fmt: skip


def run(call: str, start: int, end: int, **more: Json) -> dict[str, Any]:
    """Return the use of a tool as it is stored."""
    state = {
        "status": "completed",
        "input": {},
        "output": "",
        "metadata": {},
        "time": {"start": start, "end": end},
        **more,
    }
    return {"type": "tool", "tool": "bash", "callID": call, "state": state}


def step(tokens: Json, cost: float = 0) -> dict[str, Any]:
    """Return the end of a step as it is stored."""
    return {"type": "step-finish", "reason": "stop", "cost": cost, "tokens": tokens}


class Base:
    """A database that is written to."""

    def __init__(self, path: Path, schema: str = FIRST + SECOND_VERSION) -> None:
        """Make it, empty."""
        self.path = path
        self.number = 0
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.executescript(f"PRAGMA synchronous=OFF;{schema}")

    def row(self, table: str, **fields: Json) -> None:
        """Write a row; what is no text or number becomes JSON."""
        there = [name for _, name, *_ in self.db.execute(f"PRAGMA table_info({table})")]
        fields = {name: json.dumps(each) if isinstance(each, dict | list) else each for name, each in fields.items()}
        names = [name for name in fields if name in there]
        marks = ", ".join("?" * len(names))
        self.db.execute(
            f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})",  # noqa: S608 - names of ours
            [fields[name] for name in names],
        )

    def session(self, name: str = "ses_a", at: int = NOON - 60 * SECOND, table: str = "session", **more: Json) -> str:
        """Write a session."""
        known = {
            "directory": "/home/dev/shop",
            "title": "A shop",
            "version": "1.18.33",
            "time_created": at,
            "time_updated": at,
        }
        self.row(table, id=name, **{**known, **more})
        return name

    def message(self, data: Json, at: int = NOON, session: str = "ses_a", id_: str = "", **more: Json) -> str:
        """Write a message of version 1; return its id."""
        self.number += 1
        id_ = id_ or id_of("msg", at, self.number)
        known = {"time_created": at, "time_updated": at}
        self.row("message", id=id_, session_id=session, data=data, **{**known, **more})
        return id_

    def part(self, message: str, data: Json, at: int = NOON, session: str = "ses_a") -> str:
        """Write a part of a message; return its id."""
        self.number += 1
        id_ = id_of("prt", at, self.number)
        self.row("part", id=id_, message_id=message, session_id=session, time_created=at, time_updated=at, data=data)
        return id_

    def second(self, kind: str, data: Json, at: int = NOON, session: str = "ses_a", id_: str = "", **more: Json) -> str:
        """Write a message of version 2; return its id."""
        self.number += 1
        id_ = id_ or id_of("msg", at, self.number)
        known = {"seq": self.number, "time_created": at, "time_updated": at}
        self.row("session_message", id=id_, session_id=session, type=kind, data=data, **{**known, **more})
        return id_

    def update(self, table: str, id_: str, **fields: Json) -> None:
        """Change a row in place."""
        for name, value in fields.items():
            stored = json.dumps(value) if isinstance(value, dict | list) else value
            self.db.execute(f"UPDATE {table} SET {name} = ? WHERE id = ?", (stored, id_))  # noqa: S608 - names of ours

    def read(self, state: State | None = None, tool: Tool = OPENCODE) -> tuple[Found, State]:
        """Read what is new since a state."""
        reader = tool.reader(str(self.path), json.loads(json.dumps(state or {})))
        assert consult(str(self.path), reader) == ""
        found: tuple[Found, State] = reader.finish()
        return found

    def tokens(self, tool: Tool = OPENCODE) -> list[tuple[int, ...]]:
        """Return the counts of each request: input, read, written for 5 minutes, for an hour, output, reasoning."""
        return reading.tokens(reading.told([("opencode.db", self.read(tool=tool)[0])]))

    def told(self, *more: Found, tool: Tool = OPENCODE) -> reading.Told:
        """Return what is read, settled, together with what was read elsewhere."""
        read = [
            ("opencode.db", self.read(tool=tool)[0]),
            *((f"more-{place}", found) for place, found in enumerate(more)),
        ]
        return reading.told(read)


def answer(base: Base, at: int, *tokens: int, session: str = "ses_a", id_: str = "") -> str:
    """Write a whole answer of one step."""
    message = base.message(answered(at, counts(*tokens)), at, session, id_)
    base.part(message, step(counts(*tokens)), at + 4 * SECOND, session)
    return message


def settled(*found: Found) -> list[tuple[int, ...]]:
    """Return the counts of the requests that several reads tell of."""
    return reading.tokens(reading.told((f"{place}", each) for place, each in enumerate(found)))


def together(*found: Found) -> Found:
    """Return what several reads of one source found."""
    whole = Found()
    for each in found:
        reading.add(whole, each)
    return whole
