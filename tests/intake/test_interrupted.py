"""Imports that are killed on the way, and several at once: the next run ends with exactly the right totals."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from shutil import rmtree
from time import monotonic, sleep

import pytest
from tests.intake.tree import answer, bring, padding, total, write
from tests.ledger.sample import decoded

from tallystick.intake import logs
from tallystick.ledger.memory import MemoryLedger
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.ledger.sqlite.opening import WriterLock

CHECKOUT = Path(__file__).resolve().parents[2]
FILES, ANSWERS = 60, 100
"""Of which each has as many output tokens as its file's number, counted from 1."""
TOTAL = (FILES * ANSWERS, ANSWERS * FILES * (FILES + 1) // 2)

IMPORT = """
import sys
from contextlib import closing
from pathlib import Path
from tallystick.intake import logs, workers
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.ledger.sqlite.opening import WriterLock
from tests.intake.tree import bring, total
home, path, wait = sys.argv[1:]
# Many transactions and many portions, so that every kind of moment is met.
logs._WORTH_A_TRANSACTION, logs._WORTH_WORKERS, workers._PORTION = 300, 1, 20_000
lock = WriterLock(path)
print("ready", flush=True)
if not lock.take(wait=wait == "wait"):
    with closing(SqliteLedger(path)) as ledger:
        print(*total(ledger))
    sys.exit()
with closing(SqliteLedger(path, write=True)) as ledger:
    bring(Path(home), ledger)
    print(*total(ledger))
lock.release()
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home with some MB of logs, and copies of a tenth of them that must not count."""
    made = tmp_path_factory.mktemp("home")
    for number in range(FILES):
        lines = [answer(ANSWERS * number + each, number + 1) + padding(500) for each in range(ANSWERS)]
        write(made / "logs" / f"p{number % 7}" / f"{number}.jsonl", b"".join(lines))
        if number % 10 == 0:
            write(made / "logs" / "copies" / f"{number}.jsonl", b"".join(lines))
    return made


def begin(home: Path, path: Path, wait: str = "wait") -> "subprocess.Popen[str]":
    """Start an import and return when it is about to begin."""
    process = subprocess.Popen(
        [sys.executable, "-c", IMPORT, str(home), str(path), wait], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    return process


def end(process: "subprocess.Popen[str]") -> tuple[int, int]:
    """Return the totals that an import tells at its end."""
    assert process.stdout
    # Not by `communicate`, which passes over what was read ahead of the line that said "ready".
    with process.stdout as stdout:
        said = stdout.read()
    assert process.wait(timeout=60) == 0
    requests, tokens = said.split()
    return int(requests), int(tokens)


@pytest.fixture(scope="module")
def duration(home: Path, tmp_path_factory: pytest.TempPathFactory) -> float:
    """Return how long an import takes that nobody disturbs."""
    begun = begin(home, tmp_path_factory.mktemp("data") / "ledger.db")
    since = monotonic()
    assert end(begun) == TOTAL
    return monotonic() - since


def test_an_import_that_is_killed_at_any_moment_is_made_good_by_the_next(
    home: Path, tmp_path: Path, duration: float
) -> None:
    chance, kept = Random(4711), set()
    straight = MemoryLedger()
    bring(home, straight)
    expected = decoded(straight)
    for moment in range(20):
        path = tmp_path / str(moment) / "ledger.db"
        process = begin(home, path)
        sleep(duration * (moment + chance.random()) / 20)
        process.kill()
        process.communicate()
        lock = WriterLock(str(path))
        # Workers that were cut off from their parent end by themselves; the lock is theirs until then.
        lock.take(wait=True)
        with closing(SqliteLedger(str(path), write=True)) as ledger:
            kept.add(total(ledger)[0])
            bring(home, ledger)
            assert total(ledger) == TOTAL
            assert decoded(ledger) == expected
        lock.release()
        rmtree(path.parent)
    # Or the moments were not moments in the middle.
    assert len(kept) > 3


def test_a_second_import_waits_or_uses_what_is_there(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with closing(SqliteLedger(str(path), write=True)) as ledger:
        ledger.add([])
    lock = WriterLock(str(path))
    assert lock.take(wait=False)
    patient, hurried = begin(home, path, "wait"), begin(home, path, "hurry")
    assert end(hurried) == (0, 0)
    assert patient.poll() is None
    lock.release()
    assert end(patient) == TOTAL


def test_imports_at_once_count_everything_once(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    processes = [begin(home, path) for _ in range(3)]
    assert [end(process) for process in processes] == [TOTAL] * 3


def test_a_disk_that_is_full_leaves_what_was_there(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "_WORTH_WORKERS", 1)
    path = tmp_path / "ledger.db"
    with closing(SqliteLedger(str(path), write=True)) as ledger:
        write(tmp_path / "small" / "logs" / "a.jsonl", answer(90_000))
        bring(tmp_path / "small", ledger)
        (pages,) = ledger.connection.execute("PRAGMA page_count").fetchone()
        ledger.connection.execute(f"PRAGMA max_page_count={pages + 20}")
        with pytest.raises(Exception, match="full"):
            bring(home, ledger)
        assert total(ledger) == (1, 10)
        ledger.connection.execute("PRAGMA max_page_count=1000000")
        bring(home, ledger)
        assert total(ledger) == (TOTAL[0] + 1, TOTAL[1] + 10)


@pytest.fixture(autouse=True)
def no_child_is_left() -> Iterator[None]:
    yield
    listing = Path(f"/proc/self/task/{os.getpid()}/children")
    assert not listing.exists() or listing.read_text() == ""
