"""Gemini CLI: Google's coding agent, whose chats are logs of messages that are written again as they grow."""

from collections.abc import Mapping
from typing import Any, Final

from tallystick.tools.gemini_cli.places import companions_of, roots
from tallystick.tools.tool import State, Tool

_USUAL_DAYS: Final = 30
_FOR_EVER: Final = 36_500
"""Days that stand for never."""
_IN_DAYS: Final = {"h": 1 / 24, "d": 1, "w": 7, "m": 30}


def _reader(path: str, state: State) -> Any:
    # Most questions find nothing new to read: what reads is imported when there is something.
    from tallystick.tools.gemini_cli.reader import GeminiDocument, GeminiLines

    return GeminiDocument(path, state) if path.endswith(".json") else GeminiLines(path, state)


def _keeps_days(settings: Mapping[str, Any]) -> int:
    """Return after how many days chats are deleted (`general.sessionRetention`).

    Versions before February 2026 kept them unless told otherwise; which version wrote the settings they do not say, so
    that the shorter time is taken.
    """
    general = settings.get("general")
    retention = general.get("sessionRetention") if isinstance(general, dict) else None
    if not isinstance(retention, dict):
        return _USUAL_DAYS
    if retention.get("enabled") is False:
        return _FOR_EVER
    age = retention.get("maxAge")
    number, unit = (age[:-1], age[-1:].lower()) if isinstance(age, str) else ("", "")
    if unit not in _IN_DAYS or not (number.isascii() and number.isdecimal()) or len(number) > 6:  # noqa: PLR2004 - no age is that long
        return _USUAL_DAYS
    return max(1, int(int(number) * _IN_DAYS[unit]))


GEMINI_CLI: Final = Tool(
    name="gemini-cli",
    title="Gemini CLI",
    roots=roots,
    reader=_reader,
    blind_spots=(
        "The router's request, which picks a model for each prompt when none is chosen, is not in the chat.",
        "The model call inside a web search is not in the chat; only the use of the tool is.",
        "The requests that compress a chat and check the summary are not in the chat.",
        "An answer that broke off is not in the chat, though its prompt was billed.",
        "The requests behind a session's title and the check who speaks next are not in the chat.",
    ),
    keeps_days=_keeps_days,
    settings=".gemini/settings.json",
    companions=companions_of,
)
