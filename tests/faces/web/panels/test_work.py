"""Work: active time that adds up where it can, uses of tools, and the latest sessions."""

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
import vl_convert
from tests.answers.sample import CALLS, CODEX, EVENTS, MAIN, NOW, PROMPTS, TITLES, at, book_of, event, ledger_of

from tallystick.answers.answers import Answers
from tallystick.faces.web import charts
from tallystick.faces.web.page import fragment
from tallystick.faces.web.panels import PANELS
from tallystick.faces.web.panels.panel import View
from tallystick.faces.web.panels.work import (
    ACTIVITY,
    CALLS_MOST,
    SESSIONS,
    activity,
    calls,
    length_cell,
    sessions,
    time,
)
from tallystick.faces.web.state import Place, State
from tallystick.faces.web.table import as_csv
from tallystick.ledger.memory import MemoryLedger
from tallystick.usage.event import Context, Prompt, Title, ToolCall, Variant
from tallystick.usage.period import HOUR_MS
from tallystick.usage.tokens import Tokens

BOOK = book_of()
STATE = State(Place("UTC", NOW), "all")
ANSWERS = Answers(ledger_of(), lambda: BOOK)
EMPTY = Answers(MemoryLedger(), lambda: BOOK)
HOSTILE = "</script><img src=x onerror=alert(1)>\u202e"
MINE = ("punchcard", "strip", "calendar", "blocks", "activity", "time", "calls", "sessions")


def test_what_was_done_by_day() -> None:
    view = activity(ANSWERS, STATE)
    # On the main line the model until 10:00:05 and tools until 10:00:20; a subagent's model for 30 seconds, its tool for
    # one: 51 seconds in which anything was at work. On the second day the model for two.
    assert [[cell.text for cell in cells] for cells in view.table.rows] == [
        ["2026-11-02", "1", "1", "0", "2.0 s", "2.0 s", "0 s", "0 s", "0 s", "< $0.01+"],
        ["2026-11-01", "2", "1", "3", "51 s", "5.0 s", "15 s", "30 s", "1.0 s", "$0.87"],
    ]
    assert [cell.raw for cell in view.table.foot][1:] == [3, 2, 3, 53_000, 7_000, 15_000, 30_000, 1_000, 8_762 * 10**8]
    assert as_csv(view.table).splitlines()[0] == (
        "Day,Sessions,Prompts,Tool uses,Active (ms),Model (ms),Tools (ms),"
        "Subagents: model (ms),Subagents: tools (ms),Cost"
    )
    assert as_csv(view.table).splitlines()[2] == "2026-11-01,2,1,3,51000,5000,15000,30000,1000,0.8713"
    assert view.table.rows[1][9].link == "/why?since=2026-11-01&until=2026-11-01"


def test_what_is_stacked_adds_up_to_the_active_time() -> None:
    points = activity(ANSWERS, STATE).points
    assert [(point["day"], point["part"], point["hours"], point["prompts"]) for point in points] == [
        ("2026-11-01", "model", 5_000 / HOUR_MS, 1),
        ("2026-11-01", "only tools or subagents", 46_000 / HOUR_MS, None),
        ("2026-11-02", "model", 2_000 / HOUR_MS, 1),
    ]


def test_days_between_without_anything_are_drawn_as_nothing() -> None:
    events = [event(f"2026-11-{day:02}T10:00", CODEX, MAIN, Tokens(1), work_ms=60_000) for day in (1, 4)]
    prompts = [Prompt(day, at(f"2026-11-{day:02}T09:59"), MAIN, 0) for day in (1, 4)]
    points = activity(Answers(ledger_of(events, prompts, (), ()), lambda: BOOK), STATE).points
    assert [
        (point["day"][-2:], point["prompts"], point["active"]) for point in points if isinstance(point["day"], str)
    ] == [
        ("01", 1, "1 min 00 s"),
        ("02", 0, "nothing"),
        ("03", 0, "nothing"),
        ("04", 1, "1 min 00 s"),
    ]


def test_where_active_time_went() -> None:
    view = time(ANSWERS, STATE)
    # Of 53 seconds.
    assert [[cell.text for cell in cells] for cells in view.table.rows] == [
        ["Model", "7.0 s", "13.2 %"],
        ["Tools", "15 s", "28.3 %"],
        ["Subagents: model", "30 s", "56.6 %"],
        ["Subagents: tools", "1.0 s", "1.8 %"],
    ]
    assert view.table.foot[1].raw == 53_000
    assert [point["hours"] for point in view.points] == [part / HOUR_MS for part in (7_000, 15_000, 30_000, 1_000)]
    assert view.params["most"] == 30_000 / HOUR_MS
    assert view.title == "Active time: 53 s"
    assert view.coverage == "99.99 % of tokens priced · 6 requests seen by log"


def test_a_filter_by_model_leaves_time_whole_and_says_so() -> None:
    state = STATE._replace(where={"model": ("gpt-5.2-codex",)})
    assert "of no model" in activity(ANSWERS, state).note
    assert "of no model" in calls(ANSWERS, state).note
    assert "of no model" in sessions(ANSWERS, state).note
    assert "of no model" not in time(ANSWERS, STATE).note


def test_tools_that_models_used() -> None:
    view = calls(ANSWERS, STATE)
    assert [[cell.text for cell in cells] for cells in view.table.rows] == [
        ["Bash", "1", "33.3 %", "0", "0.0 %", "10 s", "10 s"],
        ["Grep", "1", "33.3 %", "0", "0.0 %", "1.0 s", "1.0 s"],
        ["Read", "1", "33.3 %", "1", "100.0 %", "10 s", "10 s"],
    ]
    assert [cell.text for cell in view.table.foot] == ["Total", "3", "100.0 %", "1", "33.3 %", "10 s", "10 s"]
    assert [(point["name"], point["part"], point["value"]) for point in view.points] == [
        ("Bash", "not failed", 1),
        ("Grep", "not failed", 1),
        ("Read", "failed", 1),
    ]
    assert view.title == "Tools that models used: 3 uses"
    assert view.coverage == "all ends seen · 6 requests seen by log"
    # A use is of no model, and neither is what is told of it.
    filtered = calls(ANSWERS, STATE._replace(where={"model": ("gpt*",), "tool": ("claude-code",)}))
    assert filtered.coverage == "all ends seen · 4 requests seen by log"


def test_only_the_tools_that_are_used_most_are_shown() -> None:
    of = event("2026-11-01T10:00", CODEX, MAIN, Tokens(1))
    start = at("2026-11-01T10:00")
    # The first is used 23 times, the last once; one of them has no known end.
    many = [
        ToolCall(100 * number + use, of.key, f"tool-{number:02}", start, start + 1_000 * (number != 0))
        for number in range(23)
        for use in range(23 - number)
    ]
    view = calls(Answers(ledger_of([of], (), many, ()), lambda: BOOK), STATE)
    assert [cells[0].text for cells in view.table.rows] == [f"tool-{number:02}" for number in range(CALLS_MOST)]
    assert view.table.rows[0][1].text == "23"
    # 3 + 2 + 1
    assert view.table.more == "6 uses of 3 more tools."
    assert view.table.foot[1].text == "276"


def test_uses_whose_end_nobody_saw_are_told() -> None:
    of, start = event("2026-11-01T10:00", CODEX, MAIN, Tokens(1)), at("2026-11-01T10:00")
    uses = [ToolCall(number, of.key, "Bash", start, start + 5 if number else 0) for number in range(3)]
    opened = Answers(ledger_of([of], (), uses, ()), lambda: BOOK)
    assert calls(opened, STATE).coverage == "2 of 3 ends seen · 1 request seen by log"


def test_the_latest_sessions() -> None:
    view = sessions(ANSWERS, STATE)
    assert [[cell.text for cell in cells] for cells in view.table.rows] == [
        ["2 Nov 09:05", "s3", "blog", "codex", "1", "0", "2.0 s", "11,110", "< $0.01+"],
        ["1 Nov 23:30", "s2", "tools/shop", "claude-code", "0", "0", "0 s", "37,000", "$0.29"],
        ["1 Nov 10:20", "Mend the till", "dev/shop", "claude-code", "1", "3", "51 s", "74,800", "$0.59"],
    ]
    last = view.table.rows[2]
    assert last[0].raw == "2026-11-01T10:20:00.000Z"
    assert (last[1].raw, last[1].link) == ("s1", "/sessions/s1")
    assert last[2].link == "/?since=all&project=%2Fhome%2Fdev%2Fshop"
    assert last[8].link == "/why?since=all&session=s1"
    assert last[8].raw == 5_863 * 10**8
    assert SESSIONS.source(STATE).api(STATE) == "/api/v1/reports/sessions?limit=20"


def test_only_the_latest_sessions_are_shown() -> None:
    many = [
        event(f"2026-11-{day:02}T10:00", CODEX, MAIN._replace(session=f"s{day}"), Tokens(1), work_ms=1_000)
        for day in range(1, 23)
    ]
    view = sessions(Answers(ledger_of(many, (), (), ()), lambda: BOOK), STATE)
    assert [cells[1].text for cells in view.table.rows] == [f"s{day}" for day in range(22, 2, -1)]
    assert view.table.more == "2 earlier sessions in this period."


def test_moments_are_those_of_the_zone() -> None:
    view = sessions(ANSWERS, STATE._replace(timezone="Asia/Kathmandu"))
    assert view.table.rows[0][0].text == "2 Nov 14:50"
    assert view.table.rows[2][1].link == "/sessions/s1?timezone=Asia%2FKathmandu"


def test_a_length_that_is_not_known_is_not_nothing() -> None:
    assert [length_cell(ms).text for ms in (None, 0, 61_000)] == ["–", "0 s", "1 min 01 s"]


@pytest.mark.parametrize("show", [activity, time, calls, sessions])
def test_nothing_is_said_to_be_nothing(show: Callable[[Answers, State], View]) -> None:
    view = show(EMPTY, STATE)
    assert view.empty
    assert not view.points


def test_the_source_is_the_report() -> None:
    state = STATE._replace(since="7d")
    assert ACTIVITY.source(state).api(state) == "/api/v1/reports/activity?since=7d"


class Tags(HTMLParser):
    """The tags of a text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert not any(name.startswith("on") or name == "style" for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.mark.parametrize("name", ["", HOSTILE, HOSTILE + "x" * 10_000, "*", " a ", "=1+1"])
@pytest.mark.parametrize("panel", MINE)
def test_whatever_the_name_it_shows_as_text(panel: str, name: str) -> None:
    context = Context(name, name, name, name, "", "1", name, name)
    found = event("2026-11-22T04:00:00", Variant(name, name), context, Tokens(7), work_ms=1_000)
    other = EVENTS[0]._replace(context=MAIN)
    use = ToolCall(9, found.key, name, found.time, found.time + 5)
    ledger = ledger_of(
        [found, other], (*PROMPTS, Prompt(7, found.time, context, 0)), (*CALLS, use), (*TITLES, Title(name, name, 1))
    )
    view = PANELS[panel].show(Answers(ledger, lambda: BOOK), STATE)
    assert not view.empty
    seen = Tags(fragment(PANELS[panel], STATE, view))
    assert not seen.tags & {"img", "script", "style"}
    if panel in {"calls", "sessions", "blocks"} and name:
        assert any(name.strip() in text for text in seen.texts)
    as_csv(view.table)
    if PANELS[panel].chart:
        json.dumps(charts.specification(PANELS[panel], view))


def test_the_axis_of_uses_has_a_few_labels() -> None:
    made = [ToolCall(number, EVENTS[0].key, "Bash", NOW, NOW + 1) for number in range(1, 181)]
    view = calls(Answers(ledger_of(calls=made), lambda: BOOK), STATE)
    found = {**charts.specification(PANELS["calls"], view), "width": 600}
    labels = re.findall(r">(\d+)</text>", vl_convert.vegalite_to_svg(found))
    assert labels[0] == "0"
    assert 4 <= len(labels) <= 6
