"""Programs that are told something: run without a shell, given some time, and ended with all that they started when it is over."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress

from tallystick.alerts.outlets.outlet import Ended


def run(arguments: Sequence[str], said: bytes, environ: Mapping[str, str], seconds: float) -> Ended:
    """Run a program with something on its standard input; what it says itself goes nowhere."""
    try:
        made = subprocess.Popen(  # noqa: S603  what a person's config names, never a shell
            list(arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=dict(environ),
            # A group of its own, so that what it starts can be ended with it.
            start_new_session=True,
        )
    except OSError as error:
        return Ended(-1, f"{os.path.basename(arguments[0])} cannot be run ({(error.strerror or str(error)).lower()})")
    with made:
        try:
            # One that does not read what it is told is no failure.
            with suppress(BrokenPipeError):
                made.communicate(said, timeout=seconds)
        except subprocess.TimeoutExpired:
            _end(made)
            return Ended(-1, f"it went on for more than {seconds:g} s and was ended")
        except BaseException:
            _end(made)
            raise
    return Ended(made.returncode)


def _end(made: "subprocess.Popen[bytes]") -> None:
    if hasattr(os, "killpg"):
        with suppress(OSError):
            os.killpg(made.pid, signal.SIGKILL)
    made.kill()
    if made.stdin is not None:
        # What was not read will not be.
        with suppress(OSError):
            made.stdin.close()
