"""Tags of sessions, as something to group and to filter by."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from tallystick.answers.question import TAG, fits
from tallystick.ledger.ledger import Ledger

type Tags = tuple[str, ...]
"""What was noted with a session, each as `name=value`, in order of their names."""
type Tagged = Mapping[tuple[str, str], Tags]
"""The tags of those sessions that have some, by tool and session."""

NONE: Final[Tags] = ()


def tagged(ledger: Ledger) -> Tagged:
    """Return the tags of all sessions."""
    found: dict[tuple[str, str], list[str]] = {}
    for tool, session, name, value in ledger.ask("tags"):
        found.setdefault((tool, session), []).append(f"{name}={value}")
    return {whose: tuple(tags) for whose, tags in found.items()}


def named(tags: Tags) -> str:
    """Return the tags of a session as one name: empty where it has none."""
    return ", ".join(tags)


def fitting(patterns: Sequence[str], tags: Tags) -> bool:
    """Tell whether one of the patterns is one of the tags, or all of them as they are named together."""
    return any(fits(TAG, patterns, tag) for tag in (*tags, named(tags)))


def columns(found: Tagged, contexts: Sequence[Sequence[Any]], patterns: Sequence[str]) -> tuple[list[str], list[bool]]:
    """Return by context, given the columns of the question `contexts`, how its tags are named and whether they fit."""
    every = [found.get(whose, NONE) for whose in zip(contexts[1], contexts[2], strict=True)]
    told = {tags: (named(tags), fitting(patterns, tags)) for tags in set(every)}
    return [told[tags][0] for tags in every], [told[tags][1] for tags in every]
