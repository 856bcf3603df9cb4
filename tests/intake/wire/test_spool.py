"""Lines get to the disk in order and whole, whatever the disk does; who puts them never waits."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.intake.wire import spool as module
from tallystick.intake.wire.spool import LINES_MOST, Spool, encoded

MOMENT = 1_795_311_238.794


def written(folder: Path) -> list[dict[str, Any]]:
    """Return every line of a spool; all are whole."""
    files = sorted(folder.glob("*.jsonl"), key=lambda file: int(file.name.partition("-")[0]))
    return [json.loads(line) for file in files for line in file.read_bytes().split(b"\n")[:-1]]


def until(holds: Callable[[], object], seconds: float = 10) -> bool:
    """Tell whether something came to hold in time."""
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.005)
    return bool(holds())


def test_lines_are_written_in_order_by_one_writer_for_its_owner_alone(tmp_path: Path) -> None:
    spool = Spool(str(tmp_path / "spool"), lambda: MOMENT)
    for number in range(1_000):
        spool.put({"v": 1, "n": number})
    spool.close()
    (file,) = (tmp_path / "spool").iterdir()
    assert file.name == f"1795311238794-{os.getpid()}.jsonl"
    assert file.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "spool").stat().st_mode & 0o777 == 0o700
    assert [line["n"] for line in written(tmp_path / "spool")] == list(range(1_000))


def test_a_line_is_on_the_disk_soon_and_not_only_at_the_end(tmp_path: Path) -> None:
    with closing(Spool(str(tmp_path), lambda: MOMENT)) as spool:
        spool.put({"n": 1})
        assert until(lambda: written(tmp_path) == [{"n": 1}])


def test_nothing_is_made_before_the_first_line(tmp_path: Path) -> None:
    Spool(str(tmp_path / "spool"), lambda: MOMENT).close()
    assert not (tmp_path / "spool").exists()


def test_a_spool_that_was_closed_stays_closed(tmp_path: Path) -> None:
    spool = Spool(str(tmp_path), lambda: MOMENT)
    for number in range(3):
        spool.put({"n": number})
        spool.close()
    assert written(tmp_path) == [{"n": 0}]
    assert len(list(tmp_path.iterdir())) == 1


def test_what_comes_while_it_closes_is_counted_and_has_no_second_writer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go = threading.Event(), threading.Event()

    def slowly(line: Mapping[str, Any]) -> bytes:
        begun.set()
        go.wait(10)
        return encoded(line)

    monkeypatch.setattr(module, "encoded", slowly)
    spool = Spool(str(tmp_path), lambda: MOMENT)
    spool.put({"n": 1})
    assert begun.wait(10)
    closing = threading.Thread(target=spool.close)
    closing.start()
    # It waits for the writer by now, which waits for the test.
    assert not until(lambda: not closing.is_alive(), 0.1)
    spool.put({"n": 2})
    spool.put({"n": 3})
    go.set()
    closing.join(10)
    note = {"at": 1_795_311_238_794, "host": "", "why": "spool-full", "count": 2}
    assert written(tmp_path) == [{"n": 1}, {"v": 1, "note": note}]
    assert len(list(tmp_path.iterdir())) == 1


def test_many_threads_lose_nothing(tmp_path: Path) -> None:
    spool = Spool(str(tmp_path), lambda: MOMENT)

    def put() -> None:
        for _ in range(500):
            spool.put({"n": 1})

    threads = [threading.Thread(target=put) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spool.close()
    assert len(written(tmp_path)) == 4_000


def test_a_new_file_begins_when_one_is_full_and_at_midnight_utc(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BYTES_MOST", 100)
    now = [86_400.0 * 20_000 - 1]
    spool = Spool(str(tmp_path), lambda: now[0])
    for number in range(4):
        spool.put({"n": number, "text": "x" * 20})
    assert until(lambda: len(written(tmp_path)) == 4)
    # 36 bytes each: two fit.
    assert len(list(tmp_path.iterdir())) == 2
    now[0] += 1
    spool.put({"n": 4})
    spool.close()
    assert [line["n"] for line in written(tmp_path)] == [0, 1, 2, 3, 4]
    assert len(list(tmp_path.iterdir())) == 3


@contextmanager
def room(folder: Path, size: str) -> Iterator[None]:
    """Mount a small file system."""
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=False, capture_output=True
    )
    if made.returncode:
        pytest.skip("a file system can be mounted by root only")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@pytest.mark.skipif(sys.platform != "linux", reason="mounts a tmpfs")
def test_a_full_disk_delays_lines_and_tears_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_AGAIN_S", 0.05)
    disk = tmp_path / "disk"
    with room(disk, "64k"):
        # One page of four KiB stays free for the spool.
        (disk / "ballast").write_bytes(bytes(56 << 10))
        spool = Spool(str(disk / "spool"), lambda: MOMENT)
        for number in range(300):
            spool.put({"n": number, "text": "x" * 100})
        assert until(lambda: 10 < len(written(disk / "spool")) < 300)
        time.sleep(0.2)
        before = len(written(disk / "spool"))
        assert before < 300
        (disk / "ballast").unlink()
        assert until(lambda: len(written(disk / "spool")) == 300)
        spool.close()
        assert [line["n"] for line in written(disk / "spool")] == list(range(300))


def test_what_does_not_fit_is_counted_and_told_when_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_AGAIN_S", 0.05)
    blocked = tmp_path / "spool"
    blocked.write_text("a file where the folder should be")
    spool = Spool(str(blocked), lambda: MOMENT)
    began = time.monotonic()
    for number in range(LINES_MOST + 7):
        spool.put({"n": number})
    assert time.monotonic() - began < 2
    blocked.unlink()
    assert until(lambda: len(written(blocked)) == LINES_MOST + 1)
    spool.close()
    lines = written(blocked)
    assert [line["n"] for line in lines[:-1]] == list(range(LINES_MOST))
    assert lines[-1] == {"v": 1, "note": {"at": 1_795_311_238_794, "host": "", "why": "spool-full", "count": 7}}


def test_closing_does_not_wait_for_a_disk_that_takes_nothing(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("")
    spool = Spool(str(tmp_path / "spool"), lambda: MOMENT)
    spool.put({"n": 1})
    began = time.monotonic()
    spool.close()
    assert time.monotonic() - began < 2


def test_what_no_json_can_hold_is_told_and_stops_nothing(tmp_path: Path) -> None:
    with closing(Spool(str(tmp_path), lambda: MOMENT)) as spool:
        spool.put({"n": object()})
        spool.put({"n": 2})
        assert until(lambda: written(tmp_path)[1:] == [{"n": 2}])
    assert written(tmp_path)[0]["note"]["why"] == "unwritable"


WORDS = st.text(max_size=2_000)


@given(
    st.dictionaries(st.sampled_from(["model", "id", "project", "session", "kind"]), WORDS),
    st.dictionaries(WORDS, WORDS, max_size=20),
)
def test_a_line_is_one_object_below_4_kib_whatever_it_holds(line: Mapping[str, Any], tags: Mapping[str, str]) -> None:
    text = encoded({"v": 1, **line, "tags": tags} if line.get("kind", "") == "" else {"v": 1, "tags": tags})
    assert len(text) < 4_096
    assert text.endswith(b"\n")
    assert text.count(b"\n") == 1
    assert json.loads(text)["v"] == 1


def test_a_line_that_fits_is_written_as_it_is() -> None:
    line = {"v": 1, "model": "m", "project": "/home/dev/größe", "tags": {"a": "b"}, "tokens": [1, 2]}
    assert json.loads(encoded(line)) == line
