"""Watching: what appears, grows or is replaced in the tools' places is told in time, and nothing else is."""

import builtins
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from tests.intake.tree import LOGS, answer, bring, write

from tallystick.intake.watch import Notice, Watch, news_at
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.tools.tool import DATABASE, Root

EVERYTHING = Notice(everything=True)


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.time = 1_000.0

    def __call__(self) -> float:
        """Return the seconds."""
        return self.time


class Stand:
    """A watch over three places below a home: two that are searched deeply, and one with databases."""

    def __init__(self, home: Path) -> None:
        self.home, self.said, self.stop, self.clock = home, list[str](), threading.Event(), Clock()
        self.places = [
            Root(str(home / "logs")),
            Root(str(home / "archive")),
            Root(str(home / "store"), (".db",), form=DATABASE, depth=0),
        ]
        self.watch = Watch(lambda: self.places, self.said.append, self.stop, self.clock)

    def begun(self) -> "Stand":
        """Begin, and look at everything once."""
        assert [self.watch.wait(), self.watch.wait()] == [EVERYTHING] * 2
        self.watch.looked(0.001)
        self.clock.time += 0.1
        assert self.watch.wait() == Notice()
        return self

    def until(self, wanted: set[str] | None, seconds: float = 2.5) -> bool:
        """Wait until all these paths were told of, or that everything is to be looked at; tell whether it came in time."""
        end, found = monotonic() + seconds, set[str]()
        while monotonic() < end:
            notice = self.watch.wait()
            found |= notice.paths
            if notice.everything if wanted is None else wanted <= found:
                return True
        return False


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """Return a watch over a home with logs."""
    write(tmp_path / "logs" / "p" / "a.jsonl", answer(1))
    (tmp_path / "store").mkdir()
    made = Stand(tmp_path)
    yield made
    made.stop.set()
    made.watch.close()


def test_a_log_that_grows_is_told(stand: Stand) -> None:
    stand.begun()
    log = stand.home / "logs" / "p" / "a.jsonl"
    with log.open("ab") as file:
        file.write(answer(2))
    assert stand.until({str(log)})
    assert stand.said == []


def test_a_new_log_in_a_new_folder_is_told(stand: Stand) -> None:
    stand.begun()
    write(stand.home / "logs" / "q" / "r" / "b.jsonl", answer(2))
    # What came with its folder is found by looking at everything.
    assert stand.until(None)


def test_a_place_that_appears_is_looked_at(stand: Stand) -> None:
    stand.begun()
    write(stand.home / "archive" / "c.jsonl", answer(3))
    assert stand.until(None)
    assert stand.watch.wait() == EVERYTHING
    with (stand.home / "archive" / "c.jsonl").open("ab") as file:
        file.write(answer(4))
    assert stand.until({str(stand.home / "archive" / "c.jsonl")})


def test_without_any_place_it_waits_for_one(tmp_path: Path) -> None:
    stand = Stand(tmp_path).begun()
    write(tmp_path / "logs" / "a.jsonl", answer(1))
    assert stand.until(None)
    stand.watch.close()


def test_what_waits_beside_a_database_is_told(stand: Stand) -> None:
    database = stand.home / "store" / "a.db"
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE one (number)")
        stand.begun()
        before = database.stat()
        connection.execute("INSERT INTO one VALUES (1)")
        # Only the log of writes has changed.
        assert database.stat().st_mtime_ns == before.st_mtime_ns
        assert stand.until({str(database)})


def test_what_lies_below_a_small_place_is_not_looked_at(stand: Stand) -> None:
    stand.begun()
    write(stand.home / "store" / "deep" / "b.db", b"x")
    assert not stand.until({str(stand.home / "store" / "deep" / "b.db")}, 1.5)


def test_everything_is_looked_at_from_time_to_time_the_more_seldom_the_longer_it_takes(stand: Stand) -> None:
    stand.begun()
    stand.watch.looked(0.001)
    stand.clock.time += 2.9
    assert stand.watch.wait() == Notice()
    stand.clock.time += 0.2
    assert stand.watch.wait() == EVERYTHING
    stand.watch.looked(0.2)
    stand.clock.time += 39.9
    assert stand.watch.wait() == Notice()
    stand.clock.time += 0.2
    assert stand.watch.wait() == EVERYTHING


def test_where_the_system_cannot_watch_it_says_so_and_looks(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    def limit(_: object) -> Any:  # noqa: ANN401  nothing
        raise OSError(28, 'OS file watch limit reached. about ["/x"]')

    def full(*_: object, **__: object) -> Iterator[Any]:
        # As watchfiles does, it begins when it is asked.
        return map(limit, [0])

    monkeypatch.setattr("watchfiles.watch", full)
    assert [stand.watch.wait(), stand.watch.wait()] == [EVERYTHING] * 2
    assert len(stand.said) == 1
    assert "fs.inotify.max_user_watches" in stand.said[0]
    stand.watch.looked(0.1)
    stand.clock.time += 1.9
    assert stand.watch.wait() == Notice()
    stand.clock.time += 0.2
    assert stand.watch.wait() == EVERYTHING
    # After a while it tries again.
    monkeypatch.undo()
    stand.clock.time += 600
    assert [stand.watch.wait(), stand.watch.wait()] == [EVERYTHING] * 2
    assert stand.said[1:] == [""]
    stand.watch.looked(0.001)
    with (stand.home / "logs" / "p" / "a.jsonl").open("ab") as file:
        file.write(answer(2))
    assert stand.until({str(stand.home / "logs" / "p" / "a.jsonl")})


LIMITED = """
import sys, threading
from tallystick.intake.watch import Watch
from tallystick.tools.tool import Root
watch = Watch(lambda: [Root(sys.argv[1])], print, threading.Event())
watch.wait(), watch.wait()
watch.close()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's")
@pytest.mark.parametrize("limit, told", [(20, True), (200, False)])
def test_the_limit_of_watches_is_noticed(tmp_path: Path, limit: int, told: bool) -> None:  # noqa: FBT001
    for number in range(40):
        (tmp_path / str(number)).mkdir()
    # In a name space of its own a process may be allowed less.
    command = f'echo {limit} > /proc/sys/user/max_inotify_watches && exec "$0" -c "$1" "$2"'
    done = subprocess.run(
        ["unshare", "-Ur", "sh", "-c", command, sys.executable, LIMITED, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    if "unshare" in done.stderr or "cannot create" in done.stderr:
        pytest.skip("this machine allows no name spaces")
    assert done.stderr == ""
    assert ("fs.inotify.max_user_watches" in done.stdout) is told


@pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's")
def test_a_folder_that_may_not_be_read_keeps_nothing_else_from_being_watched(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0)
    # Where who runs this may do anything, it may not in a name space in which it is nobody.
    done = subprocess.run(
        ["unshare", "-U", sys.executable, "-c", LIMITED, str(tmp_path)], capture_output=True, text=True, check=False
    )
    (tmp_path / "closed").chmod(0o700)
    if "unshare" in done.stderr:
        pytest.skip("this machine allows no name spaces")
    assert (done.stdout, done.stderr) == ("", "")


def test_without_what_watches_it_says_so_and_looks(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(name: str, *rest: Any) -> Any:  # noqa: ANN401  as Python's own
        if name == "watchfiles":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)
    assert [stand.watch.wait(), stand.watch.wait()] == [EVERYTHING] * 2
    assert "pip install 'tallystick[server]'" in stand.said[0]


def test_it_ends_when_it_shall(stand: Stand) -> None:
    stand.begun()
    threading.Timer(0.1, stand.stop.set).start()
    began = monotonic()
    assert stand.watch.wait() == Notice()
    assert monotonic() - began < 0.8


def test_of_paths_those_of_known_logs_are_news(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "p" / "a.jsonl"
    write(log, answer(1))
    places = [(LOGS, root) for root in LOGS.roots(str(tmp_path), {})]
    with closing(SqliteLedger(str(tmp_path / "ledger.db"), write=True)) as ledger:
        bring(tmp_path, ledger)
        # It was read to its end already.
        assert news_at([str(log)], places, ledger) == []
        with log.open("ab") as file:
            file.write(answer(2))
        found = news_at(
            [str(log), str(log.parent / "journal.jsonl"), f"{log}.lock", "/elsewhere/a.jsonl"], places, ledger
        )
        assert found is not None
        assert [(item.tool, item.file.path, item.file.size) for item in found] == [(LOGS, str(log), log.stat().st_size)]
        # One that is gone is no news, and a new one takes a look at everything.
        assert news_at([str(log.parent / "gone.jsonl")], places, ledger) == []
        write(log.parent / "b.jsonl", answer(3))
        assert news_at([str(log), str(log.parent / "b.jsonl")], places, ledger) is None


@pytest.mark.parametrize(
    "path, told",
    [
        ("/h/t/x/chats/session-1.json", True),
        ("/h/t/chats/session-1.json", True),
        ("/h/t/x/other/session-1.json", False),
        ("/h/t/x/chats/other-1.json", False),
        ("/h/t/a/b/chats/session-1.json", False),
        ("/h/t/x/chats/session-skip.json", False),
        ("/h/tt/x/chats/session-1.json", False),
        ("/h/t/x/chats/session-1.json-wal", False),
    ],
)
def test_a_log_is_known_by_its_path(path: str, told: bool) -> None:  # noqa: FBT001
    from tallystick.intake.watch import _is_log

    root = Root("/h/t", (".json",), ("session-skip.json",), "/chats/", prefix="session-", depth=2)
    assert _is_log(path, root) is told
