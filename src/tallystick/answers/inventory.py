"""The inventory: which tools are here, what there is of each, how exact its counts are, and which tools cannot be counted."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from tallystick.answers.health import Place, Uncounted
from tallystick.answers.question import fits
from tallystick.answers.received import Received, received
from tallystick.ledger import readings
from tallystick.ledger.ledger import Ledger
from tallystick.tools.tool import COARSE, DERIVED, EXACT, Tool

MEANINGS: Final[Mapping[str, str]] = {
    EXACT: "each call is told one by one, with its own counts and its own time",
    DERIVED: "some calls are known only as the difference of two running totals",
    COARSE: "some tokens are known only as a sum over a longer time",
}
"""What is meant by each way in which counts come about."""
_EVER: Final = {"since": -(2**62), "until": 2**62}


class Stock(NamedTuple):
    """What there is of one tool that can be read."""

    tool: str
    title: str
    places: tuple[Place, ...]
    """Everywhere it was looked for, the places that are there and those that are not."""
    events: int
    """Calls that the ledger holds, also those of logs that are gone by now."""
    cut_off: int
    """Those of them that broke off, so that their counts are those of that moment."""
    newest: int
    """Milliseconds since 1970; 0 when there is no event."""
    counts: str
    """How they come about: a key of `MEANINGS`."""
    blind_spots: tuple[str, ...]
    """Calls that are billed but never written down, each in one sentence."""
    derived: int = 0
    """Tokens in the ledger that are known as the difference of two readings of a counter only."""
    coarse: int = 0
    """Tokens in the ledger that are known as one sum over a longer time only."""

    @property
    def found(self) -> bool:
        """Tell whether one of its places is there."""
        return any(place.exists for place in self.places)


class Inventory(NamedTuple):
    """All tools, in the order of the shelf."""

    now: int
    """Milliseconds since 1970, UTC."""
    tools: tuple[Stock, ...]
    unusable: tuple[Uncounted, ...]

    def only(self, patterns: Sequence[str]) -> "Inventory":
        """Return what of it fits the patterns of a filter by tool; all of it without any."""
        if not patterns:
            return self
        return self._replace(
            tools=tuple(each for each in self.tools if fits("tool", patterns, each.tool)),
            unusable=tuple(each for each in self.unusable if fits("tool", patterns, each.tool)),
        )


def inventory(
    ledger: Ledger, places: Iterable[tuple[Tool, tuple[Place, ...]]], unusable: tuple[Uncounted, ...], now: int
) -> Inventory:
    """Return what there is of each tool whose places were looked at."""
    came = received(ledger)
    dated = _dated(ledger)
    tools = []
    for tool, found in places:
        of_it = came.get(tool.name, Received())
        names, held = (tool.name, tool.title, found), (of_it.requests, of_it.cut_off, of_it.newest)
        tools.append(Stock(*names, *held, tool.counts, tool.blind_spots, *dated[tool.name]))
    return Inventory(now, tuple(tools), unusable)


def _dated(ledger: Ledger) -> dict[str, list[int]]:
    """Return the tokens of each tool that are dated by a difference of readings, and those that are dated coarsely."""
    tools = {row[0]: row[1] for row in ledger.ask("contexts")}
    sums: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for context, _, dated, tokens, *_ in ledger.ask("dated", **_EVER):
        sums[tools[context]][dated == readings.COARSE] += tokens
    return sums
