"""An existing database of tokenfold: its rows become the lines of transcripts again, which are read as logs are.

A row has what a line said besides its content, so that events, prompts and uses of tools get the very identities that they
have in the logs: what is known from those, too, counts once. What the database lacks stays lacking: how tools' runs ended,
which of the cache writes were for an hour (its columns for that were never filled), and what a prompt said, so that prompts
are those that tokenfold took for such.
"""

from collections import defaultdict
from collections.abc import Callable, Generator, Iterable
from itertools import groupby
from json import dumps
from typing import Any, Final

from tallystick.intake.packing import pack
from tallystick.ledger.ledger import Batch, Source
from tallystick.tools.claude_code import CLAUDE_CODE
from tallystick.tools.tool import Found, Query, Record, Schema, State, Unknown
from tallystick.usage.event import BARE
from tallystick.usage.names import fitted, unpaired

_COLUMNS: Final = (
    *("source_machine", "project_dir", "session_id", "agent_id", "uuid", "type", "timestamp", "is_sidechain", "cwd"),
    *("git_branch", "version", "model", "message_id", "request_id", "stop_reason", "input_tokens", "output_tokens"),
    *("cache_creation_tokens", "cache_read_tokens", "cache_ephemeral_5m", "cache_ephemeral_1h", "service_tier"),
    *("is_human_prompt", "user_type"),
)
_NEEDED: Final = {"uuid", "type", "timestamp", "session_id", "source_machine", "message_id", "model", "output_tokens"}
_EMPTY: Final = frozenset((None, "", 0))

type Row = dict[str, Any]


def mark_of(path: str) -> str:
    """Return the name of a source that tells that a database was taken over."""
    return f"push::tokenfold.db:{path}"


class TokenfoldDatabase:
    """Asks a database of tokenfold for everything, and hands it on transcript by transcript."""

    def __init__(
        self, take: Callable[[Batch], None], user: str, tell: Callable[[int, int], None] | None = None
    ) -> None:
        """Begin with who takes what is found, whose it is, and who hears how many of how many rows are done."""
        self._take, self._user, self._tell = take, user, tell
        self.machines: set[str] = set()
        self.rows = 0

    def read(self, schema: Schema) -> Generator[Query, Iterable[Record]]:
        """Yield questions and be sent the rows that answer each; raise `Unknown` for what is no database of tokenfold."""
        there = schema.get("events", frozenset())
        if lacking := _NEEDED - there:
            raise Unknown(f"no database of tokenfold: its events lack {', '.join(sorted(lacking))}")
        ((number,),) = yield Query("SELECT count(*) FROM events WHERE type IN ('assistant', 'user')")
        uses: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        if {"tool_use_id", "event_uuid", "name"} <= schema.get("tool_uses", frozenset()):
            for use, event, name in (yield Query("SELECT tool_use_id, event_uuid, name FROM tool_uses ORDER BY rowid")):
                uses[event].append((use, name))
        columns = ", ".join(name if name in there else f"NULL AS {name}" for name in _COLUMNS)
        order = "source_machine, project_dir, session_id, agent_id, timestamp, rowid"
        found = yield Query(f"SELECT {columns} FROM events WHERE type IN ('assistant', 'user') ORDER BY {order}")  # noqa: S608  names of ours
        rows: Iterable[Row] = (dict(zip(_COLUMNS, map(_plain, record), strict=True)) for record in found)
        for place, group in groupby(rows, key=lambda row: tuple(_text(row[name]) for name in _COLUMNS[:4])):
            self._transcript(place, group, uses)
            if self._tell is not None:
                self._tell(self.rows, number)

    def finish(self) -> tuple[Found, State]:
        """Return nothing: everything was handed on."""
        return Found(), {}

    def _transcript(
        self, place: tuple[str, ...], rows: Iterable[Row], uses: defaultdict[str, list[tuple[str, str]]]
    ) -> None:
        machine, project, session, agent = _machine(place[0]), *place[1:]
        file = f"{session}/subagents/agent-{agent}.jsonl" if agent else f"{session}.jsonl"
        path = f"push:{unpaired('key', machine)}:tokenfold.db/{project}/{file}"
        reader = CLAUDE_CODE.reader(path, {"once": True})
        for number, row in enumerate(rows):
            self.rows += 1
            line = dumps(_line(row, uses), separators=(",", ":")).encode() + b"\n"
            reader.feed(line, 0, len(line), number)
        found, _ = reader.finish()
        # For how long caches were written to is not told: whoever else tells of the same event knows it better.
        found.events = [
            each._replace(grade=BARE) if each.tokens.cache_write_5m and not each.tokens.cache_write_1h else each
            for each in found.events
        ]
        self.machines.add(machine)
        self._take(pack(found, Source(path, CLAUDE_CODE.name, "push"), fresh=True, machine=machine, user=self._user))


def _machine(name: str) -> str:
    """Return a machine's name as one that can be used; that of one without any is empty."""
    return fitted(name) if name.strip() else ""


def _line(row: Row, uses: defaultdict[str, list[tuple[str, str]]]) -> Row:
    """Return a row as the line of a transcript that it was."""
    line: Row = {
        "type": row["type"],
        "uuid": row["uuid"],
        "timestamp": row["timestamp"],
        "sessionId": row["session_id"],
        "cwd": row["cwd"],
        "gitBranch": row["git_branch"],
        "version": row["version"],
        "isSidechain": row["is_sidechain"] == 1,
    }
    if row["type"] == "user":
        # What was said is not there: some word stands for a prompt, nothing for whatever else it was.
        return line | {"message": {"role": "user", "content": "prompt" if row["is_human_prompt"] == 1 else []}}
    line |= {"requestId": row["request_id"], "agentId": row["agent_id"]}
    blocks = [{"type": "tool_use", "id": use, "name": name} for use, name in uses.get(row["uuid"], ())]
    message = {"id": row["message_id"], "model": row["model"], "content": blocks, "stop_reason": row["stop_reason"]}
    return line | {"message": message | {"usage": _usage(row)}}


def _usage(row: Row) -> Row:
    usage: Row = {
        "input_tokens": row["input_tokens"] or 0,
        "output_tokens": row["output_tokens"] or 0,
        "cache_creation_input_tokens": row["cache_creation_tokens"] or 0,
        "cache_read_input_tokens": row["cache_read_tokens"] or 0,
        "service_tier": row["service_tier"],
    }
    short, long = row["cache_ephemeral_5m"], row["cache_ephemeral_1h"]
    if short not in _EMPTY or long not in _EMPTY:
        usage["cache_creation"] = {"ephemeral_5m_input_tokens": short or 0, "ephemeral_1h_input_tokens": long or 0}
    return usage


def _plain(value: Any) -> Any:  # noqa: ANN401  whatever a column holds
    """Return a value that JSON has, too; bytes are none."""
    return None if isinstance(value, bytes) else value


def _text(value: Any) -> str:  # noqa: ANN401  whatever a column holds
    return value if isinstance(value, str) else ""
