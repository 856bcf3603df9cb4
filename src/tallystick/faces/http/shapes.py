"""Shapes: what the bodies of answers that look closer than a report hold, for the API's description only."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from tallystick.faces.http.models import Count, Document, Figures, Open

type Amount = Annotated[float, Field(description="Tokens, requests, or US dollars, by the measure.")]
type Ends = Annotated[list[float], Field(min_length=2, max_length=2, description="The low end and the high end.")]
type Patterns = Annotated[dict[str, list[str]], Field(description="The filters, by key.")]


class Spanned(Document):
    """An answer about a period."""

    timezone: str
    since: date | None = Field(description="First local day; null when there is nothing.")
    until: date | None = Field(description="Last local day, included.")


class Days(Open):
    """From one day to another, both included."""

    since: date
    until: date


class Change(Open):
    """One measure then and now."""

    measure: str
    before: Amount | None
    now: Amount | None
    by: Amount | None = Field(description="The difference.")
    share: float | None = Field(
        description="The difference as a part of what was before: 0.25 is a quarter more; null where there was nothing."
    )


class Mover(Open):
    """One model, project or tool that explains a part of the change."""

    key: str = Field(description="`model`, `project` or `tool`.")
    name: str
    before: Amount
    now: Amount
    by: Amount


class Others(Open):
    """What else of one kind differs."""

    key: str
    rows: Count
    by: Amount


class Comparison(Spanned):
    """A period and the one before it."""

    before: Days
    same_time_of_day: bool = Field(
        description="Whether the one before is counted up to the same time of its last day only, because the period runs."
    )
    where: Patterns
    changes: list[Change]
    measure: str = Field(description="The measure of the movers: `cost_usd` where something has a price, else `total`.")
    movers: list[Mover] = Field(description="Of each key five at most, the greatest differences first.")
    others: list[Others]
    totals: Figures
    totals_before: Figures


class Hour(Figures):
    """One hour of the day."""

    hour: Annotated[int, Field(ge=0, le=23)]
    times: Count = Field(description="How often it came in the days of the answer.")


class Cell(Hour):
    """One hour of the day on one weekday."""

    weekday: Annotated[int, Field(ge=0, le=6, description="0 is Monday.")]


class Strip(Figures):
    """One of the last 24 hours."""

    hour: str = Field(description="Its beginning, with the offset from UTC.", examples=["2026-10-25T02:00+01:00"])


class Punchcard(Spanned):
    """Usage by weekday and hour."""

    cells: list[Cell] = Field(min_length=168, max_length=168)
    hours: list[Hour] = Field(min_length=24, max_length=24, description="On any weekday.")
    strip: list[Strip] = Field(
        min_length=24, max_length=24, description="The last 24 hours, the present one last, whatever the period."
    )
    totals: Figures


class Uses(Open):
    """Several uses of tools together."""

    calls: Count
    failed: Count
    ended: Count = Field(description="Those with an end that was seen, on which the lengths rest.")
    total_ms: Count
    median_ms: Count | None
    longest_ms: Count | None


class UsesOfName(Uses):
    """The uses of one tool of a model."""

    name: str
    share: Annotated[float, Field(ge=0, le=1, description="Its part of all uses.")]


class UsesOfDay(Open):
    """The uses of one tool of a model that began on one day."""

    day: date
    name: str
    calls: Count
    failed: Count
    total_ms: Count


class Calls(Spanned):
    """Uses of tools by models."""

    where: Patterns
    names: list[UsesOfName] = Field(description="The one used most first.")
    days: list[UsesOfDay]
    totals: Uses


class Known(Open):
    """One day; figures stand there when it is known."""

    day: date
    known: bool = Field(description="False before the first event of the ledger, and for days to come.")
    requests: Count | None = None
    total: Count | None = None
    cost_usd: float | None = None


class Year(Spanned):
    """The days of a year."""

    where: Patterns
    first: date | None = Field(description="The day of the ledger's first event.")
    days: list[Known]
    totals: Figures


class Method(Open):
    """How an estimate comes about."""

    watt_hours_per_million: dict[str, Ends] = Field(description="By kind of token.")
    litres_per_kilowatt_hour: Ends
    sources: list[str]


class Estimate(Open):
    """What some usage took."""

    total: Count = Field(description="Tokens.")
    watt_hours: Ends
    litres: Ends


class EstimateOfModel(Estimate):
    """What the usage of one model took."""

    model: str


class EstimateOfAll(Estimate):
    """What all usage together took."""

    watt_hours_by_kind: dict[str, Ends]


class Energy(Spanned):
    """Electricity and water, estimated."""

    where: Patterns
    estimate: bool = Field(description="Always true.")
    method: Method
    models: list[EstimateOfModel] = Field(description="The greatest first.")
    totals: EstimateOfAll


class Machine(Figures):
    """One machine, or several of one name."""

    machine: str
    paired_as: list[str] = Field(description="The names under which it was paired; none where it does not send.")
    users: list[str] = Field(description="Who worked there, ever.")
    here: bool = Field(description="Whether the ledger lies there.")
    state: str = Field(
        description="`trouble`, `active` (an event in the last 15 minutes), `here`, `lately` (heard of in the last hour), "
        "`quiet` (in the last day, or it sends nothing), `stale`: of several that hold it is the first."
    )
    active: bool
    last_seen: datetime | None = Field(
        description="When it was heard of last; of one that does not send, its newest event."
    )
    behind_ms: Count | None = Field(description="How long ago that was; null for one that does not send.")
    pending: Count = Field(description="Rows that it had still to send.")
    newest: datetime | None = Field(description="Its newest event, whatever the period.")
    client: str | None
    version: str | None
    skew_ms: int = Field(description="How far its clock is ahead.")
    clock: str = Field(description="`right`, or `ahead` or `behind` by more than two minutes.")
    trouble: str | None


class User(Figures):
    """One user."""

    user: str
    machines: list[str] = Field(description="Where they worked, ever.")
    newest: datetime | None
    active: bool


class Machines(Spanned):
    """All machines and users that fit the filters."""

    now: datetime
    where: Patterns
    machines: list[Machine] = Field(description="Those first where most was used.")
    users: list[User]
    totals: Figures


class BudgetDay(Open):
    """What was used on a day of a budget's period, or in an hour of one that is a day."""

    name: str = Field(description="The day or hour, as reports name it.")
    since: datetime
    until: datetime
    used: Amount
    left: Amount = Field(description="What of the amount was left at its end; negative beyond it.")
    expected: Amount = Field(description="What would be used by its end were the amount used evenly.")


class Budget(Open):
    """How one budget stands; amounts are US dollars or tokens, by `unit`."""

    id: str
    filter: str = Field(description="As a person writes it; empty where everything counts.")
    where: Patterns
    unit: Literal["usd", "tokens"]
    amount: Amount
    period: Literal["day", "week", "month"]
    timezone: str
    soft: float = Field(description="The part of the amount from which on its state is `soft`.")
    hard: bool = Field(description="Whether hooks and the gateway refuse what comes beyond it.")
    since: datetime
    until: datetime
    used: Amount
    share: float = Field(description="The part of the amount that is used.")
    state: Literal["ok", "soft", "over"] = Field(description="`over` once the whole amount is used.")
    certain: bool = Field(description="Whether all that was used has a price.")
    unpriced_tokens: Count
    expected: Amount = Field(description="What would be used by now were the amount used evenly.")
    projected: Amount | None = Field(
        description="What is used at the end if it goes on so; null in the period's first twentieth."
    )
    runs_out: datetime | None = Field(description="When it is used up if it goes on so; null where it is not, or is.")
    lifted_until: datetime | None = Field(description="Until when a person has lifted it.")
    more: Amount = Field(description="What a person has allowed beyond it in this period.")
    days: list[BudgetDay]


class Budgets(Document):
    """How all budgets stand."""

    now: datetime
    budgets: list[Budget]
