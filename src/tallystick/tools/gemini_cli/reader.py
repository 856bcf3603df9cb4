"""Gemini CLI's two readers: chats that are lines, each a record, and the older ones that are one document."""

from typing import Any, ClassVar, Final

from tallystick.tools.fields import moment
from tallystick.tools.gemini_cli.chat import Chat
from tallystick.tools.jsonl import JsonLines
from tallystick.tools.tool import Found, State

NO_CHAT: Final = "not a chat of Gemini CLI"
NO_RECORD: Final = "neither a message nor about a chat"
_RESULTS: Final = b'"type":"user","content":[{"functionResponse":'
_TIME: Final = b'"timestamp":"'
_NEAR: Final = 256
"""Bytes within which a message's kind stands."""
_MESSAGE: Final = b'{"id":"'
_OF_MESSAGES: Final = ("id", "content", "tokens")
_ABOUT: Final = ("sessionId", "projectHash", "startTime")


class GeminiLines(JsonLines):
    """Reads a chat of lines: what it is about, messages, changes (`$set`) and rewinds (`$rewindTo`)."""

    needles: ClassVar = (b'"tokens"', b'"toolCalls"', b'"user"', b'"messages"', b'"sessionId"', b'"summary"')

    def __init__(self, path: str, state: State) -> None:
        """Begin, or go on from the state of an earlier read."""
        super().__init__()
        self._chat = Chat(path, state, self.found)

    def take(self, line: dict[str, Any], offset: int) -> None:
        """Take a line."""
        change = line.get("$set")
        if isinstance(change, dict):
            self._chat.describe(change, offset)
        elif "type" in line and any(name in line for name in _OF_MESSAGES):
            self._chat.message(line, offset)
        elif any(isinstance(line.get(name), str) for name in _ABOUT) and "type" not in line:
            self._chat.describe(line, offset)
        elif "$rewindTo" not in line and "$set" not in line:
            self.found.skip(offset, NO_RECORD)

    def state(self) -> State:
        """Return what another reader needs to go on after the lines taken so far."""
        return self._chat.state()

    def finish(self) -> tuple[Found, State]:
        """Return what was found since the last call, and the state from which another reader can go on."""
        told = super().finish()
        self._chat.tell_to(self.found)
        return told

    def _matters(self, data: bytes | bytearray, position: int, stop: int) -> bool:
        # Results of tools are most of a chat's bytes, and nothing of them is needed but when they came.
        near = min(position + _NEAR, stop)
        kind = data.find(_RESULTS, position, near) if data.startswith(_MESSAGE, position) else -1
        if kind >= 0 and data[stop - 1] in b"}\r":
            begin = data.find(_TIME, position, kind) + len(_TIME)
            end = data.find(b'"', begin, kind)
            time = moment(data[begin:end].decode("ascii", "replace")) if end > begin >= len(_TIME) else 0
            if time:
                self._chat.results(time)
                return False
        return super()._matters(data, position, stop)


class GeminiDocument:
    """Reads a chat of the older form: one document with all messages, written anew whenever it changes."""

    def __init__(self, path: str, state: State) -> None:
        """Begin; the document tells everything again, so that only the files around it matter."""
        self._found = Found()
        self._chat = Chat(path, {"companions": state.get("companions", {})}, self._found)

    def take(self, document: Any) -> None:
        """Take the document, decoded; whatever it is, nothing is raised."""
        if isinstance(document, dict) and isinstance(document.get("messages"), list):
            self._chat.describe(document)
        else:
            self._found.skip(0, NO_CHAT)

    def finish(self) -> tuple[Found, State]:
        """Return what was found; nothing is to be remembered until the document changes."""
        found, self._found = self._found, Found()
        self._chat.tell_to(self._found)
        return found, {}
