"""Messages that MiMo Code took over from other tools: they were billed there, and are told there.

They would count twice, and wrongly: of several requests that Claude Code made in one turn, what is taken over becomes
one message with the counts of the last one.
"""

import json
from collections.abc import Generator, Iterable
from typing import Any, Final

from tallystick.tools.tool import Query, Record, Schema

_TABLES: Final = ("external_import", "claude_import")
"""The newer one holds the messages' ids as a JSON list; without it all of the session was taken over."""


class Imports:
    """The messages that were taken over."""

    __slots__ = ("_asked", "_messages", "_session", "_sessions")

    def __init__(self) -> None:
        """Begin with none."""
        self._sessions: dict[str, str] = {}
        """Those with anything taken over, and the question for what it is."""
        self._asked: set[str] = set()
        self._messages: set[Any] = set()
        self._session = False

    def learn(self, schema: Schema) -> Generator[Query, Iterable[Record]]:
        """Ask for the sessions that something was taken over into."""
        for table in _TABLES:
            there = schema.get(table, frozenset())
            if "session_id" not in there:
                continue
            ids = "message_ids" if "message_ids" in there else "NULL"
            question = f"SELECT {ids} FROM {table} WHERE session_id = :id"  # noqa: S608 - names of ours
            rows = yield Query(f"SELECT DISTINCT session_id FROM {table}")  # noqa: S608 - a name of ours
            self._sessions.update((row[0], question) for row in rows if isinstance(row[0], str))

    def of(self, session: Any) -> Generator[Query, Iterable[Record]]:
        """Look at a session, so that `in` can be asked of its messages."""
        question = self._sessions.get(session)
        self._session = session in self._asked
        if question is None or self._session:
            return
        whole = False
        for (listed,) in list((yield Query(question, {"id": session}))):
            ids = _ids(listed)
            whole = whole or ids is None
            self._messages.update(ids or ())
        if whole:
            self._asked.add(session)
        else:
            del self._sessions[session]
        self._session = whole

    def __contains__(self, message: object) -> bool:
        """Tell whether a message of the session that was looked at last was taken over."""
        return self._session or message in self._messages


def _ids(listed: Any) -> list[str] | None:
    """Return the ids that a row lists; None where it lists none."""
    try:
        ids = json.loads(listed)
    except (TypeError, ValueError, RecursionError):
        return None
    return [each for each in ids if isinstance(each, str)] if isinstance(ids, list) and ids else None
