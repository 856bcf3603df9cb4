"""The shelf of reports: each is a value, and this is the whole list."""

from typing import Final

from tallystick.answers.report import Report
from tallystick.answers.reports.places import ANY, BRANCHES, MACHINES, MODELS, PROJECTS, TOOLS
from tallystick.answers.reports.times import ACTIVITY, CACHE, CLASSES, DAILY, HOURS, MONTHLY, WEEKLY
from tallystick.answers.reports.work import AGENTS, BLOCKS, SESSIONS

REPORTS: Final[tuple[Report, ...]] = (
    DAILY,
    WEEKLY,
    MONTHLY,
    HOURS,
    ACTIVITY,
    CACHE,
    CLASSES,
    SESSIONS,
    PROJECTS,
    BRANCHES,
    MODELS,
    TOOLS,
    AGENTS,
    MACHINES,
    BLOCKS,
    ANY,
)
