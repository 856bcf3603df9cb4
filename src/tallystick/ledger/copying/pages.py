"""Pages: rows in the order of one of their columns, read in portions that never take a ledger's whole width into memory."""

from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from tallystick.ledger.ledger import Row

MOST: Final = 20_000
"""Rows in a portion: few enough for little memory, enough for a transaction to be worth its cost."""
LEAST_NUMBER: Final = -(2**63)


class Page[P: (int, str)](NamedTuple):
    """Some rows, and what their place lies between."""

    rows: list[Row]
    since: P
    until: P | None
    """None after the last page."""


def pages[P: (int, str)](
    ask: Callable[[P, int], list[Row]], place: int, since: P, most: int = MOST
) -> Iterator[Page[P]]:
    """Yield all rows; `ask` returns those from a place on, so many at most, in the order of the column that is the place.

    Rows of one place are never in two pages, so that nothing is left out where many share one; the last page may be empty.
    """
    limit = most
    while True:
        rows = ask(since, limit)
        if len(rows) < limit:
            yield Page(rows, since, None)
            return
        last: Any = rows[-1][place]
        whole = len(rows)
        while whole and rows[whole - 1][place] == last:
            whole -= 1
        if not whole:
            limit *= 2
            continue
        yield Page(rows[:whole], since, last)
        since, limit = last, most
