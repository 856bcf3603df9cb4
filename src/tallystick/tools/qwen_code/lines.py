"""Single lines of a chat: whose they are, whether they were copied, what parts and results they hold."""

from typing import Any, Final

from tallystick.tools.fields import is_uuid, text_of

_SUBAGENT: Final = "subagent"
_PARTS_OF_A_SUBAGENTS_PROMPT: Final = 3
_RESULTS: Final = b'"type":"tool_result"'
_TIME: Final = b'"timestamp":"'
_SIDE: Final = b'"isSidechain"'
_RECORD: Final = b'{"uuid":"'
_NEAR: Final = 512
"""Bytes within which a line's kind stands."""


def name_of(line: dict[str, Any]) -> str:
    """Return a line's own id, which copies keep; where there is none, its session and its moment."""
    return text_of(line.get("uuid")) or f"{text_of(line.get('sessionId'))}@{text_of(line.get('timestamp'))}"


def agent_of(line: dict[str, Any], event: dict[str, Any]) -> str:
    """Return the subagent that a line speaks of; empty on the main line.

    Telemetry of subagents stands in the session's own chat: newer versions name the subagent, and in all of them the
    prompt's id is that of the session, of the subagent (`explore-x7k2f`) and of the round, divided by `#`.
    """
    for name in (event.get("subagent_type"), event.get("subagent_name"), line.get("agentName")):
        if text_of(name):
            return text_of(name)
    parts = text_of(event.get("prompt_id")).split("#")
    if len(parts) == _PARTS_OF_A_SUBAGENTS_PROMPT and parts[1] and parts[2].isdecimal():
        return _named(parts[1])
    if text_of(event.get("subagent_id")) or text_of(line.get("agentId")):
        return _named(text_of(event.get("subagent_id")) or text_of(line.get("agentId")))
    return _SUBAGENT if line.get("isSidechain") is True else ""


def _named(identity: str) -> str:
    """Return what a subagent is called, from its id."""
    return _SUBAGENT if is_uuid(identity) else identity.rpartition("-")[0] or identity


def is_copy(line: dict[str, Any]) -> bool:
    """Tell whether the line itself says that another session made the request."""
    origin = line.get("forkedFrom")
    return isinstance(origin, dict) and origin.get("sessionId") != line.get("sessionId")


def parts_of(line: dict[str, Any]) -> list[Any]:
    """Return the parts of a line's message."""
    message = line.get("message")
    parts = message.get("parts") if isinstance(message, dict) else None
    return parts if isinstance(parts, list) else []


def result_of(line: dict[str, Any]) -> list[tuple[str, bool]]:
    """Return the results of tools in a line: the id of each use and whether it failed."""
    found = []
    about = line.get("toolCallResult")
    about = about if isinstance(about, dict) else {}
    for part in parts_of(line):
        result = part.get("functionResponse") if isinstance(part, dict) else None
        if isinstance(result, dict) and (use := text_of(result.get("id"))):
            response = result.get("response")
            failed = isinstance(response, dict) and "error" in response
            if about.get("callId") == use and isinstance(about.get("status"), str):
                failed = about["status"] != "success"
            found.append((use, failed))
    return found


def tells_of_results(data: bytes | bytearray, position: int, stop: int) -> str:
    """Return the time of a line of tools' results without decoding it; empty for any other line, and when in doubt."""
    if not data.startswith(_RECORD, position) or data[stop - 1] not in b"}\r":
        return ""
    kind = data.find(_RESULTS, position, min(position + _NEAR, stop))
    begin = data.find(_TIME, position, kind) if kind >= 0 else -1
    if begin < 0 or data.find(_SIDE, kind, min(kind + _NEAR, stop)) >= 0:
        return ""
    begin += len(_TIME)
    return data[begin : data.find(b'"', begin, kind)].decode("ascii", "replace")
