"""The store, in a file and in PostgreSQL alike: its transactions, and many processes at once."""

import subprocess
import sys
from threading import Thread

import pytest
from tests.postgres import Server

from tallystick.access import keys
from tallystick.access.address import Address
from tallystick.access.keys import Wanted
from tallystick.access.store import Store
from tallystick.errors import Unavailable


def test_where_nothing_was_kept_there_is_nothing(store: Store) -> None:
    assert store.rows("SELECT 1 FROM tokens") == []
    assert store.noted() == []


def test_a_change_that_fails_leaves_nothing_of_itself(store: Store) -> None:
    keys.create(store, Wanted("read"), "cli", 1)
    with pytest.raises(ZeroDivisionError):
        _fail(store)
    assert [each.name for each in keys.listed(store)] == [""]
    assert [each.action for each in store.noted()] == ["create token"]


def _fail(store: Store) -> None:
    with store.changing("cli", 2) as change:
        change.do("UPDATE tokens SET name = 'changed'")
        change.note("change", "everything")
        raise ZeroDivisionError


def test_what_cannot_be_noted_is_not_done(store: Store) -> None:
    made = keys.create(store, Wanted("read"), "cli", 1)
    with store.changing("", 0) as change:
        change.do("DROP TABLE audit")
    with pytest.raises(Unavailable, match="cannot be used"):
        keys.revoke(store, made.id, "cli", 2)
    assert keys.admit(store, made.text, 3)


CREATES = """
import sys
from tallystick.access import keys
from tallystick.access.address import address
from tallystick.access.store import Store
place = sys.argv[1]
for number in range(5):
    store = Store(address(place, "", {}) if "://" in place else place)
    keys.create(store, keys.Wanted("read", name=sys.argv[2]), "cli", number)
    store.close()
"""


def test_processes_and_threads_that_begin_at_once_lose_nothing(
    store: Store, place: str | Address, request: pytest.FixtureRequest
) -> None:
    server: Server | None = None if isinstance(place, str) else request.getfixturevalue("postgres")
    said = str(place) if server is None else server.url
    processes = [subprocess.Popen([sys.executable, "-c", CREATES, said, f"p{each}"]) for each in range(4)]
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


def test_another_process_is_seen_at_once(store: Store, place: str | Address) -> None:
    other = Store(place)
    made = keys.create(other, Wanted("read"), "cli", 1)
    assert keys.admit(store, made.text, 2)
    keys.revoke(other, made.id, "cli", 3)
    assert keys.admit(store, made.text, 4) is None
    other.close()


def test_what_nobody_would_miss_waits_for_nobody(store: Store) -> None:
    made = keys.create(store, Wanted("read"), "cli", 1)
    with store.changing("cli", 2):
        assert keys.admit(store, made.text, 100_000)
    assert keys.listed(store)[0].used is None
    assert keys.admit(store, made.text, 100_001)
    assert keys.listed(store)[0].used == 100_001


LACKS = """
import sys
sys.modules["pg8000"] = None
from tallystick.access.address import address
from tallystick.access.store import Store
from tallystick.errors import Unavailable
assert "sqlite3" not in sys.modules
try:
    Store(address("postgresql://u:hunter2@db/t", "", {}))
except Unavailable as error:
    print(error)
"""


def test_what_is_not_installed_is_told_with_what_brings_it() -> None:
    done = subprocess.run([sys.executable, "-c", LACKS], capture_output=True, text=True, check=True)
    assert "is not installed (pg8000): `pip install 'tallystick[postgres]'` brings it." in done.stdout
    assert "hunter2" not in done.stdout + done.stderr
