"""A look around: what lies at each tool's places, and what of it the ledger has not read; no log is opened here."""

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from tallystick.intake.logs import News, look
from tallystick.intake.walk import Trouble, walk
from tallystick.ledger.ledger import Ledger
from tallystick.tools.tool import Root, Tool

_SETTINGS_BYTES_MOST: Final = 1 << 20


class Place(NamedTuple):
    """A directory in which a tool's logs may lie."""

    path: str
    exists: bool
    files: int
    bytes: int


class Seen(NamedTuple):
    """What there is of one tool."""

    tool: str
    places: tuple[Place, ...]
    unread_files: int
    """Logs that hold something that the ledger has not taken in."""
    unread_bytes: int
    unread_oldest: int
    """When the longest untouched of them was last written: milliseconds since 1970; 0 when there is none."""
    settings: str
    """Path of the tool's own settings; empty when they do not matter here."""
    keeps_days: int | None
    """Days after which the tool deletes its logs, 0 when it writes none, None when it keeps them for good."""


class Survey(NamedTuple):
    """What there is of all tools, in the order of the shelf."""

    seen: tuple[Seen, ...]
    troubles: tuple[Trouble, ...]
    """What cannot be looked at or read."""


def survey(tools: Sequence[Tool], home: str, environ: Mapping[str, str], ledger: Ledger | None) -> Survey:
    """Return what lies at each tool's places; without a ledger everything is unread."""
    seen: list[Seen] = []
    troubles: dict[Trouble, None] = {}
    for tool in tools:
        found: list[Trouble] = []
        places = _places(tool.roots(home, environ), found)
        news, more = look((tool,), home, environ, ledger)
        denied = [
            Trouble(item.file.path, "permission denied") for item in news if not os.access(item.file.path, os.R_OK)
        ]
        troubles |= dict.fromkeys((*found, *more, *denied))
        seen.append(_seen(tool, places, news, os.path.join(home, tool.settings) if tool.settings else ""))
    return Survey(tuple(seen), tuple(troubles))


def _seen(tool: Tool, places: tuple[Place, ...], news: Sequence[News], settings: str) -> Seen:
    return Seen(
        tool.name,
        places,
        len(news),
        sum(item.bytes for item in news),
        min((item.file.mtime for item in news), default=0) // 1_000_000,
        settings,
        tool.keeps_days(_settings(settings)) if tool.keeps_days else None,
    )


def _places(roots: Sequence[Root], troubles: list[Trouble]) -> tuple[Place, ...]:
    files, sizes = [0] * len(roots), [0] * len(roots)
    starts = [f"{root.path.rstrip('/')}/" for root in roots]
    for file in walk(roots, troubles):
        place = next(number for number, start in enumerate(starts) if file.path.startswith(start))
        files[place] += 1
        sizes[place] += file.size
    return tuple(
        Place(root.path, os.path.isdir(root.path), count, size)
        for root, count, size in zip(roots, files, sizes, strict=True)
    )


def _settings(path: str) -> dict[str, Any]:
    """Return a tool's own settings; none where they are missing or not understood, as the tool itself does then."""
    try:
        with open(path, "rb") as file:
            found = json.loads(file.read(_SETTINGS_BYTES_MOST))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
