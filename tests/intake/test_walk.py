"""Finding the files: what is a log, what cannot be read, and links that lead in circles."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

import pytest
from tests.intake.tree import look_at, write

from tallystick.intake.walk import File, Trouble, walk
from tallystick.tools.tool import DATABASE, DOCUMENT, LINES, Root


def found(*roots: Path, troubles: list[Trouble] | None = None) -> list[str]:
    """Return the names of the logs below some roots; troubles that were not expected fail."""
    told: list[Trouble] = []
    names = sorted(
        Path(file.path).name for file in walk([Root(str(root), skip=("journal.jsonl",)) for root in roots], told)
    )
    if troubles is None:
        assert told == []
    else:
        troubles += told
    return names


def as_nobody(task: Callable[[], str]) -> str:
    """Return what a task says as a user without rights: root may read everything."""
    if os.getuid():
        return task()
    source, sink = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setuid(65534)
            os.write(sink, task().encode())
        finally:
            os._exit(0)
    os.close(sink)
    with os.fdopen(source) as told:
        said = told.read()
    os.waitpid(child, 0)
    return said


@pytest.fixture
def open_path() -> Iterator[Path]:
    """Return a folder that every user may enter; pytest's own are for their owner only."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_every_log_at_any_depth_is_found_with_what_it_is_known_by(tmp_path: Path) -> None:
    log = write(tmp_path / "p" / "s1" / "subagents" / "agent-1.jsonl", b"{}\n")
    write(tmp_path / "p" / "notes.txt", b"")
    write(tmp_path / "p" / "journal.jsonl", b"")
    (file,) = walk([Root(str(tmp_path), skip=("journal.jsonl",))], [])
    assert file == look_at(log)
    assert file == File(str(log), log.stat().st_ino, 3, log.stat().st_mtime_ns)


def test_a_place_that_does_not_exist_is_no_trouble(tmp_path: Path) -> None:
    assert found(tmp_path / "nowhere") == []
    assert found(write(tmp_path / "a.jsonl", b"")) == [], "a place that is a file holds no logs"


def test_endings_are_those_of_the_place(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", b"")
    write(tmp_path / "b.jsonl.zst", b"")
    names = [Path(file.path).name for file in walk([Root(str(tmp_path), (".zst",))], [])]
    assert names == ["b.jsonl.zst"]


def test_a_folder_is_visited_once_whatever_leads_to_it(tmp_path: Path) -> None:
    write(tmp_path / "real" / "a.jsonl", b"")
    (tmp_path / "real" / "up").symlink_to(tmp_path)
    (tmp_path / "real" / "self").symlink_to(tmp_path / "real")
    (tmp_path / "again").symlink_to(tmp_path / "real")
    assert found(tmp_path) == ["a.jsonl"]
    assert found(tmp_path, tmp_path / "again") == ["a.jsonl"]


def test_a_link_to_a_log_is_followed(tmp_path: Path) -> None:
    write(tmp_path / "elsewhere" / "a.jsonl", b"{}\n")
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "b.jsonl").symlink_to(tmp_path / "elsewhere" / "a.jsonl")
    assert found(tmp_path / "logs") == ["b.jsonl"]


def test_links_that_lead_nowhere_or_to_themselves_are_reported_and_passed_over(tmp_path: Path) -> None:
    write(tmp_path / "logs" / "a.jsonl", b"")
    (tmp_path / "logs" / "dangling.jsonl").symlink_to(tmp_path / "gone.jsonl")
    (tmp_path / "logs" / "loop.jsonl").symlink_to(tmp_path / "logs" / "loop.jsonl")
    (tmp_path / "logs" / "loop").symlink_to(tmp_path / "logs" / "loop")
    troubles: list[Trouble] = []
    assert found(tmp_path / "logs", troubles=troubles) == ["a.jsonl"]
    assert {(Path(path).name, reason) for path, reason in troubles} == {
        ("dangling.jsonl", "no such file or directory"),
        ("loop.jsonl", "too many levels of symbolic links"),
        ("loop", "too many levels of symbolic links"),
    }


def test_a_place_that_is_a_loop_is_reported(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    troubles: list[Trouble] = []
    assert found(tmp_path / "loop", troubles=troubles) == []
    assert [reason for _, reason in troubles] == ["too many levels of symbolic links"]


def test_a_folder_with_the_name_of_a_log_is_no_log(tmp_path: Path) -> None:
    write(tmp_path / "x.jsonl" / "inner.jsonl", b"")
    write(tmp_path / "a.jsonl", b"")
    assert "x.jsonl" not in found(tmp_path)
    assert "a.jsonl" in found(tmp_path)


def test_folders_below_the_deepest_are_left_alone(tmp_path: Path) -> None:
    deep = tmp_path
    for level in range(20):
        deep = deep / f"{level}"
        write(deep / f"{level}.jsonl", b"")
    assert len(found(tmp_path)) == 16


def test_a_folder_that_may_not_be_entered_is_reported_and_passed_over(open_path: Path) -> None:
    write(open_path / "logs" / "closed" / "a.jsonl", b"")
    write(open_path / "logs" / "open" / "b.jsonl", b"")
    (open_path / "logs" / "closed").chmod(0)

    def look() -> str:
        troubles: list[Trouble] = []
        names = found(open_path / "logs", troubles=troubles)
        return repr((names, [(Path(path).name, reason) for path, reason in troubles]))

    assert as_nobody(look) == repr((["b.jsonl"], [("closed", "permission denied")]))
    (open_path / "logs" / "closed").chmod(0o755)


class _Entry:
    """A directory entry of a file system that numbers its files with all 64 bits."""

    def __init__(self, entry: os.DirEntry[str]) -> None:
        self.name, self.path, self.is_file, self.is_dir = entry.name, entry.path, entry.is_file, entry.is_dir
        self._about = entry.stat()

    def stat(self) -> os.stat_result:
        return os.stat_result((self._about.st_mode, 2**64 - 1, *self._about[2:]))


class _Entries(list[_Entry]):
    """What a folder holds, to be let go of like a listing of the system."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()


def test_a_number_of_a_file_fits_into_the_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a.jsonl", b"")
    scan = os.scandir
    monkeypatch.setattr(os, "scandir", lambda folder: _Entries(_Entry(entry) for entry in scan(folder)))
    (file,) = walk([Root(str(tmp_path))], [])
    assert -(2**63) <= file.inode < 2**63


def test_a_folder_may_hold_logs_of_two_kinds(tmp_path: Path) -> None:
    for name in ("session-1.json", "session-1.jsonl", "other.json"):
        write(tmp_path / "chats" / name, b"{}\n")
    lines = Root(str(tmp_path))
    documents = Root(str(tmp_path), (".json",), form=DOCUMENT, prefix="session-")
    found = {(Path(file.path).name, file.form) for file in walk([lines, documents], [])}
    assert found == {("session-1.jsonl", LINES), ("session-1.json", DOCUMENT)}


def test_a_place_says_how_deep_its_logs_lie(tmp_path: Path) -> None:
    for folder in (".", "one", "one/two"):
        write(tmp_path / folder / "log.jsonl", b"{}\n")
    assert [len(list(walk([Root(str(tmp_path), depth=depth)], []))) for depth in (0, 1, 2)] == [1, 2, 3]


def test_a_database_is_known_by_its_log_of_writes_too(tmp_path: Path) -> None:
    path = write(tmp_path / "tool.db", b"x" * 100)
    os.utime(path, ns=(5, 5))
    root = Root(str(tmp_path), (".db",), form=DATABASE, depth=0)
    (alone,) = walk([root], [])
    assert (alone.size, alone.mtime) == (100, 5)
    log = write(tmp_path / "tool.db-wal", b"y" * 11)
    os.utime(log, ns=(9, 9))
    (both,) = walk([root], [])
    assert (both.size, both.mtime) == (111, 9)
    link = write(tmp_path / "links" / "place", b"").with_name("tool.db")
    link.symlink_to(path)
    (linked,) = walk([root._replace(path=str(link.parent))], [])
    assert (linked.size, linked.mtime) == (111, 9), "its log lies where the link leads"
