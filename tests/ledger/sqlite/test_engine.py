"""The engine: several processes at one file, readers beside a writer."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from time import monotonic

import pytest
from tests.ledger.sample import EVER, LOG, View, batch, decoded

from tallystick.errors import Refused, Unavailable
from tallystick.ledger.ledger import Batch
from tallystick.ledger.sqlite.engine import SqliteLedger


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Return where a ledger with one event lies."""
    made = str(tmp_path / "ledger.db")
    with closing(SqliteLedger(made, write=True)) as ledger:
        ledger.add([batch(LOG, [View(1)])])
    return made


def events(ledger: SqliteLedger) -> int:
    return len(ledger.ask("events", **EVER))


def test_what_was_written_is_there_when_the_file_is_opened_again(path: str) -> None:
    with closing(SqliteLedger(path, write=True)) as ledger:
        ledger.add([batch(LOG, [View(2)])])
        before = decoded(ledger)
    with closing(SqliteLedger(path)) as ledger:
        assert decoded(ledger) == before
        assert events(ledger) == 2


def test_a_ledger_that_is_open_for_reading_takes_nothing(path: str) -> None:
    with closing(SqliteLedger(path)) as ledger, pytest.raises(Refused, match="reading only"):
        ledger.add([batch(LOG, [View(2)])])


def test_an_unknown_question_is_an_error(path: str) -> None:
    with closing(SqliteLedger(path)) as ledger, pytest.raises(FileNotFoundError):
        ledger.ask("weather")


def test_a_full_disk_is_told_of_and_leaves_what_was_there(path: str) -> None:
    with closing(SqliteLedger(path, write=True)) as ledger:
        (pages,) = ledger.connection.execute("PRAGMA page_count").fetchone()
        ledger.connection.execute(f"PRAGMA max_page_count={pages + 5}")
        with pytest.raises(Unavailable, match="full"):
            ledger.add([batch(LOG, [View(10 + number) for number in range(5_000)])])
        assert events(ledger) == 1


def test_a_question_without_its_values_is_an_error_of_ours(path: str) -> None:
    with closing(SqliteLedger(path)) as ledger, pytest.raises(sqlite3.ProgrammingError):
        ledger.ask("events")


def test_readers_do_not_wait_for_a_writer_and_see_the_state_before(path: str) -> None:
    counts = []

    def batches() -> Iterator[Batch]:
        for portion in range(5):
            yield batch(LOG, [View(10 + 1_000 * portion + number) for number in range(1_000)])
            begun = monotonic()
            with closing(SqliteLedger(path)) as reader:
                counts.append(events(reader))
                counts.append(reader.ask("usage_by_variant", **EVER)[0][4])
            # The default patience for a locked file is five seconds.
            assert monotonic() - begun < 2

    with closing(SqliteLedger(path, write=True)) as writer, closing(SqliteLedger(path)) as reader:
        writer.add(batches())
        assert counts == [1] * 10
        assert events(reader) == 5_001


READ = """
import sys
from tallystick.ledger.sqlite.engine import SqliteLedger
ledger = SqliteLedger(sys.argv[1])
print(len(ledger.ask("events", since=-(2**62), until=2**62)))
ledger.close()
"""


def test_another_process_reads_while_one_writes(path: str) -> None:
    seen = []

    def batches() -> Iterator[Batch]:
        yield batch(LOG, [View(10 + number) for number in range(3_000)])
        seen.append(
            subprocess.run([sys.executable, "-c", READ, path], capture_output=True, check=True, timeout=30).stdout
        )

    with closing(SqliteLedger(path, write=True)) as writer:
        writer.add(batches())
    assert seen == [b"1\n"]


def test_reading_works_while_much_waits_beside_the_file(path: str) -> None:
    with closing(SqliteLedger(path, write=True)) as writer, closing(SqliteLedger(path)) as early:
        # A reader in the middle of its answer keeps what is written from entering the file.
        cursor = early.connection.execute("SELECT key FROM events")
        for portion in range(40):
            # Keys that touch every page of their index.
            keys = [(2_000 * portion + number + 10) * 2_654_435_761 % 2**40 for number in range(2_000)]
            writer.add([batch(LOG, [View(key) for key in keys])])
        # More than after which it is written into the file otherwise.
        assert Path(f"{path}-wal").stat().st_size > 4_000 * 4_096
        with closing(SqliteLedger(path)) as late:
            assert events(late) == 80_001
            assert late.ask("usage_by_variant", **EVER)[0][4] == 80_001
        assert cursor.fetchall() == [(1,)]


def test_two_writers_in_turns_agree_on_the_numbers(path: str) -> None:
    # A service and a command, each with the ledger open; the writer's lock lets them write in turns.
    with closing(SqliteLedger(path, write=True)) as one, closing(SqliteLedger(path, write=True)) as other:
        for number, ledger in enumerate([one, other, one, other, one]):
            context = View().context._replace(session=f"session {number}")
            variant = View().variant._replace(model=f"model {number}")
            ledger.add([batch(LOG, [View(100 + number, context=context, variant=variant)])])
        sessions = {row[0]: row[2] for row in one.ask("contexts")}
        models = {row[0]: row[2] for row in one.ask("variants")}
        told = {(sessions[row[2]], models[row[3]]) for row in one.ask("events", **EVER)}
        assert told == {("s1", "claude-opus-4-8"), *((f"session {number}", f"model {number}") for number in range(5))}


def test_a_damaged_page_is_told_of_in_a_sentence(path: str) -> None:
    with closing(SqliteLedger(path, write=True)) as ledger:
        ledger.add([batch(LOG, [View(10 + number) for number in range(2_000)])])
        ledger.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(Path(path).read_bytes())
    content[4096 * 2 :] = b"\xa5" * (len(content) - 4096 * 2)
    Path(path).write_bytes(content)
    with closing(SqliteLedger(path)) as ledger, pytest.raises(Unavailable, match=r"tally ledger verify"):
        events(ledger)
