"""What a person has chosen to see, and what is known of where it comes from: everything that a picture needs besides figures."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

SESSIONS: Final = "sessions"
MODELS: Final = "models"
TOOLS: Final = "tools"
MACHINES: Final = "machines"
CALLS: Final = "calls"
PANELS: Final = (SESSIONS, MODELS, TOOLS, MACHINES, CALLS)
"""In the order of the keys 1 to 5."""

SORTS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        SESSIONS: ("last", "cost", "tokens"),
        MODELS: ("cost", "tokens", "requests"),
        TOOLS: ("cost", "tokens", "requests"),
        MACHINES: ("cost", "tokens", "newest"),
        CALLS: ("time", "cost", "tokens"),
    }
)
"""What each panel can be sorted by, first as it is by itself."""
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
_BY_ITSELF: Final[Mapping[str, int]] = MappingProxyType({})


class View(NamedTuple):
    """What is chosen."""

    panel: str = SESSIONS
    rows: Mapping[str, str] = _NOTHING
    """By panel, the key of the row that is chosen; the first one where there is none."""
    sorts: Mapping[str, int] = _BY_ITSELF
    """By panel, which of its ways of sorting."""

    def sort(self, panel: str) -> str:
        """Return what a panel is sorted by."""
        return SORTS[panel][self.sorts.get(panel, 0)]

    def sorted_next(self) -> "View":
        """Return the view with the panel that is chosen sorted in the next way."""
        number = (self.sorts.get(self.panel, 0) + 1) % len(SORTS[self.panel])
        return self._replace(sorts={**self.sorts, self.panel: number})

    def at(self, key: str) -> "View":
        """Return the view with a row chosen in the panel that is chosen."""
        return self._replace(rows={**self.rows, self.panel: key})


class Besides(NamedTuple):
    """What is in no ledger, as JSON tells it."""

    budgets: tuple[Mapping[str, Any], ...] = ()
    """How they stand: schema `tallystick.budgets/1`."""
    alerts: tuple[Mapping[str, Any], ...] = ()
    """Those that are open: schema `tallystick.alerts/1`."""


class Source(NamedTuple):
    """Where the figures come from, and how that fares."""

    name: str
    """The machine whose ledger is asked, or the address of a server."""
    remote: bool = False
    note: str = ""
    """What all figures are, where they are not a person's own."""
    importing: float | None = None
    """How much of what is being read in has been read, 0 to 1; None when nothing is."""
    trouble: str = ""
    """What is wrong, in a sentence."""
    besides: Besides = Besides()
