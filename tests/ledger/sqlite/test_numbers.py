"""Numbers of contexts: several writers share them, and names that were changed are learnt anew."""

from contextlib import closing
from pathlib import Path

from tests.ledger.sample import LOG, MAIN, View, batch

from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.ledger.sqlite.numbers import contexts, variants

OTHER = MAIN._replace(machine="desk")


def test_two_writers_in_turn_number_each_context_once(tmp_path: Path) -> None:
    path = str(tmp_path / "ledger.db")
    with closing(SqliteLedger(path, write=True)) as one, closing(SqliteLedger(path, write=True)) as two:
        one.add([batch(LOG, [View(1, context=MAIN)])])
        two.add([batch(LOG, [View(2, context=OTHER)])])
        one.add([batch(LOG, [View(3, context=OTHER), View(4, context=MAIN._replace(branch="b"))])])
        two.add([batch(LOG, [View(5, context=MAIN), View(6, context=MAIN._replace(branch="b"))])])
        assert [row[0] for row in one.ask("contexts")] == [1, 2, 3]
        assert one.ask("extent") == [(3_000, 3_000)]


def test_what_was_undone_is_not_remembered(tmp_path: Path) -> None:
    with closing(SqliteLedger(str(tmp_path / "ledger.db"), write=True)) as ledger:
        db = ledger.connection
        numbers = contexts(db)
        db.execute("BEGIN")
        assert numbers.of(MAIN) == 1
        db.rollback()
        numbers.forget()
        assert numbers.of(OTHER) == 1
        assert db.execute("SELECT machine FROM contexts").fetchall() == [("desk",)]


def test_two_with_the_same_names_leave_room_for_a_third(tmp_path: Path) -> None:
    path = str(tmp_path / "ledger.db")
    with closing(SqliteLedger(path, write=True)) as ledger, closing(SqliteLedger(path, write=True)) as other:
        ledger.add([batch(LOG, [View(1, context=MAIN), View(2, context=OTHER)])])
        other.connection.execute("UPDATE contexts SET machine = 'desk'")
        other.connection.execute("UPDATE naming SET state = state + 1")
        ledger.add([batch(LOG, [View(3, context=OTHER), View(4, context=MAIN)])])
        rows = ledger.ask("contexts")
        # The old name came back, as a third one: it is not written over what was given another.
        assert [(row[0], row[7]) for row in rows] == [(1, "desk"), (2, "desk"), (3, MAIN.machine)]


def test_variants_are_numbered_apart(tmp_path: Path) -> None:
    with closing(SqliteLedger(str(tmp_path / "ledger.db"), write=True)) as ledger:
        ledger.add([batch(LOG, [View()])])
        numbers = variants(ledger.connection)
        numbers.learn()
        assert numbers.of(View().variant) == 1
        assert numbers.of(View().variant._replace(tier="flex")) == 2
