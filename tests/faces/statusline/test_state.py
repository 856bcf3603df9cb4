"""What is kept ready for the status line, from events whose costs were worked out by hand."""

import json
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any

import pytest
from tests.answers.sample import CLI, CODEX, HELPER, MAIN, NOBODY, OPUS, THOUSAND, at, book_of, event, ledger_of

from tallystick.answers.answer import Answer
from tallystick.answers.answers import Answers
from tallystick.answers.limits import Limits, Window
from tallystick.answers.points import Points, Spent
from tallystick.answers.question import Question
from tallystick.faces.statusline.state import told
from tallystick.usage.event import UsageEvent
from tallystick.usage.period import Zone
from tallystick.usage.tokens import Tokens

NOW = at("2026-11-02T12:00")
HOUR = 3_600_000
EVENTS = (
    event("2026-10-20T10:00:00", OPUS, MAIN, THOUSAND),
    event("2026-11-01T09:00:00", CODEX, CLI, Tokens(1_000, 10_000, 0, 0, 100, 60)),
    event("2026-11-02T09:00:00", OPUS, MAIN, THOUSAND),
    event("2026-11-02T10:30:00", OPUS, HELPER, THOUSAND),
    event("2026-11-02T11:00:00", NOBODY, CLI, Tokens(7, 0, 0, 0, 3)),
)
CENT = 10**10


_book = cache(book_of)


class Told:
    """Answers from those events, with windows that were told."""

    def __init__(self, *windows: Window, events: Sequence[UsageEvent] = EVENTS) -> None:
        self._answers = Answers(ledger_of(events, (), (), ()), _book)
        self._windows = list(windows)

    def ask(self, question: Question) -> Answer:
        """Answer a question."""
        return self._answers.ask(question)

    def limits(self, now: int) -> Limits:
        """Return the windows."""
        return Limits(now, self._windows)

    def spent(self, sessions: Collection[str], windows: Sequence[Window], now: int) -> Mapping[str, Sequence[Spent]]:
        """Return that the first session used eleven points and a bit of each window, and the others nothing."""
        del now
        about = [(*each[:2], each.account, each.minutes, each.resets_at, each.used_percent) for each in windows]
        return {
            name: [Spent(*each, Points(0.0 if number else 11.123, 9.0, 13.0)) for each in about]
            for number, name in enumerate(sorted(sessions))
        }


@pytest.fixture(scope="module")
def state() -> dict[str, Any]:
    """Return what is kept ready at noon, as a file holds it."""
    found: dict[str, Any] = json.loads(json.dumps(told(Told(), Zone("UTC"), NOW, "box")))
    return found


def test_today_is_what_was_used_since_midnight(state: dict[str, Any]) -> None:
    assert state["day"] == {
        "since": at("2026-11-02"),
        "until": at("2026-11-03"),
        "cost": 57 * CENT,
        "unpriced": 10,
        "total": 2 * 37_000 + 10,
    }
    assert (state["schema"], state["begun"], state["machine"], state["ahead"]) == (
        "tallystick.statusline/1",
        NOW,
        "box",
        0,
    )


def test_a_session_counts_with_all_that_it_ever_used_and_its_agents(state: dict[str, Any]) -> None:
    assert state["sessions"]["s1"] == {
        "cost": 3 * 28 * CENT + 3 * CENT // 2,
        "unpriced": 0,
        "total": 3 * 37_000,
        "prompt": 3 * 35_000,
        "cached": 3 * 30_000,
        "last": at("2026-11-02T10:30"),
        "provider": "anthropic",
        "model": "claude-opus-4-1-20250805",
        "tool": "claude-code",
        "project": "/home/dev/shop",
        "branch": "main",
    }


def test_of_several_models_the_one_with_most_tokens_is_told(state: dict[str, Any]) -> None:
    found = state["sessions"]["s3"]
    assert (found["model"], found["provider"], found["cost"], found["unpriced"]) == (
        "gpt-5.2-codex",
        "openai",
        49 * CENT // 100,
        10,
    )
    assert set(state["sessions"]) == {"s1", "s3"}


def test_blocks_that_run_are_told_by_tool_with_what_they_come_to(state: dict[str, Any]) -> None:
    # 57 cents in 90 minutes, and 120 minutes to go.
    ours = {"cost": 57 * CENT, "unpriced": 0, "total": 74_000, "ahead": 133 * CENT}
    assert state["blocks"] == {
        "claude-code": {"begin": at("2026-11-02T09:00"), "end": at("2026-11-02T14:00"), **ours},
        "codex": {
            "begin": at("2026-11-02T11:00"),
            "end": at("2026-11-02T16:00"),
            "cost": None,
            "unpriced": 10,
            "total": 10,
            "ahead": None,
        },
    }


def test_a_pace_of_some_seconds_comes_to_nothing() -> None:
    two = (event("2026-11-02T11:00:00", OPUS, MAIN, THOUSAND), event("2026-11-02T11:09:59", OPUS, MAIN, THOUSAND))
    more = (*two, event("2026-11-02T11:10:00", OPUS, MAIN, THOUSAND))
    found = [
        told(Told(events=events), Zone("UTC"), NOW, "box")["blocks"]["claude-code"]["ahead"] for events in (two, more)
    ]
    # 85.5 cents in ten minutes, and 240 minutes to go.
    assert found == [None, 855 * CENT // 10 + 24 * 855 * CENT // 10]


def test_when_clocks_change_is_told() -> None:
    # New York went back from four to five hours behind at 06:00Z.
    found = told(Told(), Zone("America/New_York"), at("2026-11-01T03:00"), "box")
    assert found["ahead"] == -4 * HOUR
    assert found["shifts"] == [(at("2026-11-01T06:00"), -5 * HOUR)]
    assert told(Told(), Zone("America/New_York"), at("2026-11-01T06:00"), "box")["shifts"] == []


def test_windows_that_run_are_told_and_no_others() -> None:
    runs = Window("anthropic", "five_hour", 300, 34.0, NOW + HOUR, NOW - 5, "max", "a")
    reset = runs._replace(name="seven_day", resets_at=NOW)
    unsaid = runs._replace(name="credits", minutes=0, resets_at=0)
    found = told(Told(runs, reset, unsaid), Zone("UTC"), NOW, "box")["windows"]
    shape = {"provider": "anthropic", "account": "a", "time": NOW - 5, "used": 34.0, "out": None}
    assert found == [
        {**shape, "name": "five_hour", "minutes": 300, "resets_at": NOW + HOUR, "until": NOW + HOUR},
        {**shape, "name": "credits", "minutes": 0, "resets_at": 0, "until": NOW - 5 + HOUR},
    ]


def test_it_is_worked_out_for_the_shortest_windows_of_the_vendors_that_were_asked() -> None:
    week = Window("anthropic", "seven_day", 10_080, 34.0, NOW + HOUR, NOW - 5, "max", "a")
    windows = [
        week,
        week._replace(name="month", minutes=43_200),
        week._replace(name="five_hour", minutes=300),
        week._replace(name="over", minutes=60, resets_at=NOW),
        week._replace(name="unsaid", minutes=0),
        week._replace(provider="elsewhere"),
    ]
    sessions = told(Told(*windows), Zone("UTC"), NOW, "box")["sessions"]
    assert [each["name"] for each in sessions[min(sessions)]["points"]] == ["five_hour", "seven_day"]


def test_what_sessions_used_of_windows_is_told_where_it_is_something() -> None:
    runs = Window("anthropic", "five_hour", 300, 34.0, NOW + HOUR, NOW - 5, "max", "a")
    sessions = told(Told(runs), Zone("UTC"), NOW, "box")["sessions"]
    first, *others = sorted(sessions)
    shape = {"provider": "anthropic", "name": "five_hour", "minutes": 300, "resets_at": NOW + HOUR, "points": 11.12}
    assert sessions[first]["points"] == [shape]
    assert others
    assert not any("points" in sessions[name] for name in others)
