"""What a report is: a named question with the columns that show its answer."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tallystick.usage.period import UNITS

if TYPE_CHECKING:
    from tallystick.answers.answer import Answer
    from tallystick.answers.question import Question

KEYS: Final = (
    *UNITS,
    "session",
    "project",
    "branch",
    "machine",
    "user",
    "tool",
    "provider",
    "model",
    "agent",
    "tier",
    "tag",
)
"""What usage can be grouped by."""
MEASURES: Final = (
    "requests",
    "input",
    "cache_read",
    "cache_write_5m",
    "cache_write_1h",
    "output",
    "reasoning",
    "total",
    "cost_usd",
    "unpriced_tokens",
)
"""The figures of every row, in the order of the JSON contract."""


class Report(NamedTuple):
    """A named question."""

    name: str
    title: str
    group_by: tuple[str, ...]
    order: str
    """The order of rows where none is asked for, in the words of `--order`."""
    columns: tuple[str, ...]
    """The measures and details that a table shows, besides the keys."""
    listed: tuple[str, ...] = ()
    """Keys that a table gathers into one cell of each row, so that a day with four models is one row."""
    details: tuple[str, ...] = ()
    """What its rows hold besides keys and measures."""
    most: int = 0
    """How many rows a terminal is given where no limit is asked for; 0 for all."""
    timely: bool = False
    """Whether its answer changes as time goes by, also when nothing new comes in."""
    answer: "Callable[[Any, Any, Question], Answer] | None" = None
    """Answers from a ledger and a price book what a plain sum over the ledger cannot."""
