"""What a first addition puts off until its end: the same indexes stand, and a server is told of the same rows."""

import itertools
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ledger.sample import LOG, MAIN, View, batch
from tests.ledger.worlds import World, deliveries, worlds

from tallystick.ledger.ledger import Batch
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.ledger.sqlite.gathering import CALLS, EVENTS, PROMPTS, SOURCES
from tallystick.ledger.sqlite.outbox import Outbox

SERVER = "https://tally.example.org box"
SCHEMA = "SELECT type, name, sql FROM sqlite_schema WHERE type IN ('index', 'trigger') ORDER BY 1, 2"
FIRST = batch(LOG, [View(1), View(2)], calls=[(5, 1, "Read", 100, 0, False)], prompts=[(4, 9, MAIN, 0)])


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Return where a ledger lies that is paired and has nothing."""
    made = str(tmp_path / "ledger.db")
    with closing(Outbox(made)) as box:
        box.make(SERVER)
    return made


def waiting(path: str) -> list[tuple[int, object]]:
    """Return kind and id of what waits."""
    with closing(Outbox(path)) as box:
        return sorted((kind, number) for kind, number, *_ in box.take(1_000).marks)


def test_a_first_addition_is_told_and_whatever_comes_later_too(path: str) -> None:
    with closing(SqliteLedger(path, write=True)) as ledger:
        before = ledger.connection.execute(SCHEMA).fetchall()
        ledger.add([FIRST])
        assert ledger.connection.execute(SCHEMA).fetchall() == before
        assert waiting(path) == [(EVENTS, 1), (EVENTS, 2), (PROMPTS, 4), (CALLS, 5), (SOURCES, 1)]
        with closing(Outbox(path)) as box:
            box.done(box.take(1_000))
        ledger.add([batch(LOG, [View(3)], calls=[(6, 3, "Read", 100, 0, False)])])
        assert waiting(path) == [(EVENTS, 3), (CALLS, 6)]


def test_it_is_told_by_table_and_not_row_by_row(path: str) -> None:
    written: list[str] = []
    with closing(SqliteLedger(path, write=True)) as ledger:
        ledger.connection.set_trace_callback(written.append)
        ledger.add([batch(LOG, [View(number) for number in range(500)])])
    # The trigger is gone before the first event comes, and is there again when all have been told of at once.
    begins = (
        "DROP TRIGGER outbox_events_insert",
        "INSERT INTO events ",
        "INSERT INTO outbox_new ",
        "CREATE TRIGGER outbox_events_insert ",
    )
    places = [[place for place, text in enumerate(written) if text.startswith(begin)] for begin in begins]
    assert all(places)
    assert all(max(one) < min(other) for one, other in itertools.pairwise(places))
    assert len(waiting(path)) == 501


def test_one_that_fails_leaves_all_as_it_was(path: str) -> None:
    def broken() -> Iterator[Batch]:
        yield FIRST
        raise KeyboardInterrupt

    with closing(SqliteLedger(path, write=True)) as ledger:
        before = ledger.connection.execute(SCHEMA).fetchall()
        with pytest.raises(KeyboardInterrupt):
            ledger.add(broken())
        assert ledger.connection.execute(SCHEMA).fetchall() == before
        assert waiting(path) == []
        ledger.add([FIRST])
        assert len(waiting(path)) == 5


def test_what_was_told_before_the_first_event_is_not_told_again(path: str) -> None:
    with closing(SqliteLedger(path, write=True)) as ledger:
        ledger.add([batch(LOG, prompts=[(4, 9, MAIN, 0)])])
        with closing(Outbox(path)) as box:
            box.done(box.take(1_000))
        ledger.add([FIRST])
        assert waiting(path) == [(EVENTS, 1), (EVENTS, 2), (CALLS, 5)]


@given(worlds(), st.data())
def test_a_machine_tells_the_same_whether_it_was_paired_before_or_afterwards(
    tmp_path_factory: pytest.TempPathFactory, world: World, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("wholesale")
    early, late = (str(folder / name) for name in ("early.db", "late.db"))
    with closing(Outbox(early)) as box:
        box.make(SERVER)
    sent = [each for part in data.draw(deliveries(world)) for each in part]
    for path in (early, late):
        with closing(SqliteLedger(path, write=True)) as ledger:
            ledger.add(sent)
    with closing(Outbox(late)) as box:
        box.make(SERVER)
    assert waiting(early) == waiting(late)
