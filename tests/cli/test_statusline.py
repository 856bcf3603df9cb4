"""`tally statusline` as Claude Code runs it: real processes, whatever is on their input."""

import json
import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.cli.running import PROGRAM, around, until
from tests.cli.stage import Stage

from tallystick.cli.statusline_kept import LOCK, STATE

HEAVY = {
    "click",
    "collections",
    "dataclasses",
    "json",
    "re",
    "subprocess",
    "typing",
    "types",
    "tomllib",
    "tallystick.settings",
}
USD = 10**12


def log(stage: Stage, calls: int, session: str = "s") -> Path:
    """Write a log of Claude Code with so many calls of just now: each 1000 tokens at $1 and 500 at $10 per million, $0.006."""
    path = stage.home / ".claude" / "projects" / "p" / f"{session}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    with path.open("a") as file:
        for each in range(calls):
            usage = {"input_tokens": 1_000, "output_tokens": 500}
            name = f"{session}_{now.timestamp()}_{each}"
            line = {
                "type": "assistant",
                "timestamp": f"{now - timedelta(seconds=calls - each):%Y-%m-%dT%H:%M:%S}.000Z",
                "sessionId": session,
                "requestId": f"req_{name}",
                "cwd": "/home/dev/till",
                "gitBranch": "main",
                "message": {"id": f"msg_{name}", "model": "house-model-1", "stop_reason": "end_turn", "usage": usage},
            }
            file.write(json.dumps(line) + "\n")
    # In a zone in which it is noon, so that no midnight comes between.
    zone = f"Etc/GMT{now.hour - 12:+}"
    stage.say(f'timezone = "{zone}"\n[prices."house-model-1"]\ninput = 1\noutput = 10\n')
    return path


def told(session: str = "s", **more: Any) -> str:  # noqa: ANN401
    """Return what Claude Code tells."""
    said = {"session_id": session, "model": {"display_name": "House 1"}, "context_window": {"used_percentage": 42}}
    return json.dumps({**said, **more})


def line(stage: Stage, *arguments: str, said: str | None = None, **more: str) -> str:
    """Return the line, without colours."""
    done = subprocess.run(
        [*PROGRAM, "statusline", "--no-color", *arguments],
        input=said or "",
        env=around(stage, **more),
        capture_output=True,
        text=True,
        check=True,
        timeout=10,
    )
    assert done.stdout.count("\n") == 1
    return done.stdout.rstrip("\n")


def state(stage: Stage) -> dict[str, Any]:
    """Return what is kept ready; nothing where there is none."""
    path = stage.home / "data" / STATE
    found: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return found


def settled(stage: Stage) -> bool:
    """Tell whether nobody renews what is kept ready any more."""
    from fcntl import LOCK_EX, LOCK_NB, flock

    with (stage.home / "data" / LOCK).open() as lock:
        try:
            flock(lock, LOCK_EX | LOCK_NB)
        except OSError:
            return False
    return True


def later(stage: Stage) -> None:
    """Make what is kept ready a minute older than it is."""
    path = stage.home / "data" / STATE
    made = {**state(stage), "begun": state(stage)["begun"] - 61_000}
    path.write_text(json.dumps(made))
    os.utime(path, ns=(made["begun"] * 1_000_000,) * 2)
    (stage.home / "data" / LOCK).write_text("")


@pytest.fixture
def ready(stage: Stage) -> Iterator[Stage]:
    """Return a home in which a session of two calls, $0.012, is kept ready."""
    log(stage, 2)
    line(stage)
    assert until(lambda: state(stage) and settled(stage))
    yield stage
    assert until(lambda: settled(stage))


def test_the_first_line_comes_at_once_and_the_next_one_has_the_figures(ready: Stage) -> None:
    found = line(ready, said=told())
    assert found.startswith("House 1 · $0.01 · today $0.01 · block $0.01 till ~")
    assert found.endswith(" · ctx 42% · cache 0%")
    assert line(ready, "--template", "{session_tokens} {project} {branch} {machine}", TALLY_MACHINE="box") == (
        f"3.0k till main {state(ready)['machine']}"
    )


def test_without_words_of_a_tool_the_last_session_is_told_of(ready: Stage) -> None:
    assert line(ready, "--template", "{model} {session}") == "house-model-1 $0.01"


def test_whatever_is_on_the_input_there_is_a_line(ready: Stage) -> None:
    odd = '{"model":7,"cost":[],"rate_limits":{"x":1}}'
    for said in ("", "{broken", "[]", "null", "\0", odd, "x" * 3_000_000):
        assert "today $0.01" in line(ready, said=said), said[:50]


def test_what_somebody_has_made_of_what_is_kept_ready_is_made_anew(ready: Stage) -> None:
    odd = ('{"sessions":{"s":{}}}', '{"begun":"x"}', '{"windows":7}', '{"day":{"since":null}}', '{"blocks":[1]}')
    for each in odd:
        text = f'{{"schema":"tallystick.statusline/1",{each[1:]}'
        (ready.home / "data" / STATE).write_text(text)
        (ready.home / "data" / LOCK).write_text("")
        assert line(ready, "--template", "{model}[ {session}]", said=told()) == "House 1", each
        os.utime(ready.home / "data" / STATE, ns=(0, 0))
        line(ready)
        assert until(lambda: "machine" in state(ready) and settled(ready)), each


def test_a_terminal_is_not_waited_for(ready: Stage) -> None:
    ours, theirs = pty.openpty()
    began = time.monotonic()
    try:
        done = subprocess.run(
            [*PROGRAM, "statusline"], stdin=theirs, env=around(ready), capture_output=True, timeout=10, check=True
        )
    finally:
        os.close(ours)
        os.close(theirs)
    assert b"$0.01" in done.stdout
    assert time.monotonic() - began < 0.9


def test_an_input_that_stays_open_is_not_waited_for_long(ready: Stage) -> None:
    # What is complete needs no end.
    for said, most in (("", 3.0), (told(), 0.9), (told()[:20], 3.0)):
        reading, writing = os.pipe()
        try:
            os.write(writing, said.encode())
            began = time.monotonic()
            done = subprocess.run(
                [*PROGRAM, "statusline"], stdin=reading, env=around(ready), capture_output=True, timeout=10, check=True
            )
            assert time.monotonic() - began < most
        finally:
            os.close(reading)
            os.close(writing)
        assert b"$0.01" in done.stdout


def test_a_closed_input_is_none(ready: Stage) -> None:
    command = " ".join([*PROGRAM, "statusline", "--no-color"])
    done = subprocess.run(
        ["sh", "-c", f"{command} <&-"], env=around(ready), capture_output=True, text=True, timeout=10, check=True
    )
    assert "today $0.01" in done.stdout


def counting(stage: Stage) -> dict[str, str]:
    """Return variables by which each process that renews is noted: Python runs a `sitecustomize` as it starts."""
    place = stage.home / "counting"
    place.mkdir()
    (place / "sitecustomize.py").write_text(
        "import os, sys\n"
        "if 'refresh' in sys.orig_argv:\n"
        "    with open(os.environ['TALLY_DATA_DIR'] + '/renewals', 'a') as file:\n"
        "        print(os.getpid(), file=file)\n"
    )
    return {"PYTHONPATH": str(place)}


@contextmanager
def hanging(stage: Stage) -> Iterator[None]:
    """Have each renewal wait for somebody who reads the logs for the first time."""
    from fcntl import LOCK_EX, flock

    path = stage.home / "data" / "ledger.db.lock"
    path.parent.mkdir(exist_ok=True)
    with path.open("w") as held:
        flock(held, LOCK_EX)
        yield
    assert until(lambda: state(stage) and settled(stage))


def test_it_is_not_held_up_by_what_renews(stage: Stage) -> None:
    log(stage, 1)
    reading, writing = os.pipe()
    with hanging(stage):
        # Whoever reads the output waits for its end, which must not be that of the process that renews; nor that of a
        # pipe that came to the line by accident.
        done = subprocess.run(
            [*PROGRAM, "statusline"],
            stdin=subprocess.DEVNULL,
            env=around(stage),
            capture_output=True,
            pass_fds=[writing],
            check=True,
            timeout=10,
        )
        os.close(writing)
        assert (done.stdout, done.stderr) == (b"\n", b"")
        assert select.select([reading], [], [], 5)[0]
        assert os.read(reading, 1) == b""
        assert not settled(stage)
    os.close(reading)


def test_a_renewal_that_takes_long_is_the_only_one_for_so_long(stage: Stage) -> None:
    log(stage, 1)
    environ = {**around(stage), **counting(stage)}
    with hanging(stage):
        for _ in range(3):
            subprocess.run([*PROGRAM, "statusline"], stdin=subprocess.DEVNULL, env=environ, check=True, timeout=10)
            # As if the last try were long ago.
            (stage.home / "data" / LOCK).write_text("")
        assert until((stage.home / "data" / "renewals").exists)
        assert not settled(stage)
    assert (stage.home / "data" / "renewals").read_text().count("\n") == 1


def test_a_figure_to_which_more_has_come_a_while_ago_is_marked(ready: Stage) -> None:
    later(ready)
    later(ready)
    assert line(ready, "--width", "0", said=told()).startswith("House 1 · $0.01* · today $0.01* · ")
    assert until(lambda: settled(ready) and "*" not in line(ready, said=told()))


def test_a_new_call_is_in_the_line_a_moment_later(ready: Stage) -> None:
    path = log(ready, 1)
    later(ready)
    assert "$0.01" in line(ready, said=told(transcript_path=str(path)))
    # Three calls are $0.018.
    assert until(lambda: "House 1 · $0.02 · today $0.02" in line(ready, said=told()))


def test_many_at_once_start_one_renewal(ready: Stage) -> None:
    later(ready)
    before, environ = state(ready)["begun"], {**around(ready), **counting(ready)}
    began = time.monotonic()
    lines = [
        subprocess.Popen(
            [*PROGRAM, "statusline"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=environ, text=True
        )
        for _ in range(20)
    ]
    found = [process.communicate(timeout=30)[0] for process in lines]
    assert time.monotonic() - began < 10
    assert {each.count("\n") for each in found} == {1}
    assert all("$0.01" in each for each in found)
    assert until(lambda: state(ready)["begun"] > before and settled(ready))
    assert (ready.home / "data" / "renewals").read_text().count("\n") == 1


def test_windows_that_are_told_are_in_the_ledger_a_moment_later(ready: Stage) -> None:
    ends = int(time.time()) + 7_200
    limits = {"five_hour": {"used_percentage": 34, "resets_at": ends}}
    assert "5h 34% till " in line(ready, said=told(rate_limits=limits))
    later(ready)
    line(ready)
    assert until(lambda: bool(state(ready)["windows"]))
    (window,) = state(ready)["windows"]
    assert (window["name"], window["used"], window["resets_at"]) == ("five_hour", 34.0, ends * 1000)


def test_colours_are_left_out_where_nobody_wants_them(ready: Stage) -> None:
    def raw(**more: str) -> str:
        return subprocess.run(
            [*PROGRAM, "statusline"], env=around(ready, **more), capture_output=True, text=True, check=True, input=""
        ).stdout

    assert "\033[36mhouse-model-1\033[0m" in raw()
    assert "\033" not in raw(NO_COLOR="1")
    assert "\033" not in raw(TERM="dumb")


def test_the_width_is_what_the_terminal_tells_less_what_the_tool_keeps(ready: Stage) -> None:
    assert line(ready, said=told(), COLUMNS="30") == "House 1 · $0.01"
    assert "ctx 42%" in line(ready, said=told(), COLUMNS="120")
    assert "ctx 42%" in line(ready, "--width", "0", said=told(), COLUMNS="30")


def test_the_config_says_what_is_printed_and_what_means_nothing_is_told(ready: Stage) -> None:
    with ready.config.open("a") as file:
        file.write("[statusline]\ntemplate = '{modle} {session}'\n")
    done = subprocess.run(
        [*PROGRAM, "statusline", "--no-color"], env=around(ready), capture_output=True, text=True, check=True, input=""
    )
    assert done.stdout == "{modle?} $0.01\n"
    assert done.stderr.startswith("tally: {modle} is no field of the status line: known are model, session,")
    ready.say("data_dir = \n")
    done = subprocess.run(
        [*PROGRAM, "statusline", "--no-color"], env=around(ready), capture_output=True, text=True, check=True, input=""
    )
    assert "today $0.01" in done.stdout
    assert "is no TOML" in done.stderr


def test_an_encoding_that_lacks_a_sign_does_without(ready: Stage) -> None:
    for encoding in ("ascii", "latin-1"):
        done = subprocess.run(
            [*PROGRAM, "statusline", "--no-color"],
            env=around(ready, PYTHONIOENCODING=encoding),
            capture_output=True,
            check=True,
            input=told(model={"display_name": "モデル"}).encode(),
        )
        assert done.stdout.startswith(b"??? ")
        assert b"$0.01" in done.stdout


def test_options_that_are_none_are_told_by_click(stage: Stage) -> None:
    assert stage.tally("statusline", "--colour").code == 2
    assert stage.tally("statusline", "--width", "x").code == 2
    assert "install" in stage.tally("statusline", "-h").out


def test_nothing_heavy_is_imported(ready: Stage) -> None:
    program = "import sys; from tallystick.cli import main; main(); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path += {sys.path!r}; {program}", "statusline"],
        env=around(ready),
        input=told(rate_limits={"five_hour": {"used_percentage": 1, "resets_at": time.time() + 60}}),
        capture_output=True,
        text=True,
        check=True,
    )
    assert HEAVY & set(done.stderr.split()) == set()


def test_where_nothing_can_be_written_there_is_a_line(stage: Stage) -> None:
    limits = {"five_hour": {"used_percentage": 34, "resets_at": time.time() + 7_200}}
    found = line(stage, said=told(rate_limits=limits), TALLY_DATA_DIR="/dev/null/data")
    assert found.startswith("House 1 · 5h 34% till ")
