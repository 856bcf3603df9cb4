"""Collecting: what is new in the logs of a machine without a ledger.

The look that finds nothing new is what runs every five minutes: it imports what knows places, and no reader.
"""

import marshal
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from tallystick.intake.logs import News, roots
from tallystick.intake.push.notebook import Notebook
from tallystick.intake.walk import File, Trouble, text_of, walk
from tallystick.tools.tool import Tool

_PACKED: Final = ".zst"
_MARK_FORM: Final = 2
"""Of `marshal`: the same values always give the same bytes."""


class Seen(NamedTuple):
    """What a look at all places found."""

    files: list[tuple[Tool, File]]
    troubles: list[Trouble]

    @property
    def mark(self) -> str:
        """What tells this state of all files from any other."""
        # `hashlib` would load OpenSSL first.
        from _blake2 import blake2b

        files = [(tool.name, *file) for tool, file in self.files]
        return blake2b(marshal.dumps(files, _MARK_FORM), digest_size=16).hexdigest()


def seen(tools: Sequence[Tool], home: str, environ: Mapping[str, str]) -> Seen:
    """Return all logs of a home as they are now, and what could not be looked at."""
    troubles: list[Trouble] = []
    files = [(tool, file) for tool in tools for file in walk(roots(tool, home, environ, ()), troubles)]
    return Seen(files, troubles)


def news_in(files: Iterable[tuple[Tool, File]], notebook: Notebook) -> list[News]:
    """Return the files that have changed since they were read."""
    marks = notebook.marks()
    found = []
    for tool, file in files:
        path = text_of(file.path)
        mark = marks.get(notebook.name_of(path))
        if mark != tuple(file[1:4]):
            found.append(News(tool, file, notebook.source(path, tool.name) if mark else None))
    return found


def readable(files: Sequence[tuple[Tool, File]]) -> tuple[list[tuple[Tool, File]], int]:
    """Return the files that this Python can read, and how many are packed in a way that it cannot."""
    if not any(file.path.endswith(_PACKED) for _, file in files):
        return list(files), 0
    from tallystick.intake.unzstd import can_unpack

    if can_unpack():
        return list(files), 0
    plain = [each for each in files if not each[1].path.endswith(_PACKED)]
    return plain, len(files) - len(plain)
