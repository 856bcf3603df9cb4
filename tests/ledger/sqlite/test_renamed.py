"""Names that were given others last for whoever goes on coming under the old one."""

from contextlib import closing
from pathlib import Path

import pytest
from tests.ledger.sample import LOG, MAIN, View, batch

from tallystick.ledger.ledger import Arrival
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.ledger.sqlite.naming import remove, rename
from tallystick.ledger.sqlite.renamed import MACHINE, USER, is_paired

NAMED = "push:key/desk:/a"
PAIRED = "push:desk:/a"


@pytest.mark.parametrize(
    "path, paired",
    [
        ("/home/dev/a.jsonl", False),
        (NAMED, False),
        ("push::counter:1:desk", False),
        (PAIRED, True),
        ("push:a", True),
        ("push:", False),
    ],
)
def test_whose_name_is_that_of_a_token_is_seen_by_the_source(path: str, paired: bool) -> None:  # noqa: FBT001  as pytest gives it
    assert is_paired(path) is paired


def send(ledger: SqliteLedger, number: int, path: str = NAMED, machine: str = "desk", user: str = "bob") -> None:
    """Have an event come from a source, under names of its own."""
    source, context = LOG._replace(path=path), MAIN._replace(machine=machine, user=user, session=str(number))
    ledger.add([batch(source, [View(number, context=context)])])


def shown(ledger: SqliteLedger) -> list[tuple[str, str]]:
    """Return machine and user of each event, in their order."""
    contexts = {row[0]: row[7:9] for row in ledger.ask("contexts")}
    return [contexts[row[0]] for row in ledger.connection.execute("SELECT context FROM events ORDER BY key")]


@pytest.mark.parametrize("path", [NAMED, "/home/dev/a.jsonl", "push::counter:1:desk"])
def test_who_names_itself_stays_under_the_name_that_was_given(path: str) -> None:
    with closing(SqliteLedger(":memory:", write=True)) as ledger:
        send(ledger, 1, path)
        rename(ledger.connection, MACHINE, "desk", "bench")
        rename(ledger.connection, USER, "bob", "rob")
        send(ledger, 2, path)
        rename(ledger.connection, MACHINE, "bench", "board")
        send(ledger, 3, path)
        assert shown(ledger) == [("board", "rob")] * 3
        # Back again.
        rename(ledger.connection, MACHINE, "board", "desk")
        send(ledger, 4, path)
        assert shown(ledger) == [("desk", "rob")] * 4


def test_a_paired_machine_has_the_name_of_its_token() -> None:
    with closing(SqliteLedger(":memory:", write=True)) as ledger:
        send(ledger, 1)
        rename(ledger.connection, MACHINE, "desk", "bench")
        # Another one was paired under the name that is free now.
        send(ledger, 2, PAIRED)
        assert shown(ledger) == [("bench", "bob"), ("desk", "bob")]
        # It is meant from then on; who named itself so keeps what it was given.
        rename(ledger.connection, MACHINE, "desk", "other")
        send(ledger, 3)
        assert [machine for machine, _ in shown(ledger)] == ["bench", "other", "bench"]


def test_a_users_name_that_is_given_again_is_whoever_has_it_now() -> None:
    with closing(SqliteLedger(":memory:", write=True)) as ledger:
        send(ledger, 1, user="ann")
        send(ledger, 2, user="bob")
        rename(ledger.connection, USER, "ann", "anna")
        rename(ledger.connection, USER, "bob", "ann")
        send(ledger, 3, user="ann")
        send(ledger, 4, user="bob")
        assert [user for _, user in shown(ledger)] == ["anna", "ann", "ann", "ann"]


def test_what_is_known_of_an_unpaired_machine_keeps_its_names() -> None:
    with closing(SqliteLedger(":memory:", write=True)) as ledger:
        ledger.add([], [Arrival("counter/desk", "desk", "0b0e", 1), Arrival("desk", "desk", "", 1)])
        rename(ledger.connection, USER, "0b0e", "bob")
        rename(ledger.connection, MACHINE, "desk", "bench")
        ledger.add([], [Arrival("counter/desk", "desk", "0b0e", 2), Arrival("counter/x", "desk", "0b0e", 2)])
        assert [row[:3] for row in ledger.ask("machines")] == [
            ("counter/desk", "bench", "bob"),
            ("counter/x", "bench", "bob"),
            ("desk", "bench", ""),
        ]


def test_who_was_removed_comes_under_the_own_name_again() -> None:
    with closing(SqliteLedger(":memory:", write=True)) as ledger:
        send(ledger, 1)
        rename(ledger.connection, MACHINE, "desk", "bench")
        remove(ledger.connection, MACHINE, "bench")
        send(ledger, 2)
        assert shown(ledger) == [("desk", "bob")]


def test_what_another_ledger_tells_of_names_holds_for_whoever_comes_and_for_nothing_that_is_copied() -> None:
    with closing(SqliteLedger(":memory:", write=True)) as ledger:
        context = MAIN._replace(machine="desk", user="bob", session="1")
        copied = batch(LOG, [View(1, context=context)])._replace(
            renamed=[("machine", "desk", "bench"), ("account", "bob", "rob")]
        )
        ledger.add([copied])
        send(ledger, 2)
        ledger.add([batch(LOG, [View(3, context=context)])._replace(renamed=[])])
        assert shown(ledger) == [("desk", "bob"), ("bench", "rob"), ("desk", "bob")]
        ledger.add([copied._replace(renamed=[("machine", "desk", "table")])])
        send(ledger, 4)
        assert shown(ledger)[-1] == ("table", "rob")
        assert ledger.ask("all_renamed") == [("account", "bob", "rob"), ("machine", "desk", "table")]


def test_another_writer_learns_what_was_told_of_names(tmp_path: Path) -> None:
    path = str(tmp_path / "ledger.db")
    with closing(SqliteLedger(path, write=True)) as one, closing(SqliteLedger(path, write=True)) as other:
        send(other, 1)
        one.add([batch(LOG)._replace(renamed=[("machine", "desk", "bench")])])
        send(other, 2)
        assert shown(one) == [("desk", "bob"), ("bench", "bob")]
