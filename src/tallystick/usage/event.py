"""The one shape in which every witness tells of a billed call."""

from typing import Final, NamedTuple

from tallystick.usage.tokens import Tokens

RUN: Final = "run-"
"""How sessions are called that are runs of a program which has none of its own (`tally run`)."""
HIDDEN: Final = "\x7f"
"""Stands for a project that its machine keeps to itself: it is shown as none, and none of its session's takes its place."""


class Context(NamedTuple):
    """Who ran what, and where; one value serves all events of a stretch of a session."""

    tool: str
    session: str = ""
    project: str = ""
    """The working directory as the tool recorded it."""
    branch: str = ""
    agent: str = ""
    """The subagent of the session that made the call; empty on the main line."""
    version: str = ""
    """The tool's own version."""
    machine: str = ""
    user: str = ""


class Variant(NamedTuple):
    """What was called, in everything that a price may depend on besides counts and date."""

    provider: str
    model: str
    tier: str = ""
    """Service tier as the provider names it (`priority`, `flex`, `batch`); empty is standard."""
    speed: str = ""
    """`fast` where the provider sells speed apart; empty is standard."""
    geo: str = ""
    """Where inference was pinned to (`us`); empty is anywhere."""


class UsageEvent(NamedTuple):
    """One billed call to a model as one witness saw it."""

    key: int
    """Identity, signed 64 bits (`identity.key`): sightings with one key are views of one call, or of calls told apart by `request`."""
    request: int
    """Identity within the key where ids are reused (`identity.key` of the request id); 0 when there is none."""
    time: int
    """When the call's last part arrived: milliseconds since 1970, UTC."""
    variant: Variant
    tokens: Tokens
    context: Context
    grade: int = 3
    """How far the counts go: `FINISHED`, `CUT_OFF`, `PENDING` or `BARE`; of two sightings the higher one counts."""
    replay: bool = False
    """True when the line may only repeat an earlier call (a side question's copy of its parent's lines)."""
    copied: bool = False
    """True when the witness itself says that it copied the line from another session."""
    work_ms: int = 0
    """How long the model worked: from the request to the last part of the answer, without gaps that count as away."""
    web_searches: int = 0
    web_fetches: int = 0
    cost_nano: int | None = None
    """What the tool or vendor itself put as the cost, in billionths of a dollar; kept beside our own figure, never mixed in."""
    offset: int = 0
    """Place in its source: the byte at which the line begins."""

    @property
    def complete(self) -> bool:
        """Tell whether the answer was finished, so that its counts are the final ones."""
        return self.grade != CUT_OFF


FINISHED: Final = 3
CUT_OFF: Final = 2
"""The answer broke off: the counts are what was known at that moment."""
PENDING: Final = 1
"""Nothing has come after the answer yet, so that its last line may be still to come."""
BARE: Final = 0
"""The prompt's size without what was read from or written to a cache."""


class Prompt(NamedTuple):
    """One request that a person made of a tool."""

    key: int
    time: int
    context: Context
    offset: int


class ToolCall(NamedTuple):
    """One use of a tool by a model: its name and how it went, never what it was given or gave."""

    key: int
    event: int
    """The `key` of the event in which the model asked for it."""
    name: str
    started: int
    """Milliseconds since 1970, UTC."""
    ended: int = 0
    """0 while no result has been seen."""
    failed: bool = False


class LimitSample(NamedTuple):
    """What a vendor said about one usage window at one moment."""

    provider: str
    window: str
    """The vendor's own name for it."""
    minutes: int
    """Length of the window; 0 when it is not said."""
    used_percent: float
    resets_at: int
    """Milliseconds since 1970, UTC; 0 when it is not said."""
    time: int
    plan: str = ""
    account: str = ""
    """Whose window it is, as a short pseudonym or a name that the person gave; empty when it is not said."""


MOST_USED: Final = 101.0
"""Per cent; vendors round up a little. What is beyond is no share but damage: a moment was seen in its place."""


class Reading(NamedTuple):
    """What a running total stood at, as a store tells it that keeps sums instead of calls.

    Several counters may count the same work: of those of one session and model, and of the events that are known one by
    one, the more exact come first and the others add only what is missing (`ledger.readings`).
    """

    meter: int
    """Identity of the counter (`identity.key` of store, session and model)."""
    rank: int
    """How exact its store is: 1 before 2 before 3; events come before all of them."""
    time: int
    """When it stood so: milliseconds since 1970, UTC."""
    since: int
    """When it began to count, milliseconds since 1970, UTC; 0 when that is not known."""
    variant: Variant
    context: Context
    requests: int
    """Calls so far; 0 when the store does not count them."""
    tokens: Tokens
    """Everything so far. A kind that is lower than in the reading before tells that the counter began anew."""
    cost_nano: int | None = None
    """What the vendor puts as the cost so far, in billionths of a dollar."""
    offset: int = 0
    """Place in its source: a byte, or the number of a row."""


class Title(NamedTuple):
    """The name that a tool gave to a session."""

    session: str
    text: str
    time: int


class Tag(NamedTuple):
    """What a person noted with a session."""

    tool: str
    session: str
    name: str
    value: str


class Skipped(NamedTuple):
    """Input that was not understood: where it stands and why."""

    offset: int
    reason: str
