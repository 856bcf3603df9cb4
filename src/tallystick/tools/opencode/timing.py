"""How long the model worked on a step: what lies between the runs of tools, without absences."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from tallystick.usage.activity import Span, worked


def model_time(asked: int, end: int, moments: Sequence[int], tools: Iterable[Span]) -> int:
    """Return the milliseconds from a request to its end in which no tool ran and nobody was away.

    `moments` are those at which something of the answer arrived, in order: a silence between two of them that is too
    long counts as an absence (`usage.activity`).
    """
    total, place = 0, asked
    for begin, done in [*sorted(tools), (end, end)]:
        begin = min(begin, end)  # noqa: PLW2901 - a tool may outlive the step
        if begin > place:
            between = moments[bisect_right(moments, place) : bisect_left(moments, begin)]
            total += worked(place, [*between, begin])
        place = max(place, begin, done)
    return total
