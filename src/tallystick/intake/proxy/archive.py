"""Whole exchanges as files, for finding faults: only where a person asks for it, and without what opens doors."""

import os
import re
import stat
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import BinaryIO, Final

from tallystick.errors import Refused
from tallystick.providers.provider import Asked

_SECRET: Final = re.compile(r"account|auth|cookie|key|token|secret|credential|signature", re.IGNORECASE)
# Rather too many than too few: `code` is a login's, and an `encoding` is not missed.
_IN_PATH: Final = re.compile(r"([?&][^=&]*(?:code|key|token|secret|sig|credential)[^=&]*=)[^&]*", re.IGNORECASE)
_OPEN_TO_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_LEFT_OUT: Final = "(left out)"


class Archive:
    """A private folder with two files for each exchange: what was asked, and what was answered."""

    def __init__(self, folder: str, now: Callable[[], float]) -> None:
        """Take the folder, made where there is none, and a clock of seconds since 1970.

        Raises OSError when it cannot be used, Refused when it is open to others: its mode is its owner's business.
        """
        os.makedirs(folder, mode=0o700, exist_ok=True)
        if os.name == "posix" and os.stat(folder).st_mode & _OPEN_TO_OTHERS:
            raise Refused(
                f"Others can get into {folder}: name a folder that is not there yet, or `chmod 700 {folder}`."
            )
        self._folder, self._now, self._count = folder, now, 0

    def begin(self, asked: Asked) -> "Record":
        """Begin an exchange."""
        self._count += 1
        host = re.sub(r"[^a-z0-9.-]", "_", asked.host)[:80]
        name = os.path.join(self._folder, f"{int(self._now() * 1000)}-{self._count:05}-{host}")
        return Record(name, asked)


class Record:
    """One exchange being written; what the disk does not take is not written, and nobody waits for it."""

    def __init__(self, name: str, asked: Asked) -> None:
        """Begin with a request's head."""
        self._name = name
        path = _IN_PATH.sub(rf"\1{_LEFT_OUT}", asked.path)
        self._request = _begun(f"{name}.request", f"{asked.method} {path}", asked.headers)
        self._answer: BinaryIO | None = None

    def sent(self, data: bytes) -> None:
        """Take the next bytes of the request's body, as they are on the wire."""
        _add(self._request, data)

    def head(self, status: int, headers: Mapping[str, str]) -> None:
        """Take the answer's head."""
        self._answer = _begun(f"{self._name}.answer", str(status), headers)

    def took(self, data: bytes) -> None:
        """Take the next bytes of the answer's body, as they are on the wire."""
        _add(self._answer, data)

    def end(self) -> None:
        """Close the files."""
        for file in (self._request, self._answer):
            if file is not None:
                with suppress(OSError):
                    file.close()


def _begun(path: str, first: str, headers: Mapping[str, str]) -> BinaryIO | None:
    lines = [first, *(f"{name}: {_LEFT_OUT if _SECRET.search(name) else headers[name]}" for name in headers), "", ""]
    try:
        # Unbuffered: what has passed is there when the proxy is killed.
        file = open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb", buffering=0)  # noqa: SIM115  open until the exchange ends
        file.write("\n".join(lines).encode(errors="replace"))
    except OSError:
        return None
    return file


def _add(file: BinaryIO | None, data: bytes) -> None:
    if file is not None and data:
        with suppress(OSError, ValueError):
            file.write(data)
