"""Where Qwen Code keeps its chats."""

from collections.abc import Mapping
from typing import Final

from tallystick.tools.paths import expanded
from tallystick.tools.tool import Root

_CHATS: Final = "/chats/"
"""Beside the chats lie transcripts of subagents, whose requests the chats have too."""
_STORES: Final = ("/projects", "/tmp")  # noqa: S108 - folders of Qwen Code: the one in use, and the one of older versions
_LEVELS: Final = 4
_VARIABLES: Final = ("QWEN_DATA_DIR", "QWEN_RUNTIME_DIR", "QWEN_HOME")
"""The first that is set counts. Each names a directory like `~/.qwen`, or the folder of projects in it."""


def roots(home: str, environ: Mapping[str, str]) -> list[Root]:
    """Return every place that may hold chats; `QWEN_DATA_DIR` is a list divided by commas."""
    named = next((environ[name] for name in _VARIABLES if environ.get(name, "").strip()), f"{home}/.qwen")
    bases = [expanded(part, home) for part in named.split(",") if part.strip()]
    found = [
        place
        for base in bases
        for place in ([base] if base.endswith(_STORES) else [f"{base}{store}" for store in _STORES])
    ]
    return [Root(path, within=_CHATS, depth=_LEVELS) for path in dict.fromkeys(found)]


def session_of(path: str) -> str:
    """Return the session that a chat's name tells of."""
    return path.replace("\\", "/").rpartition("/")[2].removesuffix(".jsonl")
