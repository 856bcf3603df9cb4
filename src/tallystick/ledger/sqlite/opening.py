"""Opening the file: connections, the one writer's lock, and migrations with a backup before each."""

import fcntl
import os
import sqlite3
from contextlib import closing
from typing import Final

from tallystick.errors import Unavailable

_MIGRATIONS: Final = os.path.join(os.path.dirname(__file__), "migrations")
_CACHE_KIB: Final = 16_384
_BUSY_MS: Final = 10_000


def open_to_read(path: str, *, any_thread: bool = False) -> sqlite3.Connection:
    """Return a connection that cannot write; raise `Unavailable` when the file is no ledger that this version knows.

    Unless it is for any thread, which then take turns, only the one that opened it may use it.
    """
    connection = None
    try:
        connection = sqlite3.connect(
            f"file:{_quoted(path)}?mode=ro",
            uri=True,
            isolation_level=None,
            cached_statements=64,
            check_same_thread=not any_thread,
        )
        version = _version(connection)
    except sqlite3.Error as error:
        raise _given_up(connection, path, error) from None
    if version != newest():
        connection.close()
        raise Unavailable(_other_version(path, version))
    return connection


def is_current(path: str) -> bool:
    """Tell whether there is a ledger that can be read as it is; a missing or older one is to be opened for writing first."""
    if not os.path.exists(path):
        return False
    connection = None
    try:
        connection = sqlite3.connect(f"file:{_quoted(path)}?mode=ro", uri=True)
        version = _version(connection)
        connection.close()
    except sqlite3.Error as error:
        raise _given_up(connection, path, error) from None
    return version >= newest()


def open_to_write(path: str) -> sqlite3.Connection:
    """Return a connection that may write, bringing the file to the newest version first."""
    connection = None
    try:
        os.makedirs(os.path.dirname(path) or ".", mode=0o700, exist_ok=True)
        connection = sqlite3.connect(path, isolation_level=None, timeout=_BUSY_MS / 1000, cached_statements=64)
        _prepare(connection)
        _migrate(connection, path)
    except sqlite3.Error as error:
        raise _given_up(connection, path, error) from None
    except OSError as error:
        raise Unavailable(
            f"The folder of the ledger {path} cannot be made ({_reason(error)}). "
            "Give yourself the right to write there, or set TALLY_DATA_DIR to another folder."
        ) from None
    return connection


def _given_up(connection: sqlite3.Connection | None, path: str, error: sqlite3.Error) -> Unavailable:
    """Let go of a connection that cannot be used; return what to tell."""
    if connection is not None:
        connection.close()
    return Unavailable(unusable(path, error))


def _prepare(connection: sqlite3.Connection) -> None:
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        f"cache_size=-{_CACHE_KIB}",
        "temp_store=MEMORY",
        "wal_autocheckpoint=4000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def migrations() -> list[tuple[int, str]]:
    """Return the migrations in their order: (number, path of its text)."""
    names = sorted(name for name in os.listdir(_MIGRATIONS) if name.endswith(".sql"))
    return [(int(name[:4]), os.path.join(_MIGRATIONS, name)) for name in names]


def newest() -> int:
    """Return the number of the newest migration."""
    return migrations()[-1][0]


def _migrate(connection: sqlite3.Connection, path: str) -> None:
    version = _version(connection)
    if version > newest():
        connection.close()
        raise Unavailable(_other_version(path, version))
    if version == newest():
        return
    texts = []
    for number, name in migrations():
        with open(name, encoding="utf-8") as file:
            texts.append((number, file.read()))
    try:
        _apply(connection, path, texts)
    except Unavailable:
        connection.close()
        raise


def _set_aside(path: str) -> None:
    """Copy a ledger that is about to get another form; without the copy it keeps the one that it has."""
    target = f"{path}.before-{newest():04}"
    try:
        # A connection that is about to write cannot be copied from.
        with closing(sqlite3.connect(f"file:{_quoted(path)}?mode=ro", uri=True)) as as_it_is:
            backup(as_it_is, target)
    except (sqlite3.Error, OSError) as error:
        raise Unavailable(
            f"The copy {target}, which is made before the ledger is brought to a new form, cannot be written"
            f" ({_reason(error)}). Make room for it, and give yourself the right to write there; the ledger is as it was."
        ) from None


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()


def _apply(connection: sqlite3.Connection, path: str, texts: list[tuple[int, str]]) -> None:
    """Copy the file and bring it to the newest version at once, unless another process has done so in the meantime."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = _version(connection)
        if 0 < version < newest():
            # Nobody else can copy it at the same time, nor change it between the copy and the rest.
            _set_aside(path)
        for number, text in texts:
            if number > version:
                _run(connection, text)
                connection.execute(f"PRAGMA user_version={number}")
        connection.execute("COMMIT")
    except (sqlite3.Error, Unavailable):
        connection.rollback()
        raise


def _run(connection: sqlite3.Connection, text: str) -> None:
    """Carry out the statements of a text one by one: `executescript` would end the transaction."""
    statement = ""
    for line in text.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            connection.execute(statement)
            statement = ""


def backup(connection: sqlite3.Connection, target: str) -> None:
    """Write a whole, consistent copy of the ledger to a file while others go on using it."""
    made = f"{target}.part"
    try:
        copy = sqlite3.connect(made)
        try:
            connection.backup(copy)
        finally:
            copy.close()
        os.replace(made, target)
    except (sqlite3.Error, OSError):
        # Half a copy is of no use, least of all where it has filled the disk.
        if os.path.exists(made):
            os.remove(made)
        raise


def _quoted(path: str) -> str:
    return os.path.abspath(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def unusable(path: str, error: sqlite3.Error) -> str:
    """Return in words that a ledger cannot be used, and what to do."""
    if "locked" in str(error) or "busy" in str(error):
        return f"The ledger {path} is in use by another program. Try again in a moment."
    return (
        f"The ledger {path} cannot be opened ({error}). `tally ledger verify` tells more; "
        "a copy that was made before an upgrade lies beside it (*.before-*)."
    )


def _other_version(path: str, version: int) -> str:
    if version < newest():
        return f"The ledger {path} has an older form. Run any command that reads logs, such as `tally daily`, to bring it up to date."
    return f"The ledger {path} was written by a newer Tallystick. Upgrade this one, or set TALLY_DATA_DIR to another folder."


class WriterLock:
    """The right to write, held by one process at a time and let go of when the process ends, however it ends."""

    def __init__(self, path: str) -> None:
        """Name the ledger; nothing is locked yet."""
        self._path = f"{path}.lock"
        self._file = -1

    def take(self, *, wait: bool) -> bool:
        """Take the lock; tell False when another process has it and there is no waiting."""
        os.makedirs(os.path.dirname(self._path) or ".", mode=0o700, exist_ok=True)
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        self._file = file
        return True

    def release(self) -> None:
        """Let go of the lock."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
