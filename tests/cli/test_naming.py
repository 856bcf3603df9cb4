"""`tally server machines` and `users`: names in the access and in the ledger change together."""

import json
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from io import StringIO
from time import sleep
from typing import Any, Final

import pytest
from tests.cli.stage import Stage
from tests.intake.push.test_taking import offer

from tallystick.access import keys, machines
from tallystick.access.keys import Wanted
from tallystick.access.store import Store, path
from tallystick.cli import entrance
from tallystick.intake.push.frames import HEAD_BYTES, answer, offered, sizes
from tallystick.intake.push.kind import Sender

_LONG_S: Final = 0.7
"""For so long somebody else writes to the ledger."""


@pytest.fixture
def store(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: ANN401  a generator
    """Return the store of a server called hub that has counted three answers of its own."""
    monkeypatch.setenv("TALLY_MACHINE", "hub")
    monkeypatch.setenv("TALLY_USER", "root-of-hub")
    stage.answers(3)
    assert stage.tally("daily").code == 0
    made = Store(path(str(stage.home / "data")))
    yield made
    made.close()


def in_ledger(stage: Stage, by: str = "machine") -> dict[str, int]:
    """Return how many requests of whom the ledger has."""
    rows = json.loads(stage.tally("report", "--by", by, "--json").out)["rows"]
    return {row[by]: row["requests"] for row in rows}


def changes(store: Store) -> list[tuple[str, str]]:
    """Return what was noted."""
    return [(each.action, each.subject) for each in store.noted()]


def test_a_machine_is_listed_and_renamed_wherever_its_name_stands(stage: Stage, store: Store) -> None:
    made = keys.create(store, Wanted("ingest", "laptop", "anna"), "cli", 1)
    assert stage.tally("server", "machines", "rename", "hub", "the hub").code == 0
    assert in_ledger(stage) == {"the hub": 3}
    assert stage.tally("server", "machines", "rename", "laptop", "lap").err == "tally: laptop is lap from now on.\n"
    grant = keys.admit(store, made.text, entrance.now())
    assert grant
    assert (grant.machine, grant.name) == ("laptop", "lap")
    assert changes(store)[1:] == [("rename machine", "hub to the hub"), ("rename machine", "laptop to lap")]
    told = json.loads(stage.tally("server", "machines", "list", "--json").out)
    assert told["schema"] == "tallystick.paired/1"
    (machine,) = told["machines"]
    assert (machine["id"], machine["name"], machine["user"], machine["valid"]) == ("laptop", "lap", "anna", True)
    line = stage.tally("server", "machines", "list").out.splitlines()[1]
    assert line.split()[:4] == ["lap", "laptop", "anna", "yes"]


def test_two_machines_are_put_together(stage: Stage, store: Store) -> None:
    keys.create(store, Wanted("ingest", "laptop"), "cli", 1)
    assert stage.tally("server", "machines", "merge", "hub", "laptop").code == 0
    assert in_ledger(stage) == {"laptop": 3}
    assert changes(store)[-1] == ("merge machine", "hub to laptop")


def test_users_are_renamed_and_put_together(stage: Stage, store: Store) -> None:
    made = keys.create(store, Wanted("ingest", "laptop", "anna"), "cli", 1)
    assert stage.tally("server", "users", "rename", "root-of-hub", "ben").code == 0
    assert in_ledger(stage, "user") == {"ben": 3}
    assert stage.tally("server", "users", "merge", "ben", "anna").code == 0
    assert in_ledger(stage, "user") == {"anna": 3}
    assert stage.tally("server", "users", "rename", "anna", "ann").code == 0
    grant = keys.admit(store, made.text, entrance.now())
    assert grant
    assert grant.user == "ann"
    assert [action for action, _ in changes(store)[1:]] == ["rename user", "merge user", "rename user"]


def test_a_machine_is_removed_with_what_only_it_told(
    stage: Stage, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = keys.create(store, Wanted("ingest", "laptop"), "cli", 1)
    monkeypatch.setattr("sys.stdin", StringIO(""))
    said = stage.tally("server", "machines", "remove", "hub", "--yes")
    assert (said.code, said.err) == (4, "tally: hub is this machine itself: its logs would be read in again.\n")
    stage.log.unlink()
    said = stage.tally("server", "machines", "remove", "hub")
    assert (said.code, "say `--yes`" in said.err) == (2, True)
    assert in_ledger(stage) == {"hub": 3}
    assert len(changes(store)) == 1
    kept = stage.home / "data" / "cache" / "daybook"
    kept.parent.mkdir(exist_ok=True)
    kept.write_text("names")
    said = stage.tally("server", "machines", "remove", "hub", "--yes")
    assert said.err == "tally: hub is put out, and 3 events are gone from the ledger.\n"
    assert in_ledger(stage) == {}
    assert not kept.exists()
    assert stage.tally("server", "machines", "remove", "laptop", "--yes").code == 0
    assert keys.admit(store, made.text, entrance.now()) is None
    assert changes(store)[1:] == [("remove machine", "hub"), ("remove machine", "laptop")]
    assert "No machine was paired yet" in stage.tally("server", "machines", "list").err


def test_a_user_is_removed_with_what_only_they_told(stage: Stage, store: Store) -> None:
    stage.log.unlink()
    said = stage.tally("server", "users", "remove", "root-of-hub", "--yes")
    assert said.err == "tally: root-of-hub is put out, and 3 events are gone from the ledger.\n"
    assert in_ledger(stage, "user") == {}
    assert changes(store)[-1] == ("remove user", "root-of-hub")


@pytest.mark.parametrize(
    "arguments, code, sentence",
    [
        (("machines", "rename", "none", "x"), 1, "No machine is called 'none'"),
        (
            ("machines", "rename", "hub", "laptop"),
            2,
            "There is a machine 'laptop' already: `tally server machines merge`",
        ),
        (("machines", "rename", "hub", "a:b"), 2, "This name of a machine cannot be used"),
        (("machines", "merge", "hub", "none"), 1, "No machine is called 'none'"),
        (("machines", "merge", "none", "hub"), 1, "No machine is called 'none'"),
        (("machines", "merge", "hub", "hub"), 2, "These two are one machine already"),
        (("machines", "remove", "none", "--yes"), 1, "No machine is called 'none'"),
        (("users", "rename", "none", "x"), 1, "No user is called 'none'"),
    ],
)
def test_what_cannot_be_is_told_and_changes_nothing(
    stage: Stage, store: Store, arguments: tuple[str, ...], code: int, sentence: str
) -> None:
    keys.create(store, Wanted("ingest", "laptop"), "cli", 1)
    said = stage.tally("server", *arguments)
    assert (said.code, said.out) == (code, "")
    assert sentence in said.err
    assert in_ledger(stage) == {"hub": 3}
    assert len(changes(store)) == 1


def test_what_fails_in_the_ledger_is_not_done_in_the_access(
    stage: Stage, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tallystick.errors import Unavailable
    from tallystick.house import House

    def fail(*_: object) -> int:
        raise Unavailable("The disk is full.")

    made = keys.create(store, Wanted("ingest", "laptop"), "cli", 1)
    monkeypatch.setattr(House, "rename", fail)
    assert stage.tally("server", "machines", "rename", "laptop", "lap").code == 3
    grant = keys.admit(store, made.text, entrance.now())
    assert grant
    assert grant.name == "laptop"
    assert len(changes(store)) == 1


def machines_in(stage: Stage) -> int:
    """Return of how many machines the ledger knows that they sent."""
    with closing(sqlite3.connect(stage.home / "data" / "ledger.db")) as db:
        (number,) = db.execute("SELECT count(*) FROM machines").fetchone()
    return int(number)


@pytest.fixture
def process(stage: Stage) -> Iterator["subprocess.Popen[bytes]"]:
    """Return the process that takes in for a server of the stage."""
    command = [sys.executable, "-P", "-m", "tallystick.cli.take_in"]
    with subprocess.Popen(command, cwd=stage.home, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as made:
        try:
            yield made
        finally:
            made.kill()


def answer_of(process: "subprocess.Popen[bytes]") -> int:
    """Return the status of the next answer."""
    assert process.stdout is not None
    _, head, body = sizes(process.stdout.read(HEAD_BYTES))
    return answer(process.stdout.read(head), process.stdout.read(body)).status


@pytest.fixture
def writer(stage: Stage, store: Store) -> Iterator[sqlite3.Connection]:
    """Return a connection to the ledger of somebody else who writes."""
    assert store.path
    file = stage.home / "data" / "ledger.db"
    with closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as made:
        yield made


def test_what_was_let_in_before_its_machine_was_removed_is_not_stored_afterwards(
    stage: Stage, store: Store, process: "subprocess.Popen[bytes]", writer: sqlite3.Connection
) -> None:
    made = keys.create(store, Wanted("ingest", "laptop"), "cli", 1)
    assert process.stdin is not None
    # Let in, and then somebody writes for long.
    writer.execute("BEGIN IMMEDIATE")
    process.stdin.write(offered(1, offer(1, Sender("laptop", "laptop", "", str(made.id)))))
    sleep(_LONG_S)
    # In the ledger is nothing yet that could be removed.
    with store.changing("cli", 2) as change:
        machines.put_out(change, machines.MACHINE, "laptop")
    writer.execute("ROLLBACK")
    assert answer_of(process) == 401
    assert machines_in(stage) == 0
    assert in_ledger(stage) == {"hub": 3}


def test_a_machine_that_is_removed_while_its_push_waits_does_not_come_back(
    stage: Stage, store: Store, process: "subprocess.Popen[bytes]", writer: sqlite3.Connection
) -> None:
    made = keys.create(store, Wanted("ingest", "laptop"), "cli", 1)
    sender = Sender("laptop", "laptop", "", str(made.id))
    assert process.stdin is not None
    process.stdin.write(offered(1, offer(1, sender)))
    assert answer_of(process) == 200
    assert machines_in(stage) == 1
    writer.execute("BEGIN IMMEDIATE")
    process.stdin.write(offered(2, offer(2, sender)))
    waiting = threading.Timer(_LONG_S, writer.execute, ["ROLLBACK"])
    waiting.start()
    # Both wait for the ledger, and whichever has it first, the machine is out of it.
    assert stage.tally("server", "machines", "remove", "laptop", "--yes").code == 0
    waiting.join()
    assert answer_of(process) in {200, 401}
    assert machines_in(stage) == 0
    assert in_ledger(stage) == {"hub": 3}


def test_a_rename_does_not_hold_the_access_while_it_waits_for_the_ledger(
    stage: Stage, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tallystick.house import House

    rename, held = House.rename, []

    def renaming(self: House, what: str, old: str, new: str) -> int:
        with store.changing("other", 2) as change:
            change.note("wait", old)
        held.append(old)
        return rename(self, what, old, new)

    monkeypatch.setattr(House, "rename", renaming)
    assert stage.tally("server", "machines", "rename", "hub", "the hub").code == 0
    assert held == ["hub", "hub"]
    assert in_ledger(stage) == {"the hub": 3}
