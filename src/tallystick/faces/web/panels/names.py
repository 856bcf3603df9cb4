"""Names in rows: how each is told from the others, the address that is of one of them alone, and that of a session."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import quote

from tallystick.answers.question import fits
from tallystick.faces.web.panels.panel import Cell, name_cell
from tallystick.faces.web.state import LONGEST, State
from tallystick.faces.web.wording import clipped

_PARTS_MOST: Final = 4
_CLIPPED: Final = 60
_SHORT, _ID = 14, 8
"""As long as the name of a session may be, and as much as is shown of a longer one."""

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


def distinct(names: Iterable[str]) -> list[str]:
    """Return names for the axis of a chart: short, none of them empty, and no two alike."""
    seen: Counter[str] = Counter()
    found = []
    for name in names:
        text = clipped(name, _CLIPPED).strip() or "(no name)"
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


def lone_address(state: State, path: str, asked: Mapping[str, str]) -> str:
    """Return the same where it is not known which other names there are: empty where a name may stand for several."""
    names = tuple(asked.values())
    return "" if any("*" in name for name in names) else address(state, path, asked, [names])


def session_address(name: str, state: State) -> str:
    """Return the address of a session's page, in the zone of this one; empty where it has no name to be asked for by."""
    # Half a character, which no address can hold, is none of a name that could be found.
    path = f"/sessions/{quote(name, safe='', errors='replace')}"
    return State(state.place, timezone=state.timezone).address(path) if name else ""


def session_cell(state: State, name: str) -> Cell:
    """Return a session's name, shortened where it is a long id, that leads to its page."""
    if not name:
        return name_cell(name)._replace(raw=name)
    text = name if len(name) <= _SHORT else f"{name[:_ID]}…"
    return Cell(text, name, session_address(name, state), name if text != name else "")


def _fits(asked: tuple[str, str], name: str) -> bool:
    key, pattern = asked
    return fits(key, (pattern,), name)


def _tellable(name: str) -> bool:
    """Tell whether an address can hold a name: without half characters, blanks at its ends, and endless length."""
    half = any("\ud800" <= letter <= "\udfff" for letter in name)
    return bool(name) and name == name.strip() and len(name) <= LONGEST and not half
