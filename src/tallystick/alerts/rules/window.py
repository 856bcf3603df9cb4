"""Windows: a usage window of a vendor will have run out before its reset, or has."""

from typing import Final

from tallystick.alerts.finding import CASE, CRITICAL, FINE, NEAR, Fact, Finding, clock, length
from tallystick.alerts.rules.rule import MINUTE_MS, Limits, Rule
from tallystick.alerts.situation import Situation, Windowed

_ORDER: Final = (FINE, NEAR, CASE)
_ALL: Final = 100
_NEARLY: Final = 95
"""Percent below which a window that had run out has clearly more again; just below all of it may be rounding."""
_EASE: Final = 90
"""Percent at the reset, at the most, below which nothing is to be feared any more."""
_UNSURE: Final = 50
"""Percent below which nothing is to be feared either where nobody can tell what comes."""
_STALE: Final = 10
"""What was said longer ago than this part of a window's length says nothing about its pace any more."""
_STALE_LEAST_MS: Final = 15 * MINUTE_MS


def look(now: Situation, limits: Limits) -> list[Finding] | None:
    """Return two findings of each window: that it will run out, and that it has.

    Of several windows that nobody can tell apart by a name, the one that is worst counts.
    """
    if now.windows is None:
        return None
    if now.earlier is not None:
        return _confirmed(
            look(now._replace(earlier=None), limits) or [], look(now.earlier, limits) or [], now.earlier.now
        )
    worst: dict[str, Finding] = {}
    for finding in (each for window in now.windows if window.resets_at for each in _findings(window, now, limits)):
        other = worst.setdefault(finding.key, finding)
        if _ORDER.index(finding.state) > _ORDER.index(other.state):
            worst[finding.key] = finding
    return list(worst.values())


def _confirmed(found: list[Finding], earlier: list[Finding], then: int) -> list[Finding]:
    """Return findings, those that were the case at a moment before by what was known then as having been so since."""
    cases = {each.key: each for each in earlier if each.state == CASE}
    made = []
    for each in found:
        before = cases.get(each.key) or cases.get(each.former)
        is_same = before is not None and abs(before.term - each.term) <= each.span
        made.append(each._replace(since=each.since or then) if is_same else each)
    return made


def _findings(window: Windowed, now: Situation, limits: Limits) -> list[Finding]:
    until = clock(window.resets_at, now.offset, now.now)
    facts: dict[str, Fact] = {
        "provider": window.provider,
        "window": window.name,
        "account": window.account,
        "used_percent": window.used_percent,
        "runs_out": window.runs_out,
        "resets_at": window.resets_at,
    }
    used, ahead = f"{window.used_percent:.0f} % are used", ""
    if window.runs_out is not None:
        ahead = (
            f"; it is expected to run out at {clock(window.runs_out, now.offset, now.now)}, "
            f"{length(window.resets_at - window.runs_out)} before its reset at {until}"
        )
    # Vendors tell the reset to the second or the minute, and of some windows it moves a little with each call.
    span = max(window.minutes, 2) * MINUTE_MS // 2
    about = Finding("", FINE, facts=facts, term=window.resets_at, span=span)
    # Each is told for itself: who wants to know only of what is critical hears nothing of the first.
    foretold = about._replace(
        state=_ahead(window, now.now, limits),
        title="{provider} {window}: will run out before its reset",
        text=f"{used}{ahead}.",
    )
    # What was used up when that was said has been so ever since; a forecast is another one at every look.
    out = about._replace(
        state=_out(window, now.now), level=CRITICAL, title="{provider} {window}: used up", text=f"{used}; it is reset at {until}.", since=window.time
    )  # fmt: skip
    return [_named(foretold, window, "ahead"), _named(out, window, "out")]


def _named(finding: Finding, window: Windowed, of: str) -> Finding:
    """Return a finding with its key; whose a window is may become known in the middle of it."""
    key = f"window:{window.provider}:{window.name}:"
    return finding._replace(key=f"{key}{window.account}:{of}", former=f"{key}:{of}" if window.account else "")


def _out(window: Windowed, now: int) -> str:
    """Return whether it has run out: from then on it is used up until its reset."""
    if window.resets_at <= now:
        return FINE
    return CASE if window.used_percent >= _ALL else NEAR if window.used_percent >= _NEARLY else FINE


def _ahead(window: Windowed, now: int, limits: Limits) -> str:
    """Return whether it will run out before its reset."""
    if window.resets_at <= now:
        return FINE
    if window.used_percent >= _ALL:
        # That it is out is told, and not this besides.
        return NEAR
    is_stale = now - window.time > max(window.minutes * MINUTE_MS // _STALE, _STALE_LEAST_MS)
    if not window.forecast or is_stale:
        return FINE if window.used_percent < _UNSURE and not is_stale else NEAR
    least_ms = limits["before_reset_minutes"] * MINUTE_MS
    if window.runs_out is not None and window.runs_out < window.resets_at - least_ms:
        # The likeliest end alone is a coin that is tossed at every look: in simulated months, a fifth of the windows in which
        # nothing ran out would have been told of. With the low end of its band that is one in sixty.
        sure = window.low >= limits["sure_percent"] and window.used_percent >= limits["from_percent"]
        return CASE if sure else NEAR
    return FINE if window.high < _EASE else NEAR


WINDOW: Final = Rule(
    "window",
    "a vendor's window is predicted to run out before its reset, or has run out",
    look,
    {"sure_percent": 95, "from_percent": 20, "before_reset_minutes": 5},
    4 * MINUTE_MS,
    30 * MINUTE_MS,
)
