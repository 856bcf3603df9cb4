"""How far a table was read: found again after rows were deleted, numbers given anew, the table rebuilt."""

import sqlite3
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.tools.opencode.ladder import Rungs, climbed, firm
from tallystick.tools.tool import Query, Record


@pytest.fixture
def table() -> Iterator[sqlite3.Connection]:
    with closing(made(range(1, 101))) as database:
        yield database


def made(numbers: Iterable[int]) -> sqlite3.Connection:
    database = sqlite3.connect(":memory:", isolation_level=None)
    database.execute("CREATE TABLE t (id text PRIMARY KEY)")
    database.executemany("INSERT INTO t (rowid, id) VALUES (?, ?)", [(number, f"id-{number}") for number in numbers])
    return database


def drive[Result](database: sqlite3.Connection, asking: Generator[Query, Iterable[Record], Result]) -> Result:
    """Answer the questions of a generator and return what it returns."""
    try:
        query = next(asking)
        while True:
            query = asking.send(database.execute(query.sql, dict(query.values)))
    except StopIteration as done:
        result: Result = done.value
        return result


def test_the_rungs_are_the_last_row_and_some_before_it(table: sqlite3.Connection) -> None:
    rungs = drive(table, climbed("t"))
    assert [number for number, _ in rungs] == [100, 99, 98, 96, 92, 84, 68, 36]
    assert rungs[0] == [100, "id-100"]


def test_an_empty_table_has_none() -> None:
    with closing(made([])) as database:
        assert drive(database, climbed("t")) == []
        assert drive(database, firm("t", [])) == 0


def test_what_stands_as_it_stood_was_read(table: sqlite3.Connection) -> None:
    assert drive(table, firm("t", drive(table, climbed("t")))) == 100


def test_after_the_last_rows_were_deleted_it_goes_on_before_them(table: sqlite3.Connection) -> None:
    rungs = drive(table, climbed("t"))
    table.execute("DELETE FROM t WHERE rowid > 95")
    # The next row gets a number that was given before.
    table.execute("INSERT INTO t (id) VALUES ('new')")
    assert drive(table, firm("t", rungs)) == 92


def test_a_row_that_was_deleted_in_between_changes_nothing(table: sqlite3.Connection) -> None:
    rungs = drive(table, climbed("t"))
    table.execute("DELETE FROM t WHERE rowid BETWEEN 10 AND 99")
    assert drive(table, firm("t", rungs)) == 100


def test_a_table_that_was_rebuilt_is_read_again(table: sqlite3.Connection) -> None:
    rungs = drive(table, climbed("t"))
    table.executescript(
        "CREATE TABLE u AS SELECT id FROM t ORDER BY rowid DESC; DELETE FROM t; INSERT INTO t SELECT id FROM u;"
    )
    assert drive(table, firm("t", rungs)) == 0


@given(st.sets(st.integers(1, 10**6), min_size=1, max_size=60), st.data())
def test_whatever_is_deleted_no_row_that_is_new_is_missed(numbers: set[int], data: st.DataObject) -> None:
    with closing(made(sorted(numbers))) as database:
        rungs: Rungs = drive(database, climbed("t"))
        assert rungs[0] == [max(numbers), f"id-{max(numbers)}"]
        for number in data.draw(st.sets(st.sampled_from(sorted(numbers)))):
            database.execute("DELETE FROM t WHERE rowid = ?", (number,))
        for place in range(data.draw(st.integers(0, 3))):
            database.execute("INSERT INTO t (id) VALUES (?)", (f"new-{place}",))
        start = drive(database, firm("t", rungs))
        assert database.execute("SELECT count(*) FROM t WHERE id LIKE 'new-%' AND rowid <= ?", (start,)).fetchone() == (
            0,
        )
