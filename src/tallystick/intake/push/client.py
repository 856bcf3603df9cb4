"""The client that needs nothing but Python: the front door of `client.pyz`.

A run that finds nothing new ends before anything but places is imported, and before anything is opened.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tallystick.errors import Misused, Refused, TallystickError, Unavailable
from tallystick.intake.push.collecting import Seen, seen
from tallystick.intake.push.options import HELP, Options, understood
from tallystick.intake.push.unpacking import CODE, folder_of, platform_here
from tallystick.tools.shelf import TOOLS

_CODES = ((Misused, 2), (Unavailable, 3), (Refused, 4))
_SEEN = "seen"
_LOCK = "lock"
_FAULT = "fault"


class World(NamedTuple):
    """Where the client runs."""

    environ: Mapping[str, str]
    home: str
    """The person's own."""
    program: str
    """The path of the client itself."""


def main(arguments: Sequence[str], environ: Mapping[str, str], home: str, program: str) -> int:
    """Do what the words on the command line say; return the exit code."""
    options = Options(frozenset({"help"}))
    try:
        options = understood(arguments)
        return _run(options, World(environ, home, program))
    except KeyboardInterrupt:
        _say("Interrupted; what was read is sent next time.")
        return 1
    except Exception as error:  # noqa: BLE001  who runs this from cron gets a sentence and no trace
        folder = options.said.get("state") or folder_of(environ, home, platform_here())
        sentence, code = _fault(error, folder)
    _say(sentence)
    if options.sends:
        _keep(folder, sentence)
    return code


def _fault(error: Exception, folder: str) -> tuple[str, int]:
    """Return what went wrong, and the exit code."""
    if isinstance(error, TallystickError):
        return str(error), next((code for kind, code in _CODES if isinstance(error, kind)), 1)
    if isinstance(error, ImportError):
        return _without(error, os.path.dirname(os.path.abspath(__file__)))
    if isinstance(error, OSError):
        return f"The client cannot go on ({(error.strerror or str(error)).lower()}): {error.filename or folder}.", 3
    return f"The client failed ({type(error).__name__}: {str(error)[:200]}); please report this.", 1


def _keep(folder: str, sentence: str) -> None:
    """Keep what went wrong for the next one who looks: what the system runs is heard by nobody."""
    try:
        from tallystick.intake.push.faults import keep
    except ImportError:
        return
    keep(folder, sentence, _clock())


def _without(error: ImportError, here: str) -> tuple[str, int]:
    """Return what is missing; modules that were unpacked and are gone are unpacked anew next time."""
    if not (error.name or "").startswith(__name__.partition(".")[0]):
        return f"This Python lacks {error.name}: use another one.", 3
    from tallystick.intake.push.unpacking import given_up

    place = here.replace("\\", "/").partition("/tallystick/intake/push")[0]
    if os.path.basename(os.path.dirname(place)) == CODE:
        given_up(place, "")
    return f"{error.name} was missing among the client's unpacked modules; they are unpacked anew the next time.", 1


def _run(options: Options, world: World) -> int:
    if "help" in options.flags:
        sys.stdout.write(HELP)
        return 0
    if "version" in options.flags:
        from tallystick import __version__

        sys.stdout.write(f"client.pyz {__version__}\n")
        return 0
    folder = options.said.get("state") or folder_of(world.environ, world.home, platform_here())
    if "status" in options.flags or not options.settle:
        _tell_standing(options, folder)
    if "status" in options.flags:
        return 0
    look = seen(TOOLS, options.said.get("home") or world.home, world.environ)
    if not options.settle and _remembered(folder) == look.mark:
        if "verbose" in options.flags:
            _say(f"Nothing new in {len(look.files)} files.")
        return 0
    return _with_news(options, world, folder, look)


def _tell_standing(options: Options, folder: str) -> None:
    """Tell how sending fares where that is asked, and to a person what went wrong unseen."""
    if "status" in options.flags:
        from tallystick.intake.push.faults import standing

        sys.stdout.write(f"{standing(folder)}\n")
    elif "once" not in options.flags and os.path.exists(os.path.join(folder, _FAULT)):
        from tallystick.intake.push.faults import kept

        if told := kept(folder):
            _say(told)


def _with_news(options: Options, world: World, folder: str, look: Seen) -> int:
    from tallystick.intake.push.alone import alone
    from tallystick.intake.push.rounds import Round

    with alone(os.path.join(folder, _LOCK)) as is_alone:
        if not is_alone:
            _say("Another client is at work; it sends what is new.")
            return 0
        if options.settle:
            # What is said now may ask for what was sent already.
            _remember(folder, "")
        made = Round(options, world.environ, world.home, folder, _clock)
        try:
            made.settle()
            if options.flags & {"install", "uninstall"}:
                _schedule(options, world, folder)
            elif "show" in options.flags:
                made.show(look, sys.stdout.buffer)
            else:
                all_read = made.send(look, _say if "verbose" in options.flags else _hush)
                _succeeded(folder, look.mark if all_read else "")
        finally:
            made.close()
    return 0


def _succeeded(folder: str, mark: str) -> None:
    """Remember that all is sent that could be read and, unless that is not all, what was there."""
    if os.path.exists(os.path.join(folder, _FAULT)):
        from tallystick.intake.push.faults import forget

        forget(folder)
    if mark:
        _remember(folder, mark)


def _schedule(options: Options, world: World, folder: str) -> None:
    """Have the system run this client as it was called, or no more."""
    from tallystick.intake.push.schedule import EVERY_MINUTES, Job, carry_out, plan

    command = [sys.executable, "-I", "-S", world.program, "--once"]
    if "home" in options.said:
        command += ["--home", os.path.abspath(options.said["home"])]
    if folder != folder_of({}, world.home, platform_here()):
        command += ["--state", os.path.abspath(folder)]
    install = "install" in options.flags
    job = Job(tuple(command), world.home, platform_here(), os.getuid() if hasattr(os, "getuid") else 0)
    made = plan(job, _started, install=install)
    if "dry-run" in options.flags:
        sys.stdout.write(f"{made.told().rstrip()}\n")
        return
    carry_out(made, _started)
    _say(f"Every {EVERY_MINUTES} minutes from now on." if install else "No more from now on.")


def _started(program: Sequence[str], text: str) -> tuple[int, str, str]:
    import subprocess  # noqa: TID251  the zipapp has no other front door

    done = subprocess.run(program, input=text, capture_output=True, text=True, check=False)  # noqa: S603  a plan's own words
    return done.returncode, done.stdout, done.stderr


def _hush(_: str) -> None:
    """Say nothing: what cron runs writes a letter whenever it says something."""


def _clock() -> int:
    from time import time  # noqa: TID251  the zipapp has no other front door

    return round(time() * 1000)


def _remembered(folder: str) -> str:
    try:
        with open(os.path.join(folder, _SEEN), encoding="ascii") as file:
            return file.read()
    except (OSError, ValueError):
        return ""


def _remember(folder: str, mark: str) -> None:
    path = os.path.join(folder, _SEEN)
    with open(f"{path}.part", "w", encoding="ascii") as file:
        file.write(mark)
    os.replace(f"{path}.part", path)


def _say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
