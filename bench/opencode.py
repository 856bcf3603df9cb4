"""How fast OpenCode's database is read: whole, and when one more message was written to it.

    bench/opencode.py [--sessions 10000] [--messages 20] [--runs 9] [--keep DATABASE]

The database is made up: as many sessions over a year, each with as many messages, half of them a person's, the parts of
an answer in sizes as OpenCode writes them (the median of a tool's output is 2 KB, the largest have hundreds). Told are the
first read, the time until one more message is found, and how SQLite goes about each question that is asked then.
"""

import argparse
import json
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from pathlib import Path

from tallystick.intake.databases import consult
from tallystick.tools.opencode import OPENCODE
from tallystick.tools.tool import Found, Query, Record, Schema, State

SCHEMA = """
CREATE TABLE session (id text PRIMARY KEY, project_id text NOT NULL, parent_id text, slug text NOT NULL, directory text NOT NULL,
  title text NOT NULL, version text NOT NULL, summary_diffs text, permission text, agent text, model text,
  time_created integer NOT NULL, time_updated integer NOT NULL);
CREATE TABLE message (id text PRIMARY KEY, session_id text NOT NULL, time_created integer NOT NULL, time_updated integer NOT NULL,
  data text NOT NULL);
CREATE TABLE part (id text PRIMARY KEY, message_id text NOT NULL, session_id text NOT NULL, time_created integer NOT NULL,
  time_updated integer NOT NULL, data text NOT NULL);
CREATE INDEX message_session_time_created_id_idx ON message (session_id, time_created, id);
CREATE INDEX part_message_id_id_idx ON part (message_id, id);
CREATE INDEX part_session_idx ON part (session_id);
CREATE INDEX session_parent_idx ON session (parent_id);
"""
END = 1_795_305_600_000
YEAR = 365 * 86_400_000


class Maker:
    """Writes sessions into a database."""

    def __init__(self, path: Path) -> None:
        """Make the database, with a `-wal` as OpenCode keeps one."""
        self.random = random.Random(7)
        self.number = 0
        self.db = sqlite3.connect(path)
        self.db.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; {SCHEMA}")

    def id(self, kind: str, ms: int) -> str:
        """Return an id that was made at a moment."""
        self.number += 1
        return f"{kind}_{((ms << 12) + self.number % 4096) % 2**48:012x}{self.number:014d}"

    def session(self, ms: int, messages: int) -> str:
        """Write a session of so many messages."""
        id_ = self.id("ses", ms)
        last = ms
        for _ in range(messages // 2):
            last = self.turn(id_, last + 60_000)
        row = (
            id_,
            "global",
            None,
            "calm-otter",
            "/home/dev/web-shop",
            "A session",
            "1.18.33",
            None,
            "[]",
            "build",
            None,
            ms,
            last,
        )
        self.db.execute(f"INSERT INTO session VALUES ({', '.join('?' * len(row))})", row)  # noqa: S608 - marks for values
        return id_

    def turn(self, session: str, ms: int) -> int:
        """Write a prompt and its answer; return when it was over."""
        asked, end = self.id("msg", ms), ms + 20_000
        self.message(session, asked, ms, {"role": "user", "time": {"created": ms}, "agent": "build"})
        self.part(session, asked, ms, {"type": "text", "text": self.text(200)})
        answer = self.id("msg", ms + 10)
        tokens = {
            "total": 12_340,
            "input": 12,
            "output": 300,
            "reasoning": 28,
            "cache": {"read": 10_000, "write": 2_000},
        }
        self.message(session, answer, ms + 10, {
            "parentID": asked, "role": "assistant", "mode": "build", "agent": "build", "path": {"cwd": "/home/dev/web-shop", "root": "/"},
            "cost": 0.0123, "tokens": tokens, "modelID": "claude-sonnet-4-5", "providerID": "anthropic",
            "time": {"created": ms + 10, "completed": end}, "finish": "stop"})  # fmt: skip
        self.part(session, answer, ms + 10, {"type": "step-start", "snapshot": "0" * 40})
        self.part(
            session,
            answer,
            ms + 500,
            {"type": "text", "text": self.text(600), "time": {"start": ms + 500, "end": ms + 900}},
        )
        output = self.text(min(int(self.random.lognormvariate(7.6, 1.4)), 400_000))
        self.part(session, answer, ms + 1_000, {"type": "tool", "tool": "read", "callID": answer, "state": {
            "status": "completed", "input": {"filePath": "a.ts"}, "output": output, "title": "a.ts", "metadata": {"exit": 0},
            "time": {"start": ms + 1_000, "end": ms + 1_900}}})  # fmt: skip
        self.part(session, answer, end, {"type": "step-finish", "reason": "stop", "cost": 0.0123, "tokens": tokens})
        return end

    def message(self, session: str, id_: str, ms: int, data: object) -> None:
        """Write a message."""
        self.db.execute("INSERT INTO message VALUES (?, ?, ?, ?, ?)", (id_, session, ms, ms, json.dumps(data)))

    def part(self, session: str, message: str, ms: int, data: object) -> None:
        """Write a part of a message."""
        row = (self.id("prt", ms), message, session, ms, ms, json.dumps(data))
        self.db.execute("INSERT INTO part VALUES (?, ?, ?, ?, ?, ?)", row)

    def text(self, size: int) -> str:
        """Return text of a size, with the escapes that code has."""
        return ('const price = lines.map((line) => line.net * 1.19)\n\t"sum"; ' * (size // 50 + 1))[:size]


class Listening:
    """A reader that keeps what was asked."""

    def __init__(self, state: State) -> None:
        """Begin with what an earlier reader left."""
        self.reader = OPENCODE.reader("opencode.db", state)
        self.asked: list[str] = []

    def read(self, schema: Schema) -> Generator[Query, Iterable[Record]]:
        """Ask as the reader does."""
        questions = self.reader.read(schema)
        try:
            query: Query = next(questions)
            while True:
                self.asked.append(query.sql)
                rows: Iterable[Record] = yield query
                query = questions.send(rows)
        except StopIteration:
            return

    def finish(self) -> tuple[Found, State]:
        """Return what was found."""
        found: tuple[Found, State] = self.reader.finish()
        return found


def read(path: Path, state: State) -> tuple[Found, State, float, list[str]]:
    """Read what is new; return it with what was left, the milliseconds it took and the questions."""
    begin = time.perf_counter()
    reader = Listening(json.loads(json.dumps(state)))
    trouble = consult(str(path), reader)
    found, left = reader.finish()
    if trouble:
        raise SystemExit(trouble)
    return found, left, (time.perf_counter() - begin) * 1000, reader.asked


def plans(path: Path, questions: Iterable[str]) -> Iterator[str]:
    """Yield how SQLite answers each question."""
    with closing(sqlite3.connect(path)) as db:
        for question in dict.fromkeys(questions):
            steps = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {question}", dict.fromkeys(NAMES, 0))]
            yield f"  {'; '.join(steps)}\n      {question}"


NAMES = ("after", "last", "id", "number", "since", "changed", "start")


def measure(path: Path, sessions: int, messages: int, runs: int) -> None:
    """Make a database and print how long it takes to read it."""
    maker = Maker(path)
    newest = ""
    for number in range(sessions):
        newest = maker.session(END - YEAR + number * (YEAR // sessions), messages)
    maker.db.commit()
    print(f"{sessions} sessions of {messages} messages, {path.stat().st_size >> 20} MiB")
    found, state, wall, _ = read(path, {})
    print(f"first read: {wall:.0f} ms, {len(found.events)} requests, {len(json.dumps(state))} bytes to remember")
    times: list[float] = []
    asked: list[str] = []
    for number in range(runs):
        end = maker.turn(newest, END + number * 60_000)
        maker.db.execute("UPDATE session SET time_updated = ? WHERE id = ?", (end, newest))
        maker.db.commit()
        found, state, wall, asked = read(path, state)
        if len(found.events) < 1:
            raise SystemExit("the new message was not found")
        times.append(wall)
    print(
        f"one more message: {statistics.median(times):.1f} ms (median of {runs}, {min(times):.1f} to {max(times):.1f})"
    )
    print("questions then asked:", *plans(path, asked), sep="\n")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=10_000)
    parser.add_argument("--messages", type=int, default=20)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--keep", type=Path, help="where to leave the database")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(args.keep or Path(folder) / "opencode.db", args.sessions, args.messages, args.runs)


if __name__ == "__main__":
    main()
