"""What people asked: one prompt for each turn, however many lines repeat it; never a word of its text."""

from typing import Any, Final

_TOOLS_OWN: Final = ("<environment_context", "<user_instructions", "# AGENTS.md instructions")
"""How messages begin that the tool writes in a person's name, also as `user_message` in the first versions."""


def is_typed(beginning: str, *, announced: bool) -> bool:
    """Tell whether a user's message was typed by a person, from its first characters.

    Without an event that announces it, whatever begins like a tag is the tool's own.
    """
    return not beginning.startswith(_TOOLS_OWN) and (announced or not beginning.lstrip().startswith("<"))


class Turns:
    """Tells the first line of a prompt from those that repeat it."""

    __slots__ = ("_asked_in", "_fresh", "_number", "_requests", "announces")

    def __init__(self, state: list[Any] | None = None) -> None:
        """Begin, or go on from `state()`."""
        self.announces = False
        """This file has events for prompts, so that plain messages are not needed."""
        self._fresh = True
        """No prompt since the beginning of the turn."""
        self._asked_in = ""
        self._requests = -1
        self._number = 0
        if state:
            self.announces, self._fresh, self._asked_in, self._requests, self._number = state

    def state(self) -> list[Any]:
        """Return what another one needs to go on, as JSON holds it."""
        return [self.announces, self._fresh, self._asked_in, self._requests, self._number]

    def begin(self) -> None:
        """Take the beginning of a turn."""
        self._fresh = True

    def prompt(self, turn: str, requests: int, *, announced: bool) -> str:
        """Return a name within its thread for a prompt, empty for one that was told already.

        `requests` counts what the model answered so far: without turns, a message after an answer is new.
        """
        if announced:
            self.announces = True
        elif self.announces:
            return ""
        if not self._fresh and (requests == self._requests or (turn and turn == self._asked_in)):
            return ""
        self._fresh, self._asked_in, self._requests = False, turn, requests
        self._number += 1
        return turn or str(self._number)
