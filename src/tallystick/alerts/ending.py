"""Endings: that something is over is told, where that is wished for, by the ways out that told of it and by no other."""

from collections.abc import Iterable
from typing import Final

from tallystick.alerts.episodes import Episode
from tallystick.alerts.keeper import Changing

_MARK: Final = "\tover"
"""Behind the name of a way out, in which there is no such thing: what goes there is the end of an episode."""


def is_ending(outlet: str) -> bool:
    """Tell whether what is to be told there is the end of an episode."""
    return outlet.endswith(_MARK)


def place(outlet: str) -> str:
    """Return the name of the way out, whatever is to be told there."""
    return outlet.removesuffix(_MARK)


def ended(db: Changing, episode: Episode, outlets: Iterable[str], now: int) -> None:
    """Have the end of an episode told by those ways out that told of it."""
    for outlet in outlets:
        db.execute(
            "INSERT INTO tellings SELECT episode, ?, 'waiting', 0, ?, 0, '' FROM tellings "
            "WHERE episode = ? AND outlet = ? AND state = 'told' "
            "ON CONFLICT (episode, outlet) DO UPDATE SET state = excluded.state, tries = 0, due = excluded.due",
            (outlet + _MARK, now, episode.id, outlet),
        )
