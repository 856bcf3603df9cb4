"""A real terminal that a program runs in: tmux on a socket of its own, its keys, its size, and what is to be seen."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from shlex import join
from time import monotonic, sleep

import pytest
from tests.cli.running import PROGRAM

_NUMBERS = count()
"""Each has a socket of its own: that of one that has ended may still be about to go."""


class Pane:
    """One terminal."""

    def __init__(self, socket: Path) -> None:
        """Begin with the socket of its tmux."""
        self._tmux = ("tmux", "-S", str(socket), "-f", os.devnull)

    def _run(self, *arguments: str) -> str:
        return subprocess.run([*self._tmux, *arguments], check=True, capture_output=True, text=True).stdout

    def open(self, command: Sequence[str], environ: Mapping[str, str], size: tuple[int, int]) -> None:
        """Run a shell that runs a command, and then says its exit code and what the terminal is set to."""
        given = join(["env", "-i", *(f"{name}={value}" for name, value in environ.items()), *command])
        # With -i: what is set here, such as NO_COLOR, must not reach it. Ctrl-C reaches the shell as well, which is to go on.
        script = (
            f"trap : INT; stty -a > before; printf 'first\\n'; {given}; echo code $?; stty -a > after; exec sleep 60"
        )
        size_of = ("-x", str(size[0]), "-y", str(size[1]))
        self._run("new-session", "-d", *size_of, "-c", environ["HOME"], "sh", "-c", script)
        # Whatever it is put into, the terminal has the size that is asked for.
        self._run("set-option", "-g", "window-size", "manual")

    def press(self, *keys: str) -> None:
        """Press keys, by tmux's names."""
        self._run("send-keys", *keys)

    def resize(self, width: int, height: int) -> None:
        """Make the terminal another size."""
        self._run("resize-window", "-x", str(width), "-y", str(height))

    def seen(self, *, colours: bool = False) -> str:
        """Return what is to be seen."""
        return self._run("capture-pane", "-p", *(["-e"] if colours else []))

    def asked(self, what: str) -> str:
        """Return what tmux knows of the terminal."""
        return self._run("display-message", "-p", what).strip()

    def until(self, *texts: str, seconds: float = 15, absent: str = "") -> str:
        """Wait for texts to be seen, and another one not to be; return what is seen then."""
        end = monotonic() + seconds
        while True:
            seen = self.seen()
            if all(text in seen for text in texts) and not (absent and absent in seen):
                return seen
            assert monotonic() < end, f"{texts} did not come:\n{seen}"
            sleep(0.02)

    def close(self) -> None:
        """End it with everything that runs in it."""
        subprocess.run([*self._tmux, "kill-server"], check=False, capture_output=True)


@contextmanager
def tally(home: Path, *arguments: str, size: tuple[int, int] = (120, 36), **environ: str) -> Iterator[Pane]:
    """Run a command of this program in a terminal; skip where there is no tmux, unless it has to be there."""
    if not shutil.which("tmux"):
        if os.environ.get("TALLY_REQUIRE_TMUX"):
            pytest.fail("tmux is not installed")
        pytest.skip("tmux is not installed")
    around = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TALLY_DATA_DIR": str(home / "data"),
        "TZ": "UTC",
        "TERM": "tmux-256color",
        "COLORTERM": "truecolor",
        "LC_ALL": "C.UTF-8",
    }
    # A socket's path may have about a hundred characters.
    pane = Pane(Path(f"/tmp/tally-{os.getpid()}-{next(_NUMBERS)}.sock"))
    pane.open([*PROGRAM, *arguments], {**around, **environ}, size)
    try:
        yield pane
    finally:
        pane.close()
