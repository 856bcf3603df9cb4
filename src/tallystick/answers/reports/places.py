"""Reports by where and with what work was done: projects, branches, machines, tools, models."""

from typing import TYPE_CHECKING, Any, Final

from tallystick.answers.report import Report

if TYPE_CHECKING:
    from tallystick.answers.answer import Answer
    from tallystick.answers.question import Question

COLUMNS: Final = ("requests", "input", "output", "cache_write", "cache_read", "total", "cost_usd")


def _models(ledger: Any, book: Any, question: "Question") -> "Answer":  # noqa: ANN401  as `Report.answer` has it
    from tallystick.answers.models import answer

    return answer(ledger, book, question)


PROJECTS: Final = Report("projects", "Usage by project", ("project",), "cost_usd", COLUMNS)
BRANCHES: Final = Report("branches", "Usage by branch", ("project", "branch"), "cost_usd", COLUMNS)
MACHINES: Final = Report("machines", "Usage by machine", ("machine",), "cost_usd", COLUMNS)
TOOLS: Final = Report("tools", "Usage by coding tool", ("tool",), "cost_usd", COLUMNS)
MODELS: Final = Report(
    "models",
    "Usage by model",
    ("model",),
    "cost_usd",
    COLUMNS,
    details=("last", "work_ms", "cost_usd_per_hour", "output_per_second"),
    answer=_models,
)
ANY: Final = Report("report", "Usage", (), "", COLUMNS)
"""For a grouping of one's own."""
