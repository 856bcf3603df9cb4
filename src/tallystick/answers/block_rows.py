"""Rows of blocks of five hours and of the pauses between them, with what is told of each besides its figures."""

from typing import Any, Final

from tallystick.answers.answer import Figures, Moment, Money, Row
from tallystick.answers.lanes import BLOCK_MS
from tallystick.usage.period import HOUR_MS

_MINUTE_MS: Final = 60_000

type Reach = tuple[int, int]
"""First and last millisecond in which a block was used."""


def block(tool: str, begin: int, reach: Reach, figures: Figures, models: list[str], now: int) -> Row:
    """Return the row of a block, as it is at some moment."""
    first, last = reach
    end = begin + BLOCK_MS
    active = now < end
    told = _told(begin, end) | {"last": Moment(last), "active": active, "models": models}
    if active and last > first:
        told |= _ahead(figures, last - first, end - now)
    return Row((Moment(begin).iso(), tool), figures, told)


def pause(tool: str, begin: int, end: int) -> Row:
    """Return the row of a pause."""
    return Row((Moment(begin).iso(), tool), Figures(), _told(begin, end) | {"gap": True})


def _told(begin: int, end: int) -> dict[str, Any]:
    return {
        "start": Moment(begin),
        "end": Moment(end),
        "last": None,
        "gap": False,
        "active": False,
        "inferred": True,
        "models": [],
        "burn_rate": None,
        "projection": None,
    }


def _ahead(figures: Figures, span: int, left: int) -> dict[str, Any]:
    """Tell how fast an active block consumes, and where it ends at that pace."""
    # As ccusage shows them: the pace is reckoned between first and last event, the rest of the block in whole minutes.
    minutes = left // _MINUTE_MS
    cost = figures.cost_usd
    return {
        "burn_rate": {
            "tokens_per_minute": figures.total * _MINUTE_MS / span,
            "cost_usd_per_hour": None if cost is None else Money(cost * HOUR_MS // span),
        },
        "projection": {
            "remaining_minutes": minutes,
            "total": figures.total + round(figures.total * _MINUTE_MS * minutes / span),
            "cost_usd": None if cost is None else Money(cost + cost * _MINUTE_MS * minutes // span),
        },
    }
