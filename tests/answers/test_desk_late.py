"""The desk while a new version is prepared: what takes long is stood in for by an answer of a moment ago."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.answers.stand import answers, fill

from tallystick.answers.desk import Desk


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    """Return a ledger with the sample's six events."""
    fill(tmp_path / "ledger.db")
    return tmp_path / "ledger.db"


def until(holds: Callable[[], bool], seconds: float = 8) -> bool:
    """Tell whether something came to hold in time."""
    end = time.monotonic() + seconds
    while not (held := holds()) and time.monotonic() < end:
        time.sleep(0.01)
    return held


def test_preparing_never_holds_a_new_version_back_for_long(ledger: Path) -> None:
    desk = Desk(lambda: answers(ledger), 1, None, 0.2)
    go = threading.Event()
    go.set()
    slow = ("slow",)
    times = iter(range(10))
    assert desk.get(slow, lambda _: go.wait(5) and next(times)).result() == 0
    go.clear()
    old, begun = desk.version, time.monotonic()
    desk.changed()
    assert until(lambda: desk.version != old)
    assert time.monotonic() - begun < 1
    # What was there a moment ago stands in for it, and whoever asks begins no other.
    shown = desk.version
    assert desk.get(slow, lambda _: False).result() == 0
    go.set()
    # It comes with another version.
    assert until(lambda: desk.version != shown)
    assert desk.get(slow, lambda _: False).result() == 1
    desk.close()


def test_an_answer_stands_in_for_a_moment_only(ledger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tallystick.answers.desk._LATE_SECONDS", 0.0)
    desk = Desk(lambda: answers(ledger), 1, None, 0.1)
    go = threading.Event()
    go.set()
    times = iter(range(10))
    assert desk.get(("slow",), lambda _: go.wait(5) and next(times)).result() == 0
    go.clear()
    old = desk.version
    desk.changed()
    assert until(lambda: desk.version != old)
    answer = desk.get(("slow",), lambda _: False)
    assert not answer.done()
    go.set()
    assert answer.result() == 1
    desk.close()


def test_whoever_waits_for_what_is_to_be_prepared_comes_first(ledger: Path) -> None:
    desk = Desk(lambda: answers(ledger), 1, None, 0.1)
    go = threading.Event()
    go.set()
    for name in ("a", "b"):
        assert desk.get((name,), lambda _: go.wait(5)).result()
    go.clear()
    old = desk.version
    desk.changed()
    assert until(lambda: desk.version != old)
    found = [desk.get((name,), lambda _: False) for name in ("a", "b")]
    desk.changed()
    go.set()
    assert all(answer.result(timeout=5) for answer in found)
    desk.close()


def test_what_comes_too_late_for_its_version_is_no_answer_of_the_next(
    ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tallystick.answers.desk._HOT_SECONDS", 0.3)
    desk = Desk(lambda: answers(ledger), 1, None, 0.1)
    go = threading.Event()
    go.set()
    times = iter(range(10))
    assert desk.get(("slow",), lambda _: go.wait(5) and next(times)).result() == 0
    go.clear()
    for _ in range(2):
        old = desk.version
        desk.changed()
        assert until(lambda old=old: desk.version != old)  # type: ignore[misc]
        # By then nobody asks for it any more.
        time.sleep(0.4)
    shown = desk.version
    go.set()
    assert desk.get(("other",), lambda _: True).result()
    assert desk.version == shown
    assert desk.get(("slow",), lambda _: "anew").result() == "anew"
    desk.close()


def test_where_the_newer_answer_fails_nothing_stands_in_for_it_any_more(ledger: Path) -> None:
    desk = Desk(lambda: answers(ledger), 1, None, 0.1)
    go = threading.Event()
    go.set()
    times = iter((0, "broken", 2))

    def work(_: object) -> object:
        go.wait(5)
        found = next(times)
        if found == "broken":
            raise ValueError(found)
        return found

    assert desk.get(("slow",), work).result() == 0
    go.clear()
    old = desk.version
    desk.changed()
    assert until(lambda: desk.version != old)
    assert desk.get(("slow",), work).result() == 0
    go.set()
    assert until(lambda: desk.get(("slow",), work).result() == 2)
    desk.close()


def test_what_holds_no_longer_stands_in_while_it_is_worked_out_anew(ledger: Path) -> None:
    desk = Desk(lambda: answers(ledger), 1)
    go = threading.Event()
    assert desk.get(("now",), lambda _: 1, holds=60).result() == 1
    assert desk.get(("now",), lambda _: 2, holds=60).result() == 1
    # It is too old for this one, and begun again once, whoever asks.
    asked = [desk.get(("now",), lambda _: go.wait(5) and 3, holds=0) for _ in range(3)]
    assert [each.result() for each in asked] == [1, 1, 1]
    go.set()
    assert until(lambda: desk.get(("now",), lambda _: 4, holds=60).result() == 3)
    desk.close()


def test_what_is_much_too_old_is_waited_for(ledger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tallystick.answers.desk._LATE_SECONDS", 0.0)
    desk = Desk(lambda: answers(ledger), 1)
    assert desk.get(("now",), lambda _: 1, holds=0).result() == 1
    assert desk.get(("now",), lambda _: 2, holds=0).result() == 2
    assert desk.get(("now",), lambda _: 3, holds=60).result() == 2
    desk.close()


def test_what_fails_to_be_worked_out_anew_is_tried_again(ledger: Path) -> None:
    desk = Desk(lambda: answers(ledger), 1)
    assert desk.get(("now",), lambda _: 1, holds=60).result() == 1
    assert desk.get(("now",), lambda _: 1 // 0, holds=0).result() == 1
    tried = iter(range(2, 1_000))
    assert until(lambda: desk.get(("now",), lambda _: next(tried), holds=0.01).result() > 1)
    desk.close()


def test_of_a_version_before_nothing_takes_a_place(ledger: Path) -> None:
    desk = Desk(lambda: answers(ledger), 2)
    go, begun = threading.Event(), threading.Event()
    assert desk.get(("now",), lambda _: 1).result() == 1

    def late(_: object) -> int:
        begun.set()
        go.wait(5)
        return 2

    assert desk.get(("now",), late, holds=0).result() == 1
    assert begun.wait(5)
    desk.changed()
    assert desk.get(("now",), lambda _: 3).result() == 3
    go.set()
    time.sleep(0.05)
    assert desk.get(("now",), lambda _: 4).result() == 3
    desk.close()
