"""Speaking to the servers: statements, questions and rows, over the client that ClickHouse's makers give out."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from tallystick.errors import Unavailable
from tallystick.ledger.clickhouse.address import Address
from tallystick.ledger.clickhouse.shapes import SHAPES
from tallystick.ledger.ledger import Row

SETTINGS: Final = {
    # Of rows that stand for one thing only the last holds, in every question.
    "final": 1,
    # What one thing's rows have in common decides on their part of the table, too: parts need not be compared with one another.
    "do_not_merge_across_partitions_select_final": 1,
    "join_use_nulls": 1,
    "union_default_mode": "DISTINCT",
    "max_query_size": 2**27,
    "max_partitions_per_insert_block": 0,
}
_NAMED: Final = re.compile(r":([a-z]+)")
_COMMENT: Final = re.compile(r"--.*")
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "'": "\\'", "\0": "\\0"})
_LATER: Final = "Start it, or correct the ledger's url in the config."


class Server:
    """The servers of one ledger, asked through one that answers."""

    def __init__(self, address: Address) -> None:
        """Connect to the first that answers."""
        self.address = address
        self._client = self._connected()

    def _connected(self) -> Any:  # noqa: ANN401 - the client's own type is known only where it is installed
        try:
            from clickhouse_connect import get_client
            from clickhouse_connect.driver.exceptions import ClickHouseError
        except ImportError:
            raise Unavailable(
                "A ledger on ClickHouse needs its client. Install it with pip install 'tallystick[clickhouse]'."
            ) from None
        self._error: type[Exception] = ClickHouseError
        at, reason = self.address, ""
        for host, port in at.hosts:
            try:
                client = get_client(
                    host=host,
                    port=port,
                    username=at.user or "default",
                    password=at.password,
                    secure=at.secure,
                    # Several threads ask at a time.
                    autogenerate_session_id=False,
                    settings=SETTINGS,
                )
            except ClickHouseError as error:
                reason = str(error).partition("\n")[0][:200]
                continue
            client.database = at.database
            return client
        raise Unavailable(f"The ledger at {at.shown} cannot be reached ({reason}). {_LATER}")

    def do(self, text: str) -> None:
        """Have a statement carried out."""
        try:
            self._client.command(text)
        except self._error as error:
            raise self._told(error) from None

    def make_database(self) -> None:
        """Make the ledger's database where there is none."""
        name, self._client.database = self.address.database, "default"
        try:
            self.do(f"CREATE DATABASE IF NOT EXISTS {name}")
        finally:
            self._client.database = name

    def rows(self, text: str, *, binary: Sequence[str] = ()) -> list[Row]:
        """Return the rows that a question in SQL has; columns named binary as bytes."""
        try:
            found = self._client.query(text, column_formats=dict.fromkeys(binary, "bytes"))
        except self._error as error:
            raise self._told(error) from None
        return [tuple(row) for row in found.result_rows]

    def numbers(self, text: str) -> list[int]:
        """Return the first column of what a question in SQL has."""
        return [row[0] for row in self.rows(text)]

    def put(self, table: str, rows: Sequence[Row]) -> None:
        """Add rows to a table, in the order of its columns."""
        if not rows:
            return
        names, types = SHAPES[table]
        try:
            self._client.insert(
                table, list(zip(*rows, strict=True)), names, column_type_names=types, column_oriented=True
            )
        except self._error as error:
            raise self._told(error) from None

    def _told(self, error: Exception) -> Exception:
        """Return what to tell of an error: servers that are not there are the person's matter, a wrong statement is ours."""
        if getattr(error, "code", None) in (None, 0) or type(error).__name__ == "OperationalError":
            return Unavailable(
                f"The ledger at {self.address.shown} does not answer ({str(error).partition(chr(10))[0][:200]}). {_LATER}"
            )
        return error

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()


def bound(text: str, values: dict[str, int | str]) -> str:
    """Return a question with values in the place of their names, and without its comments."""
    return _NAMED.sub(lambda found: literal(values[found[1]]), _COMMENT.sub("", text))


def literal(value: int | str) -> str:
    """Return a value as SQL has it."""
    return f"'{value.translate(_ESCAPES)}'" if isinstance(value, str) else str(value)


def among(numbers: Iterable[int]) -> str:
    """Return numbers as SQL has a set of them, which must not be empty there."""
    return f"({','.join(map(str, numbers)) or 'NULL'})"
