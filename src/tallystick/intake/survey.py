"""A look around: what lies at each tool's places, and what of it the ledger has not read; no log is opened here."""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from tallystick.intake.logs import News, look, roots
from tallystick.intake.walk import Trouble, walk
from tallystick.ledger.ledger import Ledger
from tallystick.tools.tool import Root, Tool
from tallystick.tools.unusable import Unusable, places_of

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


def survey(
    tools: Sequence[Tool], home: str, environ: Mapping[str, str], ledger: Ledger | None, others: Sequence[str] = ()
) -> Survey:
    """Return what lies at each tool's places in a home and others besides; without a ledger everything is unread."""
    seen: list[Seen] = []
    troubles: dict[Trouble, None] = {}
    for tool in tools:
        found: list[Trouble] = []
        places = _places(roots(tool, home, environ, others), found)
        news, more = look((tool,), home, environ, ledger, others)
        denied = [
            Trouble(item.file.path, "permission denied") for item in news if not os.access(item.file.path, os.R_OK)
        ]
        troubles |= dict.fromkeys((*found, *more, *denied))
        seen.append(_seen(tool, places, news, os.path.join(home, tool.settings) if tool.settings else ""))
    return Survey(tuple(seen), tuple(troubles))


def places(tool: Tool, home: str, environ: Mapping[str, str], others: Sequence[str] = ()) -> tuple[Place, ...]:
    """Return what lies at one tool's places in a home and others besides, whatever of it the ledger knows."""
    return _places(roots(tool, home, environ, others), [])


def installed(
    known: Iterable[Unusable], home: str, environ: Mapping[str, str], others: Sequence[str] = ()
) -> list[tuple[Unusable, str]]:
    """Return those tools without readable counts that are here, each with the first of its places; nothing is opened."""
    found = []
    for each in known:
        candidates = places_of(each, home, environ) + [path for other in others for path in places_of(each, other, {})]
        place = next((path for path in candidates if os.path.exists(path)), "")
        if place:
            found.append((each, place))
    return found


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
    """Count what lies below each root; several roots in one directory, each for files of another form, are one place."""
    paths = list(dict.fromkeys(root.path for root in roots))
    files, sizes = dict.fromkeys(paths, 0), dict.fromkeys(paths, 0)
    # A place may lie within another one, which then holds what is left.
    inner_first = sorted(paths, key=len, reverse=True)
    known: dict[str, str] = {}
    for file in walk(roots, troubles):
        folder = os.path.dirname(file.path)
        place = known.get(folder) or next((path for path in inner_first if _holds(path, folder)), paths[0])
        known[folder] = place
        files[place] += 1
        sizes[place] += file.size
    return tuple(Place(path, os.path.exists(path), files[path], sizes[path]) for path in paths)


def _holds(folder: str, path: str) -> bool:
    """Tell whether a path begins with a folder, or is it; on Windows either slash may stand between."""
    folder = folder.rstrip("/\\")
    return path.startswith(folder) and path[len(folder) : len(folder) + 1] in {"/", "\\", ""}


def _settings(path: str) -> dict[str, Any]:
    """Return a tool's own settings; none where they are missing or not understood, as the tool itself does then."""
    try:
        with open(path, "rb") as file:
            found = json.loads(file.read(_SETTINGS_BYTES_MOST))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
