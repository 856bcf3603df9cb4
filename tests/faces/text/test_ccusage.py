"""What scripts for ccusage expect: the key sets of ccusage 20.0.24, and the same figures on its own example."""

import json
from typing import Any

import pytest
from tests.answers.sample import MAIN, OPUS, THOUSAND, asked, at, book_of, event, ledger_of

from tallystick.answers.answer import Answer
from tallystick.answers.answers import Answers
from tallystick.answers.question import Wish
from tallystick.answers.report import Report
from tallystick.answers.reports.places import MODELS
from tallystick.answers.reports.times import DAILY, MONTHLY, WEEKLY
from tallystick.answers.reports.work import BLOCKS, SESSIONS
from tallystick.errors import Misused
from tallystick.faces.text.ccusage import grouping, report

BOOK = book_of()
ANSWERS = Answers(ledger_of(), lambda: BOOK)

# What `ccusage daily|weekly|monthly|session|blocks --json --offline` of version 20.0.24 prints.
ROW = {
    "agent",
    "cacheCreationTokens",
    "cacheReadTokens",
    "inputTokens",
    "metadata",
    "modelBreakdowns",
    "modelsUsed",
    "outputTokens",
    "period",
    "totalCost",
    "totalTokens",
}
BREAKDOWN = {"cacheCreationTokens", "cacheReadTokens", "cost", "inputTokens", "modelName", "outputTokens"}
TOTALS = {"cacheCreationTokens", "cacheReadTokens", "inputTokens", "outputTokens", "totalCost", "totalTokens"}
BLOCK = {
    "actualEndTime",
    "burnRate",
    "costUSD",
    "endTime",
    "entries",
    "id",
    "isActive",
    "isGap",
    "models",
    "projection",
    "startTime",
    "tokenCounts",
    "totalTokens",
}


def ask(each: Report, wish: Wish = Wish()) -> Answer:  # noqa: B008  a value
    """Return the answer to a report, grouped as ccusage shows it."""
    return ANSWERS.ask(asked(each, wish._replace(by=grouping(each.name))))


@pytest.mark.parametrize(
    "each, key", [(DAILY, "daily"), (WEEKLY, "weekly"), (MONTHLY, "monthly"), (SESSIONS, "session")]
)
def test_the_keys_of_rows(each: Report, key: str) -> None:
    found = json.loads(report(ask(each), {"s1": "x", "s2": "x", "s3": "x"}))
    assert set(found) == {key, "totals"}
    assert all(set(row) == ROW for row in found[key])
    breakdowns = [each for row in found[key] for each in row["modelBreakdowns"]]
    assert all(set(each) - {"missingPricing"} == BREAKDOWN for each in breakdowns)
    assert {each["modelName"] for each in breakdowns if each.get("missingPricing")} == {"nobody-knows-1"}
    assert set(found["totals"]) == {*TOTALS, "unpricedModels"}
    assert found["totals"]["unpricedModels"] == ["nobody-knows-1"]


def test_a_day() -> None:
    first = json.loads(report(ask(DAILY)))["daily"][0]
    assert first["period"] == "2026-11-01"
    assert first["agent"] == "all"
    assert first["metadata"] == {"agents": ["claude"]}
    assert first["modelsUsed"] == ["claude-opus-4-1-20250805", "claude-sonnet-4-5-20250929"]
    assert first["modelBreakdowns"][0] == {
        "modelName": "claude-opus-4-1-20250805",
        "inputTokens": 3_000,
        "outputTokens": 6_000,
        "cacheCreationTokens": 12_000,
        "cacheReadTokens": 90_000,
        "cost": 0.855,
    }
    # Writes of both lifetimes are one figure there.
    assert first["cacheCreationTokens"] == 12_500
    assert (first["totalTokens"], first["totalCost"]) == (111_800, 0.8713)


def test_a_session_names_its_agent_and_its_last_activity() -> None:
    rows = {
        row["period"]: row for row in json.loads(report(ask(SESSIONS), {"s1": "2026-11-01T10:20:00.000Z"}))["session"]
    }
    assert rows["s1"]["agent"] == "claude"
    assert rows["s1"]["metadata"] == {"lastActivity": "2026-11-01T10:20:00.000Z"}
    assert rows["s3"]["agent"] == "codex"
    assert "metadata" not in rows["s3"]
    assert len(rows) == 3


def test_without_cost_the_keys_of_cost_are_gone() -> None:
    found = json.loads(report(ask(DAILY, Wish(prices=False))))
    assert all(set(row) == ROW - {"totalCost"} for row in found["daily"])
    assert all(set(each) == BREAKDOWN - {"cost"} for row in found["daily"] for each in row["modelBreakdowns"])
    assert set(found["totals"]) == TOTALS - {"totalCost"}


def test_nothing_used() -> None:
    found = json.loads(report(ANSWERS.ask(asked(DAILY, Wish(by=grouping("daily")), since="2026-11-20"))))
    assert found == {"daily": [], "totals": {**dict.fromkeys(TOTALS, 0)}}


def test_the_keys_of_blocks() -> None:
    found = json.loads(report(ask(BLOCKS)))
    assert set(found) == {"blocks"}
    assert all(set(block) == BLOCK for block in found["blocks"])
    # ccusage's blocks are Claude's; others come when they are asked for.
    assert {model for block in found["blocks"] for model in block["models"]} == {
        "claude-opus-4-1-20250805",
        "claude-sonnet-4-5-20250929",
    }
    (codex,) = json.loads(report(ask(BLOCKS, Wish(where={"tool": ["codex"]}))))["blocks"]
    assert codex["models"] == ["gpt-5.2-codex", "nobody-knows-1"]


def test_blocks_as_ccusage_prints_them_for_the_same_calls() -> None:
    times = ("20T02:19:42.597", "22T03:29:42.597", "22T03:49:42.597", "22T04:14:42.597")
    ledger = ledger_of([event(f"2026-11-{time}", OPUS, MAIN, THOUSAND) for time in times], (), (), ())
    found = json.loads(report(Answers(ledger, lambda: BOOK).ask(asked(BLOCKS))))["blocks"]
    assert found == CCUSAGE
    assert at("2026-11-22T04:19:42.597") == asked(BLOCKS).now


def test_other_reports_are_refused() -> None:
    with pytest.raises(Misused, match="ccusage has no report 'models': --format ccusage works with daily, weekly,"):
        grouping(MODELS.name)


def counts(times: int) -> dict[str, Any]:
    """Return the counts of so many calls, as ccusage nests them."""
    return {
        "tokenCounts": {
            "cacheCreationInputTokens": 4_000 * times,
            "cacheReadInputTokens": 30_000 * times,
            "inputTokens": 1_000 * times,
            "outputTokens": 2_000 * times,
        },
        "totalTokens": 37_000 * times,
        "entries": times,
        "models": ["claude-opus-4-1-20250805"] * (times > 0),
    }


# Copied from its output at 2026-11-22T04:19:42.597Z.
CCUSAGE = [
    {
        "id": "2026-11-20T02:00:00.000Z",
        "startTime": "2026-11-20T02:00:00.000Z",
        "endTime": "2026-11-20T07:00:00.000Z",
        "actualEndTime": "2026-11-20T02:19:42.597Z",
        "isActive": False,
        "isGap": False,
        "burnRate": None,
        "projection": None,
        "costUSD": 0.285,
        **counts(1),
    },
    {
        "id": "gap-2026-11-20T07:19:42.597Z",
        "startTime": "2026-11-20T07:19:42.597Z",
        "endTime": "2026-11-22T03:29:42.597Z",
        "actualEndTime": None,
        "isActive": False,
        "isGap": True,
        "burnRate": None,
        "projection": None,
        "costUSD": 0,
        **counts(0),
    },
    {
        "id": "2026-11-22T03:00:00.000Z",
        "startTime": "2026-11-22T03:00:00.000Z",
        "endTime": "2026-11-22T08:00:00.000Z",
        "actualEndTime": "2026-11-22T04:14:42.597Z",
        "isActive": True,
        "isGap": False,
        "burnRate": {
            "costPerHour": 1.14,
            "tokensPerMinute": pytest.approx(2466.6666666666665),
            "tokensPerMinuteForIndicator": pytest.approx(200.0),
        },
        "projection": {"remainingMinutes": 220, "totalCost": 5.04, "totalTokens": 653_667},
        "costUSD": 0.855,
        **counts(3),
    },
]
