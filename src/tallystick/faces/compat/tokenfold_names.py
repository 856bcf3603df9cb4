"""What tokenfold calls models and projects, and what it reckons that tokens take of electricity and water."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

_FAMILIES: Final = ("opus", "sonnet", "haiku")
_DATE: Final = re.compile(r"[-@]\d{8}$")
_NUMBERS: Final = re.compile(r"^\d{1,2}$")
_PER_MILLION: Final = {"opus": (2_800, 560), "sonnet": (1_950, 390), "haiku": (650, 130), "haiku-3": (520, 104)}
"""Watt-hours for a million tokens of output and of input; what is read from a cache or written to one is not counted."""
_WATER: Final = 1.12 * (0.36 + 0.50)
"""Millilitres for a watt-hour: what the building takes besides, and water on site and at the power station."""


def display(model: str) -> str:
    """Return the name that is shown: `Opus 4.6` for `claude-opus-4-6-20260101`; what is of no such form stays as it is."""
    parts = _DATE.sub("", model).removeprefix("claude-").split("-")
    family = next((part for part in parts if part in _FAMILIES), "")
    numbers = [part for part in parts if _NUMBERS.match(part)]
    if not model.startswith("claude-") or not family or len(numbers) + 1 != len(parts):
        return model or "unknown"
    return f"{family.capitalize()} {'.'.join(numbers)}".rstrip()


def energy_wh(model: str, inputs: int, outputs: int) -> float:
    """Return what tokens take by tokenfold's reckoning, by the name that is shown; a model without figures takes Sonnet's."""
    name = model.lower()
    family = next((each for each in _FAMILIES if name.startswith(each)), "sonnet")
    if name.startswith("haiku 3"):
        family = "haiku-3"
    output, read = _PER_MILLION[family]
    return (outputs * output + inputs * read) / 1e6


def water_ml(watt_hours: float) -> float:
    """Return the water that so much electricity takes."""
    return watt_hours * _WATER


def projects(paths: Iterable[str]) -> dict[str, str]:
    """Return what projects are called: the last part of each path; of those with one name, the part above it, too."""
    parts = {path: path.replace("\\", "/").rstrip("/").split("/") for path in paths}
    many = Counter(each[-1] for each in parts.values())
    return {
        path: "/".join(each[-2:]) if many[each[-1]] > 1 else each[-1] or path or "unknown"
        for path, each in parts.items()
    }
