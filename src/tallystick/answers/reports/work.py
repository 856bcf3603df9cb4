"""Reports by stretch of work: sessions, their agents, and the blocks of five hours."""

from typing import TYPE_CHECKING, Any, Final

from tallystick.answers.report import Report
from tallystick.answers.reports.places import COLUMNS

if TYPE_CHECKING:
    from tallystick.answers.answer import Answer
    from tallystick.answers.question import Question


def _sessions(ledger: Any, book: Any, question: "Question") -> "Answer":  # noqa: ANN401  as `Report.answer` has it
    from tallystick.answers.sessions import answer

    return answer(ledger, book, question)


def _blocks(ledger: Any, book: Any, question: "Question") -> "Answer":  # noqa: ANN401
    from tallystick.answers.blocks import answer

    return answer(ledger, book, question)


SESSIONS: Final = Report(
    "sessions",
    "Sessions",
    ("session",),
    "last:desc",
    ("last", "tool", "project", "title", "prompts", "active_ms", "total", "cost_usd"),
    details=(
        "tool",
        "title",
        "project",
        "branch",
        "first",
        "last",
        "active_ms",
        "model_ms",
        "tool_ms",
        "agent_model_ms",
        "agent_tool_ms",
        "prompts",
        "tool_calls",
    ),
    most=40,
    answer=_sessions,
)
AGENTS: Final = Report(
    "agents", "Usage by agent", ("agent", "project"), "cost_usd", COLUMNS, listed=("project",), most=40
)
BLOCKS: Final = Report(
    "blocks",
    "Blocks of five hours",
    ("block", "tool"),
    "block",
    ("state", "models", "requests", "total", "cost_usd"),
    details=("start", "end", "last", "gap", "active", "inferred", "models", "burn_rate", "projection"),
    timely=True,
    answer=_blocks,
)
