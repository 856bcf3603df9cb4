"""Answers with the key names that ccusage 20's `--json --offline` prints, for scripts that were written for it.

As there, costs are floats and an unpriced model costs 0 with `missingPricing` beside it; written cache tokens are one
figure whatever their lifetime.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from tallystick.answers.answer import Answer, Details, Figures, Row, gathered
from tallystick.errors import Misused

REPORTS: Final[Mapping[str, tuple[str, ...]]] = {
    "daily": ("day", "model", "tool"),
    "weekly": ("week", "model", "tool"),
    "monthly": ("month", "model", "tool"),
    "sessions": ("session", "tool", "model"),
    "blocks": (),
}
"""The reports that ccusage has, and how each must be grouped to be shown as it does."""
AGENTS: Final[Mapping[str, str]] = {
    "claude-code": "claude",
    "gemini-cli": "gemini",
    "copilot-cli": "copilot",
    "qwen-code": "qwen",
}
"""What ccusage calls the tools, where it has another name for them."""
_BLOCKS_OF: Final = "claude"
"""ccusage's blocks are of this tool alone."""


def grouping(report: str) -> str:
    """Return how a report must be grouped (`--by`); raise Misused for one that ccusage does not have."""
    if report not in REPORTS:
        raise Misused(f"ccusage has no report {report!r}: --format ccusage works with {', '.join(REPORTS)}.")
    return ",".join(REPORTS[report])


def report(answer: Answer, last: Mapping[str, str] | None = None) -> str:
    """Return an answer as ccusage prints it; `last` tells of each session when it was active last (ISO)."""
    name = answer.question.report.name
    if name == "blocks":
        content: dict[str, Any] = {"blocks": [_block(row) for row in answer.rows if _is_shown(answer, row)]}
        return _text(content)
    prices = answer.question.prices
    key = "session" if name == "sessions" else name
    if key == "session":
        rows = [_session(head, parts, last or {}, prices=prices) for head, parts in gathered(answer.rows, 2)]
    else:
        rows = [_period(head, parts, prices=prices) for head, parts in gathered(answer.rows, 1)]
    totals = _counts(answer.totals) | ({"totalCost": _usd(answer.totals)} if prices else {})
    if answer.coverage.unpriced and prices:
        totals["unpricedModels"] = sorted(model for model, _ in answer.coverage.unpriced)
    return _text({key: rows, "totals": totals})


def _text(content: Mapping[str, Any]) -> str:
    return json.dumps(content, indent=2, sort_keys=True) + "\n"


def _period(head: Row, parts: Sequence[Row], *, prices: bool) -> dict[str, Any]:
    agents = sorted({AGENTS.get(row.keys[2], row.keys[2]) for row in parts})
    return _row(head, parts, 1, prices=prices) | {"agent": "all", "metadata": {"agents": agents}}


def _session(head: Row, parts: Sequence[Row], last: Mapping[str, str], *, prices: bool) -> dict[str, Any]:
    session, tool = head.keys
    row = _row(head, parts, 2, prices=prices) | {"agent": AGENTS.get(tool, tool)}
    return row | ({"metadata": {"lastActivity": last[session]}} if session in last else {})


def _row(head: Row, parts: Sequence[Row], model: int, *, prices: bool) -> dict[str, Any]:
    models = gathered([row._replace(keys=(row.keys[model],)) for row in parts], 1)
    costliest = sorted((each for each, _ in models), key=lambda each: (-each.figures.priced_pico, each.keys))
    return (
        _counts(head.figures)
        | ({"totalCost": _usd(head.figures)} if prices else {})
        | {
            "period": head.keys[0],
            "modelsUsed": sorted(each.keys[0] for each in costliest),
            "modelBreakdowns": [_breakdown(each, prices=prices) for each in costliest],
        }
    )


def _breakdown(row: Row, *, prices: bool) -> dict[str, Any]:
    found = _counts(row.figures) | {"modelName": row.keys[0]}
    del found["totalTokens"]
    if prices:
        found["cost"] = _usd(row.figures)
        if row.figures.unpriced_tokens:
            found["missingPricing"] = True
    return found


def _counts(figures: Figures) -> dict[str, Any]:
    return {
        "inputTokens": figures.input,
        "outputTokens": figures.output,
        "cacheCreationTokens": figures.cache_write_5m + figures.cache_write_1h,
        "cacheReadTokens": figures.cache_read,
        "totalTokens": figures.total,
    }


def _usd(figures: Figures) -> float:
    return figures.priced_pico / 10**12


def _is_shown(answer: Answer, row: Row) -> bool:
    return "tool" in answer.question.where or AGENTS.get(row.keys[1], row.keys[1]) == _BLOCKS_OF


def _block(row: Row) -> dict[str, Any]:
    details: Details = row.details or {}
    start = details["start"].iso()
    last = details["last"]
    pace, ahead = details["burn_rate"], details["projection"]
    return {
        "id": f"gap-{start}" if details["gap"] else start,
        "startTime": start,
        "endTime": details["end"].iso(),
        "actualEndTime": last.iso() if last is not None else None,
        "isActive": details["active"],
        "isGap": details["gap"],
        "entries": row.figures.requests,
        "models": _sorted(details["models"]),
        "costUSD": _usd(row.figures),
        "totalTokens": row.figures.total,
        "tokenCounts": {
            "inputTokens": row.figures.input,
            "outputTokens": row.figures.output,
            "cacheCreationInputTokens": row.figures.cache_write_5m + row.figures.cache_write_1h,
            "cacheReadInputTokens": row.figures.cache_read,
        },
        "burnRate": None if pace is None else _pace(row.figures, pace),
        "projection": None if ahead is None else _ahead(ahead),
    }


def _pace(figures: Figures, pace: Mapping[str, Any]) -> dict[str, Any]:
    # The indicator leaves the cache out: input and output alone.
    share = (figures.input + figures.output) / figures.total if figures.total else 0.0
    return {
        "tokensPerMinute": pace["tokens_per_minute"],
        "tokensPerMinuteForIndicator": pace["tokens_per_minute"] * share,
        "costPerHour": (pace["cost_usd_per_hour"] or 0) / 10**12,
    }


def _ahead(ahead: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "remainingMinutes": ahead["remaining_minutes"],
        "totalTokens": ahead["total"],
        "totalCost": round((ahead["cost_usd"] or 0) / 10**12, 2),
    }


def _sorted(models: Iterable[str]) -> list[str]:
    return sorted(models)
