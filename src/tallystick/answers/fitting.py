"""Fitting: whether a value is one that a filter names. It imports nothing, for a hook that asks and has no time."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def fits(key: str, patterns: "Sequence[str]", value: str) -> bool:
    """Tell whether one of the patterns is a value: `*` stands for anything, case does not matter.

    A project fits by its whole path or by the path's last part.
    """
    values = [value.casefold()]
    if key == "project":
        whole = values[0].replace("\\", "/").rstrip("/")
        values += [whole, whole.rpartition("/")[2]]
    return any(_like(pattern.casefold().rstrip("/") or pattern, each) for pattern in patterns for each in values)


def _like(pattern: str, text: str) -> bool:
    if "*" not in pattern:
        return pattern == text
    first, *middle, last = pattern.split("*")
    if len(text) < len(first) + len(last) or not text.startswith(first) or not text.endswith(last):
        return False
    place, end = len(first), len(text) - len(last)
    for part in middle:
        place = text.find(part, place, end)
        if place < 0:
            return False
        place += len(part)
    return True
