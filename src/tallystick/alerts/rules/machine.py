"""Machines: one that sends has not been heard of for long."""

from typing import Final

from tallystick.alerts.finding import CASE, FINE, NEAR, WARNING, Fact, Finding, length
from tallystick.alerts.rules.rule import DAY_MS, HOUR_MS, MINUTE_MS, Limits, Rule
from tallystick.alerts.situation import Situation

_MISSED_MS: Final = 30 * DAY_MS
"""One that was not heard of for longer is no news."""


def look(now: Situation, limits: Limits) -> list[Finding] | None:
    """Return a finding of each machine."""
    if now.machines is None:
        return None
    found = []
    most_ms = limits["silent_hours"] * HOUR_MS
    for name, seen in now.machines:
        silent = now.now - seen
        state = FINE if silent < most_ms / 2 else CASE if most_ms <= silent < _MISSED_MS + most_ms else NEAR
        text = f"Nothing was heard of it for {length(silent)}: what was used there since is missing in every total."
        facts: dict[str, Fact] = {"machine": name, "last_seen": seen}
        found.append(Finding(f"machine:{name}", state, WARNING, "Machine silent: {machine}", text, facts))
    return found


# A server that slept itself has heard of nobody: it waits for those who send every minute.
MACHINE: Final = Rule(
    "machine",
    "a machine that sends was not heard of for long",
    look,
    {"silent_hours": 72},
    10 * MINUTE_MS,
    30 * MINUTE_MS,
)
