"""How old what is kept ready is, and who renews it: one at a time, and nobody where a server does."""

import fcntl
import os
from pathlib import Path
from typing import Any

import pytest

from tallystick.cli import statusline_kept
from tallystick.cli.statusline_kept import KEEPER, LOCK, STATE, Freshness, read

NOW = 1_795_442_400_000
SECOND = 1_000


def fresh(folder: Path, age: int = 0, transcript: Path | None = None, **more: Any) -> Freshness:  # noqa: ANN401
    """Return what holds of something kept ready that is so old, in milliseconds."""
    state = {"begun": NOW - age, **more}
    return Freshness(str(folder), state, NOW, str(transcript or ""))


@pytest.mark.parametrize(
    "content, found",
    [
        (b'{"schema": "tallystick.statusline/1", "begun": 5}', 5),
        (b'{"schema": "tallystick.statusline/2", "begun": 5}', None),
        (b'{"begun": 5}', None),
        (b'{"schema": "tallystick.statusline/1", "be', None),
        (b"[]", None),
        (b"", None),
    ],
)
def test_only_what_has_the_known_shape_is_used(tmp_path: Path, content: bytes, found: int | None) -> None:
    (tmp_path / STATE).write_bytes(content)
    assert read(str(tmp_path / STATE)).get("begun") == found
    assert read(str(tmp_path / "nothing")) == {}


@pytest.mark.parametrize(
    "age, took, due",
    [
        (4_999, 0, False),
        (5_000, 0, True),
        # What takes half a second is done every ten.
        (9_999, 500, False),
        (10_000, 500, True),
        # And what takes a minute, every minute.
        (59_999, 60_000, False),
        (60_000, 60_000, True),
        # A clock that was set back.
        (-1, 0, True),
    ],
)
def test_it_is_renewed_after_some_seconds_and_more_seldom_the_longer_that_takes(
    tmp_path: Path, age: int, took: int, *, due: bool
) -> None:
    assert fresh(tmp_path, age, took=took).due == due


def test_without_anything_it_is_due() -> None:
    assert Freshness("/nowhere", {}, NOW).due


def test_while_a_session_rests_it_is_renewed_once_a_minute(tmp_path: Path) -> None:
    transcript = tmp_path / "s.jsonl"
    transcript.touch()
    os.utime(transcript, ns=((NOW - 20 * SECOND) * 1_000_000,) * 2)
    assert not fresh(tmp_path, 10 * SECOND, transcript).due
    assert fresh(tmp_path, 21 * SECOND, transcript).due
    assert fresh(tmp_path, 10 * SECOND, tmp_path / "gone.jsonl").due
    os.utime(transcript, ns=((NOW - 90 * SECOND) * 1_000_000,) * 2)
    assert fresh(tmp_path, 60 * SECOND, transcript).due


def test_a_server_that_keeps_it_is_left_to_it(tmp_path: Path) -> None:
    transcript = tmp_path / "s.jsonl"
    transcript.touch()
    os.utime(transcript, ns=((NOW - 10 * SECOND) * 1_000_000,) * 2)
    with (tmp_path / KEEPER).open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        found = fresh(tmp_path, 3_600 * SECOND)
        assert (found.kept, found.due, found.lag) == (True, False, 0)
        # What is in the transcript by now and not in there is missing all the same.
        assert fresh(tmp_path, 3_600 * SECOND, transcript).lag == 3_590 * SECOND
    found = fresh(tmp_path, 3_600 * SECOND)
    assert (found.kept, found.due, found.lag) == (False, True, 3_600 * SECOND)


def test_one_renews_and_others_leave_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[int] = []

    def start(lock: int) -> None:
        # As the process that is started keeps it open.
        started.append(os.dup(lock))

    monkeypatch.setattr(statusline_kept, "_start", start)
    assert fresh(tmp_path, 60 * SECOND).renew()
    assert not fresh(tmp_path, 60 * SECOND).renew()
    os.close(started[0])
    # It has just been tried, whatever came of it.
    assert not fresh(tmp_path, 60 * SECOND).renew()
    assert Freshness(str(tmp_path), {"begun": NOW - 60 * SECOND}, NOW + 5 * SECOND).renew()
    os.close(started[1])
    assert len(started) == 2


def test_what_was_renewed_since_it_was_read_is_not_renewed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statusline_kept, "_start", lambda _: pytest.fail("it was renewed again"))
    (tmp_path / STATE).touch()
    os.utime(tmp_path / STATE, ns=((NOW + SECOND) * 1_000_000,) * 2)
    assert not fresh(tmp_path, 60 * SECOND).renew()


def test_a_lock_with_nonsense_in_it_is_a_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statusline_kept, "_start", lambda _: None)
    (tmp_path / LOCK).write_text("nonsense")
    assert fresh(tmp_path, 60 * SECOND).renew()
    assert (tmp_path / LOCK).read_text() == f"{NOW:020}"


def test_where_nothing_can_be_written_nothing_is_started(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    assert not Freshness(str(tmp_path / "data"), {}, NOW).renew()
