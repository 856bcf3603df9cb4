"""Usage windows of a ChatGPT plan, as headers and messages tell them to Codex."""

from collections.abc import Mapping
from typing import Any, Final

from tallystick.providers.decoded import inner, plain, text
from tallystick.providers.provider import Limit
from tallystick.usage.event import MOST_USED

PROVIDER: Final = "openai"
_USED: Final = "-primary-used-percent"
"""How the header ends by which a family of windows is known; its beginning is the limit's name."""
_SLOTS: Final = ("primary", "secondary")
_USUAL: Final = "codex"
_MOST_FAMILIES: Final = 32
_LONGEST: Final = 525_600
"""Minutes of a year."""
_EARLIEST: Final = 1_577_836_800
_LATEST: Final = 4_102_444_800


def limits_in_headers(headers: Mapping[str, str]) -> list[Limit]:
    """Return the windows of every family of headers, `x-codex-…` and those of further limits."""
    families = [name[2 : -len(_USED)] for name in headers if name.startswith("x-") and name.endswith(_USED)]
    plan = headers.get("x-codex-plan-type", "")[:100]
    found = []
    for family in families[:_MOST_FAMILIES]:
        for slot in _SLOTS:
            said = {
                "used_percent": _number(headers.get(f"x-{family}-{slot}-used-percent")),
                "window_minutes": _number(headers.get(f"x-{family}-{slot}-window-minutes")),
                "reset_at": _number(headers.get(f"x-{family}-{slot}-reset-at")),
            }
            found += _limit(family, slot, said, plan)
    return found


def limits_in_frame(data: bytes) -> list[Limit]:
    """Return the windows in a message `codex.rate_limits`."""
    message = plain(data)
    if not isinstance(message, dict):
        return []
    family = text(message.get("metered_limit_name")) or text(message.get("limit_name")) or _USUAL
    windows, plan = inner(message, "rate_limits"), text(message.get("plan_type"))
    return [limit for slot in _SLOTS for limit in _limit(family, slot, inner(windows, slot), plan)]


def _limit(family: str, slot: str, said: Mapping[str, Any], plan: str) -> list[Limit]:
    """Return a window, named by its length as Codex's reader names it: plans without a short one have the week first."""
    used, minutes, resets = (
        each if isinstance(each, int | float) and not isinstance(each, bool) else None
        for each in (said.get("used_percent"), said.get("window_minutes"), said.get("reset_at"))
    )
    if used is None or not 0 <= used <= MOST_USED or not (used or minutes or resets):
        return []
    length = int(minutes) if minutes and 0 < minutes <= _LONGEST else 0
    at = int(resets * 1000) if resets and _EARLIEST <= resets < _LATEST else 0
    return [
        Limit(PROVIDER, f"{family.strip().lower().replace('-', '_')}:{length or slot}", length, float(used), at, plan)
    ]


def _number(told: str | None) -> float | None:
    try:
        return float(told) if told else None
    except ValueError:
        return None
