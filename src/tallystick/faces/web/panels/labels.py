"""Labels of points: on which side of each its name is written, so that it lies on no other."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

_LETTERS: Final = 72
_LINES: Final = 13
"""A chart as wide as half a page and 230 pixels high, in letters and lines of its labels."""
_HALF: Final = 0.5
_BESIDE: Final = 2.3
_ABOVE: Final = 0.95
"""How far a label is from the middle of its point: letters to a side, lines above and below."""


class _Box(NamedTuple):
    left: float
    right: float
    bottom: float
    top: float

    def on(self, other: "_Box") -> bool:
        """Tell whether one lies on the other."""
        across = self.left < other.right and other.left < self.right
        return across and self.bottom < other.top and other.bottom < self.top


def placed(names: Sequence[str], places: Sequence[tuple[float, float]]) -> list[str]:
    """Return where each name is written: `right`, `left`, `above` or `below` its point; nothing where it would lie on others.

    Both axes begin at 0, and the first names come first.
    """
    wide = max((across for across, _ in places), default=0) or 1
    high = max((up for _, up in places), default=0) or 1
    at = [(across / wide * _LETTERS, up / high * _LINES) for across, up in places]
    taken = [_around(x, y, 2, 0.7) for x, y in at]
    found = []
    for name, (x, y) in zip(names, at, strict=True):
        sides = _sides(len(name), x, y)
        free = next((side for side, box in sides if _inside(box) and not any(map(box.on, taken))), "")
        if free:
            taken.append(dict(_sides(len(name), x, y))[free])
        found.append(free)
    return found


def _sides(letters: int, x: float, y: float) -> Iterator[tuple[str, _Box]]:
    aside = _BESIDE + letters / 2
    yield "right", _around(x + aside, y, letters, 0.75)
    yield "left", _around(x - aside, y, letters, 0.75)
    yield "above", _around(x, y + _ABOVE, letters, 0.75)
    yield "below", _around(x, y - _ABOVE, letters, 0.75)


def _around(x: float, y: float, letters: float, lines: float) -> _Box:
    return _Box(x - letters / 2, x + letters / 2, y - lines / 2, y + lines / 2)


def _inside(box: _Box) -> bool:
    return box.left >= 0 and box.right <= _LETTERS and box.bottom >= -_HALF
