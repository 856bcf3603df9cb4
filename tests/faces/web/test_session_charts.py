"""Charts of a session: what is drawn of a long one, in which lanes, and at which times of the day."""

from typing import Any

import pytest
from tests.answers.sample import MAIN, NOBODY, at, book_of, event, ledger_of

from tallystick.answers.answers import Answers
from tallystick.answers.timeline import Span, Timeline
from tallystick.faces.web.panels.panel import View
from tallystick.faces.web.session_charts import (
    LANES_MOST,
    OTHERS,
    PROMPTS_MOST,
    SPANS_MOST,
    STEPS_MOST,
    running,
    thinned,
    timeline,
    window,
)
from tallystick.faces.web.state import Place, State
from tallystick.usage.activity import MODEL, TOOL
from tallystick.usage.period import Zone
from tallystick.usage.tokens import Tokens

STATE = State(Place("UTC", 0))
BOOK = book_of()


def sample(zone: str = "UTC", **more: Any) -> Timeline:  # noqa: ANN401  as the ledger of the sample takes them
    return Answers(ledger_of(**more), lambda: BOOK).session("s1", Zone(zone))


def span(begin: int, length: int, agent: str = "", *, failed: bool = False) -> Span:
    return Span(agent, TOOL if failed else MODEL, "it", begin, begin + length, failed, 1)


def by(view: View, field: str, value: str) -> list[dict[str, Any]]:
    return [dict(point) for point in view.points if point.get(field) == value]


def test_a_bar_is_as_long_as_its_span_and_leads_to_its_event() -> None:
    view = timeline(sample(), STATE)
    (bar,) = by(view, "name", "Bash")
    assert (bar["begin"], bar["end"]) == (at("2026-11-01T10:00:05"), at("2026-11-01T10:00:15"))
    assert (bar["shown"], bar["at"], bar["lane"], bar["kind"]) == ("10 s", "2026-11-01 10:00:05", "main line", "tool")
    assert bar["href"].startswith("/events/")
    (failed,) = by(view, "kind", "failed tool")
    assert failed["name"] == "Read"
    (prompt,) = by(view, "kind", "prompt")
    assert prompt["begin"] == prompt["end"] == at("2026-11-01T10:00:00")
    assert view.note == ""


def test_the_table_behind_it_has_the_times_of_each_lane() -> None:
    rows = [[cell.text for cell in row] for row in timeline(sample(), STATE).table.rows]
    # Two tools side by side for five seconds each: fifteen seconds together.
    assert rows == [["main line", "5.0 s", "15 s", "2", "1"], ["a1", "30 s", "1.0 s", "1", "0"]]


def test_of_too_many_spans_the_longest_are_drawn_and_it_says_so() -> None:
    spans = [span(1_000 * number, 10 + number) for number in range(SPANS_MOST + 5)]
    view = timeline(sample()._replace(spans=spans), STATE)
    bars = by(view, "kind", "model")
    assert len(bars) == SPANS_MOST
    assert min(bar["end"] - bar["begin"] for bar in bars) == 15
    assert view.note == "The 2,000 longest of 2,005 spans are drawn."


def test_of_too_many_subagents_those_that_worked_least_share_a_lane() -> None:
    agents = [span(0, 100 + number, f"a{number:02}") for number in range(30)]
    view = timeline(sample()._replace(spans=[span(0, 1), *agents]), STATE)
    lanes = {str(point["lane"]) for point in view.points}
    # The prompts, the main line however short it was at work, the busiest subagents, and all others in one.
    assert lanes == {"prompts", "main line", *(f"a{number:02}" for number in range(16, 30)), OTHERS}
    assert len(lanes) == LANES_MOST + 1
    assert view.note == "16 subagents that worked least share one lane."


def test_of_too_many_prompts_some_are_drawn() -> None:
    prompts = list(range(PROMPTS_MOST * 3))
    view = timeline(sample()._replace(prompts=prompts), STATE)
    drawn = [point["begin"] for point in by(view, "kind", "prompt")]
    assert (len(drawn), drawn[0], drawn[-1]) == (PROMPTS_MOST, 0, prompts[-1])
    assert "500 of 1,500 prompts are drawn" in view.note


def test_a_long_name_is_not_repeated_thousands_of_times() -> None:
    view = timeline(sample()._replace(spans=[span(0, 1, "x" * 10_000)]), STATE)
    assert max(len(str(value)) for point in view.points for value in point.values()) == 80


def test_the_cost_rises_to_the_cost_of_the_session() -> None:
    view = running(sample(), STATE)
    assert [point["cost"] for point in view.points] == [0, 0.285, 0.57, 0.5863]
    assert [point.get("shown") for point in view.points] == [None, "$0.285", "$0.57", "$0.5863"]
    assert [point.get("own") for point in view.points] == [None, "$0.285", "$0.285", "$0.0163"]
    assert [row[3].text for row in view.table.rows] == ["$0.2850", "$0.5700", "$0.5863"]


def test_of_too_many_steps_the_last_is_drawn_too() -> None:
    found = sample()
    events = [found.events[0]] * (STEPS_MOST + 200)
    costs = [10**10 * number for number in range(1, len(events) + 1)]
    view = running(found._replace(events=events, costs=costs), STATE)
    shown = [point["cost"] for point in view.points if "shown" in point]
    assert (len(shown), shown[0], shown[-1]) == (STEPS_MOST, 0.01, 12.0)
    assert view.table.more == "50 requests of 1,200, evenly chosen; all are listed below."


def test_what_has_no_price_is_told_and_never_drawn_as_nothing() -> None:
    unknown = event("2026-11-01T10:00:00", NOBODY, MAIN, Tokens(7, 0, 0, 0, 3))
    view = running(sample(events=[unknown]), STATE)
    assert view.empty == "Nothing in this session has a known price."
    assert not view.points


def test_where_some_has_no_price_it_says_how_much() -> None:
    unknown = event("2026-11-01T11:00:00", NOBODY, MAIN, Tokens(7, 0, 0, 0, 3))
    known = event(
        "2026-11-01T10:00:00", unknown.variant._replace(provider="openai", model="gpt-5.2-codex"), MAIN, Tokens(9)
    )
    view = running(sample(events=[known, unknown]), STATE)
    assert view.note == "Without 10 tokens that have no known price."
    assert view.points[-1]["own"] == "no price"


def test_times_are_those_of_the_clocks_of_the_zone() -> None:
    # A chart knows no zone: 10:00 UTC is drawn where 15:30 UTC would be.
    (bar,) = by(timeline(sample("Asia/Kolkata"), STATE), "name", "Bash")
    assert bar["begin"] == at("2026-11-01T15:30:05")
    assert bar["at"] == "2026-11-01 15:30:05"


def test_a_bar_keeps_its_length_where_clocks_go_back() -> None:
    # In Berlin 25 October 2026 has two hours from two to three.
    found = sample("Europe/Berlin")._replace(spans=[span(at("2026-10-25T00:50:00"), 1_200_000)])
    (bar,) = by(timeline(found, STATE), "kind", "model")
    assert (bar["begin"], bar["end"] - bar["begin"]) == (at("2026-10-25T02:50:00"), 1_200_000)


@pytest.mark.parametrize(
    "length, pattern",
    [(0, "%H:%M:%S"), (599_999, "%H:%M:%S"), (600_000, "%H:%M"), (86_400_000, "%a %H:%M"), (7 * 86_400_000, "%-d %b")],
)
def test_an_axis_tells_as_much_as_its_length_needs(length: int, pattern: str) -> None:
    bare = sample()
    moment = bare.events[0].time
    found = bare._replace(prompts=[], events=bare.events[:1], spans=[span(moment, length)])
    shown = window(found)
    assert shown["pattern"] == pattern
    assert shown["first"] < moment  # type: ignore[operator]
    assert shown["last"] >= moment + max(length, 1_000)  # type: ignore[operator]


def test_thinning_keeps_the_ends_and_the_order() -> None:
    assert thinned([1, 2, 3], 3) == [1, 2, 3]
    assert thinned(list(range(101)), 5) == [0, 25, 50, 75, 100]
