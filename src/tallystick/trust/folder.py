"""The folder in which the authority lives: its files by name, and writing them so that nobody finds half of one."""

import os
import sys
from typing import Final, NamedTuple

from tallystick.errors import Unavailable

_PRIVATE: Final = 0o700
_OF_OTHERS: Final = 0o077
_WRITABLE_BY_OTHERS: Final = 0o022


class Folder(NamedTuple):
    """The folder of an authority: `<data folder>/ca`."""

    path: str

    @property
    def key(self) -> str:
        """Key and certificate in one file, by the name that mitmproxy looks for in its `confdir`."""
        return os.path.join(self.path, "mitmproxy-ca.pem")

    @property
    def certificate(self) -> str:
        """The certificate alone."""
        return os.path.join(self.path, "tallystick-ca.pem")

    @property
    def retired(self) -> str:
        """Certificates of former authorities that have not ended yet."""
        return os.path.join(self.path, "retired.pem")

    @property
    def extra(self) -> str:
        """For variables that add to what a program trusts: our certificates, and what the person adds besides."""
        return os.path.join(self.path, "extra.pem")

    @property
    def bundle(self) -> str:
        """For variables that replace what a program trusts: all that it trusted, and ours."""
        return os.path.join(self.path, "bundle.pem")

    @property
    def named(self) -> str:
        """Which files of the person's own variables are in the two above: `NAME=path` in each line, for shells to read."""
        return os.path.join(self.path, "named.txt")

    @property
    def notes(self) -> str:
        """From which files the bundle was made, with sizes and times."""
        return os.path.join(self.path, "bundle.json")


def private(folder: Folder) -> None:
    """Make the folder, for its owner alone; raise Unavailable when others can write into it."""
    try:
        # Folder by folder: the mode counts for the last one only.
        for path in (os.path.dirname(folder.path), folder.path):
            os.makedirs(path, mode=_PRIVATE, exist_ok=True)
        mode = os.stat(folder.path).st_mode
    except OSError as error:
        raise Unavailable(f"{folder.path} cannot be made ({(error.strerror or str(error)).lower()}).") from None
    if sys.platform != "win32" and mode & _WRITABLE_BY_OTHERS:
        raise Unavailable(f"Others can write into {folder.path}, where a key lies. Run `chmod 700 {folder.path}`.")


def guarded(path: str) -> None:
    """Raise Unavailable when a key's file is open to others than its owner; Windows keeps that elsewhere."""
    if sys.platform == "win32":
        return
    try:
        found = os.stat(path)
    except OSError as error:
        raise Unavailable(f"{path} cannot be read ({(error.strerror or str(error)).lower()}).") from None
    if found.st_mode & _OF_OTHERS:
        raise Unavailable(
            f"The key {path} is open to others (mode {found.st_mode & 0o777:o}). Run `chmod 600 {path}`; "
            "if somebody may have read it, `tally ca rotate` makes a new one."
        )
    if found.st_uid not in {os.geteuid(), 0}:
        raise Unavailable(
            f"The key {path} belongs to another user, who could exchange it. Remove {os.path.dirname(path)}."
        )


def content(path: str) -> bytes | None:
    """Return what is in a file; None where there is none."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise Unavailable(f"{path} cannot be read ({(error.strerror or str(error)).lower()}).") from None


def write(path: str, data: bytes) -> None:
    """Write a file for its owner alone, as a whole: whoever reads it finds the old one or the new one."""
    beside = f"{path}.{os.getpid()}.new"
    try:
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except OSError as error:
        remove(beside)
        raise Unavailable(f"{path} cannot be written ({(error.strerror or str(error)).lower()}).") from None


def remove(path: str) -> None:
    """Remove a file if it is there."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return
    except OSError as error:
        raise Unavailable(f"{path} cannot be removed ({(error.strerror or str(error)).lower()}).") from None
