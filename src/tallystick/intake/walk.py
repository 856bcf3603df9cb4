"""Finding the files: every log below a tool's places, with what a changed one is known by."""

import os
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from tallystick.tools.tool import Root

_DEEPEST: Final = 16
"""Levels of folders below a place; the deepest known layout has eight."""


_LARGEST: Final = 2**63 - 1
"""Some file systems number their files beyond what the ledger's numbers hold."""


class File(NamedTuple):
    """A file as the file system describes it."""

    path: str
    inode: int
    size: int
    mtime: int
    """Nanoseconds since 1970."""


class Trouble(NamedTuple):
    """Something that could not be read, and why."""

    path: str
    reason: str


def text_of(path: str) -> str:
    """Return a path as text that can be stored: bytes of a name that are no UTF-8 are written out."""
    return path if path.isascii() else path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def walk(roots: Iterable[Root], troubles: list[Trouble]) -> Iterator[File]:
    """Yield the logs below the roots; what cannot be read goes to `troubles`.

    Links are followed, each folder is visited once, and a folder that contains itself does no harm.
    """
    visited: set[tuple[int, int]] = set()
    for root in roots:
        yield from _walk(root.path, root, visited, troubles)


def _walk(top: str, root: Root, visited: set[tuple[int, int]], troubles: list[Trouble]) -> Iterator[File]:
    folders = [(top, 0)]
    while folders:
        folder, depth = folders.pop()
        try:
            about = os.stat(folder)
            if (about.st_dev, about.st_ino) in visited:
                continue
            visited.add((about.st_dev, about.st_ino))
            with os.scandir(folder) as found:
                entries = list(found)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            troubles.append(Trouble(text_of(folder), _reason(error)))
            continue
        for entry in entries:
            try:
                if entry.name.endswith(root.suffixes):
                    about = entry.stat()
                    if entry.is_file() and entry.name not in root.skip:
                        yield File(entry.path, about.st_ino & _LARGEST, about.st_size, about.st_mtime_ns)
                elif entry.is_dir() and depth < _DEEPEST:
                    folders.append((entry.path, depth + 1))
            except OSError as error:
                troubles.append(Trouble(text_of(entry.path), _reason(error)))


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
