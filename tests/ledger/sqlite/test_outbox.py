"""The outbox: what is new or changes is in it in the same transaction, and leaves it only as it was acknowledged."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.ledger.sample import COPY, LATER, LOG, MAIN, View, batch, reading

from tallystick.errors import Unavailable
from tallystick.ledger.ledger import Batch
from tallystick.ledger.sqlite import opening, outbox
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.ledger.sqlite.gathering import CALLS, EVENTS, LIMITS, PROMPTS, READINGS, SOURCES, TITLES
from tallystick.ledger.sqlite.maintenance import backup, vacuum, verify
from tallystick.ledger.sqlite.outbox import Outbox, Portion, standing
from tallystick.usage.tokens import Tokens

SERVER = "https://tally.example.org box"
LIMIT = ("anthropic", "five hours", 300, 41.5, 0, 7, "max", "an account")


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Return where a ledger lies that has one of everything."""
    made = str(tmp_path / "ledger.db")
    with closing(SqliteLedger(made, write=True)) as ledger:
        ledger.add(
            [
                batch(LOG, [View(1)], calls=[(5, 1, "Read", 100, 0, False)], prompts=[(4, 9, MAIN, 0)]),
                batch(LOG, readings=[reading(5, Tokens(9))], titles=[("s1", "Mend it", 5)], limits=[LIMIT]),
            ]
        )
    return made


@pytest.fixture
def box(path: str) -> Iterator[Outbox]:
    """Return the outbox of that ledger, made and emptied."""
    with closing(Outbox(path)) as made:
        made.make(SERVER)
        made.done(made.take(100))
        yield made


@pytest.fixture
def ledger(path: str) -> Iterator[SqliteLedger]:
    """Return that ledger, open for writing."""
    with closing(SqliteLedger(path, write=True)) as opened:
        yield opened


def kinds(made: Outbox) -> list[int]:
    """Return the kinds of what waits."""
    return [kind for kind, *_ in made.take(1_000).marks]


def test_pairing_fills_it_with_all_that_is_there(path: str) -> None:
    with closing(Outbox(path)) as made:
        made.make(SERVER)
        # The derived event is not told of: its reading is.
        assert kinds(made) == [EVENTS, READINGS, PROMPTS, CALLS, LIMITS, TITLES, SOURCES]
        assert made.waiting() == 7
        (told,) = made.take(100).batches
        assert (len(told.events), len(told.readings), len(told.prompts), len(told.calls)) == (1, 1, 1, 1)
        assert told.limits == [LIMIT]
        assert told.titles == [("s1", "Mend it", 5)]


def test_it_is_filled_once_for_each_server(box: Outbox) -> None:
    box.make(SERVER)
    assert box.waiting() == 0
    box.make("https://other.example.org box")
    assert box.waiting() == 7


def test_it_tells_for_whom_it_is_kept(box: Outbox) -> None:
    assert box.is_for(SERVER)
    assert not box.is_for("https://other.example.org box")
    box.drop()
    assert not box.is_for(SERVER)


def test_everything_waits_again_when_that_is_wanted(box: Outbox, ledger: SqliteLedger) -> None:
    ledger.add([batch(LOG, [View(2)], titles=[("s1", "Mend it well", 6)])])
    portion = box.take(100)
    box.done(portion, {0: "too large"}, 1)
    ledger.add([batch(LOG, [View(3)], titles=[("s1", "Mend it for good", 7)])])
    on_its_way = box.take(100)
    box.everything()
    # What is on its way is acknowledged for what it was, and stays.
    box.done(on_its_way)
    assert (box.waiting(), box.refused()) == (7 + 2, [])
    assert sorted(row[0] for told in box.take(100).batches for row in told.events) == [1, 2, 3]


def test_a_trigger_that_is_gone_has_everything_of_its_kind_told_again(path: str, box: Outbox) -> None:
    # As after a migration that makes a table anew.
    with closing(sqlite3.connect(path)) as db:
        db.execute("DROP TRIGGER outbox_prompts_insert")
        db.commit()
    box.make(SERVER)
    assert kinds(box) == [PROMPTS]


def test_a_trigger_that_is_not_known_has_everything_told_again(path: str, box: Outbox) -> None:
    # As after a version that watched other tables.
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TRIGGER outbox_days_insert AFTER INSERT ON prompts BEGIN SELECT 1; END")
        db.commit()
    box.make(SERVER)
    assert box.waiting() == 7


@pytest.mark.parametrize(
    "told, kind",
    [
        (batch(LOG, [View(2)]), EVENTS),
        # Of the same call by the same witness, a better view.
        (batch(LOG, [View(1, tokens=Tokens(1, 2, 3, 4, 9, 0))]), EVENTS),
        (batch(LOG, prompts=[(6, 9, MAIN, 0)]), PROMPTS),
        (batch(LOG, calls=[(6, 1, "Read", 100, 0, False)]), CALLS),
        (batch(LOG, calls=[(5, 1, "Read", 100, 180, True)]), CALLS),
        (batch(LOG, limits=[(*LIMIT[:5], 8, *LIMIT[6:])]), LIMITS),
        (batch(LOG, limits=[(*LIMIT[:3], 50.0, *LIMIT[4:])]), LIMITS),
        (batch(LOG, limits=[(*LIMIT[:7], "another")]), LIMITS),
        (batch(LOG, titles=[("s2", "Other", 5)]), TITLES),
        (batch(LOG, titles=[("s1", "Mend it well", 6)]), TITLES),
        (batch(LOG, readings=[reading(6, Tokens(10))]), READINGS),
        (batch(LOG._replace(mtime=6_000_000_000)), SOURCES),
        (batch(LOG._replace(last=5_000)), SOURCES),
        (batch(LATER), SOURCES),
        (batch(LOG, skipped=[(7, "not JSON")]), SOURCES),
    ],
)  # fmt: skip
def test_what_is_new_or_changes_is_in_it(box: Outbox, ledger: SqliteLedger, told: Batch, kind: int) -> None:
    ledger.add([told])
    assert kinds(box) == [kind]


@pytest.mark.parametrize(
    "told",
    [
        batch(LOG, [View(1)], prompts=[(4, 9, MAIN, 0)], calls=[(5, 1, "Read", 100, 0, False)]),
        batch(LOG, titles=[("s1", "Mend it", 4)], limits=[LIMIT], readings=[reading(5, Tokens(9))]),
        # How far a file was read is this machine's own matter.
        batch(LOG._replace(size=2_000, offset=1_900, state=b"other", head=3, inode=5)),
    ],
)
def test_what_is_told_once_more_is_not(box: Outbox, ledger: SqliteLedger, told: Batch) -> None:
    ledger.add([told])
    assert kinds(box) == []


def test_a_further_sighting_has_all_sightings_of_its_event_told(box: Outbox, ledger: SqliteLedger) -> None:
    ledger.add([batch(LATER, [View(1, context=COPY, copied=True)])])
    assert kinds(box) == [EVENTS, SOURCES]
    assert sorted((told.source.path, len(told.events)) for told in box.take(9).batches) == [
        (LOG.path, 1),
        (LATER.path, 1),
    ]


def test_what_skipped_lines_are_no_more_is_told(box: Outbox, ledger: SqliteLedger) -> None:
    ledger.add([batch(LOG, skipped=[(7, "not JSON")])])
    box.done(box.take(9))
    ledger.add([batch(LOG, fresh=True)])
    (told,) = box.take(9).batches
    assert told.fresh
    assert told.skipped == []


def test_what_changes_on_its_way_stays(box: Outbox, ledger: SqliteLedger) -> None:
    ledger.add([batch(LOG, [View(2), View(3)])])
    portion = box.take(100)
    ledger.add([batch(LOG, [View(2, tokens=Tokens(1, 2, 3, 4, 9, 0))])])
    box.done(portion)
    (told,) = box.take(100).batches
    assert [(row[0], row[9]) for row in told.events] == [(2, 9)]


def test_what_changes_twice_stays_when_only_the_first_change_was_sent(box: Outbox, ledger: SqliteLedger) -> None:
    ledger.add([batch(LOG, titles=[("s1", "Mend it well", 6)])])
    portion = box.take(100)
    ledger.add([batch(LOG, titles=[("s1", "Mend it for good", 7)])])
    box.done(portion)
    (told,) = box.take(100).batches
    assert told.titles == [("s1", "Mend it for good", 7)]
    box.done(box.take(100))
    assert box.waiting() == 0


def test_what_is_new_and_changes_before_it_is_sent_is_sent_once(box: Outbox, ledger: SqliteLedger) -> None:
    ledger.add([batch(LOG, [View(2)])])
    ledger.add([batch(LOG, [View(2, tokens=Tokens(1, 2, 3, 4, 9, 0))])])
    assert kinds(box) == [EVENTS, EVENTS]
    portion = box.take(100)
    assert [(row[0], row[9]) for row in portion.batches[0].events] == [(2, 9)]
    # In whichever of the two it is refused, it is set aside and nothing else is left of it.
    box.done(portion, {portion.origins[0]["events"][0]: "too large"}, 1)
    assert (box.waiting(), len(box.refused())) == (0, 1)


def test_a_prompt_of_a_further_file_that_comes_on_its_way_stays(box: Outbox, ledger: SqliteLedger) -> None:
    # It is written with `INSERT OR IGNORE`, whose way with conflicts would hold for the trigger's own.
    ledger.add([batch(LOG, prompts=[(6, 9, MAIN, 0)])])
    portion = box.take(100)
    ledger.add([batch(LATER, prompts=[(6, 9, MAIN, 0)])])
    box.done(portion)
    assert PROMPTS in kinds(box)


def test_a_portion_has_as_many_ids_as_are_asked_for(path: str) -> None:
    with closing(Outbox(path)) as made:
        made.make(SERVER)
        seen: list[int] = []
        while (portion := made.take(2)).marks:
            seen += [kind for kind, *_ in portion.marks]
            assert len(portion.marks) <= 2
            made.done(portion)
    assert seen == [EVENTS, READINGS, PROMPTS, CALLS, LIMITS, TITLES, SOURCES]


def test_what_is_gone_leaves_nothing_to_be_sent(path: str, box: Outbox, ledger: SqliteLedger) -> None:
    ledger.add([batch(LATER, [View(8, 9, context=COPY, replay=True)])])
    with closing(sqlite3.connect(path)) as db:
        db.execute("DELETE FROM events WHERE key = 8")
        db.commit()
    portion = box.take(100)
    assert [told.events for told in portion.batches] == [[]]
    box.done(portion)
    assert box.waiting() == 0


def test_what_is_refused_is_set_aside_and_can_be_sent_again(path: str, box: Outbox, ledger: SqliteLedger) -> None:
    ledger.add([batch(LOG, [View(2), View(3)])])
    portion = box.take(100)
    place = portion.origins[0]["events"][1]
    box.done(portion, {place: "too large"}, 1_000)
    assert box.waiting() == 0
    number = str(portion.marks[place][1])
    assert box.refused() == [("event", number, "too large", 1_000)]
    assert standing(path) == (0, box.refused())
    assert box.again() == 1
    assert (box.waiting(), box.refused()) == (1, [])
    # Sent and acknowledged after all: nothing is left of the refusal.
    box.done(box.take(9), {0: "too large"}, 2_000)
    ledger.add([batch(LOG, [View(3, tokens=Tokens(1, 2, 3, 4, 9, 0))])])
    box.done(box.take(9))
    assert box.refused() == []


def test_a_ledger_that_is_not_paired_has_no_outbox(path: str) -> None:
    assert standing(path) is None
    with closing(Outbox(path)) as made:
        made.make(SERVER)
        made.drop()
    assert standing(path) is None
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'outbox%'").fetchone() == (0,)


def test_care_of_the_file_is_fine_with_it(path: str, box: Outbox, ledger: SqliteLedger, tmp_path: Path) -> None:
    ledger.add([batch(LOG, [View(number) for number in range(100, 490)], readings=[reading(7, Tokens(11))])])
    waiting = box.waiting()
    assert verify(path) == []
    copy = str(tmp_path / "copy.db")
    backup(path, copy)
    assert verify(copy) == []
    assert standing(copy) == (waiting, [])
    ledger.close()
    box.close()
    vacuum(path)
    assert verify(path) == []
    with closing(Outbox(path)) as after:
        after.make(SERVER)
        assert after.waiting() == waiting
        assert sum(len(told.events) for told in after.take(1_000).batches) == 390


def test_a_new_form_of_the_ledger_is_fine_with_it(
    path: str, box: Outbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.close()
    text = tmp_path / "9999.sql"
    text.write_text("ALTER TABLE events ADD COLUMN colour INTEGER NOT NULL DEFAULT 0;\nUPDATE events SET colour = 1;\n")
    steps = [*opening.migrations(), (9_999, str(text))]
    monkeypatch.setattr(opening, "migrations", lambda: steps)
    with closing(SqliteLedger(path, write=True)) as ledger:
        ledger.add([batch(LOG, [View(2)])])
    with closing(Outbox(path)) as after:
        after.make(SERVER)
        # What the migration touched, and what is new.
        assert kinds(after) == [EVENTS, EVENTS]


def test_it_waits_for_another_process_that_writes(path: str, box: Outbox) -> None:
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as db:
        db.execute("BEGIN IMMEDIATE")
        timer = threading.Timer(0.3, db.rollback)
        timer.start()
        box.done(box.take(9))
        timer.join()


def test_a_ledger_that_stays_locked_is_told_of(path: str, box: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "_TRIES", 2)
    box._db.execute("PRAGMA busy_timeout = 10")
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="in use by another program"):
            box.done(box.take(9))


def test_an_outbox_that_is_taken_away_is_told_of(path: str, box: Outbox) -> None:
    # By `tally leave`, while something still sends.
    with closing(Outbox(path)) as other:
        other.drop()
    for asking in (box.waiting, box.refused, lambda: box.take(1), lambda: box.done(Portion([], [], []))):
        with pytest.raises(Unavailable, match="outbox"):
            asking()
