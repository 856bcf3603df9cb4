"""The desktop app's own database: read for the names of sessions.

Its sums are not counted. Each is over all models of a session, told under the name of one, and holds cache writes
inside its input; the calls that it sums up are in `session-store.db`.
"""

from collections.abc import Generator, Iterable

from tallystick.tools.copilot_cli.counts import moment
from tallystick.tools.fields import title_of
from tallystick.tools.tool import Found, Query, Record, Schema, State, Unknown
from tallystick.usage.event import Title


class Desktop:
    """Reads the names that the app gave to sessions."""

    def __init__(self, _state: State) -> None:
        """Begin: nothing needs to be remembered, since a name that is told again is the same."""
        self.found = Found()

    def read(self, schema: Schema) -> Generator[Query, Iterable[Record]]:
        """Yield one question and be sent the sessions; raise `Unknown` for a database of another kind."""
        columns = schema.get("sessions", frozenset())
        if not {"id", "title"} <= columns:
            raise Unknown("no table `sessions` with titles")
        at = next((name for name in ("updated_at", "created_at") if name in columns), "NULL")
        # Only names from the line above go into the text.
        rows = yield Query(f"SELECT id, title, {at} FROM sessions WHERE title <> ''")  # noqa: S608
        for session, title, time in rows:
            if isinstance(session, str) and session and isinstance(title, str):
                self.found.titles.append(Title(session, title_of(title), moment(time)))

    def finish(self) -> tuple[Found, State]:
        """Return what was found, and nothing to go on from."""
        found, self.found = self.found, Found()
        return found, {}
