"""Tidying: additions that are settled, and rounds that were brought to their end, need not be known for ever."""

from typing import Final

from tallystick.ledger.clickhouse.server import Server

EVERY: Final = 500
"""After so many rounds there is something to tidy."""
_STEPS: Final = (
    "ALTER TABLE additions DELETE WHERE id IN (SELECT id FROM settled) SETTINGS mutations_sync = 2",
    # Only now: an addition without this row would be settled once more.
    "ALTER TABLE settled DELETE WHERE id NOT IN (SELECT id FROM additions) SETTINGS mutations_sync = 2",
    "ALTER TABLE rounds DELETE WHERE number < {} SETTINGS mutations_sync = 2",
)


def tidy(server: Server, whole: int) -> None:
    """Remove what nobody asks for any more; all rounds up to this number were brought to their end, and its own row stays."""
    for step in _STEPS:
        server.do(step.format(whole))
