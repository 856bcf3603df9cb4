"""Answers of a provider that is declared in the config: values at dotted paths, in one JSON text or in a stream of them."""

from collections.abc import Mapping
from typing import Any, Final

from tallystick.providers.counts import Habit, Told, disjoint
from tallystick.providers.decoded import count, nano, plain, text
from tallystick.providers.provider import CUT, DONE, MISSING, Call, Limit
from tallystick.providers.shape import Place

COUNTS: Final = ("input", "cache_read", "cache_write", "output", "reasoning", "total")
NAMES: Final = (*COUNTS, "model", "id", "cost")
"""What a path can be declared for; `cost` is in dollars."""


class Fields:
    """Reads one answer; of a value that is told several times the last one holds."""

    by_line = False

    def __init__(self, place: Place, paths: Mapping[str, str], *, inclusive: bool) -> None:
        """Take where it was asked, the paths by what they lead to, and whether input holds the cache's part."""
        _ = place
        self.limits: list[Limit] = []
        self._paths = {name: path.split(".") for name, path in paths.items()}
        self._needles = tuple({f'"{path[-1]}"'.encode() for path in self._paths.values() if not path[-1].isdecimal()})
        self._habit = Habit(cache_inside=inclusive)
        self._told: dict[str, Any] = {}

    def head(self, headers: Mapping[str, str]) -> None:
        """Take nothing: headers tell no counts."""

    def wants(self, data: bytes) -> bool:
        """Tell whether there is one of the fields in it."""
        return any(needle in data for needle in self._needles)

    def text(self, data: bytes) -> None:
        """Take one JSON text."""
        whole = plain(data)
        for name, path in self._paths.items():
            found = _at(whole, path)
            if found is not None:
                self._told[name] = found

    def calls(self, asked: str, *, cut: bool) -> list[Call]:
        """Return the call; a stream that was cut off has told as much as it has told."""
        _ = asked
        said = self._told
        call = Call("", text(said.get("model")), id=text(said.get("id")), cost_nano=nano(said.get("cost")))
        if not any(name in said for name in COUNTS):
            return [call._replace(outcome=CUT if cut else MISSING)]
        prompt, cached, written, output, reasoning, total = (count(said.get(name)) for name in COUNTS)
        told = Told(prompt, cached, written, output, reasoning, total=total)
        tokens, mismatch = disjoint(told, self._habit)
        return [call._replace(tokens=tokens, outcome=CUT if cut else DONE, mismatch=mismatch)]


def _at(value: object, path: list[str]) -> object:
    """Return what a path leads to, None where it leads nowhere; a number is a place in a list."""
    for step in path:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value
