"""Price books where servers share a database: what one of them takes in, all of them go by, so that all tell the same cost."""

import threading
from collections.abc import Callable
from contextlib import closing
from typing import Final

from tallystick.access import books
from tallystick.access.store import Store
from tallystick.cli import control, entrance
from tallystick.errors import TallystickError
from tallystick.intake import price_tables
from tallystick.prices.book import Unusable, unpack
from tallystick.settings import Settings

_LOOK_S: Final = 20.0
WHO: Final = "cli"


def give(chosen: Settings) -> None:
    """Have all servers go by the book that was taken in here; nothing happens where there are no others."""
    content = _here(chosen)
    if content and _is_shared(chosen):
        with closing(control.store(chosen)) as store:
            books.keep(store, content, WHO, entrance.now())


def take(chosen: Settings) -> bool:
    """Go by the book by which all go; tell whether it is another one than before."""
    if not _is_shared(chosen):
        return False
    with closing(control.store(chosen)) as store:
        return _taken(chosen, store)


def _taken(chosen: Settings, store: Store) -> bool:
    found = books.other(store, books.digest(_here(chosen)))
    # One of a newer version is for those who can read it.
    if not found or isinstance(unpack(found), Unusable):
        return False
    price_tables.store(found, entrance.where(chosen).fetched_book)
    return True


def _is_shared(chosen: Settings) -> bool:
    return not isinstance(control.place(chosen), str)


def _here(chosen: Settings) -> bytes:
    try:
        with open(entrance.where(chosen).fetched_book, "rb") as file:
            return file.read()
    except OSError:
        return b""


class Booked:
    """A thread that looks whether all go by another book by now; where there are no other servers it does nothing."""

    def __init__(self, chosen: Settings, log: Callable[[str], None], every: float = _LOOK_S) -> None:
        """Begin with who hears what is wrong, in a sentence, and every how many seconds it looks."""
        self._chosen, self._log, self._every = chosen, log, every
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="books", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        if _is_shared(self._chosen):
            self._thread.start()

    def end(self) -> None:
        """Look no more."""
        self._ending.set()

    def _run(self) -> None:
        trouble = ""
        with closing(control.store(self._chosen)) as store:
            while True:
                try:
                    _taken(self._chosen, store)
                    trouble = ""
                except TallystickError as error:
                    if str(error) != trouble:
                        trouble = str(error)
                        self._log(f"Prices that another server took in are not known here: {error}")
                if self._ending.wait(self._every):
                    return
