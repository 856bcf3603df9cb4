"""What a tool promises: where its logs lie and a reader that turns their bytes into values."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from tallystick.usage.event import LimitSample, Prompt, Skipped, Title, ToolCall, UsageEvent

type State = dict[str, Any]
"""What a reader must remember between two reads of one source: plain values that JSON can hold.

`resume`, where a reader puts it, is the place from which the source is to be read again next time, so that what was
still under way at the end need not be remembered. `companion` is what lies beside the source (`Tool.companion`).
"""


MOST_SKIPPED = 100
"""Places of skipped input that are kept from one read of one source; the others are only counted."""


class Found:
    """What a reader found since it was last emptied."""

    __slots__ = ("calls", "events", "limits", "prompts", "skipped", "skipped_more", "titles")

    def __init__(self) -> None:
        """Begin with nothing."""
        self.events: list[UsageEvent] = []
        self.prompts: list[Prompt] = []
        self.calls: list[ToolCall] = []
        self.limits: list[LimitSample] = []
        self.titles: list[Title] = []
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
    """Reads one source from its beginning to its end, in as many pieces as it comes."""

    def feed(self, data: bytes | bytearray, start: int, end: int, offset: int) -> None:
        """Read the whole lines in `data[start:end]`; `offset` is the place of `data[start]` in the source."""

    def finish(self) -> tuple[Found, State]:
        """Return what was found since the last call, and the state from which another reader can go on."""


class Root(NamedTuple):
    """A directory that may hold a tool's logs."""

    path: str
    suffixes: tuple[str, ...] = (".jsonl",)
    skip: tuple[str, ...] = ()
    """File names that are not logs."""
    within: str = ""
    """What a log's path must hold besides, where other records lie in the same directory."""


class Tool(NamedTuple):
    """One tool: its names, its places and its reader."""

    name: str
    title: str
    roots: Callable[[str, Mapping[str, str]], list[Root]]
    """From home directory and environment to the places to look, whether they exist or not."""
    reader: Callable[[str, State], Reader]
    """From a source's path and the state left by an earlier read (empty at first) to a reader."""
    blind_spots: tuple[str, ...] = ()
    """Calls that are billed but that the tool never writes down, each in one sentence."""
    keeps_days: Callable[[Mapping[str, Any]], int] | None = None
    """From the tool's own settings to the days after which it deletes logs; None when it never does."""
    settings: str = ""
    """Where under home those settings lie (JSON)."""
    companion: Callable[[str], str] | None = None
    """From a source's path to that of a small JSON file which may describe it and comes to its reader as
    `state["companion"]`; empty for a source that has none."""
