"""Beside: what pages tell that is in no ledger, budgets and alerts, from whoever keeps it."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tallystick.answers.answer import Details
    from tallystick.answers.answers import Answers
    from tallystick.answers.budgets import Budget, Override


def no_budgets() -> "tuple[Sequence[Budget], Sequence[Override]]":
    """Return that none are defined, and that nothing is let be exceeded."""
    return (), ()


def no_alerts(_: "Answers", __: int) -> "Details":
    """Return that there is no alert, and never was."""
    return {"open": [], "past": [], "muted": [], "to": []}


class Beside(NamedTuple):
    """Where pages get it; each may wait for a disk, and raise Unavailable."""

    budgets: "Callable[[], tuple[Sequence[Budget], Sequence[Override]]]" = no_budgets
    """Returns all budgets, and what persons let be exceeded."""
    alerts: "Callable[[Answers, int], Details]" = no_alerts
    """Returns what is told of alerts, with so many episodes at most; the answers are those of the ledger that is shown."""
