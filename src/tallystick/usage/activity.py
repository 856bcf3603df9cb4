"""Active time: what counts as work of the model, as run of a tool, and as neither.

The model works from a request to the last line of its answer; a tool runs from its use to its result,
permission prompts included, since logs do not tell them apart. Waiting for the person is neither. Where
more than five minutes pass between two lines without a tool running, somebody was away: that gap counts
as nothing. Overlapping spans of one line of work count once; the main line and the subagents are apart.

What follows from that, and where its limits lie: subagents at work side by side each count, so that their
time can exceed the clock's, while `active` is the time in which anything of the session was at work and
never does. A tool that starts a subagent runs as long as that one works. A model that thinks for more
than five minutes without a line is taken for an absence. Sessions that run side by side add up.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

AWAY_MS: Final = 300_000
"""The longest silence, in milliseconds, that still counts as the model at work."""

_LONG_AGO: Final = -(2**63)

MODEL: Final = 0
TOOL: Final = 1

type Span = tuple[int, int]
"""Begin and end in milliseconds since 1970, UTC."""


class Activity(NamedTuple):
    """How long a session was at work, in milliseconds."""

    active: int = 0
    """At least one model or tool of the session at work, main line or subagent."""
    model: int = 0
    """The model on the main line."""
    tool: int = 0
    """Tools on the main line."""
    agent_model: int = 0
    """The model for subagents, each for itself."""
    agent_tool: int = 0


def covered(spans: Iterable[Span]) -> int:
    """Return how many milliseconds lie in at least one of the spans."""
    total, reach = 0, _LONG_AGO
    for begin, end in sorted(spans):
        start = max(begin, reach)
        if end > start:
            total += end - start
            reach = end
    return total


def worked(asked: int, lines: Iterable[int]) -> int:
    """Return how long the model worked on an answer: from the request over the moments of its lines, without absences."""
    total, before = 0, asked
    for moment in lines:
        if 0 < moment - before <= AWAY_MS:
            total += moment - before
        before = max(before, moment)
    return total


def activity(spans: Iterable[tuple[str, int, int, int]]) -> Activity:
    """Add up the spans of one session, in any order: (agent, kind, begin, end) with an empty agent for the main line."""
    lanes: dict[tuple[str, int], list[Span]] = {}
    for agent, kind, begin, end in spans:
        lanes.setdefault((agent, kind), []).append((begin, end))
    sums = [0, 0, 0, 0]
    for (agent, kind), lane in lanes.items():
        sums[2 * bool(agent) + kind] += covered(lane)
    return Activity(covered([span for lane in lanes.values() for span in lane]), *sums)
