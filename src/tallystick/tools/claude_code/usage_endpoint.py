"""What Anthropic's endpoint for a subscriber's usage tells (`/api/oauth/usage`), as Claude Code asks it and tokenfold hands it on.

Each window is a key of its own, `{"utilization": 0-100, "resets_at": ISO 8601}` or null; names come and go. Newer answers have a
list `limits` of `{"kind", "percent", "resets_at", "scope": {"model": {"display_name"}}}` besides, and null in the old places.
`extra_usage` is what is paid for beyond: its utilization is of the month's limit.
"""

from collections.abc import Iterator
from typing import Any, Final

from tallystick.tools.claude_code.status_line import PROVIDER, minutes_of, share
from tallystick.tools.fields import moment, text_of
from tallystick.usage.event import LimitSample

_WINDOWS_MOST: Final = 64
_NAME_MOST: Final = 100
_MINUTES: Final = (("session", 300), ("daily", 1_440), ("weekly", 10_080))
"""Lengths of the kinds of limits, by how they begin."""


def windows(told: Any, time: int, plan: str = "", account: str = "") -> Iterator[LimitSample | None]:
    """Yield each window that an answer tells of, told at a moment (milliseconds since 1970); None for one that makes no sense."""
    fields = told if isinstance(told, dict) else {}
    for name, window in list(fields.items())[:_WINDOWS_MOST]:
        if isinstance(window, dict) and window.get("utilization") is not None:
            yield _sample(name, minutes_of(name), window, window["utilization"], (time, plan, account))
    limits = fields.get("limits")
    for limit in limits[:_WINDOWS_MOST] if isinstance(limits, list) else ():
        if isinstance(limit, dict) and limit.get("percent") is not None:
            kind = text_of(limit.get("kind"))
            minutes = next((minutes for begins, minutes in _MINUTES if kind.startswith(begins)), minutes_of(kind))
            yield _sample(_named(kind, limit.get("scope")), minutes, limit, limit["percent"], (time, plan, account))


def _named(kind: str, scope: Any) -> str:
    """Return the name of a limit: its kind, and the model that it is for where it is for one."""
    model = scope.get("model") if isinstance(scope, dict) else None
    name = text_of(model.get("display_name")) if isinstance(model, dict) else ""
    return f"{kind}:{name.lower().replace(' ', '_')}" if name and kind else kind


def _sample(
    name: str, minutes: int, said: dict[str, Any], used: Any, about: tuple[int, str, str]
) -> LimitSample | None:
    percent = share(used)
    if percent is None or not name or len(name) > _NAME_MOST:
        return None
    return LimitSample(PROVIDER, text_of(name), minutes, percent, moment(said.get("resets_at")), *about)
