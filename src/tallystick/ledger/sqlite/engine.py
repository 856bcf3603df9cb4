"""The engine: answers named questions from the file and hands batches to the writer."""

import os
import sqlite3
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from tallystick.errors import Refused, Unavailable
from tallystick.ledger.ledger import Arrival, Batch, Receipt, Row
from tallystick.ledger.sqlite.opening import open_to_read, open_to_write, unusable

if TYPE_CHECKING:
    from tallystick.ledger.sqlite.writing import Writer

_QUESTIONS: Final = os.path.join(os.path.dirname(os.path.dirname(__file__)), "questions")


class SqliteLedger:
    """Keeps the promise of `Ledger` in a SQLite file."""

    def __init__(self, path: str, *, write: bool = False) -> None:
        """Open the file; to write, it is made or brought to the newest form first."""
        self.path = path
        self.connection = open_to_write(path) if write else open_to_read(path)
        self._write = write
        self._writer: Writer | None = None
        self._texts: dict[str, str] = {}

    def add(self, batches: Iterable[Batch], arrivals: Iterable[Arrival] = ()) -> Receipt:
        """Take batches in as they come, with what is known of those who sent them, all or none.

        Afterwards they are durable and every question knows them.
        """
        if not self._write:
            raise Refused("This ledger was opened for reading only.")
        if self._writer is None:
            # A question, which is what is asked most, needs no writer.
            from tallystick.ledger.sqlite import writing

            self._writer = writing.Writer(self.connection)
        try:
            return self._writer.add(batches, arrivals)
        except sqlite3.DatabaseError as error:
            raise self._told(error) from None

    def ask(self, question: str, **values: int | str) -> list[Row]:
        """Return the rows that the named question has for these values."""
        text = self._texts.get(question)
        if text is None:
            with open(os.path.join(_QUESTIONS, f"{question}.sql"), encoding="utf-8") as file:
                text = self._texts[question] = file.read()
        try:
            return self.connection.execute(text, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise self._told(error) from None

    def snapshot[T](self, asking: Callable[[], T]) -> T:
        """Return what `asking` returns; all its questions see the ledger as it is now, whoever adds to it meanwhile."""
        if self.connection.in_transaction:
            return asking()
        self.connection.execute("BEGIN")
        try:
            return asking()
        finally:
            self.connection.rollback()

    def _told(self, error: sqlite3.DatabaseError) -> Exception:
        """Return what to tell of an error: a damaged file or a full disk is the person's matter, a wrong statement is ours."""
        if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
            return error
        return Unavailable(unusable(self.path, error))

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()
