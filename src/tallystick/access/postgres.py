"""PostgreSQL: a store that several servers share, with the same statements as in a file."""

import struct
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any, Final

from tallystick.access.address import Address
from tallystick.access.dialect import translated
from tallystick.access.engine import Part, Values
from tallystick.access.line import DatabaseError, Error, Line, connected
from tallystick.errors import Unavailable

_BUSY_S: Final = 10.0
_ASK_S: Final = 5.0
"""How long an answer to a question is waited for: whoever asks may be a request."""
_CHANGE_S: Final = 15.0
_REST: Final = 3.0
"""For so many times as long as was waited for nothing, nothing is asked: a server that does not hear of its store still has other work."""
_BROKEN: Final = (Error, OSError, struct.error)
_NO_TABLE: Final = frozenset(("42P01", "3F000"))
_BUSY: Final = frozenset(("55P03", "57014"))
_GONE: Final = ("08", "57P", "25P03", "0A000", "25006")
"""Begin of the codes after which another connection may do better, plans that a newer version has outdated among them."""
_MAKING: Final = 0x7461_6C6C
"""Of the locks, so that no two bring a database up to date at once."""


class Postgres:
    """One part in one database: a connection to ask by, and one to change by."""

    def __init__(self, address: Address, part: Part) -> None:
        """Name the database, which is asked when something is wanted of it."""
        self.clock = "SELECT CAST(floor(extract(epoch FROM clock_timestamp()) * 1000) AS BIGINT)"
        self._address, self._part = address, part
        self._lock_key = f"{_MAKING}, {zlib.crc32(part.name.encode()) >> 1}"
        self._asking, self._writing = threading.Lock(), threading.Lock()
        self._reader: Line | None = None
        self._writer: Line | None = None
        self._rests_until, self._trouble = 0.0, ""

    def rows(self, sql: str, values: Values) -> list[tuple[Any, ...]]:
        """Return what a question finds."""
        with self._asking:
            begun = monotonic()
            if begun < self._rests_until:
                raise Unavailable(self._trouble)
            try:
                return self._asked(sql, values)
            except _BROKEN as error:
                self._drop_reader()
                told = self._unusable(error)
                if _is_gone(error):
                    now = monotonic()
                    self._rests_until, self._trouble = now + _REST * (now - begun), str(told)
                raise told from None

    def _asked(self, sql: str, values: Values) -> list[tuple[Any, ...]]:
        before = self._reader
        if before is not None:
            try:
                return before.execute(sql, values).fetchall()
            except _BROKEN as error:
                if not _is_gone(error):
                    raise
                # The server was started anew, perhaps: a question may be asked twice.
                self._drop_reader()
        self._reader = self._line(_ASK_S)
        return self._reader.execute(sql, values).fetchall()

    @contextmanager
    def changing(self) -> Iterator[Line]:
        """Give a transaction beside which there is no other."""
        if not self._writing.acquire(timeout=_BUSY_S):
            raise Unavailable(f"{self._address} is busy: somebody else is changing something.")
        try:
            line = self._begun()
            try:
                yield line
            except BaseException as error:
                self._undo(line, error)
                raise
            try:
                line.run("COMMIT")
            except _BROKEN as error:
                self._drop_writer()
                raise Unavailable(f"{self._unusable(error)} Whether the change was made is not known: look.") from None
        except _BROKEN as error:
            raise self._unusable(error) from None
        finally:
            self._writing.release()

    def in_passing(self, sql: str, values: Values) -> None:
        """Change what nobody would miss."""
        if not self._writing.acquire(blocking=False):
            return
        try:
            if self._writer is None:
                self._writer = self._line(_ASK_S)
            line = self._writer
            ((is_free,),) = line.run(
                f"BEGIN; SET LOCAL synchronous_commit = off; SELECT pg_try_advisory_xact_lock({self._lock_key})"
            )
            if is_free:
                line.execute(sql, values)
            line.run("COMMIT")
        except (*_BROKEN, Unavailable):
            self._drop_writer()
        finally:
            self._writing.release()

    def close(self) -> None:
        """Let go of the database."""
        with self._asking:
            self._drop_reader()
        with self._writing:
            self._drop_writer()

    def _begun(self) -> Line:
        """Return a connection on which a transaction was begun that no other one is beside."""
        begin = f"BEGIN; SELECT pg_advisory_xact_lock({self._lock_key})"
        before = self._writer
        if before is not None:
            try:
                before.run(begin)
            except _BROKEN as error:
                self._drop_writer()
                if not _is_gone(error):
                    raise
            else:
                return before
        self._writer = self._line(_CHANGE_S)
        try:
            self._writer.run(begin)
        except _BROKEN:
            self._drop_writer()
            raise
        return self._writer

    def _drop_reader(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _drop_writer(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _undo(self, line: Line, error: BaseException) -> None:
        try:
            line.run("ROLLBACK")
            # One that has become a standby would go on to take no changes.
            is_of_use = not (isinstance(error, _BROKEN) and _is_gone(error))
        except _BROKEN:
            # The server undoes what nobody can finish any more.
            is_of_use = False
        if not is_of_use:
            self._drop_writer()

    def _line(self, seconds: float) -> Line:
        """Return a new connection to a database that is up to date."""
        line = connected(self._address, seconds)
        try:
            version = _version(line, self._part.name)
            if version < len(self._part.steps):
                version = self._brought_up(line)
        except BaseException:
            line.close()
            raise
        if version != len(self._part.steps):
            line.close()
            raise Unavailable(f"{self._address} was written by another version of Tallystick: upgrade this one.")
        return line

    def _brought_up(self, line: Line) -> int:
        """Carry out the steps that the database does not have yet; return the version that it has then."""
        name, steps = self._part
        line.run(f"BEGIN; SELECT pg_advisory_xact_lock({_MAKING})")
        if not line.run("SELECT 1 FROM pg_namespace WHERE nspname = 'tallystick'"):
            # Who may not make it can be given one that is there.
            line.run("CREATE SCHEMA tallystick")
        line.run("CREATE TABLE IF NOT EXISTS parts (part TEXT PRIMARY KEY, version BIGINT NOT NULL)")
        # Another server may have done so while this one waited.
        version = _version(line, name)
        for step in steps[version:]:
            with open(step, encoding="utf-8") as text:
                line.run(translated(text.read()))
        if version < len(steps):
            version = len(steps)
            line.execute(
                "INSERT INTO parts VALUES (?, ?) ON CONFLICT (part) DO UPDATE SET version = excluded.version",
                (name, version),
            )
        line.run("COMMIT")
        return version

    def _unusable(self, error: Exception) -> Unavailable:
        """Return what is wrong, in a sentence without a password."""
        code, said = _told(error)
        if code in _BUSY:
            return Unavailable(f"{self._address} is busy: somebody else is changing something.")
        if not code:
            return Unavailable(
                f"{self._address} cannot be reached ({said}): is the server there, and does it let us in?"
            )
        return Unavailable(f"{self._address} cannot be used ({said}).")


def _version(line: Line, part: str) -> int:
    try:
        found = line.execute("SELECT version FROM parts WHERE part = ?", (part,)).fetchone()
    except DatabaseError as error:
        if _told(error)[0] in _NO_TABLE:
            return 0
        raise
    return int(found[0]) if found else 0


def _is_gone(error: Exception) -> bool:
    code, _ = _told(error)
    return not code or code.startswith(_GONE)


def _told(error: Exception) -> tuple[str, str]:
    """Return the code that the server gave, empty where it gave none, and what is said."""
    said = error.args[0] if error.args else ""
    if isinstance(error, DatabaseError) and isinstance(said, dict):
        return str(said.get("C", "")), str(said.get("M", ""))
    cause = error.__cause__
    if isinstance(cause, OSError):
        return "", (cause.strerror or str(cause)).lower()
    return "", str(said) or type(error).__name__
