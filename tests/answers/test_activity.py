"""Activity by day: against the sample, whose moments are known, and against the report of sessions."""

import pytest
from tests.answers.sample import CLI, MAIN, OPUS, asked, at, event, ledger_of

from tallystick.answers.activity import answer
from tallystick.answers.fold import answer as plain
from tallystick.answers.question import Wish
from tallystick.answers.reports.times import ACTIVITY, DAILY
from tallystick.answers.reports.work import SESSIONS
from tallystick.answers.sessions import answer as by_session
from tallystick.prices.price_book import PriceBook
from tallystick.usage.event import Prompt, ToolCall
from tallystick.usage.tokens import Tokens

TIMES = ("active_ms", "model_ms", "tool_ms", "agent_model_ms", "agent_tool_ms")


def test_what_is_told_of_a_day(book: PriceBook) -> None:
    rows = {row.keys[0]: row for row in answer(ledger_of(), book, asked(ACTIVITY)).rows}
    assert rows["2026-11-01"].figures.requests == 4
    # As in the report of sessions: 20 seconds of the main line and 31 of the subagent.
    assert rows["2026-11-01"].details == {
        "sessions": 2,
        "prompts": 1,
        "tool_calls": 3,
        "active_ms": 51_000,
        "model_ms": 5_000,
        "tool_ms": 15_000,
        "agent_model_ms": 30_000,
        "agent_tool_ms": 1_000,
        "main_total": 2 * 37_000 + 800,
        "main_cost_usd": (570_000 + 16_300) * 10**6,
        "agents_total": 37_000,
        "agents_cost_usd": 285_000 * 10**6,
    }
    second = rows["2026-11-02"].details or {}
    assert (second["sessions"], second["prompts"], second["model_ms"], second["agents_total"]) == (1, 1, 2_000, 0)


@pytest.mark.parametrize("where", [{}, {"tool": ["codex"]}, {"agent": ["a1"]}, {"project": ["shop"]}])
def test_totals_agree_with_days_and_sessions(book: PriceBook, where: dict[str, list[str]]) -> None:
    found = answer(ledger_of(), book, asked(ACTIVITY, Wish(where=where)))
    assert found.totals == plain(ledger_of(), book, asked(DAILY, Wish(where=where))).totals
    sessions = [row.details or {} for row in by_session(ledger_of(), book, asked(SESSIONS, Wish(where=where))).rows]
    assert found.details is not None
    for name in (*TIMES, "prompts", "tool_calls"):
        assert found.details[name] == sum(each[name] for each in sessions), name
    assert found.details["sessions"] == len(sessions)
    assert found.details["main_total"] + found.details["agents_total"] == found.totals.total


def test_work_over_midnight_is_of_both_days() -> None:
    # 23:00 UTC is midnight in Berlin: 40 seconds before it, 20 after.
    events = [event("2026-11-01T23:00:20", OPUS, MAIN, Tokens(1), work_ms=60_000)]
    calls = [ToolCall(1, events[0].key, "Bash", at("2026-11-01T23:00:20"), at("2026-11-02T23:00:30"))]
    ledger = ledger_of(events, (), calls, ())
    found = answer(ledger, None, asked(ACTIVITY, zone="Europe/Berlin"))
    told = {row.keys[0]: row.details or {} for row in found.rows}
    assert [told[day]["model_ms"] for day in ("2026-11-01", "2026-11-02")] == [40_000, 20_000]
    # The tool runs to the third day.
    assert [each["tool_ms"] for _, each in sorted(told.items())] == [0, 86_380_000, 30_000]
    assert [each["tool_calls"] for _, each in sorted(told.items())] == [0, 1, 0]
    (session,) = by_session(ledger, None, asked(SESSIONS)).rows
    assert (found.details or {})["active_ms"] == (session.details or {})["active_ms"] == 86_470_000
    # Of a period, only what lies in it.
    found = answer(ledger, None, asked(ACTIVITY, zone="Europe/Berlin", since="2026-11-02", until="2026-11-02"))
    (row,) = found.rows
    assert ((row.details or {})["model_ms"], (row.details or {})["tool_ms"]) == (20_000, 86_380_000)


def test_a_day_with_prompts_only_is_a_day() -> None:
    events = [event("2026-11-01T10:00:00", OPUS, MAIN, Tokens(1))]
    prompts = [Prompt(1, at("2026-11-01T10:00"), MAIN, 0), Prompt(2, at("2026-11-05T10:00"), MAIN, 0)]
    found = answer(ledger_of(events, prompts, (), ()), None, asked(ACTIVITY))
    assert [(row.keys[0], row.figures.requests, (row.details or {})["prompts"]) for row in found.rows] == [
        ("2026-11-01", 1, 1),
        ("2026-11-05", 0, 1),
    ]


def test_sessions_side_by_side_add_up_and_one_of_two_days_is_one() -> None:
    events = [
        event("2026-11-01T10:00:10", OPUS, MAIN, Tokens(1), work_ms=10_000),
        event("2026-11-01T10:00:11", OPUS, CLI, Tokens(1), work_ms=10_000),
        event("2026-11-02T10:00:10", OPUS, MAIN, Tokens(1), work_ms=10_000),
    ]
    found = answer(ledger_of(events, (), (), ()), None, asked(ACTIVITY))
    assert [(row.details or {})["active_ms"] for row in found.rows] == [20_000, 10_000]
    assert (found.details or {})["sessions"] == 2


def test_without_prices_no_money_is_told() -> None:
    (row, _) = answer(ledger_of(), None, asked(ACTIVITY, Wish(prices=False))).rows
    assert not [name for name in row.details or {} if name.endswith("_usd")]


def test_nothing_and_another_grouping() -> None:
    found = answer(ledger_of((), (), (), ()), None, asked(ACTIVITY))
    assert (found.rows, (found.details or {})["sessions"], (found.details or {})["active_ms"]) == ([], 0, 0)
    assert {row.details for row in answer(ledger_of(), None, asked(ACTIVITY, Wish(by="day,model"))).rows} == {None}
