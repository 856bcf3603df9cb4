"""The front door: exit codes by kind of error, closed pipes, interruptions."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tallystick.cli import main
from tallystick.errors import Misused, NotFound, Refused, TallystickError, Unavailable


@pytest.mark.parametrize(
    "error, code",
    [(Misused, 2), (NotFound, 1), (Unavailable, 3), (Refused, 4), (TallystickError, 1), (KeyboardInterrupt, 130)],
)
def test_each_kind_of_error_has_its_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: type[BaseException], code: int
) -> None:
    def fails(*_: object) -> int:
        raise error("What is wrong.")

    monkeypatch.setattr("tallystick.cli.reporting.run", fails)
    assert main(["daily"]) == code
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == ("" if code == 130 else "tally: What is wrong.\n")


def test_what_steers_a_terminal_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(*_: object) -> int:
        raise NotFound("No price list knows \x1b[31mred\u202e.\nTry another.")

    monkeypatch.setattr("tallystick.cli.reporting.run", fails)
    assert main(["daily"]) == 1
    assert capsys.readouterr().err == "tally: No price list knows \ufffd[31mred\ufffd.\nTry another.\n"


def test_an_interruption_under_click_is_one_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("tallystick.cli.why.run", fails)
    assert main(["why"]) == 130


def test_a_reader_that_has_seen_enough_ends_it_quietly(tmp_path: Path) -> None:
    # More rows than a pipe holds, so that writing meets the closed end.
    log = tmp_path / ".claude" / "projects" / "p" / "s.jsonl"
    log.parent.mkdir(parents=True)
    lines = (
        {
            "type": "assistant",
            "timestamp": f"2026-11-01T10:00:00.{number % 1000:03}Z",
            "sessionId": f"s{number}",
            "requestId": f"r{number}",
            "cwd": f"/home/dev/{number}",
            "message": {
                "id": f"m{number}",
                "model": "m",
                "stop_reason": "end_turn",
                "usage": {"input_tokens": 1, "output_tokens": 1},
            },
        }
        for number in range(1_500)
    )
    log.write_text("".join(json.dumps(line) + "\n" for line in lines))
    with subprocess.Popen(
        [sys.executable, "-m", "tallystick", "projects", "--json"],
        env={"HOME": str(tmp_path), "PATH": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.read(10) == b'{"schema":'
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 0


def test_a_reader_that_was_gone_from_the_start_is_met_quietly(tmp_path: Path) -> None:
    # So little that it is written only at the end, when Python would complain once more.
    reading, writing = os.pipe()
    os.close(reading)
    run = subprocess.run(
        [sys.executable, "-m", "tallystick", "daily", "--json"],
        env={"HOME": str(tmp_path), "PATH": ""},
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)
    assert run.stderr == b""
    assert run.returncode == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full")
@pytest.mark.parametrize("arguments", [("demo", "daily"), ("demo", "daily", "--json"), ("chart",)])
def test_an_output_that_is_full_is_told_in_a_sentence(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "tallystick", *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "HOME": str(tmp_path), "TALLY_DATA_DIR": str(tmp_path)},
            check=False,
        )
    assert done.returncode == 3
    assert done.stderr.splitlines()[-1] == "tally: The output cannot be written: no space left on device."
    assert "Traceback" not in done.stderr
