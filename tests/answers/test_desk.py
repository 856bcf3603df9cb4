"""The desk before a real ledger: one computation for many, new versions, and ledgers that go away and come back."""

import asyncio
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from tests.answers.sample import EVENTS, MAIN, OPUS, THOUSAND, asked, event
from tests.answers.stand import answers, fill

from tallystick.answers.answer import Answer
from tallystick.answers.answers import Answers
from tallystick.answers.desk import Desk, Status
from tallystick.answers.fold import answer as plain
from tallystick.answers.reports.times import DAILY
from tallystick.errors import Misused, Unavailable
from tallystick.house import Mark, Where

MORE = event("2026-11-03T10:00:00", OPUS, MAIN, THOUSAND)


def requests(from_: Answers) -> int:
    """Ask for the number of requests."""
    return from_.ask(asked(DAILY)).totals.requests


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    """Return a ledger with the sample's six events."""
    fill(tmp_path / "ledger.db")
    return tmp_path / "ledger.db"


@pytest.fixture
def mark(ledger: Path) -> Iterator[Mark]:
    """Return what tells whether the ledger is another one."""
    made = Mark(Where(str(ledger.parent), str(ledger.parent), {}, "box", "dev"))
    yield made
    made.close()


@pytest.fixture
def desk(ledger: Path) -> Iterator[Desk]:
    """Return a desk before it that looks at nothing by itself."""
    made = Desk(lambda: answers(ledger))
    yield made
    made.close()


def until(holds: Callable[[], bool], seconds: float = 8) -> bool:
    """Tell whether something came to hold in time."""
    end = time.monotonic() + seconds
    while not (held := holds()) and time.monotonic() < end:
        time.sleep(0.01)
    return held


def test_fifty_who_ask_the_same_at_once_make_one_computation(desk: Desk) -> None:
    done = []

    def work(from_: Answers) -> int:
        done.append(threading.current_thread().name)
        time.sleep(0.05)
        return requests(from_)

    ready = threading.Barrier(50)

    def ask() -> int:
        ready.wait()
        return desk.get(("daily",), work).result()

    with ThreadPoolExecutor(50) as people:
        assert {each.result() for each in [people.submit(ask) for _ in range(50)]} == {6}
    assert len(done) == 1
    assert desk.get(("other",), work).result() == 6
    assert len(done) == 2


def test_an_answer_holds_until_something_has_changed(desk: Desk, ledger: Path) -> None:
    assert desk.get(("n",), requests).result() == 6
    fill(ledger, [MORE])
    before = desk.version
    assert desk.get(("n",), requests).result() == 6
    desk.changed()
    assert desk.version != before
    assert desk.get(("n",), requests).result() == 7


def test_two_runs_never_share_a_version(ledger: Path, desk: Desk) -> None:
    other = Desk(lambda: answers(ledger), 1)
    assert other.version != desk.version
    other.close()


def test_errors_are_told_and_not_kept(desk: Desk) -> None:
    tries = []

    def work(_: Answers) -> int:
        tries.append(1)
        raise Misused("No.")

    for _ in range(2):
        with pytest.raises(Misused, match=r"No\."):
            desk.get(("wrong",), work).result()
    assert len(tries) == 2
    assert desk.get(("wrong",), requests).result() == 6


def test_one_of_many_cannot_call_it_off_for_all(desk: Desk) -> None:
    go = threading.Event()
    first = desk.get(("slow",), lambda _: go.wait(5))
    assert not first.cancel()
    go.set()
    assert desk.get(("slow",), lambda _: False).result() is True


def test_whoever_waits_on_an_event_loop_and_is_cancelled_takes_nothing_from_the_others(ledger: Path) -> None:
    # One worker: if that died of the cancellation, nobody would be answered any more.
    desk = Desk(lambda: answers(ledger), 1)
    begun, go = threading.Event(), threading.Event()

    def slow(_: Answers) -> str:
        begun.set()
        go.wait(5)
        return "done"

    async def people() -> None:
        running = [asyncio.wrap_future(desk.get(("slow",), slow)) for _ in range(2)]
        waiting = [asyncio.wrap_future(desk.get(("queued",), requests)) for _ in range(2)]
        assert await asyncio.to_thread(begun.wait, 5)
        for first in (running[0], waiting[0]):
            assert first.cancel()
            with pytest.raises(asyncio.CancelledError):
                await first
        go.set()
        async with asyncio.timeout(8):
            assert await running[1] == "done"
            assert await waiting[1] == 6
            assert await asyncio.wrap_future(desk.get(("slow",), slow)) == "done"

    try:
        asyncio.run(people())
        assert desk.get(("more",), requests).result(8) == 6
        assert all(thread.is_alive() for thread in desk._threads)
    finally:
        go.set()
        desk.close()


def test_what_another_program_commits_is_noticed_without_a_word(ledger: Path, mark: Mark) -> None:
    desk = Desk(lambda: answers(ledger), 1, mark)
    heard = threading.Event()
    desk.listen(heard.set)
    assert desk.get(("n",), requests).result() == 6
    fill(ledger, [MORE])
    assert heard.wait(5)
    assert desk.get(("n",), requests).result() == 7
    desk.close()


def test_a_ledger_that_is_replaced_is_opened_anew(ledger: Path, mark: Mark) -> None:
    desk = Desk(lambda: answers(ledger), 1, mark)
    assert desk.get(("n",), requests).result() == 6
    other = ledger.with_name("other.db")
    fill(other, EVENTS[:2])
    for end in ("-wal", "-shm"):
        ledger.with_name(f"ledger.db{end}").unlink(missing_ok=True)
    os.replace(other, ledger)
    assert until(lambda: desk.get(("n",), requests).result() == 2)
    desk.close()


def test_a_ledger_that_is_being_brought_to_a_new_form_is_waited_for(desk: Desk, ledger: Path) -> None:
    with sqlite3.connect(ledger) as connection:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        connection.execute("PRAGMA user_version=1")
    answer = desk.get(("n",), requests)
    time.sleep(0.3)
    assert not answer.done()
    connection.execute(f"PRAGMA user_version={version}")
    connection.close()
    assert answer.result(5) == 6


def test_a_ledger_that_is_locked_is_waited_for(desk: Desk, ledger: Path) -> None:
    connection = sqlite3.connect(ledger, isolation_level=None)
    connection.execute("PRAGMA locking_mode=EXCLUSIVE")
    connection.execute("BEGIN EXCLUSIVE")
    connection.execute("PRAGMA user_version")
    connection.execute("UPDATE sources SET size = size")
    answer = desk.get(("n",), requests)
    # SQLite itself waits for five seconds.
    time.sleep(5.5)
    assert not answer.done()
    connection.execute("COMMIT")
    connection.close()
    assert answer.result(8) == 6


def test_what_stays_broken_is_told_and_later_ones_need_not_wait(ledger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tallystick.answers.desk._PATIENCE_SECONDS", 0.2)
    desk = Desk(lambda: answers(ledger.with_name("none.db")), 1)
    with pytest.raises(Unavailable, match="cannot be opened"):
        desk.get(("n",), requests).result()
    begun = time.monotonic()
    with pytest.raises(Unavailable):
        desk.get(("m",), requests).result()
    assert time.monotonic() - begun < 0.15
    assert "cannot be opened" in desk.status.trouble
    fill(ledger.with_name("none.db"), EVENTS[:1])
    assert desk.get(("n",), requests).result() == 1
    assert not desk.status.trouble
    desk.close()


def test_everything_in_one_answer_is_of_one_moment(desk: Desk, ledger: Path) -> None:
    def twice(from_: Answers) -> tuple[int, int]:
        first = requests(from_)
        fill(ledger, [MORE])
        return first, requests(from_)

    assert desk.get(("twice",), twice).result() == (6, 6)
    # As long as a version holds, its answers agree with one another.
    assert desk.get(("meanwhile",), requests).result() == 6
    desk.changed()
    assert desk.get(("after",), requests).result() == 7


def test_what_was_asked_for_lately_is_ready_before_a_new_version_shows(ledger: Path) -> None:
    desk = Desk(lambda: answers(ledger), 2, None, 2.0)
    works: list[str] = []

    def work(from_: Answers) -> int:
        works.append(desk.version)
        return requests(from_)

    assert desk.get(("hot",), work).result() == 6
    old = desk.version
    fill(ledger, [MORE])
    desk.changed()
    assert until(lambda: desk.version != old)
    ready = desk.get(("hot",), work)
    assert ready.done()
    assert ready.result() == 7
    # Both times it was worked out while the old version held.
    assert works == [old, old]
    desk.close()


def test_what_is_asked_for_at_ones_own_pace_is_not_made_ready(ledger: Path) -> None:
    desk = Desk(lambda: answers(ledger), 2, None, 2.0)
    works: list[str] = []

    def work(from_: Answers) -> int:
        works.append(desk.version)
        return requests(from_)

    old = desk.version
    # Neither does it keep ready what was found that way, nor what had been there.
    assert [desk.get(("slow",), work, ahead=False).result() for _ in range(2)] == [6, 6]
    fill(ledger, [MORE])
    desk.changed()
    assert until(lambda: desk.version != old)
    assert works == [old]
    assert desk.get(("slow",), work, ahead=False).result() == 7
    assert works == [old, desk.version]
    desk.close()


def test_whoever_follows_the_logs_is_heard(desk: Desk) -> None:
    told: list[Status] = []

    def broken() -> None:
        raise RuntimeError("Event loop is closed")

    desk.listen(broken)
    stop = desk.listen(lambda: told.append(desk.status))
    importing = {"files": 1, "files_all": 4, "bytes": 43, "bytes_all": 100, "events": 9}
    desk.heard({"event": "importing", **importing})
    assert desk.status == Status(importing=0.43, files=1, events=9)
    version = desk.version
    desk.heard({"event": "changed"})
    assert desk.version != version
    desk.heard({"event": "idle"})
    desk.heard({"event": "trouble", "text": "A disk is full."})
    assert (desk.status.importing, desk.status.trouble) == (None, "A disk is full.")
    assert len(told) == 4
    stop()
    stop()
    desk.tell(alive=False)
    assert len(told) == 4
    assert not desk.status.alive


def test_closing_finishes_what_was_begun_and_refuses_the_rest(ledger: Path) -> None:
    desk = Desk(lambda: answers(ledger), 1)
    go, begun = threading.Event(), threading.Event()

    def slow(_: Answers) -> str:
        begun.set()
        go.wait(5)
        return "done"

    first, second = desk.get(("a",), slow), desk.get(("b",), slow)
    assert begun.wait(5)
    ending: list[bool] = []
    desk.listen(lambda: ending.append(desk.ending))
    closing = threading.Thread(target=desk.close)
    closing.start()
    with pytest.raises(Unavailable, match="stopping"):
        second.result(5)
    go.set()
    closing.join(5)
    assert first.result() == "done"
    assert ending[0]
    with pytest.raises(Unavailable, match="stopping"):
        desk.get(("c",), slow).result()
    assert not any(thread.is_alive() for thread in desk._threads)


def test_too_many_who_wait_are_told_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tallystick.answers.desk._WAITING_MOST", 2)
    go = threading.Event()
    waiting = [desk.get((number,), lambda _: go.wait(5)) for number in range(20)]
    refused = [each for each in waiting if each.done() and isinstance(each.exception(), Unavailable)]
    assert len(refused) >= 14
    go.set()
    assert all(each.result() for each in waiting if each not in refused)


def test_what_several_answers_of_a_version_are_made_of_is_worked_out_once(desk: Desk) -> None:
    times: list[int] = []

    def counting(*given: Any) -> Answer:  # noqa: ANN401  as `Report.answer` has it
        times.append(1)
        return plain(*given)

    daily = asked(DAILY._replace(answer=counting))
    found = [desk.get((number,), lambda each: each.ask(daily)).result(20) for number in range(3)]
    assert found[0].totals.requests == 6
    assert found[1] is found[0]
    assert len(times) == 1
    desk.changed()
    assert desk.get((9,), lambda each: each.ask(daily)).result(20) == found[0]
    assert len(times) == 2
