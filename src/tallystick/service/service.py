"""What a manager of background services promises: the files that it needs and the commands that it understands."""

from collections.abc import Callable
from typing import Final, NamedTuple

NAME: Final = "tallystick"
"""What the service is called by every manager, so that there is one per person."""

CHECK: Final = "check"
"""Ask whether the manager can be reached at all."""
REGISTER: Final = "register"
"""Make known what the files say and start it, whether it is new or runs already."""
UNREGISTER: Final = "unregister"
"""Stop it and let go of it; the files are removed after this."""
FORGET: Final = "forget"
"""What is to be done once the files are gone."""
START: Final = "start"
STOP: Final = "stop"
RESTART: Final = "restart"
ASK: Final = "ask"
"""Ask how it fares; what comes back is for `Service.read`."""


class Person(NamedTuple):
    """For whom the service runs, and that person's folders."""

    home: str
    config: str
    """Where programs keep their configuration."""
    state: str
    """Where Tallystick keeps its own records and logs."""
    uid: int = 0
    account: str = ""
    """The name of the account as Windows has it: `DOMAIN\\name`."""


class Plan(NamedTuple):
    """What is to run: a program with its arguments, its environment and the address at which it answers."""

    interpreter: str
    """The Python that runs it: an absolute path."""
    program: tuple[str, ...]
    """What the interpreter is given to run `tally`."""
    arguments: tuple[str, ...]
    """What `tally` is given to serve."""
    environment: tuple[tuple[str, str], ...]
    """Variables and values, by name; nothing in them is a control character."""
    folder: str
    """Where it works."""
    log: str
    """The file into which it writes what it has to say."""
    host: str
    port: int
    version: str = ""
    """The version that made this plan."""

    @property
    def command(self) -> tuple[str, ...]:
        """The whole command line, the interpreter first."""
        return (self.interpreter, *self.program, *self.arguments)

    @property
    def first_words(self) -> str:
        """The file for what the process says before it can write its log, or when it can no longer."""
        return beside(self.log, "start.log")


class Write(NamedTuple):
    """A file to be written, or replaced as a whole."""

    path: str
    content: bytes
    mode: int = 0o600
    """For its owner alone: the environment may hold what nobody else should read."""


class Remove(NamedTuple):
    """A file to be removed if it is there."""

    path: str


class Run(NamedTuple):
    """A command to be run."""

    arguments: tuple[str, ...]
    needed: bool = True
    """Whether everything ends when it fails; else it is only remembered."""
    tries: int = 1
    """How often it is tried, half a second apart, until it succeeds."""


type Step = Write | Remove | Run


class Seen(NamedTuple):
    """What a manager says about the service."""

    running: bool
    failed: bool = False
    """Whether it is down because it failed."""
    pid: int | None = None
    words: str = ""
    """The manager's own words for its state."""


class Service(NamedTuple):
    """One manager of background services."""

    name: str
    title: str
    platform: str
    """How `sys.platform` begins where it is used."""
    paths: Callable[[Person], tuple[str, ...]]
    """Every file that is its own; the service is installed when the first one is there."""
    files: Callable[[Plan, Person], tuple[Write, ...]]
    """The files that describe the service."""
    commands: Callable[[str, Person], tuple[Run, ...]]
    """The commands for one of the verbs above."""
    read: Callable[[int, str], Seen]
    """What exit code and output of the command for `ASK` say."""
    missing: str
    """What to do where the manager cannot be reached, in a sentence."""
    hint: str = ""
    """What is good to know once it is installed."""


def under(folder: str, name: str) -> str:
    """Return the path of a file in a folder, as the folder's system writes it, whichever system this is."""
    sign = "\\" if "\\" in folder and "/" not in folder else "/"
    return f"{folder.rstrip(sign)}{sign}{name}"


def beside(path: str, name: str) -> str:
    """Return the path of another file in the same folder."""
    sign = "\\" if "\\" in path and "/" not in path else "/"
    return f"{path.rpartition(sign)[0]}{sign}{name}"
