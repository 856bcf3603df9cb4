"""A page in its parts: whole without a script, safe whatever is called what."""

from html.parser import HTMLParser

import pytest
from tests.answers.sample import MAIN, NOW, OPUS, THOUSAND, at, book_of, event, ledger_of

from tallystick.answers.answers import Answers
from tallystick.answers.desk import Status
from tallystick.faces.web.page import Frame, choices, failed, foot, fragment, head, mark, problem, section_head
from tallystick.faces.web.panels import PANELS, SECTIONS
from tallystick.faces.web.panels.panel import NOWHERE, Panel, Table, View
from tallystick.faces.web.state import Place, State
from tallystick.intake.packing import pack
from tallystick.ledger.ledger import Source
from tallystick.ledger.memory import MemoryLedger
from tallystick.tools.tool import Found
from tallystick.usage.event import LimitSample, Variant

BOOK = book_of()
STATE = State(Place("UTC", NOW), "all")
HOSTILE = "</script><img src=x onerror=alert(1)>\u202e" + "x" * 10_000
EVERY = pytest.mark.parametrize("panel", PANELS.values(), ids=lambda panel: panel.name)
ABSENT = ("active", "users", "peaks")
"""Panels of which there is nothing where nobody is at work and there is one user."""


class Seen(HTMLParser):
    """The tags of a page, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def of(panel: Panel, state: State = STATE) -> str:
    return fragment(panel, state, panel.show(Answers(ledger_of(), lambda: BOOK), state))


@pytest.mark.parametrize("panel", [each for name, each in PANELS.items() if name not in ABSENT])
def test_a_panel_is_whole_without_a_script(panel: Panel) -> None:
    seen = Seen(of(panel))
    assert seen.tags[0] == "section"
    assert ("id", panel.name) in seen.attributes
    assert not {"script", "style", "iframe", "img"} & set(seen.tags)
    assert not [name for name, _ in seen.attributes if name == "style" or name.startswith("on")]
    # Either the figures, or a sentence that says why there are none.
    assert "table" in seen.tags or ("class", "empty") in seen.attributes
    assert "CSV" in seen.text
    told = panel.source(STATE) != NOWHERE
    assert ("CLI" in seen.text) == ("tally " in seen.text) == told
    assert [value for name, value in seen.attributes if name == "href" and value and value.startswith("/api/v1/")]


@pytest.mark.parametrize("name", ABSENT)
def test_of_a_panel_of_which_there_is_nothing_here_only_the_place_is_there(name: str) -> None:
    seen = Seen(of(PANELS[name]))
    assert (seen.tags, seen.text.strip()) == (["section"], "")
    # So that it comes when there is something.
    assert ("data-panel", f"/panels/{name}?since=all") in seen.attributes
    assert ("aria-hidden", "true") in seen.attributes


@EVERY
def test_hostile_names_are_text_in_every_panel(panel: Panel) -> None:
    variant = Variant("openai", HOSTILE)
    context = MAIN._replace(
        tool=HOSTILE, session=HOSTILE, project=HOSTILE, branch=HOSTILE, machine=HOSTILE, agent=HOSTILE
    )
    events = [event("2026-11-01T10:00", variant, context, THOUSAND), event("2026-11-02T10:00", OPUS, context, THOUSAND)]
    answers = Answers(ledger_of(events, (), (), ()), lambda: BOOK)
    seen = Seen(fragment(panel, STATE, panel.show(answers, STATE)))
    assert not {"img", "script"} & set(seen.tags)
    assert not [name for name, _ in seen.attributes if name.startswith("on")]


@pytest.mark.parametrize("name", ["limits", "windows", "peaks"])
def test_hostile_names_of_windows_and_accounts_are_text(name: str) -> None:
    times = (at(f"2026-11-0{day}T10:00") for day in (1, 2, 5))
    told = [
        LimitSample(HOSTILE, HOSTILE, 300, 40.0, time + 3_600_000, time, HOSTILE, account)
        for time in times
        for account in (HOSTILE, "other")
    ]
    ledger = MemoryLedger()
    found = Found()
    found.limits += told
    ledger.add([pack(found, Source("/home/dev/log", "claude-code"), fresh=True, machine="box", user="dev")])
    state = STATE._replace(place=Place("UTC", at("2026-11-05T10:30")))
    seen = Seen(fragment(PANELS[name], state, PANELS[name].show(Answers(ledger, lambda: BOOK), state)))
    assert not {"img", "script"} & set(seen.tags)
    assert not [name for name, _ in seen.attributes if name.startswith("on")]
    # It is there, as text.
    assert "</script><img" in seen.text


def test_a_panel_names_where_it_and_its_chart_and_table_are_to_be_had() -> None:
    found = dict(Seen(of(PANELS["days"], STATE._replace(where={"tool": ("codex",)}))).attributes)
    assert found["data-panel"] == "/panels/days?since=all&tool=codex"
    assert found["data-chart"] == "/charts/days?since=all&tool=codex"
    assert found["data-copy"] == "tally report --by day,model --tool codex"
    assert found["data-copy-from"] == "/panels/days.csv?since=all&tool=codex"


def test_another_chart_has_another_mark_and_the_same_one_has_the_same() -> None:
    answers = Answers(ledger_of(), lambda: BOOK)
    one, same = (PANELS["days"].show(answers, STATE) for _ in range(2))
    other = PANELS["days"].show(answers, STATE._replace(unit="tokens"))
    assert mark(one) == mark(same) != mark(other)


def test_the_head_tells_what_goes_on_and_what_can_be_chosen() -> None:
    state = State(Place("UTC", NOW), "7d", where={"model": ("a<b",)})
    seen = Seen(head(state, Status(importing=0.437), "1.2", ledger="x-1"))
    assert "importing: 43 %" in seen.text
    assert "a<b" in seen.text
    assert ("aria-current", "true") in seen.attributes
    assert "The disk is full." in head(state, Status(trouble="The disk is full."), "1.2")
    assert "not following" in head(state, Status(alive=False), "1.2")
    assert "up to date" in head(state, Status(), "1.2")
    found = choices(state)
    assert [choice.name for choice in found["periods"] if choice.chosen] == ["7 days"]
    assert found["filters"] == [("model", "a<b", "/?since=7d")]
    assert "Tallystick · Events" in head(state, Status(), "1", Frame("/events", "Events"))


def test_the_form_of_days_carries_everything_else_along() -> None:
    state = State(Place("UTC", NOW), "7d", "today", where={"model": ("a<b", "c")}, split="class", unit="tokens")
    form = head(state, Status(), "1").partition("<form")[2].partition("</form>")[0]
    hidden = form.split('type="hidden"')[1:]
    told = [
        (dict(Seen(f"<input {each}").attributes)["name"], dict(Seen(f"<input {each}").attributes)["value"])
        for each in hidden
    ]
    assert told == [("split", "class"), ("unit", "tokens"), ("model", "a<b"), ("model", "c")]


def test_what_all_figures_are_is_told_calmly() -> None:
    told = head(STATE, Status(note="Made <up>."), "1")
    assert "Made &lt;up&gt;." in told
    assert "bad" not in Seen(told).text
    assert ("class", "bad") not in Seen(told).attributes
    assert "up to date" in told
    assert "demo" not in head(STATE, Status(), "1")


def test_filters_stand_in_a_landmark_of_their_own() -> None:
    told = head(STATE._replace(where={"tool": ("codex",)}), Status(), "1")
    assert '<nav class="chips" aria-label="Filters">' in told


def test_what_stands_between_backticks_is_code_and_nothing_else_is() -> None:
    for text, told in (
        ("Ask `tally doctor`.", "Ask <code>tally doctor</code>."),
        ("A <b> `<i>`", "A &lt;b&gt; <code>&lt;i&gt;</code>"),
        ("One ` alone <b>", "One ` alone &lt;b&gt;"),
    ):
        for page in (failed(PANELS["days"], STATE, text), problem(text, "1")):
            assert told in page
        view = View(Table((), ()), note=text)
        assert told in fragment(PANELS["days"], STATE, view)
        assert told in fragment(PANELS["days"], STATE, View(Table((), ()), empty=text))


def test_a_switch_says_what_it_switches() -> None:
    text = " ".join(Seen(of(PANELS["days"])).text.split())
    assert "unit money tokens" in text
    assert "by model tool" in text


def test_questions_and_the_foot() -> None:
    assert [Seen(section_head(section)).text.strip() for section in SECTIONS][:2] == [
        "Am I about to be stopped?",
        "What did it cost?",
    ]
    assert "Days in UTC · page made 2026-11-22 04:19 · Tallystick 1.2" in Seen(foot(STATE, "1.2")).text


def test_what_cannot_be_shown_says_why() -> None:
    assert "<b>" not in failed(PANELS["days"], STATE, "<b>busy</b>")
    assert 'role="alert"' in failed(PANELS["days"], STATE, "busy")
    seen = Seen(problem("There is <i>no</i> such day.", "1.2"))
    assert "There is <i>no</i> such day." in seen.text
    assert "To the dashboard" in seen.text


def test_hours_are_filters_that_can_be_taken_away() -> None:
    state = State(Place("UTC", NOW), "7d", weekday="mon", hour="14", where={"tool": ("codex",)})
    assert choices(state, "/why")["filters"] == [
        ("tool", "codex", "/why?since=7d&weekday=mon&hour=14"),
        ("weekday", "Mondays", "/why?since=7d&hour=14&tool=codex"),
        ("hour", "14:00 to 15:00", "/why?since=7d&weekday=mon&tool=codex"),
    ]
