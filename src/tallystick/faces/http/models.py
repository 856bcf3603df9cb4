"""Models: what bodies hold, for the API's description only; what is sent comes from the answers' own JSON."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

type Count = Annotated[int, Field(ge=0)]
type Usd = Annotated[float, Field(description="US dollars, an exact decimal.")]


class Open(BaseModel):
    """Adding keys is allowed, so that readers must not mind more of them."""

    model_config = ConfigDict(extra="allow")


class Figures(Open):
    """What was consumed, and what it cost."""

    requests: Count = Field(description="Calls to models.")
    input: Count = Field(description="Tokens of prompts that were neither read from a cache nor written to one.")
    cache_read: Count = Field(description="Tokens of prompts that were read from a cache.")
    cache_write_5m: Count = Field(description="Tokens of prompts written to a cache that holds for minutes.")
    cache_write_1h: Count = Field(description="Tokens of prompts written to a cache that holds for an hour.")
    output: Count = Field(description="Generated tokens, those of reasoning included.")
    reasoning: Count = Field(description="The part of `output` that is reasoning, where it is told.")
    total: Count = Field(description="All tokens, each once: the sum of the five kinds.")
    cost_usd: Usd | None = Field(None, description="Null where nothing has a price; missing with `no_cost`.")
    unpriced_tokens: Count = Field(0, description="Tokens without a known price; missing with `no_cost`.")


class Dated(Open):
    """Tokens by how exactly their time is known."""

    exact: Count
    derived: Count
    coarse: Count


class LastSeen(Open):
    """When a machine was heard of last."""

    machine: str
    last_seen: datetime


class Coverage(Open):
    """How far an answer can be relied on."""

    skipped: Count
    witnesses: dict[str, Count]
    dated: Dated
    priced_share: Annotated[float, Field(ge=0, le=1)] | None = None
    machines: list[LastSeen] = Field(
        [],
        description="Machines that send, not heard of for longest first: a total is as old as they are. Missing where none does.",
    )
    machines_left_off: Count = 0


class Report(Open):
    """A report: rows hold the keys that they are grouped by, the figures, and what the report tells besides."""

    schema_: str = Field(alias="schema", examples=["tallystick.report/1"])
    report: str
    timezone: str
    since: str | None = Field(description="First local day.")
    until: str | None = Field(description="Last local day, included.")
    left_off: Count = Field(0, description="Rows that the limit left off; missing where it left off none.")
    rows: list[Figures]
    totals: Figures = Field(description="Of everything that was asked for, whatever the limit.")
    coverage: Coverage


class Listed(Open):
    """A report that can be asked for."""

    name: str
    title: str
    group_by: list[str]
    order: str
    columns: list[str]
    details: list[str]


class Reports(Open):
    """All reports, and what any of them may be grouped by."""

    schema_: str = Field(alias="schema", examples=["tallystick.reports/1"])
    reports: list[Listed]
    keys: list[str]
    measures: list[str]


class Document(Open):
    """An answer of its own form, which its schema names."""

    schema_: str = Field(alias="schema")


class Why(Document):
    """A figure explained."""

    timezone: str
    since: str | None = Field(description="First local day, or the moment with which the period begins.")
    until: str | None = Field(description="Last local day, or the moment before which the period ends.")
    weekday: str | None
    hour: Annotated[int, Field(ge=0, le=23)] | None
    where: dict[str, list[str]]
    figures: Figures
    formulas: list[dict[str, Any]]
    events: list[dict[str, Any]]
    events_left_off: Count


class Tool(Open):
    """What the ledger holds of one tool."""

    tool: str
    title: str
    events: Count
    cut_off: Count
    newest: datetime | None
    counts: str
    meaning: str
    blind_spots: list[str]


class Tools(Document):
    """The tools that can be read."""

    now: datetime
    tools: list[Tool]


class Received(Open):
    """What came in from one tool."""

    tool: str
    title: str
    files_read: Count
    bytes_read: Count
    events: Count
    cut_off: Count
    newest: datetime | None
    skipped: Count
    reasons: list[dict[str, Any]]


class Unpriced(Open):
    """A model without a known price."""

    model: str
    tokens: Count


class Receivers(Document):
    """What came in, and how it fares."""

    now: datetime
    tools: list[Received]
    unpriced: list[Unpriced]
    prices: dict[str, Any]


class Window(Open):
    """What was last said about one usage window."""

    provider: str
    name: str
    account: str
    minutes: Count | None
    used_percent: float | None = Field(description="Null where it has been reset since it was last told.")
    told_percent: float
    resets_at: datetime | None
    over: bool
    stale: bool
    time: datetime
    plan: str
    pace: float | None = Field(description="Per cent that would be used by now if it were used evenly.")
    forecast: dict[str, Any] | None


class Limits(Document):
    """All usage windows."""

    now: datetime
    windows: list[Window]


class WindowSample(Open):
    """What was said of a usage window at one moment."""

    provider: str
    name: str
    account: str
    minutes: Count | None
    used_percent: float
    resets_at: datetime | None
    time: datetime
    plan: str


class LimitsHistory(Document):
    """What was said of usage windows in a time."""

    samples: list[WindowSample]


class WindowPoints(Open):
    """What a session used of a usage window."""

    provider: str
    name: str
    account: str
    minutes: Count
    resets_at: datetime
    used_percent: float = Field(description="Of the window, by all together, as the vendor said.")
    points: float = Field(description="Per cent of the window that the session used: an estimate.")
    low: float = Field(description="It lies between this and `high` in about eight of ten cases.")
    high: float


class LimitsPoints(Document):
    """What a session used of the usage windows of which that can be told."""

    session: str
    windows: list[WindowPoints]


class Price(Document):
    """What a model costs."""

    model: str
    at: datetime
    listing: str
    notes: list[str]
    tiers: list[dict[str, Any]]


class Events(Document):
    """A page of single events."""

    events: list[dict[str, Any]]
    after: str | None = Field(
        description="What to ask for as `after` to get the next page; null when this is the last."
    )


class Event(Document):
    """One event with everything that every witness saw of it."""

    event: dict[str, Any]
    others: list[dict[str, Any]]


class Session(Document):
    """One session from its beginning to its end."""

    session: str
    title: str
    timezone: str
    first: datetime
    last: datetime
    totals: Figures
    prompts: list[datetime]
    spans: list[dict[str, Any]]
    events: list[dict[str, Any]]


class ServerHealth(Document):
    """How the server fares."""

    status: str = Field(description="`ok`, `importing`, or `trouble`.")
    version: str
    timezone: str
    ledger: str = Field(description="The version of the answers: another text whenever one may be another one.")
    importing: Annotated[float, Field(ge=0, le=1)] | None
    since: datetime | None
    files: Count
    events: Count
    following: bool = Field(description="Whether something follows the logs.")
    trouble: str | None
    note: str | None = Field(
        default=None, description="What all figures are where they are not a person's own, as in a demo."
    )


class Exact(Document):
    """An answer with every value of it."""

    version: str = Field(description="Of the program that answered.")
    shapes: dict[str, list[str]] = Field(description="The fields of each kind of value, in their order.")
    answer: Any
