"""The log is rotated while it is written, takes whatever the process says, and is followed across files."""

import logging
import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import pytest

from tallystick.service.log_file import GENERATIONS, follow, handler, tail

TALKS = """
import logging, os, sys
from tallystick.service.log_file import begin
os.write(2, b"x" * {first})
begin(sys.argv[1], 2000)
print("printed", 1)
print("part", end=" "); print("of a line")
print("bad", file=sys.stderr)
logging.getLogger("a").info("said ü \\ud800")
logging.getLogger("a").debug("too much")
raise ValueError("uncaught")
"""


def talk(log: Path, words: Path, first: int = 3) -> None:
    """Run a process that says something in every way."""
    with words.open("ab") as out:
        program = [sys.executable, "-c", TALKS.replace("{first}", str(first)), str(log)]
        subprocess.run(program, stdout=out, stderr=out, check=False)


def test_whatever_a_process_says_is_in_its_log(tmp_path: Path) -> None:
    log, words = tmp_path / "deep" / "server.log", tmp_path / "start.log"
    talk(log, words)
    assert words.read_text() == "xxx"
    lines = log.read_text().splitlines()
    assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (INFO|ERROR) ", line) for line in lines)
    said = [line.split(" ", 1)[1] for line in lines]
    assert said[:4] == ["INFO printed 1", "INFO part of a line", "ERROR bad", "INFO said ü \\ud800"]
    assert said[4:][0] == "ERROR Traceback (most recent call last):"
    assert said[-1] == "ERROR ValueError: uncaught"
    assert stat.S_IMODE(log.parent.stat().st_mode) == 0o700


def test_what_was_said_outside_of_the_log_does_not_grow_for_ever(tmp_path: Path) -> None:
    words = tmp_path / "start.log"
    talk(tmp_path / "server.log", words, first=600_000)
    talk(tmp_path / "server.log", words, first=600_000)
    assert words.stat().st_size == 0
    talk(tmp_path / "server.log", words, first=5)
    assert words.read_text() == "xxxxx"


def test_a_log_is_rotated_and_so_many_are_kept(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    made = handler(str(log), 500)
    for number in range(200):
        made.emit(logging.LogRecord("a", logging.INFO, "", 0, "line %d", (number,), None))
    made.close()
    names = sorted(each.name for each in tmp_path.iterdir())
    assert names == ["server.log", *(f"server.log.{number + 1}" for number in range(GENERATIONS))]
    assert all(each.stat().st_size <= 500 for each in tmp_path.iterdir())
    assert tail(str(log), 1)[0].endswith("line 199")


def test_the_last_lines(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"one\ntwo\r\nthree \xff\n")
    assert tail(str(log), 2) == ["two", "three �"]
    assert tail(str(log), 0) == []
    assert tail(str(log), 9) == ["one", "two", "three �"]
    assert tail(str(tmp_path / "none"), 9) == []


def test_only_the_end_of_a_long_file_is_read(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("".join(f"{number:09}\n" for number in range(100_000)))
    found = tail(str(log), 50_000)
    assert found == [f"{number:09}" for number in range(100_000 - len(found), 100_000)]
    assert 20_000 < len(found) < 30_000


class GivenUpError(Exception):
    """Nothing more came although all has happened."""


def following(log: Path, deeds: list[Callable[[], object]], lines: int = 10) -> Iterator[str]:
    """Follow a log; each time that it would wait, the next thing happens."""
    turns = iter(deeds)

    def wait(_: float) -> None:
        deed = next(turns, None)
        if deed is None:
            raise GivenUpError
        deed()

    return follow(str(log), lines, wait)


def test_further_lines_come_as_they_are_written(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("one\ntwo\n")

    def add(text: str) -> Callable[[], object]:
        return lambda: log.write_text(log.read_text() + text)

    found = following(log, [add("three\nfo"), lambda: None, add("ur\nfive\n")], 1)
    assert list(islice(found, 4)) == ["two", "three", "four", "five"]


def test_nothing_is_missed_when_a_new_file_is_begun(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("one\n")

    def rotate() -> None:
        with log.open("a") as file:
            file.write("two\n")
        os.replace(log, tmp_path / "log.1")
        log.write_text("three\n")

    assert list(islice(following(log, [rotate]), 3)) == ["one", "two", "three"]


def test_nothing_is_missed_when_several_files_are_begun_at_once(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("one\n")

    def rotate() -> None:
        log.rename(tmp_path / "log.2")
        (tmp_path / "log.2").write_text("one\ntwo\n")
        (tmp_path / "log.1").write_text("three\n")
        (tmp_path / "log.3").write_text("older\n")
        log.write_text("four\n")

    assert list(islice(following(log, [rotate]), 4)) == ["one", "two", "three", "four"]


def test_a_log_that_is_not_there_yet_or_begins_anew_is_followed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    deeds: list[Callable[[], object]] = [
        lambda: None,
        lambda: log.write_text("one\ntwo\n"),
        lambda: log.write_text("new\n"),
    ]
    assert list(islice(following(log, deeds), 3)) == ["one", "two", "new"]


@pytest.mark.parametrize("level", [logging.INFO, logging.ERROR])
def test_a_handler_tells_the_level(tmp_path: Path, level: int) -> None:
    made = handler(str(tmp_path / "log"))
    made.emit(logging.LogRecord("a", level, "", 0, "text", (), None))
    made.close()
    assert f" {logging.getLevelName(level)} text" in (tmp_path / "log").read_text()
