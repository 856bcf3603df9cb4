"""Pictures for the tests of the live view: of the hand-made ledger, with windows as a test wants them."""

from collections.abc import Sequence

from tests.answers.sample import at, ledger_of
from tests.answers.stand import BOOK

from tallystick.answers.answers import Answers
from tallystick.answers.limits import Window
from tallystick.answers.live import Live
from tallystick.answers.question import Wish, question
from tallystick.answers.reports.places import ANY
from tallystick.faces.tui.draw import Line, said
from tallystick.usage.period import HOUR_MS, Period, Zone

NOW = at("2026-11-02T09:06:00")
BERLIN = Zone("Europe/Berlin")

FIVE_HOURS = Window("anthropic", "five_hour", 300, 47.0, NOW + 2 * HOUR_MS, NOW - 60_000, "max", pace=60.0)
"""Resets at 11:06 UTC."""
WEEK = Window("anthropic", "seven_day", 10_080, 22.0, at("2026-11-05T08:00:00"), NOW - 60_000, "max", pace=58.0)


def answers() -> Answers:
    """Return answers from the hand-made ledger."""
    return Answers(ledger_of(), lambda: BOOK, "box")


def picture(limits: Sequence[Window] = (FIVE_HOURS, WEEK), zone: str = "UTC", now: int = NOW) -> Live:
    """Return a picture."""
    found = answers().live(question(ANY, Period(Zone(zone)), Wish("day"), now))
    return found._replace(limits=list(limits))


def texts(lines: Sequence[Line]) -> list[str]:
    """Return what lines say."""
    return [said(line) for line in lines]
