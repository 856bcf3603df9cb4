"""Reports by time: what each day, week, month and hour consumed, with its models listed."""

from typing import Final

from tallystick.answers.report import Report

COLUMNS: Final = ("input", "output", "cache_write", "cache_read", "total", "cost_usd")

DAILY: Final = Report("daily", "Usage by day", ("day", "model"), "day", COLUMNS, listed=("model",))
WEEKLY: Final = Report("weekly", "Usage by week", ("week", "model"), "week", COLUMNS, listed=("model",))
MONTHLY: Final = Report("monthly", "Usage by month", ("month", "model"), "month", COLUMNS, listed=("model",))
HOURS: Final = Report("hours", "Usage by hour", ("hour", "model"), "hour", COLUMNS, listed=("model",), most=48)
