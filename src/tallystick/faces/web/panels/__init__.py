"""The shelf of panels: each is a value, and this is the whole list, in the order of what a person wants to know first."""

from typing import Final, NamedTuple

from tallystick.faces.web.panels.alerts import ALERTS
from tallystick.faces.web.panels.blocks import BLOCKS
from tallystick.faces.web.panels.budgets import BUDGETS
from tallystick.faces.web.panels.change import CHANGE
from tallystick.faces.web.panels.classes import CACHE, CLASSES
from tallystick.faces.web.panels.days import DAYS
from tallystick.faces.web.panels.limits import LIMITS, PACE
from tallystick.faces.web.panels.machines import MACHINES
from tallystick.faces.web.panels.models import MODELS, SPEED
from tallystick.faces.web.panels.now import FACTS, SPANS
from tallystick.faces.web.panels.panel import Panel
from tallystick.faces.web.panels.peaks import PEAKS
from tallystick.faces.web.panels.people import ACTIVE, USERS
from tallystick.faces.web.panels.prices import PRICES
from tallystick.faces.web.panels.trust import COVERAGE, UNPRICED
from tallystick.faces.web.panels.when import CALENDAR, PUNCHCARD, STRIP
from tallystick.faces.web.panels.where import AGENTS, BRANCHES, PROJECTS, TOOLS
from tallystick.faces.web.panels.windows import WINDOWS
from tallystick.faces.web.panels.work import ACTIVITY, CALLS, SESSIONS, TIME


class Section(NamedTuple):
    """Panels that answer one question."""

    name: str
    title: str
    panels: tuple[Panel, ...]


SECTIONS: Final[tuple[Section, ...]] = (
    Section("limits", "Am I about to be stopped?", (ACTIVE, LIMITS, ALERTS, BUDGETS, PACE)),
    Section("cost", "What did it cost?", (SPANS, DAYS, CLASSES, CACHE, FACTS)),
    Section("change", "What changed?", (CHANGE,)),
    Section("where", "Where did it go?", (MODELS, PROJECTS, BRANCHES, SPEED, AGENTS, TOOLS, MACHINES, USERS, PRICES)),
    Section("when", "When, and how long?", (PUNCHCARD, STRIP, CALENDAR, ACTIVITY, TIME, CALLS, BLOCKS, PEAKS, WINDOWS)),
    Section("request", "Which request?", (SESSIONS,)),
    Section("coverage", "How complete is this?", (COVERAGE, UNPRICED)),
)
"""In the order of what a person wants to know first."""
PANELS: Final = {panel.name: panel for section in SECTIONS for panel in section.panels}
