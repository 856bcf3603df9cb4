"""PostgreSQL itself: restarts, what cannot be reached, logging in, other versions, and what hangs."""

import socket
from collections.abc import Iterator
from contextlib import closing
from threading import Event, Thread
from time import monotonic

import pytest
from tests.postgres import Server

from tallystick.access import keys
from tallystick.access import postgres as engine
from tallystick.access.address import Address
from tallystick.access.engine import Part
from tallystick.access.keys import Wanted
from tallystick.access.store import ACCESS, Store
from tallystick.errors import Misused, Unavailable

SECRET = "open sesame"


@pytest.fixture
def store(postgres: Server) -> Iterator[Store]:
    """Return a store in PostgreSQL."""
    made = Store(postgres.address)
    yield made
    made.close()


@pytest.mark.parametrize("how", ["fast", "immediate"])
def test_a_server_that_was_started_anew_is_asked_and_told_as_before(store: Store, postgres: Server, how: str) -> None:
    made = keys.create(store, Wanted("read"), "cli", 1)
    assert keys.admit(store, made.text, 2)
    postgres.stop(how)
    try:
        with pytest.raises(Unavailable, match="cannot be reached"):
            keys.listed(store)
        with pytest.raises(Unavailable, match="cannot be reached"):
            keys.revoke(store, made.id, "cli", 3)
    finally:
        postgres.start()
    # After a crash the server leaves out numbers, and gives none twice.
    assert keys.create(store, Wanted("read"), "cli", 4).id > made.id
    # What nobody was asked for is known at once, too.
    assert len(keys.listed(store)) == 2
    postgres.stop(how)
    postgres.start()
    assert len(keys.listed(store)) == 2
    keys.revoke(store, made.id, "cli", 5)
    assert keys.admit(store, made.text, 6) is None


def test_what_was_being_changed_when_the_server_ended_is_not_done(store: Store, postgres: Server) -> None:
    keys.create(store, Wanted("read", name="kept"), "cli", 1)

    def change() -> None:
        with store.changing("cli", 2) as change:
            change.do("UPDATE tokens SET name = 'changed'")
            postgres.stop()
            postgres.start()
            change.note("look", "around")

    with pytest.raises(Unavailable, match="cannot be reached"):
        change()
    assert [key.name for key in keys.listed(store)] == ["kept"]


def test_a_commit_of_which_nothing_is_heard_is_told_as_such(store: Store, postgres: Server) -> None:
    def change() -> None:
        with store.changing("cli", 2) as change:
            change.note("look", "around")
            postgres.stop()
            postgres.start()

    with pytest.raises(Unavailable, match="is not known: look"):
        change()


def test_where_nobody_listens_that_is_told_with_the_place_and_without_the_password() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    with closing(Store(Address((("127.0.0.1", port),), "u", "hunter2", "tally"))) as store:
        for ask in (lambda: store.rows("SELECT 1"), lambda: keys.create(store, Wanted("read"), "cli", 1)):
            with pytest.raises(Unavailable, match=rf"postgresql://127\.0\.0\.1:{port}/tally cannot be reached") as told:
                ask()
            assert "hunter2" not in str(told.value)
        # Nobody would miss it.
        store.in_passing("UPDATE tokens SET used = ? WHERE id = ?", 1, 1)


def test_who_does_not_answer_is_asked_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_ASK_S", 0.2)
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        with closing(Store(Address((deaf.getsockname(),), "u", "", "tally", "disable"))) as store:
            begun = monotonic()
            for _ in range(20):
                with pytest.raises(Unavailable, match="cannot be reached"):
                    store.rows("SELECT 1")
            # Twenty waits would be four seconds.
            assert 0.2 <= monotonic() - begun < 1


def test_a_password_lets_in_and_a_wrong_one_does_not(postgres: Server) -> None:
    postgres.run("CREATE SCHEMA tallystick AUTHORIZATION guarded")
    right = postgres.address._replace(user="guarded", password=SECRET)
    with closing(Store(right)) as store:
        assert keys.create(store, Wanted("read"), "cli", 1).id == 1
    for wrong in ("hunter2", ""):
        with (
            closing(Store(right._replace(password=wrong))) as store,
            pytest.raises(Unavailable, match=r"cannot be used \(password authentication failed") as told,
        ):
            store.rows("SELECT 1")
        assert "hunter2" not in str(told.value)


def test_who_may_not_make_tables_is_told_so(postgres: Server) -> None:
    with (
        closing(Store(postgres.address._replace(user="guarded", password=SECRET))) as store,
        pytest.raises(Unavailable, match=r"cannot be used \(permission denied"),
    ):
        store.rows("SELECT 1 FROM tokens")
    assert postgres.run("SELECT 1 FROM pg_namespace WHERE nspname = 'tallystick'") == []


def test_a_database_of_another_version_is_left_alone(store: Store, postgres: Server) -> None:
    keys.create(store, Wanted("read"), "cli", 1)
    postgres.run("UPDATE tallystick.parts SET version = 99")
    with closing(Store(postgres.address)) as newer, pytest.raises(Unavailable, match="another version"):
        newer.rows("SELECT 1 FROM tokens")
    assert postgres.run("SELECT version FROM tallystick.parts") == [[99]]


def test_a_database_is_brought_up_step_by_step_and_parts_stand_beside_one_another(
    store: Store, postgres: Server
) -> None:

    with closing(Store(postgres.address, ACCESS._replace(steps=ACCESS.steps[:1]))) as older:
        keys.create(older, Wanted("read", name="kept"), "cli", 1)
        assert len(keys.listed(older)) == 1
        # While an older version is connected: it goes on.
        assert [key.name for key in keys.listed(store)] == ["kept"]
        assert store.rows("SELECT * FROM leases") == []
        assert [key.name for key in keys.listed(older)] == ["kept"]
    with closing(Store(postgres.address, Part("other", ACCESS.steps[2:3]))) as other, pytest.raises(Unavailable, match="already exists"):  # fmt: skip
        other.rows("SELECT 1")
    # What failed is not there by half.
    assert postgres.run("SELECT part, version FROM tallystick.parts") == [["access", len(ACCESS.steps)]]


def test_two_at_once_make_it_once(postgres: Server) -> None:
    found: list[object] = []

    def come() -> None:
        with closing(Store(postgres.address)) as store:
            found.append(store.rows("SELECT count(*) FROM tokens"))

    threads = [Thread(target=come) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [[(0,)]] * 6


def test_whoever_changes_something_is_waited_for_and_not_for_ever(
    store: Store, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys.create(store, Wanted("read"), "cli", 1)
    begun, finish = Event(), Event()

    def change() -> None:
        with closing(Store(postgres.address)) as other, other.changing("cli", 2) as change:
            change.do("UPDATE tokens SET name = 'theirs'")
            begun.set()
            finish.wait(10)

    thread = Thread(target=change)
    thread.start()
    try:
        assert begun.wait(10)
        # Asking waits for nobody.
        assert [key.name for key in keys.listed(store)] == [""]
        monkeypatch.setitem(engine_settings(), "lock_timeout", "100")
        with closing(Store(postgres.address)) as hasty, pytest.raises(Unavailable, match="is busy"):
            keys.create(hasty, Wanted("read"), "cli", 3)
    finally:
        finish.set()
        thread.join()
    assert [key.name for key in keys.listed(store)] == ["theirs"]


def engine_settings() -> dict[str, str]:
    """Return what each connection begins with."""
    from tallystick.access import line

    return line._SETTINGS


def test_what_is_wrong_with_a_question_is_told_and_stops_nothing(store: Store) -> None:
    with pytest.raises(Unavailable, match=r"cannot be used \(relation"):
        store.rows("SELECT 1 FROM nothing")
    assert store.rows("SELECT count(*) FROM tokens") == [(0,)]


def test_what_fails_in_the_middle_keeps_its_own_name(store: Store) -> None:
    def change() -> None:
        with store.changing("cli", 1) as change:
            change.note("look", "around")
            raise Misused("no")

    with pytest.raises(Misused):
        change()
    assert store.noted() == []
    keys.create(store, Wanted("read"), "cli", 2)
    assert len(store.noted()) == 1


def test_a_server_that_has_become_a_standby_is_left(store: Store) -> None:
    keys.create(store, Wanted("read"), "cli", 1)
    with store.changing("", 0) as change:
        change.do("SELECT set_config('default_transaction_read_only', 'on', false)")
    with pytest.raises(Unavailable, match="read-only transaction"):
        keys.create(store, Wanted("read"), "cli", 2)
    assert keys.create(store, Wanted("read"), "cli", 3).id > 1
    assert len(keys.listed(store)) == 2
