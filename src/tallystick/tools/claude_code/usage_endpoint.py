"""What Anthropic's endpoint for a subscriber's usage tells (`/api/oauth/usage`), as Claude Code asks it and tokenfold hands it on.

Each window is a key of its own, `{"utilization": 0-100, "resets_at": ISO 8601}` or null; names come and go. Newer answers have a
list `limits` of `{"kind", "percent", "resets_at", "scope": {"model": {"display_name"}}}` besides, and null in the old places.
`extra_usage` is what is paid for beyond: its utilization is of the month's limit.
"""

from collections.abc import Container, Iterator
from typing import Any, Final

from tallystick.tools.claude_code.status_line import PROVIDER, minutes_of, share
from tallystick.tools.fields import moment, text_of
from tallystick.usage.event import LimitSample

_WINDOWS_MOST: Final = 64
_NAME_MOST: Final = 100
_MINUTES: Final = (("session", 300), ("daily", 1_440), ("weekly", 10_080))
"""Lengths of the kinds of limits, by how they begin."""
_NAMES: Final = {"session": "five_hour", "weekly": "seven_day", "weekly_all": "seven_day"}
"""What the older answers, the status line and the headers call the window of a kind."""
_SCOPED: Final = {"weekly_scoped": "seven_day"}
"""How they begin the names of windows that are for one model."""
_FAMILIES: Final = ("opus", "sonnet", "haiku")
"""Families of models, by which they end these."""


def windows(told: Any, time: int, plan: str = "", account: str = "") -> Iterator[LimitSample | None]:
    """Yield each window that an answer tells of, told at a moment (milliseconds since 1970); None for one that makes no sense."""
    fields = told if isinstance(told, dict) else {}
    old = set()
    for name, window in list(fields.items())[:_WINDOWS_MOST]:
        if isinstance(window, dict) and window.get("utilization") is not None:
            sample = _sample(name, minutes_of(name), window, window["utilization"], (time, plan, account))
            old.add(sample and sample.window)
            yield sample
    limits, listed = fields.get("limits"), set[str]()
    for limit in limits[:_WINDOWS_MOST] if isinstance(limits, list) else ():
        if isinstance(limit, dict) and limit.get("percent") is not None:
            kind = text_of(limit.get("kind"))
            minutes = next((minutes for begins, minutes in _MINUTES if kind.startswith(begins)), minutes_of(kind))
            name = _named(kind, limit.get("scope"), listed)
            listed.add(name)
            sample = _sample(name, minutes, limit, limit["percent"], (time, plan, account))
            if sample is None or name not in old:
                yield sample


def _named(kind: str, scope: Any, taken: Container[str]) -> str:
    """Return the name of a limit: the established one where its kind has one, and the model that it is for where it is for one."""
    model = scope.get("model") if isinstance(scope, dict) else None
    words = text_of(model.get("display_name")).lower().split() if isinstance(model, dict) else []
    if not words or not kind:
        return _NAMES.get(kind, kind)
    if kind not in _SCOPED:
        return f"{kind}:{'_'.join(words)}"
    of_family = next((f"{_SCOPED[kind]}_{word}" for word in words if word in _FAMILIES), "")
    # Of two models of one family each has a window of its own.
    return of_family if of_family and of_family not in taken else f"{_SCOPED[kind]}_{'_'.join(words)}"


def _sample(
    name: str, minutes: int, said: dict[str, Any], used: Any, about: tuple[int, str, str]
) -> LimitSample | None:
    percent = share(used)
    if percent is None or not name or len(name) > _NAME_MOST:
        return None
    return LimitSample(PROVIDER, text_of(name), minutes, percent, moment(said.get("resets_at")), *about)
