"""The tables of messages by version, and how SQLite goes about what is asked of them."""

import sqlite3
from collections.abc import Iterable
from typing import Any

import pytest
from tests.tools.opencode.stored import MINUTE, NOON, Base, answered, counts, step

from tallystick.tools.opencode import OPENCODE
from tallystick.tools.opencode.stores import stores_of
from tallystick.tools.tool import Query, Schema, Unknown

FIRST = frozenset(("id", "session_id", "time_created", "time_updated", "data"))
SECOND = FIRST | {"type", "seq"}
PART = frozenset(("id", "message_id", "time_created", "data"))


def test_each_version_has_a_table_of_its_own() -> None:
    stores = stores_of({"message": FIRST, "part": PART, "session_message": SECOND})
    assert [(store.table, store.is_second, store.has_updates, bool(store.parts)) for store in stores] == [
        ("message", False, True, True),
        ("session_message", True, True, False),
    ]


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"message": frozenset(("id", "data"))},
        {"session_message": FIRST},
        {"messages": FIRST},
        {"session": FIRST, "part": PART},
    ],
)
def test_a_database_without_messages_is_not_understood(schema: Schema) -> None:
    with pytest.raises(Unknown, match="no table message or session_message"):
        stores_of(schema)


def test_columns_that_are_missing_are_not_asked_for() -> None:
    (store,) = stores_of(
        {"message": frozenset(("id", "session_id", "data")), "part": frozenset(("id", "message_id", "data"))}
    )
    assert "time_" not in store.messages
    assert store.parts is not None
    assert "time_" not in "".join(store.parts)
    assert not store.has_updates


class Asked:
    """What a reader asks when it goes on from an earlier read."""

    def __init__(self, base: Base, state: dict[str, Any]) -> None:
        self.questions: list[Query] = []
        schema = {
            table: frozenset(row[1] for row in base.db.execute(f"PRAGMA table_info({table})"))
            for (table,) in base.db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        }
        asking = OPENCODE.reader("opencode.db", state).read(schema)
        rows: Iterable[Any] | None = None
        try:
            while True:
                query = asking.send(rows) if rows is not None else next(asking)
                self.questions.append(query)
                rows = base.db.execute(query.sql, dict(query.values))
        except StopIteration:
            pass


def plan(database: sqlite3.Connection, query: Query) -> list[str]:
    return [row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {query.sql}", dict(query.values))]


def test_no_question_searches_through_messages_or_parts_without_an_index(base: Base) -> None:
    for number in range(50):
        session = base.session(f"ses_{number}", NOON + number * MINUTE)
        for each in range(4):
            at = NOON + number * MINUTE + each
            base.part(base.message(answered(at, counts(1, 1)), at, session), step(counts(1, 1)), at, session)
    base.message(answered(NOON, counts(1, 1), time={"created": NOON}), session="ses_49")
    base.db.execute("ANALYZE")
    _, state = base.read()
    base.message(answered(NOON, counts(1, 1)), session="ses_49")
    asked = Asked(base, state).questions
    assert len(asked) > 10
    for query in asked:
        steps = plan(base.db, query)
        # Sessions alone are read through; of another table the newest row is taken.
        scans = {step for step in steps if step.startswith("SCAN")} - {"SCAN s", "SCAN session", "SCAN session_v2"}
        assert not scans or query.sql.endswith("ORDER BY rowid DESC LIMIT 1"), (query.sql, steps)
        assert not any("TEMP B-TREE" in step for step in steps), (query.sql, steps)
