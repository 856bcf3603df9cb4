"""Foreign databases: read whole in whatever state they are found, and never changed by a bit."""

import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from textwrap import dedent

import pytest

from tallystick.intake import databases
from tallystick.intake.databases import Unread, consult
from tallystick.tools.tool import Found, Query, Record, Schema, State, Unknown

INSERT = "INSERT INTO t VALUES (?)"


class Asker:
    """Asks for all rows of a table `t`."""

    def __init__(self) -> None:
        self.rows: list[Record] = []
        self.schema: Schema = {}

    def read(self, schema: Schema) -> Generator[Query, Iterable[Record]]:
        self.schema = schema
        if "t" not in schema:
            raise Unknown("no table t")
        rows = yield Query("SELECT x FROM t WHERE rowid > :since ORDER BY rowid", {"since": 0})
        self.rows += rows

    def finish(self) -> tuple[Found, State]:
        return Found(), {}


def database(path: Path, *, wal: bool = True, rows: int = 100) -> sqlite3.Connection:
    """Return a connection to a new database with rows in it, as a tool at work would have it."""
    made = sqlite3.connect(path, isolation_level=None)
    made.execute(f"PRAGMA journal_mode={'wal' if wal else 'delete'}")
    made.execute("CREATE TABLE t (x)")
    made.executemany(INSERT, [(number,) for number in range(rows)])
    return made


def traces(path: Path) -> dict[str, tuple[str, int]]:
    """Return the content and the time of everything in a database's folder."""
    return {
        file.name: (hashlib.sha256(file.read_bytes()).hexdigest(), file.stat().st_mtime_ns)
        for file in sorted(path.parent.iterdir())
    }


def count(path: Path) -> int:
    """Return how many rows are read, having made sure that nothing was changed."""
    before, asker = traces(path), Asker()
    assert consult(str(path), asker) == ""
    assert traces(path) == before
    return len(asker.rows)


PROGRAM = dedent("""\
    import sqlite3, sys
    tool = sqlite3.connect(sys.argv[1], isolation_level=None)
    for line in sys.stdin:
        tool.execute(line)
        print("done", flush=True)
    """)


@contextmanager
def another_program(path: Path) -> Iterator[Callable[[str], None]]:
    """Yield the way to have another process execute a statement on a database that it keeps open.

    In one process SQLite shares what connections know of a database's files, so that one here would hide changes.
    """
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        stdin, stdout = process.stdin, process.stdout

        def execute(statement: str) -> None:
            stdin.write(f"{statement}\n")
            stdin.flush()
            assert stdout.readline() == "done\n"

        yield execute


def test_one_that_another_program_has_open(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    database(path).close()
    with another_program(path) as execute:
        execute("INSERT INTO t VALUES (1)")
        assert os.path.getsize(f"{path}-wal") > 0
        assert count(path) == 101
        execute("BEGIN IMMEDIATE")
        execute("INSERT INTO t VALUES (2)")
        # What is not committed has not happened.
        assert count(path) == 101
        execute("COMMIT")
        assert count(path) == 102


def test_one_that_its_program_has_closed(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    database(path).close()
    assert sorted(os.listdir(tmp_path)) == ["a.db"]
    assert count(path) == 100


def test_one_whose_log_of_writes_was_just_emptied(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    database(path).close()
    with another_program(path) as execute:
        execute("INSERT INTO t VALUES (1)")
        execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert os.path.getsize(f"{path}-wal") == 0
        assert count(path) == 101


def test_one_whose_program_was_killed(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    program = dedent("""\
        import os, signal, sqlite3, sys
        made = sqlite3.connect(sys.argv[1], isolation_level=None)
        made.execute("PRAGMA journal_mode=wal")
        made.execute("CREATE TABLE t (x)")
        made.executemany("INSERT INTO t VALUES (?)", [(n,) for n in range(70)])
        os.kill(os.getpid(), signal.SIGKILL)
    """)
    subprocess.run([sys.executable, "-c", program, str(path)], check=False)
    assert sorted(os.listdir(tmp_path)) == ["a.db", "a.db-shm", "a.db-wal"]
    assert count(path) == 70
    os.unlink(f"{path}-shm")
    assert count(path) == 70
    # Without the log only what was moved out of it is left, which is nothing.
    os.unlink(f"{path}-wal")
    assert consult(str(path), Asker()) == "no table t"


def test_one_that_a_link_leads_to(tmp_path: Path) -> None:
    path, link = tmp_path / "real" / "tool.db", tmp_path / "links" / "tool.db"
    path.parent.mkdir()
    link.parent.mkdir()
    link.symlink_to(path)
    database(path).close()
    with another_program(path) as execute:
        execute("INSERT INTO t VALUES (1)")
        before = traces(path)
        assert count(link) == 101, "SQLite keeps what waits beside the database itself"
        assert traces(path) == before


def test_one_with_a_journal(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    database(path, wal=False).close()
    with another_program(path) as execute:
        execute("BEGIN IMMEDIATE")
        execute("INSERT INTO t VALUES (1)")
        assert count(path) == 100
        execute("COMMIT")
        assert count(path) == 101


def test_one_in_a_folder_that_cannot_be_written_to(tmp_path: Path) -> None:
    made, path = tmp_path / "made.db", tmp_path / "closed" / "a.db"
    path.parent.mkdir()
    with closing(database(made)):
        for suffix in ("", "-wal"):
            shutil.copy(f"{made}{suffix}", f"{path}{suffix}")
    for file in path.parent.iterdir():
        file.chmod(0o444)
    path.parent.chmod(0o555)
    try:
        assert count(path) == 100
    finally:
        path.parent.chmod(0o755)


def test_one_that_is_locked_is_tried_again_later(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    database(path, wal=False).close()
    with another_program(path) as execute:
        execute("BEGIN EXCLUSIVE")
        execute("INSERT INTO t VALUES (1)")
        before = traces(path)
        with pytest.raises(Unread, match="another program has locked it"):
            consult(str(path), Asker())
        assert traces(path) == before
        execute("COMMIT")
        assert count(path) == 101


def test_one_that_its_program_keeps_for_itself(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    database(path).close()
    with another_program(path) as execute:
        execute("PRAGMA locking_mode=EXCLUSIVE")
        execute("INSERT INTO t VALUES (1)")
        assert sorted(os.listdir(tmp_path)) == ["a.db", "a.db-wal"]
        assert count(path) == 101


def test_one_in_the_middle_of_a_broken_off_write(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    database(path, wal=False, rows=5_000).close()
    program = dedent("""\
        import os, signal, sqlite3, sys
        made = sqlite3.connect(sys.argv[1], isolation_level=None)
        made.execute("PRAGMA cache_size=1")
        made.execute("BEGIN")
        made.execute("UPDATE t SET x = x + 1")
        os.kill(os.getpid(), signal.SIGKILL)
    """)
    subprocess.run([sys.executable, "-c", program, str(path)], check=False)
    assert (tmp_path / "a.db-journal").exists()
    before = traces(path)
    with pytest.raises(Unread):
        consult(str(path), Asker())
    assert traces(path) == before


@pytest.mark.parametrize(
    "content, reason",
    [
        (b"", "an empty database"),
        (b"{}", "not a database"),
        (os.urandom(5_000), "not a database"),
        (b"SQLite format 3\x00", "not a database"),
    ],
)
def test_what_is_no_database_is_told(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(content)
    assert consult(str(path), Asker()) == reason


def test_a_damaged_one_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    database(path, rows=20_000).close()
    content = bytearray(path.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    path.write_bytes(content)
    assert consult(str(path), Asker()).startswith("the database cannot be read (")


def test_one_of_another_shape_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    made = database(path)
    made.execute("ALTER TABLE t RENAME TO u")
    made.close()
    assert consult(str(path), Asker()) == "no table t"


def test_a_missing_one_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        consult(str(tmp_path / "gone.db"), Asker())


def test_text_that_is_no_utf_8_and_names_with_signs_in_them(tmp_path: Path) -> None:
    path = tmp_path / "a b#c?d%41.db"
    made = database(path, rows=0)
    made.execute("INSERT INTO t VALUES (CAST(x'ff41' AS TEXT))")
    made.close()
    asker = Asker()
    assert consult(str(path), asker) == ""
    assert asker.rows == [("\ufffdA",)]
    assert asker.schema == {"t": frozenset({"x"})}


WRITER = dedent("""\
    import sqlite3, sys
    tool = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=10)
    tool.execute("PRAGMA wal_autocheckpoint=20")
    print("ready", flush=True)
    for number in range(3000):
        tool.execute("INSERT INTO t VALUES (?)", (number,))
    """)


def test_one_that_is_written_to_all_the_time_is_read_whole_or_later(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    database(path).close()
    with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE) as tool:
        assert tool.stdout
        tool.stdout.readline()
        seen: list[int] = []
        while tool.poll() is None:
            asker = Asker()
            try:
                assert consult(str(path), asker) == ""
            except Unread:
                continue
            rows = [row[0] for row in asker.rows]
            assert rows == [*range(100), *range(len(rows) - 100)]
            seen.append(len(rows))
    assert tool.returncode == 0
    assert seen == sorted(seen)
    assert count(path) == 3_100


@pytest.mark.parametrize(
    "error, passes, told",
    [
        (sqlite3.OperationalError("database is locked"), True, "another program has locked it"),
        (sqlite3.OperationalError("database table is locked: t"), True, "another program has locked it"),
        (sqlite3.OperationalError("attempt to write a readonly database"), True, "another program broke off in the middle of a write; it has to put the file in order itself"),
        (sqlite3.OperationalError("disk I/O error"), True, "the database cannot be read (disk I/O error)"),
        (sqlite3.OperationalError("unable to open database file"), True, "the database cannot be read (unable to open database file)"),
        (sqlite3.OperationalError("no such column: x"), False, "the database cannot be read (no such column: x)"),
        (sqlite3.DatabaseError("database disk image is malformed"), False, "the database cannot be read (database disk image is malformed)"),
    ],
)  # fmt: skip
def test_a_python_that_tells_no_codes_tells_errors_apart_by_their_words(
    error: sqlite3.DatabaseError,
    passes: bool,  # noqa: FBT001  a row of a table
    told: str,
) -> None:
    # Made here, they have no code, as in Python 3.9 and 3.10.
    assert databases._may_pass(error) is passes
    assert databases._told(error) == told
