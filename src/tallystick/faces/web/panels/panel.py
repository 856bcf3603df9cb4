"""What a panel is: a question with a table, the points of a chart, and the ways to ask the same elsewhere."""

from collections.abc import Callable, Mapping, Sequence
from shlex import quote
from types import MappingProxyType
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from tallystick.answers.answer import Figures, Money
from tallystick.answers.answers import Answers
from tallystick.faces.web.state import State
from tallystick.faces.web.wording import money
from tallystick.usage.period import SLOT_MS

MINUTE_MS: Final = 60_000
_API: Final = "/api/v1/"
_SAID: Final = "true"
"""The value of an option that is said or not."""

type Point = Mapping[str, Any]
"""One datum of a chart, by field: texts, numbers, None."""
type Params = Mapping[str, str | int | float | bool | Sequence[int]]
"""Values of a specification's parameters, by name."""


class Column(NamedTuple):
    """One column of a table."""

    title: str
    number: bool = True
    """Whether its cells are aligned as figures."""
    about: str = ""
    """What it means, where the title does not say it all."""
    minor: bool = False
    """Whether a narrow page may leave it out."""
    unit: str = ""
    """In what a CSV has its values, where cells show something else than those."""


class Cell(NamedTuple):
    """One cell: what is shown, and what is behind it."""

    text: str
    raw: str | int | float | None = None
    """The value in a CSV: exact, without separators, `Money` in dollars; where there is none, the text."""
    link: str = ""
    title: str = ""
    """More of it, for whoever points at it."""
    share: float | None = None
    """The length of a bar behind the text, 0 to 1."""
    tone: str = ""
    """`good`, `bad` or `faint`, where it shall look so."""


class Table(NamedTuple):
    """Rows of cells."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    foot: Sequence[Cell] = ()
    """The totals."""
    more: str = ""
    """What is told of rows that are left off."""
    most: int | None = None
    """How many rows a page shows; the CSV has all."""

    @property
    def shown(self) -> Sequence[Sequence[Cell]]:
        """The rows that a page shows."""
        return self.rows[: self.most]


class Card(NamedTuple):
    """One figure that stands out."""

    title: str
    figure: str
    lines: Sequence[str] = ()
    """What is told below it."""
    link: str = ""
    chosen: bool = False
    title_more: str = ""
    """More of the figure, for whoever points at it."""
    why: str = ""
    """Where the figure is explained."""


class Choice(NamedTuple):
    """One of several that a person can choose."""

    name: str
    address: str
    chosen: bool


class View(NamedTuple):
    """What a panel shows."""

    table: Table
    points: Sequence[Point] = ()
    cards: Sequence[Card] = ()
    note: str = ""
    """One or two sentences on how to read it, or on what is missing."""
    empty: str = ""
    """What is said instead of table and chart when there is nothing."""
    params: Params = MappingProxyType({})
    series: Sequence[str] = ()
    """All series that there may be, where each shall have its own colour wherever it is drawn."""
    switches: Sequence[tuple[str, Sequence[Choice]]] = ()
    """What a person can choose for this panel: what it is, and the choices."""
    title: str = ""
    """The panel's title in this state; its own where none is said."""
    coverage: str = ""
    """How far the figures can be relied on, in one line."""
    pills: Sequence[Cell] = ()
    """Names that are shown in the place of the table, which only the CSV has then."""
    pills_more: str = ""
    """What is told of those that are left off."""
    wide: bool = False
    """Whether it takes the page's whole width, whatever the panel's size."""
    absent: bool = False
    """Whether there is nothing of the kind here, so that a page is without the panel."""


class Source(NamedTuple):
    """Where the same figures are to be had: the API, the command line."""

    path: str
    """Below /api/v1/: `reports/daily`, `query`, `compare` …"""
    command: str
    """After `tally`: `daily`, `report`, `compare` …"""
    more: Mapping[str, str] = MappingProxyType({})
    """Parameters besides period, zone and filters, as both name them; `true` for one that is said or not."""
    timeless: bool = False
    """Whether period and filters do not matter to it."""
    undated: bool = False
    """Whether the period does not matter to it, though filters do."""
    bare: bool = False
    """Whether not even the zone matters to it."""
    others: "Sequence[Source]" = ()
    """Where the rest of the figures is to be had, if not there."""

    def _pairs(self, state: State) -> list[tuple[str, str]]:
        said = [pair for pair in state.said() if pair[0] == "timezone"] if self.timeless else state.said()
        if self.bare:
            said = []
        if self.undated:
            said = [pair for pair in said if pair[0] not in {"since", "until"}]
        return [*self.more.items(), *said]

    def api(self, state: State) -> str:
        """Return the address at which the API tells the same."""
        pairs = self._pairs(state)
        return f"{_API}{self.path}?{urlencode(pairs)}" if pairs else f"{_API}{self.path}"

    def cli(self, state: State) -> str:
        """Return the command that tells the same."""
        pairs = ((f"--{name.replace('_', '-')}", value) for name, value in self._pairs(state))
        options = [name if value == _SAID else f"{name} {quote(value)}" for name, value in pairs]
        return " ".join(["tally", self.command, *options])


NOWHERE: Final = Source("", "")
"""Of figures that nothing else tells as they are."""


def ways(source: Source, state: State) -> list[tuple[str, str]]:
    """Return the command and the address of each source of the same figures."""
    return [(each.cli(state), each.api(state)) for each in (source, *source.others) if each.path]


class Panel(NamedTuple):
    """One panel of the dashboard."""

    name: str
    """In addresses, and for `tally chart`."""
    title: str
    show: Callable[[Answers, State], View]
    source: Callable[[State], Source]
    about: str = ""
    """What it shows, in one sentence."""
    size: str = "half"
    """`full` or `half` of the page's width."""
    chart: bool = True
    """Whether there is a specification of that name under specs/."""
    open: bool = False
    """Whether its table is shown beside the chart at once."""
    step_ms: int = SLOT_MS
    """How long its answer holds while nothing new comes in."""


def money_cell(figures: Figures, link: str = "", share: float | None = None) -> Cell:
    """Return the cost of figures, marked where some of it has no price."""
    cost = figures.cost_usd
    if cost is None:
        return Cell("no price", None, link, "Nothing in here has a known price", share, "faint")
    if figures.unpriced_tokens:
        title = f"Without {figures.unpriced_tokens:,} tokens that have no known price"
        return Cell(f"{money(cost)}+", cost, link, title, share)
    return Cell(money(cost), cost, link, "", share)


def amount_of(pico: int | None, tone: str = "") -> Cell:
    """Return pico-dollars as a cell; an amount that is not known is a dash."""
    return Cell("–", "", tone=tone) if pico is None else Cell(money(pico), Money(pico), tone=tone)


def number_cell(number: int, link: str = "", share: float | None = None) -> Cell:
    """Return a whole number with separators."""
    return Cell(f"{number:,}", number, link, "", share, "" if number else "faint")


def name_cell(name: str, link: str = "", title: str = "") -> Cell:
    """Return a name, which may be anything, also nothing."""
    return Cell(name or "(no name)", name, link, title or (name if len(name) > _LONG else ""))


_LONG: Final = 28
