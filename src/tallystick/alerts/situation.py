"""The situation: everything that rules look at, as plain values; a part that is None is not known just now."""

from typing import NamedTuple

from tallystick.alerts.finding import Filters


class Budgeted(NamedTuple):
    """How one budget stands in its running period."""

    id: str
    filters: Filters
    unit: str
    """`usd`, then amount and use are pico-dollars, or `tokens`."""
    period: str
    """`day`, `week` or `month`."""
    amount: int
    used: int
    soft: float
    """The share from which on it is to be told of; 0 for none."""
    hard: bool
    """Whether what goes beyond it is refused."""
    since: int
    until: int
    """Begin and end of the period: milliseconds since 1970, UTC, as every moment here."""
    unpriced_tokens: int = 0


class Windowed(NamedTuple):
    """How one usage window of a vendor stands."""

    provider: str
    name: str
    account: str
    minutes: int
    used_percent: float
    resets_at: int
    """0 when it is not said."""
    time: int
    """When it was said."""
    forecast: bool = False
    """Whether enough is known to tell what comes."""
    runs_out: int | None = None
    """When it will have run out; None when not before its reset."""
    low: float = 0.0
    """The low end of what will be used at the reset, in percent."""
    high: float = 0.0
    """The high end of it."""


class Hour(NamedTuple):
    """An hour of local time in which something was spent."""

    start: int
    weekday: int
    """0 is Monday."""
    hour: int
    pico: int
    """Pico-dollars."""


class Machined(NamedTuple):
    """One machine that sends here."""

    name: str
    seen: int
    """When it was heard of last."""


class Unread(NamedTuple):
    """Logs of one tool on this machine that the ledger has not taken in."""

    tool: str
    files: int
    days: float | None
    """Days until the tool deletes the first of them; None when it does not."""


class Unpriced(NamedTuple):
    """A model of which something has no known price."""

    model: str
    tokens: int


class Situation(NamedTuple):
    """What is the case at one moment."""

    now: int
    offset: int = 0
    """How far local clocks are ahead of UTC, in milliseconds."""
    budgets: tuple[Budgeted, ...] | None = None
    windows: tuple[Windowed, ...] | None = None
    spent: tuple[Hour, ...] | None = None
    """The hours of some weeks, the running one included; those in which nothing was spent are left out."""
    machines: tuple[Machined, ...] | None = None
    unread: tuple[Unread, ...] | None = None
    unpriced: tuple[Unpriced, ...] | None = None
    earlier: "Situation | None" = None
    """How it was some minutes before, by what was known then: for somebody who looks once, and then not for long."""
