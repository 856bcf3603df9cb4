"""Reports by time: what each day, week, month and hour consumed, with its models listed."""

from typing import TYPE_CHECKING, Any, Final

from tallystick.answers.report import Report

if TYPE_CHECKING:
    from tallystick.answers.answer import Answer
    from tallystick.answers.question import Question

COLUMNS: Final = ("input", "output", "cache_write", "cache_read", "total", "cost_usd")


def _activity(ledger: Any, book: Any, question: "Question") -> "Answer":  # noqa: ANN401  as `Report.answer` has it
    from tallystick.answers.activity import answer

    return answer(ledger, book, question)


def _cache(ledger: Any, book: Any, question: "Question") -> "Answer":  # noqa: ANN401
    from tallystick.answers.cache import answer

    return answer(ledger, book, question)


def _classes(ledger: Any, book: Any, question: "Question") -> "Answer":  # noqa: ANN401
    from tallystick.answers.classes import answer

    return answer(ledger, book, question)


DAILY: Final = Report("daily", "Usage by day", ("day", "model"), "day", COLUMNS, listed=("model",))
WEEKLY: Final = Report("weekly", "Usage by week", ("week", "model"), "week", COLUMNS, listed=("model",))
MONTHLY: Final = Report("monthly", "Usage by month", ("month", "model"), "month", COLUMNS, listed=("model",))
HOURS: Final = Report("hours", "Usage by hour", ("hour", "model"), "hour", COLUMNS, listed=("model",), most=48)
ACTIVITY: Final = Report(
    "activity",
    "Activity by day",
    ("day",),
    "day",
    ("sessions", "prompts", "tool_calls", "active_ms", "model_ms", "tool_ms", "cost_usd"),
    details=(
        "sessions",
        "prompts",
        "tool_calls",
        "active_ms",
        "model_ms",
        "tool_ms",
        "agent_model_ms",
        "agent_tool_ms",
        "main_total",
        "main_cost_usd",
        "agents_total",
        "agents_cost_usd",
    ),
    answer=_activity,
)
CACHE: Final = Report(
    "cache",
    "Caching by day",
    ("day",),
    "day",
    ("input", "cache_write", "cache_read", "cache_share", "saved_usd", "cost_usd"),
    details=("cache_share", "uncached_usd", "saved_usd"),
    answer=_cache,
)
CLASSES: Final = Report(
    "classes",
    "Classes of tokens by day",
    ("day",),
    "day",
    ("input_usd", "cache_write_usd", "cache_read_usd", "output_usd", "cost_usd"),
    details=("input_usd", "cache_write_usd", "cache_read_usd", "output_usd", "web_search_usd"),
    answer=_classes,
)
