"""A process is known by number and beginning, and is ended only if it is the one that was meant."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.service.world import eventually

from tallystick.errors import TallystickError
from tallystick.service import process
from tallystick.service.process import age_seconds, end, identity

STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(60)"
)


def begun(program: str = "import time; print('ready', flush=True); time.sleep(60)") -> "subprocess.Popen[str]":
    """Start a program and wait until it says that it is ready."""
    found = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert found.stdout is not None
    assert found.stdout.readline() == "ready\n"
    found.stdout.close()
    return found


def test_a_process_keeps_its_identity_and_no_other_has_it() -> None:
    one = begun()
    # Two that begin within the same hundredth of a second differ by their numbers.
    try:
        assert identity(one.pid) == identity(one.pid)
        assert identity(one.pid) != identity(os.getpid())
    finally:
        one.kill()
    # Nobody has asked how it ended, so its number is still taken.
    assert eventually(lambda: identity(one.pid) is None)
    one.wait()
    assert identity(one.pid) is None


@pytest.mark.parametrize("pid", [0, -1, 2**22 + 1])
def test_what_is_no_process_has_no_identity(pid: int) -> None:
    assert identity(pid) is None


def test_a_name_with_brackets_and_spaces_is_no_trouble(tmp_path: Path) -> None:
    fields = "S " + " ".join(["0"] * 18) + " 777 0 0"
    (tmp_path / "self").mkdir()
    (tmp_path / "self" / "stat").write_text("")
    (tmp_path / "12").mkdir()
    (tmp_path / "12" / "stat").write_text(f"12 (a) Z 1 (b c) {fields}")
    assert identity(12, str(tmp_path)) == "/777"


def test_without_proc_ps_is_asked(tmp_path: Path) -> None:
    one = begun()
    try:
        found = identity(one.pid, str(tmp_path))
        assert found is not None
        assert str(time.gmtime().tm_year) in found
        assert found == identity(one.pid, str(tmp_path))
    finally:
        one.kill()
    assert eventually(lambda: identity(one.pid, str(tmp_path)) is None)
    one.wait()


def test_the_age_is_told_by_proc_and_by_ps(tmp_path: Path) -> None:
    one = begun()
    try:
        time.sleep(1.1)
        for found in (age_seconds(one.pid), age_seconds(one.pid, str(tmp_path))):
            assert found is not None
            assert 1 <= found < 30
    finally:
        one.kill()
        one.wait()
    assert age_seconds(one.pid) is None


@pytest.mark.parametrize(
    "text, seconds",
    [("00:05", 5), ("  01:02\n", 62), ("03:00:01", 10801), ("2-03:00:01", 183601), ("", None), ("soon", None)],
)
def test_the_time_that_ps_tells(text: str, seconds: float | None) -> None:
    assert process._age_told(text) == seconds


def test_one_that_is_asked_ends() -> None:
    one = begun()
    began = identity(one.pid)
    assert began is not None
    end(one.pid, began, 10)
    assert one.wait() == -15


def test_one_that_does_not_listen_is_made_to_end() -> None:
    one = begun(STUBBORN)
    began = identity(one.pid)
    assert began is not None
    end(one.pid, began, 0.3)
    assert one.wait() == -9


def test_one_that_began_otherwise_is_left_alone() -> None:
    one = begun()
    try:
        end(one.pid, "another beginning", 1)
        assert one.poll() is None
    finally:
        one.kill()
        one.wait()


def test_one_that_never_ends_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "kill", lambda *_: None)
    clock = iter(range(1000))
    # Only here: whatever else runs in this process goes by the real clock.
    monkeypatch.setattr(process, "monotonic", lambda: next(clock))
    with pytest.raises(TallystickError, match="does not end"):
        end(1, "it", 1, lambda _: "it")
