"""Finding the files: every log below a tool's places, with what a changed one is known by."""

import os
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from tallystick.tools.tool import DATABASE, LINES, Root

_KIND: Final = 0o170000
_REGULAR: Final = 0o100000
_LARGEST: Final = 2**63 - 1
"""Some file systems number their files beyond what the ledger's numbers hold."""


class File(NamedTuple):
    """A file as the file system describes it."""

    path: str
    inode: int
    size: int
    mtime: int
    """Nanoseconds since 1970."""
    form: str = LINES
    """`LINES`, `DOCUMENT` or `DATABASE` (`Root.form`); a database's size and time are those of its log of writes too."""


class Trouble(NamedTuple):
    """Something that could not be read, and why."""

    path: str
    reason: str


def text_of(path: str) -> str:
    """Return a path as text that can be stored: bytes of a name that are no UTF-8 are written out."""
    return path if path.isascii() else path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def walk(roots: Iterable[Root], troubles: list[Trouble]) -> Iterator[File]:
    """Yield the logs below the roots; what cannot be read goes to `troubles`.

    Links are followed, each folder is visited once for each kind of log, and a folder that contains itself does no harm.
    """
    visited: dict[tuple[object, ...], set[tuple[int, int]]] = {}
    for root in roots:
        # The same folder may be a place for logs of two kinds.
        yield from _walk(root.path, root, visited.setdefault(root[1:], set()), troubles)


def file_at(path: str, form: str) -> File | None:
    """Return the log at a path; None when there is none any more."""
    try:
        about = os.stat(path)
    except OSError:
        return None
    return _file(path, about, form) if about.st_mode & _KIND == _REGULAR else None


def _walk(top: str, root: Root, visited: set[tuple[int, int]], troubles: list[Trouble]) -> Iterator[File]:
    suffixes, prefix, skip, form = root.suffixes, root.prefix, root.skip, root.form
    folders = _top(top, visited, troubles)
    while folders:
        folder, depth, device = folders.pop()
        has_logs = root.within in f"{folder}/"
        for entry in _entries(folder, troubles):
            name = entry.name
            try:
                if name.endswith(suffixes):
                    about = entry.stat()
                    if has_logs and about.st_mode & _KIND == _REGULAR and name not in skip and name.startswith(prefix):
                        yield _file(entry.path, about, form)
                elif depth < root.depth and entry.is_dir():
                    identity = _identity(entry, device)
                    if identity not in visited:
                        visited.add(identity)
                        folders.append((entry.path, depth + 1, identity[0]))
            except OSError as error:
                troubles.append(Trouble(text_of(entry.path), _reason(error)))


def _file(path: str, about: os.stat_result, form: str) -> File:
    size, mtime = about.st_size, about.st_mtime_ns
    if form == DATABASE:
        try:
            # It lies beside the database that a link leads to.
            log = os.stat(f"{os.path.realpath(path)}-wal")
        except OSError:
            pass
        else:
            size, mtime = size + log.st_size, max(mtime, log.st_mtime_ns)
    # A named tuple made directly: every question makes one for each file that there is.
    return tuple.__new__(File, (path, about.st_ino & _LARGEST, size, mtime, form))


def _identity(folder: os.DirEntry[str], device: int) -> tuple[int, int]:
    """Return by what a folder is known that lies in one of `device`; the list of its parent tells it, but not of a link."""
    if not folder.is_symlink():
        return device, folder.inode()
    about = folder.stat()
    return about.st_dev, about.st_ino


def _entries(folder: str, troubles: list[Trouble]) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        troubles.append(Trouble(text_of(folder), _reason(error)))
        return []


def _top(folder: str, visited: set[tuple[int, int]], troubles: list[Trouble]) -> list[tuple[str, int, int]]:
    """Return the folder to begin with, its depth and its device; nothing when it is missing or was visited by another way."""
    try:
        about = os.stat(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        troubles.append(Trouble(text_of(folder), _reason(error)))
        return []
    identity = (about.st_dev, about.st_ino)
    if identity in visited:
        return []
    visited.add(identity)
    return [(folder, 0, about.st_dev)]


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
