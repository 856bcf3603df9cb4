"""Care of the file: copies are whole, and every kind of damage is found and told in a sentence."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.ledger.sample import COPY, LATER, LOG, MAIN, View, batch, decoded, reading

from tallystick.errors import Misused, NotFound, Unavailable
from tallystick.ledger.ledger import Batch
from tallystick.ledger.sqlite import maintenance
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.ledger.sqlite.maintenance import backup, health, vacuum, verify
from tallystick.ledger.sqlite.opening import WriterLock, newest
from tallystick.usage.tokens import Tokens

NEW = MAIN._replace(session="s9")


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Return where a ledger lies that has a bit of everything: fifty events from key 101 on, of which the first has two sightings."""
    made = str(tmp_path / "ledger.db")
    call = (5, 101, "Read", 100, 180, False)
    with closing(SqliteLedger(made, write=True)) as ledger:
        ledger.add(
            [
                batch(
                    LOG,
                    [View(100 + number, time=1_000_000 * number) for number in range(1, 51)],
                    calls=[call],
                    prompts=[(4, 9, MAIN, 0)],
                ),
                batch(
                    LATER, [View(101, context=COPY, copied=True), View(160, 5), View(160, 6)], skipped=[(1, "not JSON")]
                ),
                # The wire's call 170 turned out to be another one.
                batch(
                    LATER._replace(path="wire:aligned", witness="wire"),
                    [View(170), View(170, tokens=Tokens(), place=7)],
                ),
                # A session that only a counter tells of: 5 tokens, then 9.
                batch(
                    LATER,
                    readings=[reading(90_000_000, Tokens(5), context=NEW), reading(90_000_001, Tokens(9), context=NEW)],
                ),
            ]
        )
    return made


def broken(path: str, *statements: str) -> list[str]:
    """Return what is found after somebody has changed the file by hand."""
    with closing(sqlite3.connect(path)) as db:
        for statement in statements:
            db.execute(statement)
        db.commit()
    found = verify(path)
    assert all(re.fullmatch(r"[A-Z0-9].*\.", finding) for finding in found), "a finding is a sentence"
    return found


def test_a_sound_ledger_has_no_findings(path: str) -> None:
    assert verify(path) == []


def test_an_empty_ledger_has_no_findings(tmp_path: Path) -> None:
    SqliteLedger(str(tmp_path / "ledger.db"), write=True).close()
    assert verify(str(tmp_path / "ledger.db")) == []


def test_a_sum_that_is_off_is_found(path: str) -> None:
    (finding,) = broken(path, "UPDATE usage SET output = output + 1 WHERE slot = 2")
    assert re.match(r"The sums of slot 2 \(variant 1, size 0, seen 1, context 1\) are not those of its events", finding)


def test_an_event_that_was_withdrawn_is_found(path: str) -> None:
    assert broken(
        path, "INSERT INTO withdrawn SELECT key, time, context, variant, 0, source FROM events WHERE key = 120"
    ) == ["The event of key 120 was withdrawn, yet it is there."]


def test_a_sum_that_is_missing_or_too_many_is_found(path: str) -> None:
    assert len(broken(path, "DELETE FROM usage WHERE slot = 2")) == 1
    assert len(broken(path, "UPDATE usage SET slot = 99999 WHERE slot = 3")) == 3


def test_an_event_that_is_gone_is_found(path: str) -> None:
    found = broken(path, "DELETE FROM events WHERE key = 101")
    assert "The events of key 101 are not what their sightings settle to." in found
    assert "2 of sightings name a event that is not in events." in found
    assert len([finding for finding in found if finding.startswith("The sums of slot")]) == 1


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE events SET context = 2 WHERE key = 101",
        "UPDATE events SET seen = 3 WHERE key = 101",
        "UPDATE events SET views = 1 WHERE key = 101",
        "UPDATE events SET work_ms = 9 WHERE key = 101",
        "UPDATE events SET lead = 0 WHERE key = 101",
        "DELETE FROM sightings WHERE key = 101 AND source = 2",
        "UPDATE sightings SET output = 99 WHERE key = 101 AND source = 1",
    ],
)
def test_an_event_that_its_sightings_do_not_settle_to_is_found(path: str, change: str) -> None:
    assert "The events of key 101 are not what their sightings settle to." in broken(path, change)


def test_two_events_that_are_one_are_found(path: str) -> None:
    found = broken(path, "UPDATE events SET request = 5 WHERE key = 160")
    assert found == ["The events of key 160 are not what their sightings settle to."]


def test_two_events_of_which_none_or_the_wrong_one_leads_are_found(path: str) -> None:
    finding = "The events of key 160 are not what their sightings settle to."
    assert broken(path, "UPDATE events SET lead = 1 - lead WHERE key = 160") == [finding]
    assert broken(path, "UPDATE events SET lead = 1 WHERE key = 160") == [finding]


def test_sightings_of_no_source_cannot_be_settled(path: str) -> None:
    found = broken(path, "UPDATE sightings SET source = 99 WHERE source = 2")
    assert "The events of key 101 cannot be settled from the sightings that are kept." in found
    assert "1 of sightings name a source that is not in sources." in found


@pytest.mark.parametrize("table, column, other", maintenance._REFERENCES)
def test_what_points_nowhere_is_found(path: str, table: str, column: str, other: str) -> None:
    # No context of this ledger lacks a project.
    more = ["INSERT INTO places VALUES (1, '', '')"] if table == "places" else []
    found = broken(path, *more, f"UPDATE {table} SET {column} = 9999")  # noqa: S608 - names of our own
    said = rf"\d+ of {table} name a {column} that is not in {other}\."
    assert [finding for finding in found if re.fullmatch(said, finding)]


def test_every_reference_is_looked_at() -> None:
    with closing(SqliteLedger(":memory:", write=True)) as ledger:
        text = "SELECT s.name, c.name FROM sqlite_schema s JOIN pragma_table_info(s.name) c WHERE s.type = 'table'"
        columns = ledger.connection.execute(text).fetchall()
    named = {"context", "variant", "source", "event"}
    assert {(table, column) for table, column in columns if column in named} == {
        *((table, column) for table, column, _ in maintenance._REFERENCES),
        # By key, and it may come before the event does.
        ("calls", "event"),
    }


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE events SET output = 1 WHERE views = 0 AND time = 90000001",
        "UPDATE events SET requests = 2 WHERE views = 0 AND time = 90000001",
        "UPDATE events SET dated = 2 WHERE views = 0 AND time = 90000001",
        "UPDATE events SET since = 0 WHERE views = 0 AND time = 90000001",
        "DELETE FROM events WHERE views = 0 AND time = 90000001",
        "INSERT INTO readings SELECT * FROM readings WHERE time = 90000001",
        "UPDATE readings SET input = 8 WHERE time = 90000001",
        "DELETE FROM readings",
    ],
)
def test_an_event_that_no_reading_stands_for_is_found(path: str, change: str) -> None:
    found = broken(path, change)
    said = "The events derived in session s9 of claude-code are not what its readings stand for."
    # The same reading twice is one.
    assert (said in found) == ("INSERT" not in change)


def test_an_event_seen_by_itself_that_is_dated_as_a_derived_one_is_found(path: str) -> None:
    assert broken(path, "UPDATE events SET dated = 1 WHERE key = 102") == [
        "The event of key 102 was seen by itself, yet it is dated or counted as a derived one."
    ]


def test_many_findings_are_told_briefly(path: str) -> None:
    found = broken(path, "UPDATE usage SET output = output + 1")
    assert len(found) == 21
    # 50 events in as many quarter-hours, one more for the two of key 160, and one for those that readings stand for.
    assert found[-1] == "The same is wrong in 32 further places."


def test_damaged_pages_are_found(path: str) -> None:
    content = bytearray(Path(path).read_bytes())
    content[3 * 4096 :] = b"\xa5" * (len(content) - 3 * 4096)
    Path(path).write_bytes(content)
    found = verify(path)
    assert found
    assert all(finding.startswith("The file is damaged: ") for finding in found)


def test_a_damaged_index_is_found(path: str) -> None:
    with closing(sqlite3.connect(path)) as db:
        (page,) = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'events_time'").fetchone()
    content = bytearray(Path(path).read_bytes())
    content[(page - 1) * 4096 + 4000 : page * 4096] = bytes(96)
    Path(path).write_bytes(content)
    assert verify(path)[0].startswith("The file is damaged: ")


def test_what_is_no_ledger_is_a_finding(tmp_path: Path) -> None:
    made = tmp_path / "ledger.db"
    made.write_bytes(b"This is a letter, not a ledger. " * 500)
    (finding,) = verify(str(made))
    assert "cannot be opened (file is not a database)" in finding


def test_a_newer_ledger_is_a_finding(path: str) -> None:
    (finding,) = broken(path, f"PRAGMA user_version={newest() + 1}")
    assert "written by a newer Tallystick" in finding


@pytest.mark.parametrize("task", [verify, health, vacuum, lambda path: backup(path, f"{path}.copy")])
def test_a_ledger_that_is_not_there_is_not_found(tmp_path: Path, task: object) -> None:
    assert callable(task)
    with pytest.raises(NotFound, match="There is no ledger at"):
        task(str(tmp_path / "ledger.db"))
    assert list(tmp_path.iterdir()) == []


def test_a_copy_is_a_ledger_with_the_same_answers(path: str, tmp_path: Path) -> None:
    copy = str(tmp_path / "copy.db")
    Path(copy).write_text("an older one")
    backup(path, copy)
    with closing(SqliteLedger(path)) as ledger, closing(SqliteLedger(copy)) as other:
        assert decoded(other) == decoded(ledger)
    assert verify(copy) == []


def test_a_copy_can_be_made_while_another_writes(path: str, tmp_path: Path) -> None:
    copy = str(tmp_path / "copy.db")

    def batches() -> Iterator[Batch]:
        yield batch(LOG, [View(1_000 + number) for number in range(5_000)])
        backup(path, copy)

    with closing(SqliteLedger(path, write=True)) as ledger:
        before = decoded(ledger)
        ledger.add(batches())
    with closing(SqliteLedger(copy)) as other:
        assert decoded(other) == before


@pytest.mark.parametrize("name", ["ledger.db", "link.db"])
def test_a_ledger_is_never_copied_onto_itself(path: str, tmp_path: Path, name: str) -> None:
    (tmp_path / "link.db").symlink_to(path)
    with pytest.raises(Misused, match="is the ledger itself"):
        backup(path, str(tmp_path / name))
    assert verify(path) == []


def test_a_copy_that_cannot_be_written_is_told_of(path: str, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="cannot be written"):
        backup(path, str(tmp_path / "nowhere" / "copy.db"))
    (tmp_path / "folder").mkdir()
    with pytest.raises(Unavailable, match="cannot be written"):
        backup(path, str(tmp_path / "folder"))


def test_health_is_in_figures(path: str) -> None:
    found = health(path)
    assert found.version == newest()
    assert found.free == 0
    assert found.bytes == found.pages * 4096 == Path(path).stat().st_size
    with closing(SqliteLedger(path, write=True)) as ledger:
        ledger.add([batch(LOG, [View(1_000 + number) for number in range(5_000)])])
        assert health(path).bytes > Path(path).stat().st_size, "what waits beside the file counts"


def test_vacuum_gives_back_what_is_free(path: str) -> None:
    with closing(SqliteLedger(path, write=True)) as ledger:
        ledger.add([batch(LOG, [View(1_000 + number, tokens=Tokens(number)) for number in range(20_000)])])
        before = decoded(ledger)
        ledger.connection.execute("CREATE TABLE rubbish AS SELECT * FROM events")
        ledger.connection.execute("DROP TABLE rubbish")
    full = health(path)
    assert full.free > 100
    assert vacuum(path) >= full.free * 4096
    assert health(path).free == 0
    assert verify(path) == []
    with closing(SqliteLedger(path)) as ledger:
        assert decoded(ledger) == before


def test_vacuum_does_not_disturb_who_writes(path: str) -> None:
    lock = WriterLock(path)
    assert lock.take(wait=False)
    with pytest.raises(Unavailable, match="Another program is writing"):
        vacuum(path)
    lock.release()
    assert vacuum(path) == 0
    assert lock.take(wait=False), "it lets go of the lock"
    lock.release()


def test_vacuum_that_fails_is_told_of(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        monkeypatch.setattr("tallystick.ledger.sqlite.opening._BUSY_MS", 50)
        with pytest.raises(Unavailable, match="it is as it was"):
            vacuum(path)
    assert vacuum(path) == 0
