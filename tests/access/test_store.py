"""The store: its file, its transactions, and many processes at once."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from threading import Thread

import pytest

from tallystick.access import keys
from tallystick.access.keys import Wanted
from tallystick.access.store import Store, path
from tallystick.errors import Unavailable


def test_where_there_is_no_file_there_is_nothing_and_asking_makes_none(store: Store) -> None:
    assert store.rows("SELECT 1 FROM tokens") == []
    assert store.noted() == []
    assert not os.path.exists(store.path)


def test_the_file_and_those_beside_it_are_for_its_owner_alone(store: Store) -> None:
    before = os.umask(0)
    try:
        keys.create(store, Wanted("read"), "cli", 1)
        keys.listed(store)
        with store.changing("cli", 2) as change:
            change.note("look", "around")
            folder = Path(store.path).parent
            modes = {each.name: each.stat().st_mode & 0o777 for each in folder.iterdir()}
    finally:
        os.umask(before)
    assert set(modes) >= {"access.db", "access.db-wal"}
    assert set(modes.values()) == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_change_that_fails_leaves_nothing_of_itself(store: Store) -> None:
    keys.create(store, Wanted("read"), "cli", 1)
    with pytest.raises(ZeroDivisionError):
        _fail(store)
    assert [each.user for each in keys.listed(store)] == [""]
    assert [each.action for each in store.noted()] == ["create token"]


def _fail(store: Store) -> None:
    with store.changing("cli", 2) as change:
        change.do("UPDATE tokens SET user = 'changed'")
        change.note("change", "everything")
        raise ZeroDivisionError


def test_what_cannot_be_noted_is_not_done(store: Store) -> None:
    made = keys.create(store, Wanted("read"), "cli", 1)
    with closing(sqlite3.connect(store.path, isolation_level=None)) as connection:
        connection.execute("DROP TABLE audit")
    with pytest.raises(Unavailable, match="cannot be used"):
        keys.revoke(store, made.id, "cli", 2)
    assert keys.admit(store, made.text, 3)


@pytest.mark.parametrize(
    "content", [b"no database at all, but long enough to be looked at" * 40, b"SQLite format 3\0" + b"\xff" * 4096]
)
def test_a_file_that_is_no_store_is_told_in_a_sentence(store: Store, content: bytes) -> None:
    os.makedirs(os.path.dirname(store.path))
    Path(store.path).write_bytes(content)
    for ask in (lambda: keys.listed(store), lambda: keys.create(store, Wanted("read"), "cli", 1)):
        with pytest.raises(Unavailable, match=r"access\.db cannot be used \("):
            ask()
    assert Path(store.path).read_bytes() == content


def test_a_store_of_another_version_is_left_alone(store: Store) -> None:
    keys.create(store, Wanted("read"), "cli", 1)
    with closing(sqlite3.connect(store.path, isolation_level=None)) as connection:
        connection.execute("PRAGMA user_version = 7")
    with pytest.raises(Unavailable, match="another version"):
        keys.listed(store)


def test_a_folder_that_cannot_be_made_is_told_in_a_sentence() -> None:
    with pytest.raises(Unavailable, match="cannot be written"):
        keys.create(Store(path("/dev/null/x")), Wanted("read"), "cli", 1)


CREATES = """
import sys
from tallystick.access import keys
from tallystick.access.store import Store
for number in range(5):
    keys.create(Store(sys.argv[1]), keys.Wanted("read", name=sys.argv[2]), "cli", number)
"""


def test_processes_and_threads_that_begin_at_once_lose_nothing(store: Store) -> None:
    processes = [subprocess.Popen([sys.executable, "-c", CREATES, store.path, f"p{each}"]) for each in range(4)]
    threads = [
        Thread(target=keys.create, args=(store, Wanted("read", name=f"t{each}"), "cli", each)) for each in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [process.wait(60) for process in processes] == [0] * 4
    names = [key.name for key in keys.listed(store)]
    assert sorted(names) == sorted([f"p{each}" for each in range(4)] * 5 + [f"t{each}" for each in range(5)])
    assert len(store.noted()) == 25
    assert {each.name for each in Path(store.path).parent.iterdir()} <= {"access.db", "access.db-wal", "access.db-shm"}


def test_another_process_is_seen_at_once(store: Store) -> None:
    other = Store(store.path)
    made = keys.create(other, Wanted("read"), "cli", 1)
    assert keys.admit(store, made.text, 2)
    keys.revoke(other, made.id, "cli", 3)
    assert keys.admit(store, made.text, 4) is None
    other.close()


def test_a_file_that_is_taken_away_or_replaced_grants_nothing_any_more(store: Store) -> None:
    made = keys.create(store, Wanted("read"), "cli", 1)
    assert keys.admit(store, made.text, 2)
    os.rename(store.path, f"{store.path}.old")
    assert keys.admit(store, made.text, 3) is None
    other = keys.create(store, Wanted("read"), "cli", 4)
    assert keys.admit(store, made.text, 5) is None
    assert keys.admit(store, other.text, 5)


def test_what_a_file_left_behind_does_not_get_into_the_next(store: Store) -> None:
    keys.create(store, Wanted("read", name="old"), "cli", 1)
    # While somebody reads, the log of the last changes stays beside the file.
    reader = sqlite3.connect(store.path)
    reader.execute("SELECT * FROM tokens").fetchall()
    keys.create(store, Wanted("read", name="old"), "cli", 2)
    assert os.path.getsize(f"{store.path}-wal")
    os.remove(store.path)
    keys.create(store, Wanted("read", name="new"), "cli", 3)
    reader.close()
    assert [key.name for key in keys.listed(store)] == ["new"]
    with closing(sqlite3.connect(store.path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_what_nobody_would_miss_waits_for_nobody(store: Store) -> None:
    made = keys.create(store, Wanted("read"), "cli", 1)
    with store.changing("cli", 2):
        assert keys.admit(store, made.text, 100_000)
    assert keys.listed(store)[0].used is None
    assert keys.admit(store, made.text, 100_001)
    assert keys.listed(store)[0].used == 100_001
