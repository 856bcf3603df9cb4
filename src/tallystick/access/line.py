"""A line: one connection to PostgreSQL, on which each statement is prepared once."""

import ssl
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

from pg8000.exceptions import DatabaseError, Error, InterfaceError  # type: ignore[import-untyped]  # it ships none
from pg8000.native import Connection, make_params  # type: ignore[import-untyped]

from tallystick.access.address import Address
from tallystick.access.dialect import numbered
from tallystick.access.engine import Values

_SETTINGS: Final = {
    "search_path": "tallystick",
    # A little less than whoever waits for the answer does.
    "lock_timeout": "10000",
    "statement_timeout": "12000",
    # Who was stopped in the middle of a change holds up nobody for longer.
    "idle_in_transaction_session_timeout": "30000",
    "client_min_messages": "warning",
    "timezone": "UTC",
}


class Done:
    """What a statement found or did."""

    def __init__(self, rows: list[list[Any]], rowcount: int) -> None:
        """Begin with all of it."""
        self._rows, self.rowcount = iter(rows), rowcount

    def fetchone(self) -> tuple[Any, ...] | None:
        """Return the next row."""
        return next(iter(self), None)

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return the rows that are left."""
        return list(self)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        """Yield the rows that are left."""
        return (tuple(row) for row in self._rows)


class _Quiet(Connection):  # type: ignore[misc]  # the driver ships no types
    """A connection that can be closed in whatever state it is."""

    def close(self) -> None:
        """Let go of the server, which may be gone: why is told by what failed before."""
        stream = getattr(self, "_sock", None)
        with suppress(Error, OSError, ValueError):
            super().close()
        # The driver leaves it to be cleared away, which would tell on stderr of what was never sent.
        with suppress(OSError, ValueError):
            if stream is not None:
                stream.close()


class Line:
    """One connection, for one thread at a time."""

    def __init__(self, connection: Connection) -> None:
        """Begin with a connection."""
        self._connection = connection
        self._prepared: dict[str, tuple[str, Any, Any, Any]] = {}

    def execute(self, sql: str, values: Values = (), /) -> Done:
        """Carry out a statement in which each `?` stands for a value."""
        known = self._prepared.get(sql)
        if known is None:
            text = numbered(sql)
            known = self._prepared[sql] = (text, *self._connection.prepare_statement(text, ()))
        text, name, columns, read = known
        found = self._connection.execute_named(
            name, make_params(self._connection.py_types, values), columns, read, text
        )
        return Done(found.rows or [], found.row_count)

    def run(self, sql: str) -> list[list[Any]]:
        """Carry out statements without values, at once."""
        return self._connection.execute_simple(sql).rows or []

    def close(self) -> None:
        """Let go of the server."""
        self._connection.close()


def connected(address: Address, seconds: float) -> Line:
    """Return a connection to the first of the hosts that takes changes; no answer is waited for longer than so many seconds."""
    trouble: Exception = InterfaceError("no host is named")
    for host, port in address.hosts:
        try:
            line = Line(_opened(address, (host, port), seconds))
            if len(address.hosts) == 1 or line.run("SELECT pg_is_in_recovery()") == [[False]]:
                return line
            line.close()
            trouble = InterfaceError("there are only standbys, which take no changes")
        except (Error, OSError) as error:
            trouble = error
    raise trouble


def _opened(address: Address, place: tuple[str, int], seconds: float) -> Connection:
    host, port = place
    is_socket = host.startswith("/")
    try:
        return _Quiet(
            address.user,
            host=host,
            port=port,
            unix_sock=f"{host}/.s.PGSQL.{port}" if is_socket else None,
            database=address.database,
            # Without any the driver fails in a way that says nothing.
            password=address.password or " ",
            timeout=seconds,
            ssl_context=False if is_socket else _tls(address),
            application_name="tallystick",
            startup_params=_SETTINGS,
        )
    except (ValueError, AttributeError, KeyError) as error:
        # Of the driver's own way to log in.
        raise InterfaceError(f"logging in failed: {type(error).__name__}") from None


def _tls(address: Address) -> ssl.SSLContext | bool | None:
    """Return what the driver takes: None for a server that may encrypt, True for one that must."""
    if address.sslmode == "verify-full":
        return ssl.create_default_context(cafile=address.sslrootcert or None)
    return {"disable": False, "prefer": None, "require": True}[address.sslmode]


__all__ = ["DatabaseError", "Done", "Error", "InterfaceError", "Line", "connected"]
