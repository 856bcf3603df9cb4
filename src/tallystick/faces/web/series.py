"""Series of a chart: the greatest by name, as many as there are colours, and all others together."""

from collections.abc import Mapping, Sequence
from typing import Final

OTHER: Final = "other"
MOST: Final = 8
"""As many as there are colours that can be told apart, `OTHER` included."""


def ranked(sums: Mapping[str, int]) -> list[str]:
    """Return the series by rank, the greatest first; `OTHER` comes last where there are too many."""
    names = sorted(sums, key=lambda name: (-sums[name], name))
    return names if len(names) <= MOST else [*names[: MOST - 1], OTHER]


def series(name: str, ranks: Sequence[str]) -> str:
    """Return the series in which a name is drawn."""
    return name if name in ranks else OTHER
