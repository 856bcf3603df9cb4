"""Reports by where and with what work was done: projects, branches, machines, tools, models."""

from typing import Final

from tallystick.answers.report import Report

COLUMNS: Final = ("requests", "input", "output", "cache_write", "cache_read", "total", "cost_usd")

PROJECTS: Final = Report("projects", "Usage by project", ("project",), "cost_usd", COLUMNS)
BRANCHES: Final = Report("branches", "Usage by branch", ("project", "branch"), "cost_usd", COLUMNS)
MACHINES: Final = Report("machines", "Usage by machine", ("machine",), "cost_usd", COLUMNS)
TOOLS: Final = Report("tools", "Usage by coding tool", ("tool",), "cost_usd", COLUMNS)
MODELS: Final = Report("models", "Usage by model", ("model",), "cost_usd", COLUMNS)
ANY: Final = Report("report", "Usage", (), "", COLUMNS)
"""For a grouping of one's own."""
