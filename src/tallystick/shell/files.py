"""Changing a person's files: what would be in them, and writing that with their mode, their owner and their links kept."""

import os
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from tallystick.errors import Unavailable
from tallystick.shell import block


class Change(NamedTuple):
    """A file as it is and as it is to be; None is a file that is not there."""

    path: str
    before: bytes | None
    after: bytes | None


def with_block(path: str, body: str) -> Change:
    """Return a file with a block of ours in it; raise Unavailable where the file cannot be read or a block has no end."""
    before = read(path)
    return Change(path, before, _told(path, lambda: block.put(before, body)))


def without_block(path: str) -> Change:
    """Return a file without our block; raise Unavailable where the file cannot be read or a block has no end."""
    before = read(path)
    return Change(path, before, None if before is None else _told(path, lambda: block.taken_out(before)))


def _told[T](path: str, work: Callable[[], T]) -> T:
    try:
        return work()
    except Unavailable as error:
        raise Unavailable(f"{path}: {error}") from None


def read(path: str) -> bytes | None:
    """Return what is in a file; None where there is none."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise Unavailable(f"{path} cannot be read ({(error.strerror or str(error)).lower()}).") from None


def perform(change: Change) -> bool:
    """Bring a file to what it is to be, as a whole, and tell whether anything was to be done; a link still leads where it led."""
    if change.after == change.before:
        return False
    # The file itself, so that a link to where somebody keeps all such files stays one.
    path = os.path.realpath(change.path)
    try:
        if change.after is None:
            os.unlink(path)
        else:
            _write(path, change.after)
    except OSError as error:
        raise Unavailable(f"{path} cannot be changed ({(error.strerror or str(error)).lower()}).") from None
    return True


def _write(path: str, data: bytes) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    beside = f"{path}.{os.getpid()}.tally"
    try:
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileNotFoundError):
            found = os.stat(path)
            if hasattr(os, "chown") and (found.st_uid, found.st_gid) != (os.geteuid(), os.getegid()):
                os.chown(beside, found.st_uid, found.st_gid)
            os.chmod(beside, found.st_mode & 0o7777)
        os.replace(beside, path)
    except OSError:
        with suppress(FileNotFoundError):
            os.unlink(beside)
        raise
