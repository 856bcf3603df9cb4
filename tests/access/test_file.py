"""A store in a file: for its owner alone, as it lies there now, and brought up to date where an older version made it."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tallystick.access import keys
from tallystick.access.budgets import Budgets, Defined
from tallystick.access.keys import Wanted
from tallystick.access.leases import Leases
from tallystick.access.store import ACCESS, Store, path
from tallystick.errors import Unavailable


def test_where_there_is_no_file_there_is_nothing_and_asking_makes_none(in_file: Store) -> None:
    assert in_file.rows("SELECT 1 FROM tokens") == []
    assert in_file.noted() == []
    assert not os.path.exists(in_file.path)


def test_the_file_and_those_beside_it_are_for_its_owner_alone(in_file: Store) -> None:
    before = os.umask(0)
    try:
        keys.create(in_file, Wanted("read"), "cli", 1)
        keys.listed(in_file)
        with in_file.changing("cli", 2) as change:
            change.note("look", "around")
            folder = Path(in_file.path).parent
            modes = {each.name: each.stat().st_mode & 0o777 for each in folder.iterdir()}
    finally:
        os.umask(before)
    assert set(modes) >= {"access.db", "access.db-wal"}
    assert set(modes.values()) == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    "content", [b"no database at all, but long enough to be looked at" * 40, b"SQLite format 3\0" + b"\xff" * 4096]
)
def test_a_file_that_is_no_store_is_told_in_a_sentence(in_file: Store, content: bytes) -> None:
    os.makedirs(os.path.dirname(in_file.path))
    Path(in_file.path).write_bytes(content)
    for ask in (lambda: keys.listed(in_file), lambda: keys.create(in_file, Wanted("read"), "cli", 1)):
        with pytest.raises(Unavailable, match=r"access\.db cannot be used \("):
            ask()
    assert Path(in_file.path).read_bytes() == content


def test_a_store_of_another_version_is_left_alone(in_file: Store) -> None:
    keys.create(in_file, Wanted("read"), "cli", 1)
    with closing(sqlite3.connect(in_file.path, isolation_level=None)) as connection:
        connection.execute("PRAGMA user_version = 7")
    with pytest.raises(Unavailable, match="another version"):
        keys.listed(in_file)


def test_a_folder_that_cannot_be_made_is_told_in_a_sentence() -> None:
    with pytest.raises(Unavailable, match="cannot be written"):
        keys.create(Store(path("/dev/null/x")), Wanted("read"), "cli", 1)


def test_a_file_that_is_taken_away_or_replaced_grants_nothing_any_more(in_file: Store) -> None:
    made = keys.create(in_file, Wanted("read"), "cli", 1)
    assert keys.admit(in_file, made.text, 2)
    os.rename(in_file.path, f"{in_file.path}.old")
    assert keys.admit(in_file, made.text, 3) is None
    other = keys.create(in_file, Wanted("read"), "cli", 4)
    assert keys.admit(in_file, made.text, 5) is None
    assert keys.admit(in_file, other.text, 5)


def test_what_a_file_left_behind_does_not_get_into_the_next(in_file: Store) -> None:
    keys.create(in_file, Wanted("read", name="old"), "cli", 1)
    # While somebody reads, the log of the last changes stays beside the file.
    reader = sqlite3.connect(in_file.path)
    reader.execute("SELECT * FROM tokens").fetchall()
    keys.create(in_file, Wanted("read", name="old"), "cli", 2)
    assert os.path.getsize(f"{in_file.path}-wal")
    os.remove(in_file.path)
    keys.create(in_file, Wanted("read", name="new"), "cli", 3)
    reader.close()
    assert [key.name for key in keys.listed(in_file)] == ["new"]
    with closing(sqlite3.connect(in_file.path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def older(file: str, *, budgets: bool) -> None:
    """Make a file as it was made before steps had numbers; the tables of budgets came with the first budget."""
    os.makedirs(os.path.dirname(file))
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        for step in ACCESS.steps[: 1 + budgets]:
            connection.executescript(Path(step).read_text())
        connection.execute("PRAGMA user_version = 1")
        connection.execute("INSERT INTO machines VALUES ('laptop', 'laptop', 1, NULL)")


@pytest.mark.parametrize("budgets", [False, True])
def test_a_file_of_an_older_version_is_brought_up_to_date_with_what_is_in_it(in_file: Store, *, budgets: bool) -> None:
    older(in_file.path, budgets=budgets)
    assert Budgets(in_file).defined() == []
    assert in_file.rows("SELECT id FROM machines") == [("laptop",)]
    Budgets(in_file).define(Defined("", {}, 5, "tokens", "day", "UTC", 0.5, hard=False), "", "cli", 1)
    assert Leases(in_file).take("alerts", "me", 1_000) == 1
    with closing(sqlite3.connect(in_file.path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (len(ACCESS.steps),)


ASKS = """
import sys
from tallystick.access.budgets import Budgets
from tallystick.access.store import Store
assert Budgets(Store(sys.argv[1])).defined() == []
"""


def test_it_is_brought_up_to_date_once_whoever_comes(in_file: Store) -> None:
    older(in_file.path, budgets=False)
    processes = [subprocess.Popen([sys.executable, "-c", ASKS, in_file.path]) for _ in range(4)]
    assert [process.wait(60) for process in processes] == [0] * 4
    assert in_file.rows("SELECT id FROM machines") == [("laptop",)]
