"""The tables in which messages are kept, by version, and the questions that one asks of them."""

from typing import Final, NamedTuple

from tallystick.tools.tool import Schema, Unknown

_NEEDED: Final = frozenset(("id", "session_id", "data"))
_PART: Final = frozenset(("id", "message_id", "data"))
# As bytes, a value that is long is decoded once and not twice.
_ONE: Final = "SELECT message_id, id, {written}, CAST(data AS BLOB) FROM part WHERE message_id = :id ORDER BY id"
# The messages come first: an index leads from each to its parts.
_MANY: Final = (
    "SELECT p.message_id, p.id, p.{written}, CAST(p.data AS BLOB) FROM message m CROSS JOIN part p ON p.message_id = m.id"
    " WHERE m.rowid > :after AND m.rowid <= :last ORDER BY m.rowid, p.id"
)


class Store(NamedTuple):
    """One table of messages."""

    table: str
    messages: str
    """The question for messages, to be followed by which: number, id, session, created, updated, kind, agent, whether
    version 1 still has it, content."""
    parts: tuple[str, str] | None
    """The questions for the parts of one message, and of those from `:after` to `:last`."""
    is_second: bool
    has_updates: bool

    def changed(self, sessions: str) -> str:
        """Return the question for messages up to `:start` that changed at or after `:changed`, in sessions that did since `:since`."""
        return (
            f"SELECT m.id FROM {sessions} s CROSS JOIN {self.table} m ON m.session_id = s.id"  # noqa: S608 - names of ours
            " WHERE s.time_updated >= :since AND m.time_updated >= :changed AND m.rowid <= :start"
        )


def stores_of(schema: Schema) -> list[Store]:
    """Return the tables of messages in a database; raise `Unknown` where there are none as they are known."""
    stores = [_store(schema, table) for table in ("message", "session_message") if _fits(schema, table)]
    if not stores:
        raise Unknown("no table message or session_message with the columns id, session_id and data")
    return stores


def _fits(schema: Schema, table: str) -> bool:
    columns = schema.get(table, frozenset())
    return columns >= _NEEDED and (table == "message" or "type" in columns)


def _store(schema: Schema, table: str) -> Store:
    there, is_second = schema[table], table == "session_message"
    optional = {
        name: name if name in there else "NULL" for name in ("time_created", "time_updated", "agent_id", "type")
    }
    twin = (
        f"EXISTS (SELECT 1 FROM message v WHERE v.session_id = {table}.session_id AND v.time_created = {table}.time_created)"  # noqa: S608 - names of ours
        if is_second and {"time_created"} | _NEEDED <= schema.get("message", frozenset()) and "time_created" in there
        else "0"
    )
    kind = optional["type"] if is_second else "NULL"
    messages = (
        f"SELECT rowid, id, session_id, {optional['time_created']}, {optional['time_updated']}, {kind},"  # noqa: S608 - names of ours
        f" {optional['agent_id']}, {twin}, CAST(data AS BLOB) FROM {table}"
    )
    has_parts = not is_second and schema.get("part", frozenset()) >= _PART
    written = "time_created" if "time_created" in schema.get("part", ()) else "id"
    parts = (_ONE.format(written=written), _MANY.format(written=written)) if has_parts else None
    return Store(table, messages, parts, is_second, "time_updated" in there)
