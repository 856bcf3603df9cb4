"""Names of machines and users in a ledger: renamed, put together, and taken out with all that only they told."""

from contextlib import closing
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ledger.sample import LOG, MAIN, View, batch, decoded, reading
from tests.ledger.worlds import World, deliveries, worlds

from tallystick.errors import NotFound
from tallystick.ledger.ledger import Arrival, Batch
from tallystick.ledger.sqlite import maintenance
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.ledger.sqlite.naming import MACHINE, USER, Removed, remove, rename
from tallystick.usage.tokens import Tokens

LAPTOP = MAIN._replace(machine="laptop", user="ada")
DESK = MAIN._replace(machine="desk", user="bob")
FROM_LAPTOP = LOG._replace(path="push:laptop:/home/dev/a.jsonl")
FROM_DESK = LOG._replace(path="push:desk:/home/dev/a.jsonl")


def filled() -> SqliteLedger:
    """Return a ledger with an event of each of two machines, and one that both have."""
    ledger = SqliteLedger(":memory:", write=True)
    ledger.add(
        [
            batch(
                FROM_LAPTOP,
                [View(1, context=LAPTOP), View(2, context=LAPTOP)],
                calls=[(5, 1, "Read", 1, 2, False), (6, 2, "Bash", 1, 2, False)],
            ),
            batch(FROM_DESK, [View(2, context=DESK, place=4), View(3, context=DESK)]),
        ],
        [Arrival("laptop", "laptop", "ada", 1), Arrival("desk", "desk", "bob", 1)],
    )
    return ledger


def names(ledger: SqliteLedger) -> set[tuple[str, str]]:
    """Return machine and user of each context."""
    return {row[7:9] for row in ledger.ask("contexts")}


def test_a_machine_gets_another_name_everywhere() -> None:
    with closing(filled()) as ledger:
        assert rename(ledger.connection, MACHINE, "laptop", "Ada's laptop") == 2
        assert names(ledger) == {("Ada's laptop", "ada"), ("desk", "bob")}
        # The name under which it was paired stays: its pushes go to the same sources.
        assert [row[:2] for row in ledger.ask("machines")] == [("desk", "desk"), ("laptop", "Ada's laptop")]
        rename(ledger.connection, USER, "bob", "ada")
        assert {row[1] for row in names(ledger)} == {"ada"}
        assert {row[2] for row in ledger.ask("machines")} == {"ada"}


def test_a_user_goes_with_all_that_only_they_told() -> None:
    with closing(filled()) as ledger, closing(filled()) as other:
        assert remove(ledger.connection, USER, "ada") == remove(other.connection, MACHINE, "laptop") == Removed(1, 1)
        assert decoded(ledger) == decoded(other)
        with pytest.raises(NotFound, match="No user in the ledger is called 'ada'"):
            remove(ledger.connection, USER, "ada")


def test_what_was_worked_out_of_a_day_no_longer_holds() -> None:
    with closing(filled()) as ledger:
        before = ledger.ask("days", since=-1, until=99)
        rename(ledger.connection, MACHINE, "laptop", "other")
        assert [row[0] for row in ledger.ask("days", since=-1, until=99)] == [row[0] for row in before]
        assert ledger.ask("days", since=-1, until=99) != before


def test_a_name_that_nobody_has_is_told() -> None:
    with closing(filled()) as ledger:
        for work in (
            lambda: rename(ledger.connection, MACHINE, "lap", "x"),
            lambda: remove(ledger.connection, MACHINE, "lap"),
        ):
            with pytest.raises(NotFound, match="No machine in the ledger is called 'lap'"):
                work()
        with pytest.raises(NotFound, match="No user in the ledger is called 'eve'"):
            rename(ledger.connection, USER, "eve", "x")
        assert not ledger.connection.in_transaction


def test_what_only_one_machine_told_goes_and_the_rest_is_as_the_others_told_it() -> None:
    with closing(filled()) as ledger, closing(SqliteLedger(":memory:", write=True)) as without:
        assert remove(ledger.connection, MACHINE, "laptop") == Removed(1, 1)
        without.add(
            [
                batch(
                    FROM_DESK,
                    [View(2, context=DESK, place=4), View(3, context=DESK)],
                    calls=[(6, 2, "Bash", 1, 2, False)],
                )
            ],
            [Arrival("desk", "desk", "bob", 1)],
        )
        assert decoded(ledger) == decoded(without)
        assert b"laptop" not in ledger.connection.serialize().replace(b"push:laptop", b"?")  # free pages aside
        # It may come again.
        ledger.add([batch(FROM_LAPTOP, [View(1, context=LAPTOP)])])
        assert len(ledger.ask("contexts")) == 2


def test_a_source_with_rows_of_two_users_keeps_the_others() -> None:
    ada, bob = MAIN._replace(user="ada"), MAIN._replace(user="bob")
    source = LOG._replace(path="push:laptop:/home/dev/both.jsonl")
    with closing(SqliteLedger(":memory:", write=True)) as ledger:
        ledger.add(
            [
                batch(
                    source,
                    [View(1, context=ada), View(2, context=bob), View(3, context=bob, place=9)],
                    readings=[
                        reading(9_000, Tokens(100, 0, 0, 0, 7), context=ada._replace(session="a")),
                        reading(9_000, Tokens(100, 0, 0, 0, 11), context=bob._replace(session="b"), meter=8),
                    ],
                )
            ],
            [Arrival("laptop", "laptop", "ada", 1)],
        )
        # An event with one view each of both.
        ledger.add([batch(FROM_DESK, [View(3, context=ada, place=4)])])
        # Ada's: event 1 and her reading. The source of the desk held nothing but her view of event 3.
        assert remove(ledger.connection, USER, "ada") == Removed(2, 1)
        assert {row[8] for row in ledger.ask("contexts")} == {"bob"}
        assert [path for (path,) in ledger.connection.execute("SELECT path FROM sources")] == [source.path]
        assert ledger.connection.execute("SELECT count(*) FROM sightings").fetchone() == (0,)
        assert ledger.connection.execute("SELECT count(*) FROM events").fetchone() == (3,)


def split(sent: list[Batch]) -> tuple[list[Batch], list[Batch]]:
    """Return the batches as two machines send them, one log of each: with contexts of their own."""
    told: tuple[list[Batch], list[Batch]] = ([], [])
    for each in sent:
        mine = each.source.path in {"/home/dev/a", "/home/dev/c"}
        machine = "laptop" if mine else "desk"
        contexts = [context._replace(machine=machine) for context in each.contexts]
        source = each.source._replace(path=f"push:{machine}:{each.source.path}", inode=0, size=0)
        told[not mine].append(each._replace(contexts=contexts, source=source, calls=[]))
    return told


def lasting(ledger: SqliteLedger) -> dict[str, list[Any]]:
    """Return all answers but names that nothing uses, and what is nobody's own: what vendors said of an account, titles and tags of sessions."""
    aside = {"contexts", "variants", "limits", "tags", "titles"}
    return {name: rows for name, rows in decoded(ledger).items() if name not in aside}


@given(worlds(withdrawals=False), st.data())
def test_a_ledger_without_a_machine_is_the_one_that_never_heard_of_it(world: World, data: st.DataObject) -> None:
    sent = [each for part in data.draw(deliveries(world)) for each in part]
    laptop, desk = split(sent)
    with (
        closing(SqliteLedger(":memory:", write=True)) as ledger,
        closing(SqliteLedger(":memory:", write=True)) as without,
    ):
        for each in data.draw(st.permutations([*laptop, *desk])):
            ledger.add([each])
        for each in desk:
            without.add([each])
        if laptop:
            remove(ledger.connection, MACHINE, "laptop")
        assert lasting(ledger) == lasting(without)


def test_running_totals_are_worked_out_anew() -> None:
    source = LOG._replace(path="push:laptop:/home/dev/totals")
    with closing(SqliteLedger(":memory:", write=True)) as ledger:
        ledger.add([batch(source, readings=[reading(9_000, Tokens(100, 0, 0, 0, 7), context=LAPTOP)])])
        ledger.add([batch(FROM_DESK, [View(1, context=DESK, tokens=Tokens(40, 0, 0, 0, 3))])])
        # Of the same session: what the events tell is not counted again.
        assert sum(row[9] for row in ledger.ask("usage_by_variant", since=0, until=99)) == 7
        remove(ledger.connection, MACHINE, "laptop")
        assert sum(row[9] for row in ledger.ask("usage_by_variant", since=0, until=99)) == 3


def test_what_stands_beside_the_totals_of_a_machine_that_is_removed_is_worked_out_anew(tmp_path: object) -> None:
    path, other = f"{tmp_path}/ledger.db", LAPTOP._replace(session="0f0f")
    source = LOG._replace(path="push:laptop:/home/dev/totals")
    with closing(SqliteLedger(path, write=True)) as ledger:
        # The laptop has a copy of the desk's store, and hides the session's name; the meter is the same.
        ledger.add([batch(source, readings=[reading(9_000, Tokens(100, 0, 0, 0, 9), requests=3, context=other)])])
        ledger.add([batch(FROM_DESK, readings=[reading(9_000, Tokens(100, 0, 0, 0, 9), context=DESK)])])
        assert sum(row[9] for row in ledger.ask("usage_by_variant", since=0, until=99)) == 9
        remove(ledger.connection, MACHINE, "laptop")
        assert sum(row[9] for row in ledger.ask("usage_by_variant", since=0, until=99)) == 9
    assert maintenance.verify(path) == []


def test_the_ledger_adds_up_afterwards(tmp_path: object) -> None:
    path = f"{tmp_path}/ledger.db"
    with closing(SqliteLedger(path, write=True)) as ledger:
        ledger.add(
            [
                batch(
                    FROM_LAPTOP,
                    [View(1, context=LAPTOP), View(2, context=LAPTOP)],
                    readings=[reading(9_000, Tokens(100, 0, 0, 0, 7), context=LAPTOP)],
                )
            ]
        )
        ledger.add([batch(FROM_DESK, [View(2, context=DESK), View(3, context=DESK)])])
        remove(ledger.connection, MACHINE, "laptop")
        rename(ledger.connection, MACHINE, "desk", "bench")
    assert maintenance.verify(path) == []
