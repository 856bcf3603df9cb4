"""Sessions and whose they are: a subagent's belongs to the session that started it, and a fork is one of its own."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from tallystick.tools.fields import stamp, title_of
from tallystick.tools.opencode.dialect import Dialect
from tallystick.tools.opencode.shape import Message
from tallystick.tools.tool import Record
from tallystick.usage.event import Context, Title

COLUMNS: Final = (
    *("id", "parent_id", "directory", "title", "version", "agent", "model"),
    *("time_created", "time_updated"),
)  # fmt: skip
"""The columns of a session's row, in the order of the fields of `Session`; any but the first may be missing."""
MAIN: Final = ("", "main")
DEEPEST: Final = 32
"""Subagents of subagents that are followed up to the session that began."""
_UNNAMED: Final = ("New session - ", "Child session - ")
"""How the titles begin that a session has before it got one."""


class Session(NamedTuple):
    """What the tool says of a session."""

    id: str
    parent: str = ""
    """The session that started it as a subagent; empty for one that a person began, forks included."""
    directory: str = ""
    title: str = ""
    version: str = ""
    agent: str = ""
    model: str = ""
    """JSON, in some versions."""
    created: int = 0
    updated: int = 0


def session_of(row: Record) -> Session:
    """Return the session that a row of `COLUMNS` tells of."""
    id_, parent, directory, title, version, agent, model = (each if isinstance(each, str) else "" for each in row[:7])
    return Session(id_, parent, directory, title, version, agent, model, stamp(row[7]), stamp(row[8]))


class Sessions:
    """The sessions that are known, and the contexts of what was done in them."""

    __slots__ = ("_contexts", "_dialect", "known")

    def __init__(self, dialect: Dialect) -> None:
        """Begin with none."""
        self.known: dict[str, Session] = {}
        self._dialect = dialect
        self._contexts: dict[tuple[str, ...], Context] = {}

    def root(self, session: str) -> str:
        """Return the session that a person began, above a subagent's."""
        for _ in range(DEEPEST):
            parent = self.known[session].parent if session in self.known else ""
            if not parent:
                break
            session = parent
        return session

    def of(self, session: str) -> Session:
        """Return what is known of a session, be it only its id."""
        return self.known.get(session) or Session(session)

    def context(self, session: str, message: Message, agent_id: str) -> Context:
        """Return the context of a message; `agent_id` names the agent where several share a session."""
        path = message.path
        said = (path.cwd or path.root or "") if path is not None else ""
        agent = message.agent or message.mode or ""
        about = (session, agent_id, agent, said)
        found = self._contexts.get(about)
        if found is None:
            own = self.of(session)
            below = own.parent or agent_id not in MAIN
            found = self._contexts[about] = Context(
                self._dialect.tool,
                self.root(session),
                own.directory or said,
                "",
                (agent or own.agent or "subagent") if below else "",
                own.version,
            )
        return found


def titles_of(sessions: Iterable[Session]) -> list[Title]:
    """Return the titles of the sessions that a person began and that have one, shortened to 200 characters."""
    return [
        Title(each.id, title_of(each.title), each.updated)
        for each in sessions
        if not each.parent and each.title.strip() and not each.title.startswith(_UNNAMED)
    ]
