"""Limits: how far each usage window of a vendor was used up when it was last told."""

from typing import Final, NamedTuple

from tallystick.answers.answer import Details, Moment
from tallystick.ledger.ledger import Ledger
from tallystick.usage.period import DAY_MS, END

_BACK_MS: Final = 62 * DAY_MS
"""No vendor's window is longer than a month."""


class Window(NamedTuple):
    """What was last said about one window."""

    provider: str
    name: str
    """The vendor's own name for it."""
    minutes: int
    """Its length; 0 when it is not said."""
    used_percent: float
    resets_at: int
    """Milliseconds since 1970, UTC; 0 when it is not said."""
    time: int
    """When it was said."""
    plan: str

    def told(self, now: int) -> Details:
        """Return it as details."""
        return {
            "provider": self.provider,
            "name": self.name,
            "minutes": self.minutes or None,
            "used_percent": self.used_percent,
            "resets_at": Moment(self.resets_at) if self.resets_at else None,
            "over": bool(self.resets_at) and self.resets_at <= now,
            "time": Moment(self.time),
            "plan": self.plan,
        }


class Limits(NamedTuple):
    """The windows of all vendors that tools told of within the last two months."""

    now: int
    """Milliseconds since 1970, UTC."""
    windows: list[Window]
    schema: str = "tallystick.limits/1"

    def told(self) -> Details:
        """Return it as the details of an answer; a window that is `over` has been reset since."""
        return {"now": Moment(self.now), "windows": [window.told(self.now) for window in self.windows]}


def limits(ledger: Ledger, now: int) -> Limits:
    """Return the last sample of each window, by provider and name."""
    newest = {row[:2]: Window(*row) for row in ledger.ask("limits", since=now - _BACK_MS, until=END)}
    return Limits(now, [newest[key] for key in sorted(newest)])
