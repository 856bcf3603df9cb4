"""What people did in a transcript: their prompts, and the title of the session; never a word of a prompt's text."""

from typing import Any, Final

from tallystick.tools.claude_code.plain import text_of

_NOT_TYPED: Final = (
    "<local-command-",
    "<command-name>",
    "<command-args>",
    "<bash-",
    "<task-notification>",
    "<user-memory-input>",
    "[Request interrupted",
    "Caveat: The messages below",
)
"""How user lines begin that the tool itself wrote. A custom command (`<command-message>` first) is a prompt."""
_ADDED: Final = ("system-reminder", "ide_opened_file", "ide_selection")
"""Elements that the tool puts in front of what was typed."""
_NOT_A_TURN: Final = ("isMeta", "isSidechain", "isCompactSummary", "isVisibleInTranscriptOnly")


def is_prompt(line: dict[str, Any]) -> bool:
    """Tell whether a line is a turn of the person: a typed, queued or scripted prompt."""
    if True in map(line.get, _NOT_A_TURN) or line.get("promptSource") == "system":
        return False
    kind = line.get("type")
    if kind == "attachment":
        queued = line.get("attachment")
        return (
            isinstance(queued, dict)
            and queued.get("type") == "queued_command"
            and queued.get("commandMode") in (None, "prompt")
            and not _machine_made(queued.get("origin"))
            and is_typed(queued.get("prompt"))
        )
    message = line.get("message")
    return (
        kind == "user"
        and not _machine_made(line.get("origin"))
        and isinstance(message, dict)
        and is_typed(message.get("content"))
    )


def _machine_made(origin: Any) -> bool:
    return isinstance(origin, dict) and origin.get("kind") not in (None, "human")


def is_typed(content: Any) -> bool:
    """Tell whether a message's content has something in it that a person wrote or pasted."""
    if isinstance(content, str):
        return _says(content)
    if not isinstance(content, list):
        return False
    parts = [part for part in content if isinstance(part, dict)]
    if any(part.get("type") == "tool_result" for part in parts):
        return False
    texts = [part.get("text") for part in parts if part.get("type") == "text"]
    if any(isinstance(text, str) and _says(text) for text in texts):
        return True
    return not texts and any(part.get("type") in ("image", "document") for part in parts)


def _says(text: str) -> bool:
    """Tell whether a text holds more than what the tool put into it."""
    text = text.lstrip()
    while text.startswith("<") and (name := next((name for name in _ADDED if text.startswith(f"<{name}>")), "")):
        text = text.partition(f"</{name}>")[2].lstrip()
    return bool(text) and not text.startswith(_NOT_TYPED)


_TITLES: Final = {"ai-title": ("aiTitle", 1), "custom-title": ("customTitle", 2), "summary": ("summary", 0)}
_RANK: Final = 2**48
"""More than any place in a file: a name that a person gave stands above one that was made, whatever came later."""
_LONGEST: Final = 200
_RENAMED: Final = "<command-name>/rename</command-name>"
_ARGUMENTS: Final = ("<command-args>", "</command-args>")


def title_of(line: dict[str, Any], offset: int) -> tuple[str, int]:
    """Return the session's title that a line holds, shortened to 200 characters, and its rank: the highest counts.

    The title is empty where there is none. `summary` lines may speak of another session, so that they stand last.
    """
    kind = line.get("type")
    if kind == "system":
        return _renamed(line.get("content")), 2 * _RANK + offset
    field, rank = _TITLES.get(kind, ("", 0)) if isinstance(kind, str) else ("", 0)
    return _short(text_of(line.get(field))), rank * _RANK + offset


def _renamed(content: Any) -> str:
    text = text_of(content)
    if _RENAMED not in text:
        return ""
    begin, end = _ARGUMENTS
    return _short(text.partition(begin)[2].partition(end)[0])


def _short(text: str) -> str:
    return " ".join(text[: 4 * _LONGEST].split())[:_LONGEST].rstrip()


def results_in(line: dict[str, Any]) -> list[tuple[str, bool]]:
    """Return the results of tools in a user's line: the id of each use and whether it failed."""
    content = line["message"].get("content")
    parts = content if isinstance(content, list) else []
    return [
        (text_of(part.get("tool_use_id")), part.get("is_error") is True)
        for part in parts
        if isinstance(part, dict) and part.get("type") == "tool_result"
    ]
