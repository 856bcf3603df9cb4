"""Names in rows: how each is told from the others, and the address that is of one of them alone."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from tallystick.answers.question import fits
from tallystick.faces.web.state import State

_PARTS_MOST: Final = 4
_LONGEST: Final = 1_000
"""As much of a name as an address takes."""
_CLIPPED: Final = 60

type Names = tuple[str, ...]


def called(projects: Iterable[str]) -> dict[str, str]:
    """Return what each project is called: the last part of its path, with parts before it where others end alike."""
    parts = {path: [part for part in path.replace("\\", "/").split("/") if part] or [path] for path in projects}
    depth = dict.fromkeys(parts, 1)
    while True:
        shown = {path: _last(path, parts[path], depth[path]) for path in parts}
        times = Counter(shown.values())
        alike = [path for path, name in shown.items() if times[name] > 1 and depth[path] < len(parts[path])]
        # A path as long as somebody likes must not take as long as that.
        alike = [path for path in alike if depth[path] <= _PARTS_MOST]
        if not alike:
            return shown
        for path in alike:
            depth[path] += 1


def _last(path: str, parts: list[str], depth: int) -> str:
    return path if depth > _PARTS_MOST else "/".join(parts[-depth:])


def clipped(names: Iterable[str]) -> list[str]:
    """Return names for the axis of a chart: short, none of them empty, and no two alike."""
    seen: Counter[str] = Counter()
    found = []
    for name in names:
        text = name if len(name) <= _CLIPPED else f"{name[: _CLIPPED - 1]}…"
        text = text.strip() or "(no name)"
        seen[text] += 1
        found.append(text if seen[text] == 1 else f"{text} ({seen[text]})")
    return found


def address(state: State, path: str, asked: Mapping[str, str], among: Iterable[Names]) -> str:
    """Return the address of a page with what has these names only; empty when no filter is of that alone.

    `among` are the names, by the same keys, of all that a filter may let through: `*` and upper case may make one
    filter fit several, and a project is also found by the last part of its path.
    """
    if not all(map(_tellable, asked.values())):
        return ""
    through = sum(all(map(_fits, asked.items(), names)) for names in among)
    return state.address(path, **asked) if through == 1 else ""


def _fits(asked: tuple[str, str], name: str) -> bool:
    key, pattern = asked
    return fits(key, (pattern,), name)


def _tellable(name: str) -> bool:
    """Tell whether an address can hold a name: without half characters, blanks at its ends, and endless length."""
    half = any("\ud800" <= letter <= "\udfff" for letter in name)
    return bool(name) and name == name.strip() and len(name) <= _LONGEST and not half
