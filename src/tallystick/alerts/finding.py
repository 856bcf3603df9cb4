"""Findings: what a rule says of one thing that it looks at, in words in which names can be hidden."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

type Filters = tuple[tuple[str, str], ...]
"""Keys and patterns, such as `project` and `~/clients/*`."""
type Fact = str | int | float | bool | Filters | None
type Facts = Mapping[str, Fact]

CASE: Final = "case"
"""An alert is due."""
NEAR: Final = "near"
"""Neither: an episode does not begin, and one that has begun does not end."""
FINE: Final = "fine"
"""It is clearly not the case."""

WARNING: Final = "warning"
CRITICAL: Final = "critical"
LEVELS: Final = (WARNING, CRITICAL)

HIDEABLE: Final = ("project", "branch", "session", "tag")
"""Facts, and keys of filters, whose values a person may want to keep for themselves."""
_NAME_MOST: Final = 200
"""Characters of a name that are told: some ways out take no more than a thousand in all."""
_EVERYTHING: Final = "everything"
_NONE: Final[Facts] = MappingProxyType({})


class Finding(NamedTuple):
    """What is the case with one thing."""

    key: str
    """Of the thing: the same text at every look."""
    state: str
    level: str = WARNING
    title: str = ""
    """Names stand in it as `{machine}`: what each is, the facts tell."""
    text: str = ""
    facts: Facts = _NONE
    term: int = 0
    """When the stretch of time begins or ends to which this belongs; another one is another episode. 0 for none."""
    span: int = 0
    """Milliseconds by which two such moments may differ and still mean the same stretch."""
    since: int = 0
    """Since when it is known to be so, where that is known from elsewhere than by looking: milliseconds since 1970, UTC."""
    former: str = ""
    """The key that the same thing has had as long as less was known of it; empty where there is none."""


def worded(text: str, facts: Facts) -> str:
    """Return a title or text with its names in it, in one line; what would steer a terminal in a name is replaced."""
    names = {name: _shown(value) for name, value in facts.items()}
    line = " ".join(text.format_map(names).split())
    return line if line.isprintable() else "".join(each if each.isprintable() else "\ufffd" for each in line)


def masked(facts: Facts, shown: Callable[[str, str], str]) -> dict[str, Fact]:
    """Return facts with what is hideable as `shown(key, value)` tells it; empty means left out."""

    def value(name: str, fact: Fact) -> Fact:
        if isinstance(fact, tuple):
            return tuple((key, (shown(key, each) or "…") if key in HIDEABLE else each) for key, each in fact)
        return (shown(name, fact) or "…") if name in HIDEABLE and isinstance(fact, str) and fact else fact

    return {name: value(name, fact) for name, fact in facts.items()}


def money(pico: int) -> str:
    """Return pico-dollars as people read them."""
    return f"${pico / 1e12:,.2f}"


def clock(time: int, offset: int, now: int) -> str:
    """Return a moment on local clocks: the time of day, and the date where it is not within a day of now."""
    from datetime import UTC, datetime

    local = datetime.fromtimestamp((time + offset) // 1000, UTC)
    return f"{local:%H:%M}" if abs(time - now) < 20 * 3_600_000 else f"{local:%Y-%m-%d %H:%M}"


def length(ms: int) -> str:
    """Return a length of time in its two greatest units."""
    minutes = max(ms, 0) // 60_000
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    return f"{rest} min"


def _shown(value: Fact) -> str:
    if isinstance(value, tuple):
        return _clipped(", ".join(f"{key}={pattern}" for key, pattern in value)) or _EVERYTHING
    return _clipped(str(value))


def _clipped(text: str) -> str:
    return text if len(text) <= _NAME_MOST else f"{text[:_NAME_MOST]}…"
