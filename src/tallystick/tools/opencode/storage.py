"""Reads messages that are files: as versions before 1.2 kept them, and as they are still lying beside a database."""

from typing import Any

from tallystick.tools.fields import stamp
from tallystick.tools.opencode.answer import Seen, Stored, Teller
from tallystick.tools.opencode.dialect import Dialect
from tallystick.tools.opencode.identity import made_at
from tallystick.tools.opencode.session import Session, Sessions, titles_of
from tallystick.tools.opencode.shape import Message, Part, SessionFile, decoded
from tallystick.tools.tool import Found, State


class StoredMessage:
    """Reads one message, with the session and the parts that lie beside it."""

    __slots__ = ("_companions", "_found", "_id", "_session", "_sessions", "_teller")

    def __init__(self, dialect: Dialect, path: str, state: State) -> None:
        """Take what lies beside the message at a path."""
        self._companions: dict[str, Any] = state.get("companions", {})
        self._found = Found()
        self._sessions = Sessions(dialect)
        self._teller = Teller(dialect, self._sessions, self._found)
        *_, self._session, name = ["", "", *path.replace("\\", "/").split("/")]
        self._id = name.removesuffix(".json")

    def take(self, document: Any) -> None:
        """Tell what a message says."""
        message, wrong = decoded(Message, document)
        if message is None:
            self._found.skip(0, "a message that is not a JSON object")
            return
        if message.role not in ("user", "assistant"):
            self._found.skip(0, "a message of neither a person nor a model")
            return
        near = stamp(message.time.created) if message.time is not None else 0
        session = message.sessionID or message.session_id or self._session
        self._learn(session)
        parts: list[Stored] = []
        for path, content in sorted(self._companions.items()):
            if "/part/" not in path.replace("\\", "/"):
                continue
            part, left_out = decoded(Part, content)
            if part is not None:
                id_ = part.id or path.replace("\\", "/").rpartition("/")[2].removesuffix(".json")
                parts.append(Stored(id_, made_at(id_, near) if near else 0, part))
            wrong |= left_out
        seen = Seen(
            message.id or self._id, session, message.role, message, parts, agent_id=message.agentID or "", wrong=wrong
        )
        self._teller.tell(seen)

    def _learn(self, id_: str) -> None:
        for path, content in self._companions.items():
            if "/storage/session/" not in path.replace("\\", "/"):
                continue
            said, _ = decoded(SessionFile, content)
            if said is None:
                continue
            created, updated = (stamp(said.time.created), stamp(said.time.updated)) if said.time is not None else (0, 0)
            session = Session(id_, said.parentID or "", said.directory or "", said.title or "", said.version or "",
                              created=created, updated=updated)  # fmt: skip
            self._sessions.known[id_] = session
            self._found.titles += titles_of([session])

    def finish(self) -> tuple[Found, State]:
        """Return what was found; a message that changes is read whole again."""
        found, self._found = self._found, Found()
        return found, {}
