"""The pulse: another value after each commit of anybody, the same one otherwise, and another file for another ledger."""

import os
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.answers.sample import MAIN, OPUS, THOUSAND, event
from tests.answers.stand import fill

from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.ledger.sqlite.pulse import Pulse


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where a ledger may lie."""
    return tmp_path / "ledger.db"


@pytest.fixture
def pulse(path: Path) -> Iterator[Pulse]:
    """Return its pulse."""
    made = Pulse(str(path))
    yield made
    made.close()


def test_where_there_is_nothing_nothing_happens(pulse: Pulse) -> None:
    assert pulse.feel() == pulse.feel()
    assert pulse.feel()[0] is None


def test_it_beats_with_each_commit_and_with_nothing_else(path: Path, pulse: Pulse) -> None:
    nothing = pulse.feel()
    fill(path)
    first = pulse.feel()
    assert first[0] != nothing[0]
    with closing(SqliteLedger(str(path))) as reader:
        reader.ask("receivers")
    assert pulse.feel() == first
    fill(path, [event("2026-11-03T10:00:00", OPUS, MAIN, THOUSAND)])
    second = pulse.feel()
    assert second != first
    assert second[0] == first[0]


def test_what_is_not_committed_is_not_felt(path: Path, pulse: Pulse) -> None:
    fill(path)
    before = pulse.feel()
    with closing(SqliteLedger(str(path), write=True)) as writer:
        writer.connection.execute("BEGIN IMMEDIATE")
        writer.connection.execute("UPDATE skipped SET number = number + 1")
        assert pulse.feel() == before
        writer.connection.execute("ROLLBACK")
    assert pulse.feel() == before


def test_another_ledger_in_its_place_is_another_one(path: Path, pulse: Pulse, tmp_path: Path) -> None:
    fill(path)
    before = pulse.feel()
    fill(tmp_path / "other.db", ())
    os.replace(tmp_path / "other.db", path)
    assert pulse.feel()[0] != before[0]
    assert pulse.feel() != before


def test_what_is_no_ledger_is_felt_without_a_fault(path: Path, pulse: Pulse) -> None:
    path.write_bytes(b"no ledger" * 1_000)
    assert pulse.feel() == pulse.feel()


def test_any_thread_may_feel_it(path: Path, pulse: Pulse) -> None:
    fill(path)
    found = [pulse.feel()]
    threads = [threading.Thread(target=lambda: found.append(pulse.feel())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 9
    assert len(set(found)) == 1
