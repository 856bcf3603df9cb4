"""Episodes: from the first sign of something until it is clearly fine again; each is one alert, however often it is looked at.

Time is what was looked at: between two looks at most `STEP_MS` count, so that a clock that jumps, a machine that slept and
a server that was off neither confirm anything nor end it. Only what a finding itself knows to have been so for long enough
needs no second look.
"""

from typing import Final, NamedTuple

from tallystick.alerts.finding import CASE, FINE, Finding
from tallystick.alerts.rules.rule import MINUTE_MS, Rule

STEP_MS: Final = 10 * MINUTE_MS
NOT_FINE: Final = -1
"""How long something was fine that was not at the last look."""

COMING: Final = "coming"
"""Seen, and not yet for long enough to be told."""
OPEN: Final = "open"
ENDED: Final = "ended"

CALM: Final = "fine"
TERM: Final = "term"
OFF: Final = "off"
WHYS: Final = {
    CALM: "it was fine again",
    TERM: "its period or window was over",
    OFF: "its rule was switched off",
}
"""Why an episode ended."""


class Episode(NamedTuple):
    """One episode, as it is kept."""

    id: int
    """0 until it is kept."""
    rule: str
    state: str
    finding: Finding
    """What was found when it began."""
    first: int
    """When it was seen first: milliseconds since 1970, UTC."""
    began: int
    """When it became an alert; 0 before."""
    looked: int
    """When it was looked at last, as far as that matters."""
    held: int
    """For how long it was the case before it began."""
    calm: int
    """For how long it has been fine; `NOT_FINE` when it was not at the last look."""
    ended: int = 0
    why: str = ""


def same_term(one: Finding, other: Finding) -> bool:
    """Tell whether two findings are about the same stretch of time; one that names none is about any."""
    return not one.term or not other.term or abs(one.term - other.term) <= max(one.span, other.span)


def begun(rule: Rule, finding: Finding, now: int) -> Episode | None:
    """Return the episode that begins with a finding; None when none does."""
    if finding.state != CASE:
        return None
    held = _known(finding, now)
    first = Episode(0, rule.name, COMING, finding, now, 0, now, held, NOT_FINE)
    return _opened(first, now) if held >= rule.confirm_ms else first


def step(before: Episode, finding: Finding | None, rule: Rule, now: int) -> Episode | None:
    """Return what becomes of an episode that has not ended; None for one that was coming and is forgotten.

    No finding means that the thing is there no more, which is as fine as can be.
    """
    passed = min(max(now - before.looked, 0), STEP_MS)
    if finding is not None and not same_term(before.finding, finding):
        return None if before.state == COMING else _ended(before, now, TERM)
    is_fine = finding is None or finding.state == FINE
    if before.state == COMING:
        if finding is None or is_fine:
            return None
        held = max(before.held + passed, _known(finding, now)) if finding.state == CASE else before.held
        after = before._replace(finding=finding if finding.state == CASE else before.finding, held=held, looked=now)
        return _opened(after, now) if held >= rule.confirm_ms else after
    if not is_fine:
        # Nothing to note: most looks at what is open end here.
        return before if before.calm == NOT_FINE else before._replace(calm=NOT_FINE, looked=now)
    if before.calm == NOT_FINE:
        return before._replace(calm=0, looked=now)
    calm = before.calm + passed
    after = before._replace(calm=calm, looked=now)
    return _ended(after, now, CALM) if calm >= rule.calm_ms else after


def _known(finding: Finding, now: int) -> int:
    """Return for how long something is known to have been so from elsewhere than by looking."""
    return max(now - finding.since, 0) if finding.since else 0


def _opened(before: Episode, now: int) -> Episode:
    return before._replace(state=OPEN, began=now, looked=now)


def _ended(before: Episode, now: int, why: str) -> Episode:
    return before._replace(state=ENDED, ended=now, why=why)
