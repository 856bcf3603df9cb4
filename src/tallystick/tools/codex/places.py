"""Where Codex keeps its rollouts, and the thread that a rollout's name tells of."""

from collections.abc import Mapping
from typing import Final

from tallystick.tools.paths import listed
from tallystick.tools.tool import Root

_FOLDERS: Final = ("sessions", "archived_sessions")
_SUFFIXES: Final = (".jsonl", ".jsonl.zst")
"""Archived rollouts may be stored compressed; the plain file wins over its compressed sibling."""
_STAMP: Final = len("rollout-2026-11-22T01-44-14-")
_UUID: Final = 36


def roots(home: str, environ: Mapping[str, str]) -> list[Root]:
    """Return every place that may hold rollouts.

    `CODEX_HOME` is a list divided by commas; without it `~/.codex` counts.
    """
    homes = listed(environ, "CODEX_HOME", home) or [f"{home}/.codex"]
    found = [each if each.endswith(_FOLDERS) else f"{each}/{folder}" for each in homes for folder in _FOLDERS]
    return [Root(path, _SUFFIXES) for path in dict.fromkeys(found)]


def thread_of(path: str) -> str:
    """Return the thread's id from `rollout-<local time>-<thread>[_<rollout>].jsonl`; empty when the name is another."""
    name = path.replace("\\", "/").rpartition("/")[2]
    thread = name[_STAMP : _STAMP + _UUID]
    return thread if name.startswith("rollout-") and len(thread) == _UUID and thread.count("-") == 4 else ""  # noqa: PLR2004 - a UUID
