"""Which answer belongs to which telemetry: two lines tell of one request, and only one of them may count.

The telemetry comes first and counts: it has the provider's id of the response, and it is there for the requests that
leave no answer in the chat too (subagents, titles, compressions). An answer follows it as its child, or at least
with the same counts. An answer that has no telemetry counts by itself.
"""

from typing import Any, Final

from tallystick.tools.gemini_format import Stored

_MOST: Final = 16
"""Requests that are remembered as still without their answer; most of them never get one."""

type Told = tuple[str, int, Stored]
"""Of a line that told of a request: its id, the event's key, the counts."""


class Pairs:
    """What was told last and may be told again by the other line."""

    __slots__ = ("_answers", "_requests")

    def __init__(self, left: Any) -> None:
        """Go on from what an earlier reader left."""
        requests, answers = left or ([], [])
        self._requests: list[Told] = [(uuid, number, Stored(*counts)) for uuid, number, counts in requests]
        self._answers: list[Told] = [(uuid, number, Stored(*counts)) for uuid, number, counts in answers]

    def left(self) -> list[list[list[Any]]]:
        """Return what another reader needs to go on."""
        return [
            [[uuid, number, list(counts)] for uuid, number, counts in told] for told in (self._requests, self._answers)
        ]

    def request(self, told: Told, parent: str) -> bool:
        """Take a request's telemetry; tell True when an answer just told of it, being the telemetry's parent."""
        for place, (uuid, _, counts) in enumerate(self._answers):
            if uuid == parent and counts == told[2]:
                del self._answers[place]
                return True
        self._requests.append(told)
        del self._requests[:-_MOST]
        return False

    def answer(self, parent: str, counts: Stored) -> int:
        """Return the event's key for an answer whose telemetry was told; 0 when there was none."""
        by_parent = (place for place, told in enumerate(self._requests) if told[0] == parent)
        by_counts = (place for place, told in enumerate(self._requests) if told[2] == counts)
        place = next(by_parent, next(by_counts, -1))
        return self._requests.pop(place)[1] if place >= 0 else 0

    def alone(self, told: Told) -> None:
        """Remember an answer that was told without telemetry."""
        self._answers.append(told)
        del self._answers[:-_MOST]
