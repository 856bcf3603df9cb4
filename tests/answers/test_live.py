"""The live picture of a hand-made ledger, its figures worked out by hand; and the same from a server."""

from collections.abc import Sequence

from tests.answers.sample import CLI, CODEX, at, event, ledger_of
from tests.answers.stand import BOOK

from tallystick.answers.answers import Answers
from tallystick.answers.as_json import document
from tallystick.answers.live import CALLS, Live
from tallystick.answers.question import Wish, question
from tallystick.answers.reports.places import ANY
from tallystick.usage.event import UsageEvent
from tallystick.usage.period import Period, Zone
from tallystick.usage.tokens import Tokens

NOW = at("2026-11-02T09:06:00")
"""A minute after the last of the sample's events, six after the one before."""


def live(now: int = NOW, zone: str = "UTC", events: Sequence[UsageEvent] = (), **where: list[str]) -> Live:
    """Return the picture at a moment."""
    ledger = ledger_of(events=events) if events else ledger_of()
    answers = Answers(ledger, lambda: BOOK, "box")
    return answers.live(question(ANY, Period(Zone(zone)), Wish("day", where), now))


def test_today_is_told_by_model_and_by_tool() -> None:
    found = live()
    assert (found.today.requests, found.today.total, found.today.priced_pico) == (2, 11_110, 4_900 * 10**6)
    assert found.today.unpriced_tokens == 10
    assert [(row.keys[0], row.figures.total) for row in found.models] == [
        ("gpt-5.2-codex", 11_100),
        ("nobody-knows-1", 10),
    ]
    assert [(row.keys[0], row.figures.total) for row in found.tools] == [("codex", 11_110)]


def test_the_pace_is_that_of_the_last_ten_minutes() -> None:
    pace = live().pace
    assert (pace.since, pace.until) == (at("2026-11-02T08:56:00"), NOW)
    assert (pace.figures.requests, pace.tokens, pace.cost) == (2, 66_660, 29_400 * 10**6)
    later = live(at("2026-11-02T09:12:00")).pace
    # Only the call without a price is left.
    assert (later.figures.requests, later.tokens, later.cost) == (1, 60, None)
    assert (live(at("2026-11-02T12:00:00")).pace.tokens, live(at("2026-11-02T12:00:00")).pace.cost) == (0, 0)


def test_with_more_calls_than_are_looked_at_the_pace_is_of_whole_quarter_hours() -> None:
    many = [
        event(f"2026-11-02T09:00:00.{number:03}", CODEX, CLI, Tokens(100, 0, 0, 0, 0)) for number in range(CALLS + 40)
    ]
    pace = live(events=many).pace
    # 240 calls of 100 tokens since a quarter to nine: 24 000 tokens in 21 minutes.
    assert (pace.since, pace.figures.requests) == (at("2026-11-02T08:45:00"), CALLS + 40)
    assert pace.tokens == 24_000 * 60 // 21
    assert len(live(events=many).calls) == CALLS


def test_the_last_hours_end_with_the_running_one() -> None:
    hours = live().hours
    assert len(hours) == 24
    assert hours[-1].total == 11_110
    # The first one began at ten on the day before, the fourteenth at eleven at night.
    assert [place for place, figures in enumerate(hours) if figures.total] == [0, 13, 23]
    assert sum(figures.requests for figures in hours) == 6


def test_the_last_hours_are_those_of_the_zone_also_where_clocks_go_back() -> None:
    # Berlin, 2026-10-25: from 02:59 to 02:00.
    hours = live(at("2026-10-25T04:30:00"), "Europe/Berlin").hours
    assert len(hours) == 24


def test_sessions_are_those_of_a_week_with_what_is_at_work_first() -> None:
    found = live()
    assert [row.keys[0] for row in found.sessions] == ["s3", "s2", "s1"]
    assert [found.at_work(row) for row in found.sessions] == [True, False, False]
    assert [row.figures.priced_pico for row in found.sessions] == [
        4_900 * 10**6,
        285_000 * 10**6,
        (285_000 * 2 + 16_300) * 10**6,
    ]


def test_machines_and_calls_are_there() -> None:
    found = live()
    assert {each.name: (each.here, each.active) for each in found.machines} == {
        "box": (True, True),
        "laptop": (False, False),
    }
    assert [call.time for call in found.calls[:2]] == [at("2026-11-02T09:05"), at("2026-11-02T09:00")]


def test_filters_count_for_everything() -> None:
    found = live(tool=["claude-code"])
    assert (found.today.requests, found.pace.figures.requests) == (0, 0)
    assert [row.keys[0] for row in found.sessions] == ["s2", "s1"]
    assert {call.context["tool"] for call in found.calls} == {"claude-code"}


def test_an_empty_ledger_gives_an_empty_picture() -> None:
    ledger = ledger_of((), (), (), ())
    found = Answers(ledger, lambda: BOOK).live(question(ANY, Period(Zone()), Wish("day"), NOW))
    assert (found.today.requests, found.models, found.sessions, found.calls, found.machines) == (0, [], [], [], [])
    assert (found.pace.tokens, len(found.hours)) == (0, 24)


def test_it_tells_of_itself_in_json() -> None:
    text = document(live())
    assert text.startswith('{"schema": "tallystick.live/1"')
    assert '"tokens_per_hour": 66660, "cost_usd_per_hour": 0.0294' in text
    assert '"at_work": true' in text
