"""The columns of the tables that are written to, in their order, each with its type."""

from typing import Final

SIGHTING: Final = (
    "key, request, time, context, variant, input, cache_read, cache_write_5m, cache_write_1h, output, reasoning,"
    " grade, replay, copied, work_ms, searches, fetches, cost_nano, place, source"
)
EVENT: Final = f"id, {SIGHTING}, seen, views, lead, requests, dated, since"
READING: Final = (
    "meter, rank, time, since, context, variant, requests, input, cache_read, cache_write_5m, cache_write_1h, output,"
    " reasoning, cost_nano, place, source"
)
_TYPES: Final = {
    "agent": "String", "asked": "Array(Int64)", "came": "UInt64", "client": "String", "contexts": "Array(Int64)",
    "copied": "UInt8", "copy": "UInt8", "cost_nano": "Nullable(Int64)", "dated": "UInt8", "days": "Array(Int64)",
    "done": "UInt8", "earliness": "UInt64", "failed": "UInt8", "gone": "UInt8", "grade": "UInt8", "keys": "Array(Int64)",
    "lead": "UInt8", "number": "Int64", "prompts": "Array(Int64)", "replay": "UInt8", "round": "UInt64", "seen": "UInt8",
    "sessions": "Array(String)", "size": "Int64", "slots": "Array(Int64)", "sources": "Array(Int64)", "used_percent": "Float64",
    "views": "UInt32", "witness": "UInt8", "worth": "UInt64",
}  # fmt: skip
_TEXTS: Final = {
    "account", "agent", "branch", "client", "field", "geo", "machine", "model", "name", "path", "plan", "project", "provider",
    "reason", "old", "session", "shown", "what", "speed", "state", "subject", "tier", "title", "told", "tool", "topic", "trouble", "value", "version",
}  # fmt: skip
_COLUMNS: Final = {
    "contexts": "id, tool, session, project, branch, agent, version, machine, account",
    "variants": "id, provider, model, tier, speed, geo",
    "source_states": "id, path, tool, witness, inode, size, mtime, place, head, state, came",
    "source_times": "id, last, mtime",
    "told": f"{SIGHTING}, witness",
    "events": f"{EVENT}, round, gone",
    "sightings": f"event, {SIGHTING}, round, gone",
    "readings": READING,
    "prompts_told": "key, source, time, context, place",
    "prompts": "key, source, time, context, place, copy, round",
    "calls": "key, event, name, started, ended, failed, worth",
    "titles_told": "session, title, time",
    "limits_told": "provider, name, minutes, used_percent, resets_at, time, plan, account",
    "skipped_told": "source, place, reason, number, came",
    "tags": "tool, session, name, value",
    "newer_told": "topic, subject, field, told",
    "renamed": "what, old, shown, came",
    "machines_first": "machine, name, first, earliness",
    "machines_last": "machine, account, last, client, version, skew_ms, pending, trouble",
    "days": "day, state, round",
    "additions": "id, came, keys, slots, sources, prompts, asked, contexts, readings, sessions",
    "settled": "id, came",
    "rounds": "number, slots, days, contexts, done",
}
_EXCEPT: Final = {("days", "state"): "Int64", ("source_states", "witness"): "String", ("additions", "readings"): "UInt64",
    ("rounds", "number"): "UInt64"}  # fmt: skip


def _shape(table: str, columns: str) -> tuple[list[str], list[str]]:
    names = columns.split(", ")
    usual = [_TYPES.get(name, "String" if name in _TEXTS else "Int64") for name in names]
    return names, [_EXCEPT.get((table, name), kind) for name, kind in zip(names, usual, strict=True)]


SHAPES: Final = {table: _shape(table, columns) for table, columns in _COLUMNS.items()}
