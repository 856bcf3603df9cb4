"""What changed: measures and movers, with signs."""

import re
from collections.abc import Sequence

import vl_convert
from tests.answers.sample import CLI, CODEX, MAIN, OPUS, OTHER, THOUSAND, at, book_of, event, ledger_of

from tallystick.answers.answers import Answers
from tallystick.faces.web.charts import specification
from tallystick.faces.web.panels.change import CHANGE, show
from tallystick.faces.web.panels.panel import View
from tallystick.faces.web.state import Place, State
from tallystick.ledger.memory import MemoryLedger
from tallystick.usage.event import UsageEvent, Variant
from tallystick.usage.tokens import Tokens

BOOK = book_of()
STATE = State(Place("UTC", at("2026-11-03T12:00")), "2026-11-02", "2026-11-02")
# The day before: two on Opus. That day: one on Opus and one of $0.01 on Codex.
EVENTS = [
    event("2026-11-01T08:00", OPUS, MAIN, THOUSAND),
    event("2026-11-01T09:00", OPUS, OTHER, THOUSAND),
    event("2026-11-02T08:00", OPUS, MAIN, THOUSAND),
    event("2026-11-02T09:00", CODEX, CLI, Tokens(4_000, 0, 0, 0, 2_500)),
]


def shown(state: State = STATE, events: Sequence[UsageEvent] = EVENTS) -> View:
    return show(Answers(ledger_of(events, (), (), ()), lambda: BOOK), state)


def test_measures_come_first_then_who_moved_them() -> None:
    view = shown()
    rows = [[cell.text for cell in row] for row in view.table.rows]
    # $0.57 before; $0.285 + 4 000 x 1.75 + 2 500 x 14 millionths = $0.327 now.
    assert rows[0] == ["Cost", "", "$0.57", "$0.33", "−$0.24", "−43 %"]
    assert rows[2] == ["Requests", "", "2", "2", "±0", "±0 %"]
    named = {row[0]: row[1:] for row in rows[5:]}
    assert named["claude-opus-4-1-20250805"] == ["model", "$0.57", "$0.29", "−$0.29", "−50 %"]
    assert named["gpt-5.2-codex"] == ["model", "$0.00", "$0.04", "+$0.04", "new"]
    assert named["shop"] == ["project", "$0.29", "$0.00", "−$0.29", "gone"]
    assert view.note == "Against 2026-11-01."
    assert view.title == "Cost against the period before"
    # A line for each kind, and below it those of that kind.
    assert [(point["line"][2:], point["by"]) for point in view.points] == [
        ("model", 0),
        ("claude-opus-4-1-20250805", -0.285),
        ("gpt-5.2-codex", 0.042),
        ("project", 0),
        ("shop", -0.285),
        ("blog", 0.042),
        ("tool", 0),
        ("claude-code", -0.285),
        ("codex", 0.042),
    ]


def test_what_has_the_same_name_has_lines_of_its_own() -> None:
    # Two projects called api, and a model and a tool called api besides: $0.042 each, from nothing.
    api = Variant("openai", CODEX.model)
    events = [
        event(f"2026-11-02T09:0{place}", api, CLI._replace(project=project, tool="api"), Tokens(4_000, 0, 0, 0, 2_500))
        for place, project in enumerate(("/home/dev/one/api", "/home/dev/two/api", "gpt-5.2-codex"))
    ]
    view = shown(events=events)
    lines = [point["line"] for point in view.points]
    assert len(set(lines)) == len(lines) == 8
    assert sorted(point["name"] for point in view.points if point.get("key") == "project") == [
        "gpt-5.2-codex",
        "one/api",
        "two/api",
    ]
    assert [point["by"] for point in view.points if point.get("key") == "tool"] == [0.126]
    drawn = vl_convert.vegalite_to_svg({**specification(CHANGE, view), "width": 600})
    # Nothing lies upon anything else.
    heights = re.findall(r'aria-roledescription="bar" d="M[\d.]+,([\d.]+)h', drawn)
    assert len(heights) == len(set(heights)) == 8


def test_in_tokens_movers_and_titles_are_of_tokens_and_so_is_what_is_copied() -> None:
    state = STATE._replace(unit="tokens")
    view = shown(state)
    # 37 000 on Opus less, and 6 500 on Codex more.
    named = {row[0].text: [cell.text for cell in row[1:]] for row in view.table.rows}
    assert named["claude-opus-4-1-20250805"] == ["model", "74.0 k", "37.0 k", "−37.0 k", "−50 %"]
    assert "Cost" not in named
    assert (view.title, view.params["money"]) == ("Tokens against the period before", False)
    assert CHANGE.source(state).api(state) == "/api/v1/compare?no_cost=true&since=2026-11-02&until=2026-11-02"


def test_a_name_that_is_a_pattern_leads_nowhere() -> None:
    events = [*EVENTS, event("2026-11-02T10:00", Variant("openai", "gpt*"), CLI, Tokens(9))]
    links = {row[0].text: row[0].link for row in shown(STATE._replace(unit="tokens"), events).table.rows}
    assert links["gpt*"] == ""
    assert links["gpt-5.2-codex"]


def test_links_narrow_the_page() -> None:
    links = {row[0].raw: row[0].link for row in shown().table.rows if row[0].link}
    assert links["gpt-5.2-codex"] == "/?since=2026-11-02&until=2026-11-02&model=gpt-5.2-codex"
    assert links["/home/dev/tools/shop"].endswith("project=%2Fhome%2Fdev%2Ftools%2Fshop")


def test_all_time_and_nothing_say_so() -> None:
    assert "nothing before it" in shown(STATE._replace(since="all", until="")).empty
    assert show(Answers(MemoryLedger(), lambda: BOOK), STATE).empty


def test_figures_lead_to_why_where_that_tells_the_same() -> None:
    rows = {row[0].raw: row for row in shown().table.rows}
    codex, opus = rows["gpt-5.2-codex"], rows["claude-opus-4-1-20250805"]
    assert codex[3].link == "/why?since=2026-11-02&until=2026-11-02&model=gpt-5.2-codex"
    assert opus[2].link == "/why?since=2026-11-01&until=2026-11-01&model=claude-opus-4-1-20250805"
    assert [row[3].link for row in shown().table.rows[:3]] == ["/why?since=2026-11-02&until=2026-11-02"] * 3
    # There was nothing of it before.
    assert codex[2].link == ""
    # A day that is not over is held against a part of the day before, of which no page tells.
    today = shown(State(Place("UTC", at("2026-11-02T12:00")), "2026-11-02", "2026-11-02"))
    assert {row[2].link for row in today.table.rows} == {""}
