"""Uses of tools, against the sample's three and a few more whose lengths are easy to order."""

import pytest
from tests.answers.sample import CALLS, CLI, EVENTS, MAIN, OPUS, asked, at, event, ledger_of

from tallystick.answers.as_json import document
from tallystick.answers.calls import Uses, calls
from tallystick.answers.question import Question, Wish
from tallystick.answers.reports.places import ANY
from tallystick.answers.reports.work import SESSIONS
from tallystick.answers.sessions import answer
from tallystick.usage.event import ToolCall
from tallystick.usage.tokens import Tokens


def told(where: dict[str, list[str]] | None = None, **more: str) -> Question:
    """Return a question for uses of tools."""
    return asked(ANY, Wish("day", where or {}), **more)


def test_uses_by_name() -> None:
    found = calls(ledger_of(), told())
    assert [(each.name, each.uses, each.share) for each in found.names] == [
        ("Bash", Uses(1, 0, 1, 10_000, 10_000, 10_000), 1 / 3),
        ("Grep", Uses(1, 0, 1, 1_000, 1_000, 1_000), 1 / 3),
        ("Read", Uses(1, 1, 1, 10_000, 10_000, 10_000), 1 / 3),
    ]
    assert found.totals == Uses(3, 1, 3, 21_000, 10_000, 10_000)
    assert found.days == ("2026-11-01", "2026-11-01")


def of_lengths(*lengths: int | None) -> Uses:
    """Return what is told of uses of one tool that ran so long; None did not end."""
    first = event("2026-11-01T10:00:00", OPUS, MAIN, Tokens(1))
    made = [
        ToolCall(9 + number, first.key, "Bash", first.time, 0 if length is None else first.time + length)
        for number, length in enumerate(lengths)
    ]
    (name,) = calls(ledger_of([first], (), made, ()), told()).names
    assert name.share == 1
    return name.uses


def test_the_median_is_the_length_in_the_middle() -> None:
    assert of_lengths(5, 1, 900) == Uses(3, 0, 3, 906, 5, 900)
    # The lower one of two.
    assert of_lengths(5, 1, 900, 7) == Uses(4, 0, 4, 913, 5, 900)


def test_a_use_without_an_end_has_no_length() -> None:
    assert of_lengths(8, None, None) == Uses(3, 0, 1, 8, 8, 8)
    assert of_lengths(None) == Uses(1)
    # One that ended before it began ran no time.
    assert of_lengths(-4) == Uses(1, 0, 1, 0, 0, 0)


def test_days_are_those_of_the_zone_on_which_uses_began() -> None:
    first = event("2026-11-01T22:59:00", OPUS, MAIN, Tokens(1))
    made = [
        ToolCall(1, first.key, "Bash", at("2026-11-01T22:59:59.999"), at("2026-11-01T23:30")),
        ToolCall(2, first.key, "Bash", at("2026-11-01T23:00"), 0),
        ToolCall(3, first.key, "Read", at("2026-11-01T23:10"), 0, failed=True),
        ToolCall(4, first.key, "Bash", at("2026-11-01T23:20"), 0),
    ]
    ledger = ledger_of([first], (), made, ())
    assert calls(ledger, told(zone="Europe/Berlin")).by_day == [
        ("2026-11-01", "Bash", Uses(1, 0, 1, 1_800_001)),
        ("2026-11-02", "Bash", Uses(2)),
        ("2026-11-02", "Read", Uses(1, 1)),
    ]
    found = calls(ledger, told(zone="Europe/Berlin", since="2026-11-02"))
    assert (found.totals.calls, found.days) == (3, ("2026-11-02", "2026-11-02"))


@pytest.mark.parametrize(
    "where", [{}, {"session": ["s1"]}, {"agent": ["a1"]}, {"tool": ["codex"]}, {"project": ["shop"]}]
)
def test_filters_and_the_number_agree_with_the_report_of_sessions(where: dict[str, list[str]]) -> None:
    rows = answer(ledger_of(), None, asked(SESSIONS, Wish(where=where))).rows
    assert calls(ledger_of(), told(where)).totals.calls == sum((row.details or {})["tool_calls"] for row in rows)


def test_a_filter_by_model_leaves_all_uses_in() -> None:
    assert calls(ledger_of(), told({"model": ["nobody"]})).totals.calls == len(CALLS)


def test_nothing() -> None:
    found = calls(ledger_of(EVENTS, (), (), ()), told())
    assert (found.names, found.by_day, found.totals, found.days) == ([], [], Uses(), ("", ""))
    assert found.told()["names"] == []


def test_its_json() -> None:
    text = document(calls(ledger_of(), told()))
    assert '"schema": "tallystick.calls/1"' in text
    assert '{"name": "Bash", "calls": 1, "failed": 0, "ended": 1, "total_ms": 10000, "median_ms": 10000' in text
    assert CLI.tool == "codex"
