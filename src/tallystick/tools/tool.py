"""What a tool promises: where its logs lie and a reader that turns their bytes into values."""

from collections.abc import Callable, Generator, Iterable, Mapping
from typing import Any, Final, NamedTuple, Protocol

from tallystick.usage.event import LimitSample, Prompt, Reading, Skipped, Tag, Title, ToolCall, UsageEvent

type State = dict[str, Any]
"""What a reader must remember between two reads of one source: plain values that JSON can hold.

`resume`, where a reader puts it, is the place from which the source is to be read again next time, so that what was
still under way at the end need not be remembered. `companions` are the small
files that describe the source (`Tool.companions`), by their paths. `once`, true, tells a reader that begins that no line
will come again, so that it has to do without `resume`.
"""


MOST_SKIPPED = 100
"""Places of skipped input that are kept from one read of one source; the others are only counted."""


class Found:
    """What a reader found since it was last emptied."""

    __slots__ = ("calls", "events", "limits", "prompts", "readings", "skipped", "skipped_more", "tags", "titles")

    def __init__(self) -> None:
        """Begin with nothing."""
        self.events: list[UsageEvent] = []
        self.prompts: list[Prompt] = []
        self.calls: list[ToolCall] = []
        self.limits: list[LimitSample] = []
        self.titles: list[Title] = []
        self.tags: list[Tag] = []
        self.readings: list[Reading] = []
        self.skipped: list[Skipped] = []
        """The first ones, up to `MOST_SKIPPED`."""
        self.skipped_more = 0
        """How many there were beyond."""

    def skip(self, offset: int, reason: str) -> None:
        """Note input that was not understood: its place and why, never what it says."""
        if len(self.skipped) < MOST_SKIPPED:
            self.skipped.append(Skipped(offset, reason))
        else:
            self.skipped_more += 1


class Reader(Protocol):
    """Reads one source of lines from its beginning to its end, in as many pieces as it comes."""

    def feed(self, data: bytes | bytearray, start: int, end: int, offset: int) -> None:
        """Read the whole lines in `data[start:end]`; `offset` is the place of `data[start]` in the source."""

    def finish(self) -> tuple[Found, State]:
        """Return what was found since the last call, and the state from which another reader can go on."""


class DocumentReader(Protocol):
    """Reads a source that is one JSON document, written anew as a whole whenever it changes."""

    def take(self, document: Any) -> None:
        """Take the document, decoded; whatever it is, nothing is raised."""

    def finish(self) -> tuple[Found, State]:
        """Return what was found, and what is to be remembered until the document changes."""


type Schema = Mapping[str, frozenset[str]]
"""The tables and views of a database, each with the names of its columns."""

type Record = tuple[Any, ...]
"""A row of a database: None, int, float, str or bytes in each column."""


class Query(NamedTuple):
    """A question that a reader has for a tool's database."""

    sql: str
    """One SELECT."""
    values: Mapping[str, int | float | str] = {}
    """Bound to the `:names` in it."""


class DatabaseReader(Protocol):
    """Reads a tool's SQLite database by asking questions; who opens it, read-only and in one snapshot, is `intake`."""

    def read(self, schema: Schema) -> Generator[Query, Iterable[Record]]:
        """Yield questions and be sent the rows that answer each; raise `Unknown` for a database that is not understood."""

    def finish(self) -> tuple[Found, State]:
        """Return what was found, and the state from which another reader can go on."""


class Unknown(ValueError):
    """A database whose tables are not those that the reader knows; its text says what is missing."""


EXACT: Final = "exact"
"""Each call is told one by one, with its own counts and its own time."""
DERIVED: Final = "derived"
"""Some calls are known only as the difference of two running totals."""
COARSE: Final = "coarse"
"""Some tokens are known only as a sum over a longer time."""

LINES: Final = "lines"
DOCUMENT: Final = "document"
DATABASE: Final = "database"


class Root(NamedTuple):
    """A directory that may hold a tool's logs."""

    path: str
    suffixes: tuple[str, ...] = (".jsonl",)
    skip: tuple[str, ...] = ()
    """File names that are not logs."""
    within: str = ""
    """What a log's path must hold besides, where other records lie in the same directory."""
    form: str = LINES
    """What its files are: `LINES`, `DOCUMENT` or `DATABASE`, and so which kind of reader they need."""
    prefix: str = ""
    """How a log's name begins."""
    depth: int = 16
    """Levels of folders below it that are searched."""


class Seen(NamedTuple):
    """What the wire tells of a call by which a tool's own log may name it."""

    session: str
    answer: str
    """The id in the answer's body."""
    request: str
    """The id in the answer's headers."""
    part: str = ""
    """Which further billed part of the answer it is (`advisor:0`); empty for the answer itself."""
    agent: str = ""
    parent: str = ""
    """Who started the agent."""


class Named(NamedTuple):
    """What a tool's own log calls a call that the wire saw."""

    key: int
    request: int = 0
    agent: str = ""


class Tool(NamedTuple):
    """One tool: its names, its places and its reader."""

    name: str
    title: str
    roots: Callable[[str, Mapping[str, str]], list[Root]]
    """From home directory and environment to the places to look, whether they exist or not."""
    reader: Callable[[str, State], Any]
    """From a source's path and the state left by an earlier read (empty at first) to a reader: a `Reader`, a
    `DocumentReader` or a `DatabaseReader`, as the form of the source's root says."""
    counts: str = EXACT
    """How its counts come about: `EXACT`, `DERIVED` or `COARSE`."""
    blind_spots: tuple[str, ...] = ()
    """Calls that are billed but that the tool never writes down, each in one sentence."""
    keeps_days: Callable[[Mapping[str, Any]], int] | None = None
    """From the tool's own settings to the days after which it deletes logs; None when it never does."""
    settings: str = ""
    """Where under home those settings lie (JSON)."""
    companions: Callable[[str], tuple[str, ...]] | None = None
    """From a source's path to those of small files that may describe it, where `*` stands for any part of a name. Those
    that are there come to a reader that begins as `state["companions"]`: by path, JSON decoded, anything else as text."""
    on_the_wire: Callable[[Seen], Named | None] | None = None
    """From what the wire tells of a call of this tool to what its own log calls the same call; None where that cannot be
    told, as when the log keeps no ids of the API."""
    witness: str = "log"
    """How its sightings come (`ledger.Source.witness`)."""
