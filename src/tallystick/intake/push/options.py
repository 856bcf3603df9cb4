"""The words on the client's command line: few enough to be understood without a library, whose import takes longer than the run."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from tallystick.errors import Misused

KEEP, PSEUDONYM, LEAVE_OUT = "keep", "pseudonym", "leave-out"
WAYS: Final = (KEEP, PSEUDONYM, LEAVE_OUT)
"""What may become of a name before it leaves the machine."""
_VALUES: Final = ("server", "join", "home", "machine", "state", "project", "branch", "session", "path")
_FLAGS: Final = (
    "show",
    "status",
    "once",
    "all",
    "install",
    "uninstall",
    "dry-run",
    "verbose",
    "help",
    "version",
    "insecure",
)
_MASKS: Final = ("project", "branch", "session")
HELP: Final = """\
Usage: python3 -I -S client.pyz [--server URL] [--join CODE] [option …]

Reads the logs of AI coding tools on this machine and sends their counts to a Tallystick server: what each call
consumed, never what was asked or answered. What was said once is remembered: later runs need no options.

  --server URL       the server to send to
  --join CODE        exchange the code of `tally server invite` for a token of this machine
  --insecure         go over http:// to another machine, where anybody on the way can read along
  --machine NAME     the name to join with; the host's name otherwise
  --show             print what would leave, as lines of JSON, and send nothing
  --status           tell where this sends to, what waits and what last went wrong
  --all              send everything, also what was sent before, which changes nothing on the server
  --once             read and send once (what happens without any option)
  --install          have the system run this every five minutes: cron, launchd or a scheduled task
  --uninstall        leave that
  --dry-run          with --install, --uninstall: only tell what would be done
  --project HOW      names of projects: keep, pseudonym or leave-out
  --branch HOW       names of branches: the same
  --session HOW      ids and titles of sessions: the same
  --path MATCH=HOW   the same for all three where the project's directory matches (`~/clients/**=pseudonym`);
                     may be said several times; `--path none` forgets those that were said
  --home DIR         the home whose logs are read; your own otherwise
  --state DIR        where this keeps what it has to remember
  --verbose          tell what was read and sent
  --version          tell the version

The token stands in a file that only you can read; TALLY_PUSH_TOKEN goes before it.
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 something needed is not available, 4 the server refused.
"""


class Options(NamedTuple):
    """What was said."""

    flags: frozenset[str] = frozenset()
    said: Mapping[str, str] = {}
    """By name, the value that was given last; those of --project, --branch and --session are among `WAYS`."""
    paths: tuple[tuple[str, str], ...] | None = None
    """Patterns with what becomes of names there; None where nothing was said of them."""

    @property
    def sends(self) -> bool:
        """Tell whether something is to be sent."""
        return not self.flags & {"show", "status", "install", "uninstall", "help", "version"}

    @property
    def settle(self) -> bool:
        """Tell whether anything was said that is to be remembered or shown."""
        return bool(
            self.flags - {"once", "verbose", "insecure"} or set(self.said) - {"state", "home"} or self.paths is not None
        )


def understood(arguments: Sequence[str]) -> Options:
    """Return what the words on a command line say; raise `Misused`."""
    flags: set[str] = set()
    said: dict[str, str] = {}
    paths: list[tuple[str, str]] | None = None
    waiting = list(arguments)
    while waiting:
        word = waiting.pop(0)
        name, equals, value = word[2:].partition("=") if word.startswith("--") else ("", "", "")
        if name in _FLAGS and not equals:
            flags.add(name)
            continue
        if name not in _VALUES:
            raise Misused(f"{word[:60]!r} is not understood: see --help.")
        if not equals:
            if not waiting:
                raise Misused(f"--{name} needs a value: see --help.")
            value = waiting.pop(0)
        if name == "path":
            paths = [*(paths or []), _path(value)] if value != "none" else []
        else:
            said[name] = _way(name, value) if name in _MASKS else value
    return Options(frozenset(flags), said, None if paths is None else tuple(paths))


def _path(value: str) -> tuple[str, str]:
    match, _, way = value.rpartition("=")
    if not match:
        raise Misused("--path takes a pattern and what is to be done: `--path '~/clients/**=pseudonym'`.")
    return match, _way("path", way)


def _way(name: str, way: str) -> str:
    if way not in WAYS:
        raise Misused(f"--{name} {way[:40]!r} is none: choose among {', '.join(WAYS)}.")
    return way
