"""A child in this program's place: exit codes, bytes, signals once each, and the job control of a real shell on a real terminal."""

import os
import pty
import select
import signal
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import pytest

RUN = "import os, sys; from tallystick.cli import child; sys.exit(child.run(sys.argv[1], sys.argv[1:], os.environ))"
PROGRAM = (sys.executable, "-P", "-c", RUN)
HEARS = """
import signal, sys, time
heard = []
def hear(number, _):
    print(signal.Signals(number).name, flush=True)
    if number in (signal.SIGTERM, signal.SIGHUP):
        sys.exit(9)
for name in sys.argv[1:]:
    signal.signal(getattr(signal, name), hear)
print("ready", flush=True)
end = time.monotonic() + 20
while time.monotonic() < end:
    time.sleep(0.05)
"""
"""A program that tells of each signal as often as it hears it, and ends with 9 when it is asked to end."""


def listening(*names: str) -> tuple[str, ...]:
    """Return the command line of a program that hears these signals, run as a child."""
    return (*PROGRAM, sys.executable, "-c", HEARS, *names)


@pytest.mark.parametrize(
    "script, code", [("exit 0", 0), ("exit 7", 7), ("exit 255", 255), ("kill -TERM $$", 143), ("kill -KILL $$", 137)]
)
def test_the_exit_code_is_the_child_s(script: str, code: int) -> None:
    assert subprocess.run([*PROGRAM, "/bin/sh", "-c", script], check=False).returncode == code


def test_what_cannot_be_run_is_told_as_shells_do(tmp_path: Path) -> None:
    bare, lost = tmp_path / "bare", tmp_path / "lost"
    bare.write_text("#!/bin/sh\n")
    lost.write_text("#!/nonexistent/interpreter\n")
    lost.chmod(0o755)
    for path, code, words in ((bare, 126, "permission denied"), (lost, 127, "no such file or directory")):
        found = subprocess.run([*PROGRAM, str(path)], check=False, capture_output=True, text=True)
        assert (found.returncode, found.stdout) == (code, "")
        assert found.stderr == f"tally: {path} cannot be run ({words}).\n"


def test_bytes_pass_as_they_are_and_so_does_an_end() -> None:
    data = bytes(range(256)) * 5_000
    found = subprocess.run([*PROGRAM, "/bin/cat"], input=data, capture_output=True, check=True)
    assert (found.stdout, found.stderr) == (data, b"")
    # `head` has seen enough: the child dies of the pipe as it would alone.
    pipe = f"{' '.join(map(_quoted, PROGRAM))} /usr/bin/yes | head -n 1; echo ${{PIPESTATUS[0]}}"
    assert subprocess.run(["bash", "-c", pipe], capture_output=True, check=True).stdout == b"y\n141\n"


def _quoted(text: str) -> str:
    return f"'{text}'"


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_signal_that_is_sent_here_reaches_the_child(name: str) -> None:
    with subprocess.Popen(listening(name, "SIGINT", "SIGUSR1"), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        for each in ("SIGINT", "SIGUSR1", name):
            process.send_signal(getattr(signal, each))
            assert process.stdout.readline() == f"{each}\n"
        assert process.wait(10) == 9


def test_what_is_ignored_here_is_ignored_there() -> None:
    quiet = ["/bin/sh", "-c", 'trap "" INT; exec "$@"', "sh", *listening("SIGTERM")]
    with subprocess.Popen(quiet, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        # What the signal before it did must be over: of two that wait, a program may take either first.
        sleep(0.3)
        process.send_signal(signal.SIGTERM)
        assert process.stdout.readline() == "SIGTERM\n"
        assert process.wait(10) == 9


class Terminal:
    """A terminal with a program in front of it."""

    def __init__(self, keys: int) -> None:
        """Take the side of the person."""
        self._keys, self.seen = keys, ""

    def press(self, text: str) -> None:
        """Press keys."""
        os.write(self._keys, text.encode())

    def resize(self, columns: int) -> None:
        """Make it another size."""
        termios.tcsetwinsize(self._keys, (24, columns))

    def within(self, seconds: float) -> str:
        """Return what is shown within a time."""
        end = monotonic() + seconds
        while (left := end - monotonic()) > 0:
            if select.select([self._keys], [], [], left)[0]:
                self.seen += os.read(self._keys, 65_536).decode()
        return self.seen

    def shows(self, text: str, seconds: float = 15) -> None:
        """Wait until a text was shown, and forget what was shown up to it; fail when it does not come."""
        end = monotonic() + seconds
        while text not in self.seen:
            left = end - monotonic()
            assert left > 0, f"{text!r} did not come: {self.seen!r}"
            if select.select([self._keys], [], [], left)[0]:
                self.seen += os.read(self._keys, 65_536).decode()
        self.seen = self.seen.partition(text)[2]


@contextmanager
def terminal(*command: str) -> Iterator[tuple[Terminal, "subprocess.Popen[bytes]"]]:
    """Run a program in front of a terminal of its own."""
    keys, screen = pty.openpty()
    # As `setsid --ctty` has it: a session of its own whose terminal this is.
    process = subprocess.Popen(
        ["setsid", "--ctty", "--wait", *command], stdin=screen, stdout=screen, stderr=screen, start_new_session=True
    )
    os.close(screen)
    try:
        yield Terminal(keys), process
    finally:
        # The terminal's end ends everybody who is in front of it.
        os.close(keys)
        if process.poll() is None:
            process.kill()
        process.wait()


def test_a_key_reaches_the_child_once_and_only_it_decides() -> None:
    with terminal(*listening("SIGINT", "SIGWINCH", "SIGTERM")) as (screen, process):
        screen.shows("ready")
        screen.resize(120)
        screen.shows("SIGWINCH")
        for _ in range(2):
            screen.press("\x03")
            screen.shows("SIGINT")
            # No more come than were pressed; the child goes on.
            assert "SIG" not in screen.within(0.3)
        assert process.poll() is None


def test_job_control_works_as_if_the_child_had_been_called_itself() -> None:
    child = " ".join(map(_quoted, (*PROGRAM, "/bin/sh", "-c", "echo be''gun; read line; echo got:$line; exit 5")))
    with terminal("bash", "--norc", "--noprofile", "-i") as (screen, _):
        screen.press("PS1='re''ady>'\n")
        screen.shows("ready>")
        screen.press(f"{child}\n")
        screen.shows("begun")
        screen.press("\x1a")
        screen.shows("Stopped")
        screen.press("jobs -s | wc -l\n")
        screen.shows("1\r\n")
        screen.press("fg\n")
        screen.shows("fg\r\n")
        screen.press("hello\n")
        screen.shows("got:hello")
        screen.press("echo code:$?\n")
        screen.shows("code:5")


def test_a_child_that_stops_itself_gives_the_shell_its_turn() -> None:
    child = " ".join(map(_quoted, (*PROGRAM, "/bin/sh", "-c", "kill -STOP $$; echo on''ward; exit 6")))
    with terminal("bash", "--norc", "--noprofile", "-i") as (screen, _):
        screen.press("PS1='re''ady>'\n")
        screen.shows("ready>")
        screen.press(f"{child}\n")
        screen.shows("Stopped")
        screen.press("fg\n")
        screen.shows("onward")
        screen.press("echo code:$?\n")
        screen.shows("code:6")


def test_without_a_terminal_a_stopped_child_stops_nobody_else() -> None:
    script = "echo $$; kill -STOP $$; exit 4"
    with subprocess.Popen(
        [*PROGRAM, "/bin/sh", "-c", script], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        try:
            end = monotonic() + 10
            while _state(child) != "T":
                assert monotonic() < end
            sleep(0.2)
            assert _state(process.pid) == "S"
            os.kill(child, signal.SIGCONT)
            assert process.wait(10) == 4
        finally:
            process.kill()


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
