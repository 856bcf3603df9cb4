"""The shelf of the server's daybook: a file in which it outlives the server, so that its next start has days at hand."""

import os
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from tallystick.answers.binding import Bound, bound, unbound
from tallystick.answers.book import BOOK
from tallystick.answers.parts import KEPT
from tallystick.answers.work import MENDED

if TYPE_CHECKING:
    from tallystick.answers.answers import Answers
    from tallystick.answers.daybook import Leaf
    from tallystick.answers.pages import Page
    from tallystick.usage.period import Zone

_FEW: Final = 8
"""Days that are worked out anew sooner than they are written."""


def kept_at(data: str) -> str:
    """Return the path of the file in a data folder."""
    return os.path.join(data, "cache", "daybook")


class Bookshelf:
    """Where the daybook of this process is kept from one run to the next."""

    def __init__(self, path: str, log: Callable[[str], object], zone: "Zone | None" = None) -> None:
        """Lay what is kept there ready for whoever asks first; with a zone, the sums for answers in it are kept as well."""
        self._path, self._log, self._zone = path, log, zone
        self._lock = threading.Lock()
        """Held while the daybook is brought up to date: whoever waits for it finds that done."""
        BOOK.lay_ready(self._opened)

    def prepare(self, answers: "Answers") -> None:
        """Bring the daybook up to date, and keep it when that has changed many days of it."""
        with self._lock:
            before = BOOK.made
            answers.prepare()
            summed = answers.prepare_sums(self._zone) if self._zone else 0
            if BOOK.made - before > _FEW or summed > _FEW:
                sums = KEPT.book.at_hand() if KEPT.book else ()
                self._write(bound(Bound(BOOK.at_hand(), dict(MENDED), sums)))

    def _opened(self) -> "Mapping[int, Leaf[Page]]":
        book = unbound(self._read())
        MENDED.update(book.mended)
        if KEPT.book:
            KEPT.book.lay_ready(book.sums)
        return book.leaves

    def _read(self) -> bytes:
        with suppress(OSError), open(self._path, "rb") as file:
            return file.read()
        return b""

    def _write(self, data: bytes) -> None:
        made = f"{self._path}.part"
        try:
            os.makedirs(os.path.dirname(self._path), mode=0o700, exist_ok=True)
            with open(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(data)
            os.replace(made, self._path)
        except OSError as error:
            self._log(
                f"What was worked out cannot be kept for the next start ({(error.strerror or str(error)).lower()})."
            )
