"""Companions: the small files beside a source that describe it."""

import glob
import json
import os
from collections.abc import Iterable, Iterator
from io import FileIO
from typing import Any, Final

_LONGEST: Final = 65_536
"""Bytes; a longer file describes nothing."""
_MOST: Final = 2_000
"""Companions of one source; more are passed over."""


def companions(patterns: Iterable[str]) -> dict[str, Any]:
    """Return what the files of these paths hold, by path: JSON decoded, anything else as text; missing ones are left out."""
    found: dict[str, Any] = {}
    for path in _paths(patterns):
        if len(found) >= _MOST:
            break
        try:
            with FileIO(path) as file:
                content = file.read(_LONGEST + 1) or b""
        except OSError:
            continue
        if len(content) <= _LONGEST:
            found[path] = _decoded(content)
    return found


def _paths(patterns: Iterable[str]) -> Iterator[str]:
    for pattern in patterns:
        if "*" in pattern:
            # Only `*` is a pattern: brackets and question marks may stand in the names of folders.
            escaped = "*".join(glob.escape(part) for part in pattern.split("*"))
            yield from sorted(glob.iglob(escaped))
        elif os.path.isfile(pattern):
            yield pattern


def _decoded(content: bytes) -> object:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return content.decode("utf-8", "replace").strip()
