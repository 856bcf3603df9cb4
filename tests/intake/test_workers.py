"""Workers: what they read is what one process would have read, whatever becomes of them."""

import fcntl
import gc
import os
import signal
import subprocess
import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from tests.intake.tree import WHOSE, answer, news, padding, total, write

from tallystick.intake import logs, workers
from tallystick.intake.logs import News, read_one
from tallystick.intake.packing import unplain
from tallystick.intake.walk import Trouble
from tallystick.intake.workers import read_in_workers
from tallystick.ledger.ledger import Batch
from tallystick.ledger.memory import MemoryLedger
from tallystick.tools.tool import Reader, State


@pytest.fixture
def portions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make each file a portion of its own."""
    monkeypatch.setattr(workers, "_PORTION", 1)


def files(folder: Path, number: int = 12, answers: int = 50) -> list[News]:
    """Return so many files, each with so many answers of its own."""
    found = []
    for name in range(number):
        lines = [answer(1_000 * name + each, name + 1) + padding(200) for each in range(answers)]
        found.append(news(write(folder / f"{name}.jsonl", b"".join(lines))))
    return found


def by_path(batches: list[Batch]) -> list[Batch]:
    return sorted(batches, key=lambda batch: (batch.source.path, batch.source.offset))


def read(found: list[News], number: int = 3) -> tuple[list[Batch], list[Trouble]]:
    troubles: list[Trouble] = []
    return [batch for portion in read_in_workers(found, WHOSE, number, troubles) for batch in portion], troubles


def no_children() -> bool:
    """Tell whether this process has no child left, ended or not."""
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return True
    return False


def open_files() -> int:
    return len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").exists() else 0


@pytest.mark.usefixtures("portions")
@pytest.mark.parametrize("number", [1, 3, 20])
def test_workers_find_what_one_process_finds(tmp_path: Path, number: int) -> None:
    found = files(tmp_path)
    batches, troubles = read(found, number)
    assert by_path(batches) == by_path(list(read_one(found, WHOSE, [])))
    assert troubles == []
    ledger = MemoryLedger()
    ledger.add(batches)
    # Each of the 50 answers of the n-th file has n + 1 tokens.
    assert total(ledger) == (12 * 50, 50 * sum(range(1, 13)))


def test_nothing_to_read_is_nothing_found() -> None:
    assert read([]) == ([], [])


@pytest.mark.usefixtures("portions")
def test_what_a_worker_cannot_read_is_reported_and_the_rest_is_read(tmp_path: Path) -> None:
    found = files(tmp_path, 4)
    Path(found[1].file.path).unlink()
    Path(found[2].file.path).unlink()
    Path(found[2].file.path).mkdir()
    batches, troubles = read(found)
    assert {batch.source.path for batch in batches} == {found[0].file.path, found[3].file.path}
    assert troubles == [Trouble(found[2].file.path, "is a directory")]


@pytest.mark.usefixtures("portions")
@pytest.mark.parametrize("victims", [1, 3])
def test_a_worker_that_is_killed_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, victims: int) -> None:
    found = files(tmp_path)
    parent, marks = os.getpid(), tmp_path / "marks"
    marks.mkdir()

    def deadly(portion: list[News], whose: tuple[str, str], troubles: list[Trouble]) -> Iterator[Batch]:
        yield from read_one(portion, whose, troubles)
        if os.getpid() != parent and len(os.listdir(marks)) < victims:
            (marks / str(os.getpid())).touch()
            os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(workers, "read_one", deadly)
    batches, _ = read(found)
    assert len(list(marks.iterdir())) >= victims
    assert by_path(batches) == by_path(list(read_one(found, WHOSE, [])))
    assert no_children()


@pytest.mark.usefixtures("portions")
def test_a_worker_that_dies_while_it_tells_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = files(tmp_path)
    send = workers._send

    def cut_off(sink: int, message: bytes) -> None:
        send(sink, message[: len(message) // 2])
        os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(workers, "_send", cut_off)
    batches, _ = read(found)
    assert by_path(batches) == by_path(list(read_one(found, WHOSE, [])))


@pytest.mark.usefixtures("portions")
def test_a_worker_that_fails_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = files(tmp_path)
    parent = os.getpid()

    def failing(portion: list[News], whose: tuple[str, str], troubles: list[Trouble]) -> Iterator[Batch]:
        if os.getpid() != parent:
            raise MemoryError
        yield from read_one(portion, whose, troubles)

    monkeypatch.setattr(workers, "read_one", failing)
    batches, _ = read(found)
    assert by_path(batches) == by_path(list(read_one(found, WHOSE, [])))


@pytest.mark.usefixtures("portions")
def test_neither_children_nor_open_files_are_left(tmp_path: Path) -> None:
    found, before = files(tmp_path, 4), open_files()
    for _ in range(3):
        read(found)
    assert no_children()
    assert open_files() == before


@pytest.mark.usefixtures("portions")
def test_who_stops_listening_is_not_kept_waiting(tmp_path: Path) -> None:
    # Each worker has more to tell than a pipe holds when the ledger fails, as when the disk is full.
    found, before = files(tmp_path, 6, 20_000), open_files()
    portions = read_in_workers(found, WHOSE, 3, [])
    assert isinstance(portions, Generator)
    assert next(portions)
    previous = signal.signal(signal.SIGALRM, _hangs)
    signal.alarm(10)
    try:
        portions.close()
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, previous)
        _end_those_that_hang()
    assert no_children()
    assert open_files() == before


def _hangs(*_: object) -> None:
    raise TimeoutError("it waits for workers that wait for it")


def _end_those_that_hang() -> None:
    """End this process's own children, which a failure would leave behind."""
    listing = Path(f"/proc/self/task/{os.getpid()}/children")
    for child in listing.read_text().split() if listing.exists() else ():
        os.kill(int(child), signal.SIGKILL)
        os.waitpid(int(child), 0)


class _Left(BaseException):
    """Stands for the end of a process."""


def _leave(code: int) -> None:
    raise _Left(code)


def at_work(found: list[News], sink: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """Do a worker's work in this process; return the code with which it ends."""
    monkeypatch.setattr(os, "_exit", _leave)
    draw, fill = os.pipe()
    os.write(fill, b"".join(number.to_bytes(4, "little") for number in range(len(found))))
    os.close(fill)
    with pytest.raises(_Left) as left:
        workers._work([[item] for item in found], draw, sink, WHOSE)
    os.close(draw)
    gc.enable()
    return int(left.value.args[0])


def test_a_worker_takes_portions_until_there_are_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = files(tmp_path, 3, 2)
    source, sink = os.pipe()
    assert at_work(found, sink, monkeypatch) == 0
    told = {
        number: [unplain(batch).source.path for batch in batches] for number, batches, _ in workers._results([source])
    }
    assert told == {number: [item.file.path] for number, item in enumerate(found)}
    os.close(source)


def test_a_worker_to_whom_nobody_listens_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, sink = os.pipe()
    os.close(source)
    assert at_work(files(tmp_path, 3, 2), sink, monkeypatch) == 1


def test_a_child_works_and_never_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, taken = open_files(), []

    def work(portions: list[list[News]], draw: int, sink: int, whose: tuple[str, str]) -> None:
        taken.append((len(portions), whose))
        os.close(draw)
        os.close(sink)
        raise _Left

    monkeypatch.setattr(os, "fork", lambda: 0)
    monkeypatch.setattr(workers, "_work", work)
    with pytest.raises(_Left):
        next(read_in_workers(files(tmp_path, 1), WHOSE, 1, []))
    assert taken == [(1, WHOSE)]
    # A child holds no end of a pipe but its own; the one for listening is the parent's.
    assert open_files() <= before + 1


def test_a_pipe_that_cannot_be_widened_is_used_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(fcntl, "fcntl", refuse)
    found = files(tmp_path, 3)
    assert by_path(read(found)[0]) == by_path(list(read_one(found, WHOSE, [])))


def test_portions_hold_every_file_once_the_largest_first(tmp_path: Path) -> None:
    sizes = [10, 5_000_000, 20, 4_000_000, 1_000_000, 0]
    found = []
    for number, size in enumerate(sizes):
        path = tmp_path / f"{number}.jsonl"
        path.touch()
        os.truncate(path, size)
        found.append(news(path))
    divided = workers._portions(found)
    assert [[item.bytes for item in portion] for portion in divided] == [
        [5_000_000],
        [4_000_000],
        [1_000_000, 20, 10, 0],
    ]


def test_portions_are_never_more_than_the_pipe_holds(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", b"")
    item = news(path)
    large = [item._replace(file=item.file._replace(size=4 << 20, path=f"{number}")) for number in range(20_000)]
    divided = workers._portions(large)
    assert len(divided) <= 8_000
    assert sum(len(portion) for portion in divided) == 20_000


def test_many_bytes_are_worth_workers_and_few_are_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    used: list[int] = []

    def listening(
        found: list[News], whose: tuple[str, str], number: int, troubles: list[Trouble]
    ) -> Iterator[list[Batch]]:
        used.append(number)
        yield list(read_one(found, whose, troubles))

    monkeypatch.setattr(workers, "read_in_workers", listening)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    found = files(tmp_path, 2)
    assert logs.bring_in(found, MemoryLedger(), WHOSE).receipt.new == 100
    assert used == []
    monkeypatch.setattr(logs, "_WORTH_WORKERS", 1_000)
    assert logs.bring_in(found, MemoryLedger(), WHOSE).receipt.new == 100
    assert used == [2]
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    logs.bring_in(found, MemoryLedger(), WHOSE)
    assert used == [2]


def _alone(code: str) -> str:
    """Return what a fresh process prints, in which nothing of what workers need is imported yet."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_workers_have_nothing_left_to_import(tmp_path: Path) -> None:
    write(tmp_path / "s1.jsonl", answer(1) + padding(200_000) + answer(2))
    agents = tmp_path / "s1" / "subagents"
    agents.mkdir(parents=True)
    write(agents / "agent-a1.jsonl", answer(3))
    write(agents / "agent-a1.meta.json", b'{"agentType": "Explore"}')
    assert (
        _alone(f"""
import sys
from pathlib import Path
from tallystick.intake.logs import News, read_one
from tallystick.intake.walk import File
from tallystick.intake.workers import _make_ready
from tallystick.tools.shelf import TOOLS
tools = {{tool.name: tool for tool in TOOLS}}
paths = sorted(Path({str(tmp_path)!r}).rglob("*.jsonl"))
found = [News(tools[name], File(str(path), 1, 9, 1), None) for name in ("claude-code", "codex") for path in paths]
_make_ready(found)
before = set(sys.modules)
read = list(read_one(found, ("box", "dev"), []))
print(sum(len(batch.events) for batch in read), sorted(set(sys.modules) - before))
""").strip()
        == "3 []"
    )


def test_a_reader_that_cannot_be_made_ready_is_told_of_where_it_reads(tmp_path: Path) -> None:
    def broken(_path: str, _state: State) -> Reader:
        raise RuntimeError

    found = files(tmp_path, 2)
    sick = found[0]._replace(tool=found[0].tool._replace(name="sick", reader=broken))
    batches, troubles = read([sick, found[1]])
    assert by_path(batches) == list(read_one(found[1:], WHOSE, []))
    assert [trouble.path for trouble in troubles] == [sick.file.path]
