"""Logs: a tool is about to delete some that were not read."""

from typing import Final

from tallystick.alerts.finding import CASE, CRITICAL, FINE, NEAR, Fact, Finding
from tallystick.alerts.rules.rule import MINUTE_MS, Limits, Rule
from tallystick.alerts.situation import Situation


def look(now: Situation, limits: Limits) -> list[Finding] | None:
    """Return a finding of each tool."""
    if now.unread is None:
        return None
    found = []
    for tool, files, days in now.unread:
        least = limits["days"]
        state = FINE if days is None or days >= least + 1 else CASE if days < least else NEAR
        of = "1 log" if files == 1 else f"{files} logs"
        text = f"{of} that the ledger has not read are deleted in {days or 0:.1f} days: run `tally doctor`."
        facts: dict[str, Fact] = {"tool": tool, "files": files, "days": days}
        found.append(Finding(f"logs:{tool}", state, CRITICAL, "Logs of {tool} are about to be deleted", text, facts))
    return found


LOGS: Final = Rule(
    "logs",
    "a tool is about to delete logs that were not read",
    look,
    {"days": 3},
    10 * MINUTE_MS,
    30 * MINUTE_MS,
)
