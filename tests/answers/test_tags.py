"""Tags: sessions are grouped and filtered by what was noted with them, also in what is kept by day."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from tests.answers.sample import CLI, EVENTS, MAIN, OPUS, OTHER, asked, event, ledger_of

from tallystick.answers import foldbook
from tallystick.answers.activity import answer as activity
from tallystick.answers.events import event as one_event
from tallystick.answers.events import events
from tallystick.answers.fold import answer
from tallystick.answers.names import names
from tallystick.answers.question import Wish
from tallystick.answers.reports import REPORTS
from tallystick.answers.reports.places import ANY
from tallystick.answers.tags import fitting, named, tagged
from tallystick.answers.timeline import session
from tallystick.intake.packing import pack
from tallystick.ledger.ledger import Ledger, Source
from tallystick.ledger.memory import MemoryLedger
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.tools.tool import Found
from tallystick.usage.event import Tag
from tallystick.usage.period import Zone
from tallystick.usage.tokens import Tokens

TAGS = (Tag(*MAIN[:2], "team", "till"), Tag(*MAIN[:2], "ticket", "X-1"), Tag(*OTHER[:2], "ticket", "X-2"))
BY_NAME = {report.name: report for report in REPORTS}


def note(ledger: Ledger, *tags: Tag) -> None:
    found = Found()
    found.tags = list(tags)
    ledger.add([pack(found, Source("/home/dev/spool/1.jsonl", "wire", "wire"), fresh=False, machine="", user="")])


@pytest.fixture
def ledger() -> MemoryLedger:
    made = ledger_of()
    note(made, *TAGS)
    return made


def requests(ledger: Ledger, wish: Wish) -> dict[tuple[str, ...], int]:
    return {row.keys: row.figures.requests for row in answer(ledger, None, asked(ANY, wish)).rows}


def of(*sessions: str) -> int:
    return sum(each.context.session in sessions for each in EVENTS)


def test_sessions_are_grouped_by_their_tags_in_order_of_name(ledger: MemoryLedger) -> None:
    found = requests(ledger, Wish("tag"))
    both = "team=till, ticket=X-1"
    assert found == {(both,): of("s1"), ("ticket=X-2",): of("s2"), ("",): len(EVENTS) - of("s1", "s2")}
    assert requests(ledger, Wish("tag,tool", {"tool": ["codex"]})) == {("", "codex"): of("s3")}


@pytest.mark.parametrize(
    "patterns, sessions",
    [
        (["ticket=X-1"], ("s1",)),
        (["ticket=x-*"], ("s1", "s2")),
        (["team=till", "ticket=X-2"], ("s1", "s2")),
        # As a row of a grouping names them.
        (["team=till, ticket=X-1"], ("s1",)),
        (["ticket"], ()),
        (["ticket=X"], ()),
    ],
)
def test_a_filter_has_the_sessions_one_of_whose_tags_fits(
    ledger: MemoryLedger, patterns: list[str], sessions: tuple[str, ...]
) -> None:
    where = {"tag": patterns}
    assert sum(requests(ledger, Wish("tool", where)).values()) == of(*sessions)
    page = events(ledger, None, asked(ANY, Wish("day", where, limit=500)))
    assert {each.context["session"] for each in page.events} == set(sessions)
    assert len(page.events) == of(*sessions)
    days = activity(ledger, None, asked(BY_NAME["activity"], Wish(where=where)))
    assert sum(row.figures.requests for row in days.rows) == of(*sessions)
    assert {name for row in days.rows for name in [(row.details or {})["sessions"]]} <= {
        0,
        *range(1, len(sessions) + 1),
    }


def test_a_tag_is_of_a_session_of_one_tool(ledger: MemoryLedger) -> None:
    note(ledger, Tag("codex", "s1", "team", "other"))
    assert requests(ledger, Wish("tag", {"tag": ["team=other"]})) == {}
    assert tagged(ledger)["claude-code", "s1"] == ("team=till", "ticket=X-1")


def test_tags_are_names_to_filter_by(ledger: MemoryLedger) -> None:
    assert sorted(names(ledger, ("tag",))["tag"]) == ["team=till", "ticket=X-1", "ticket=X-2"]


def test_an_event_and_a_session_tell_them(ledger: MemoryLedger) -> None:
    told = {
        each.number: one_event(ledger, None, each.number).told()
        for each in events(ledger, None, asked(ANY, Wish("day", limit=500))).events
    }
    tags = {each["event"]["session"]: each["event"]["tags"] for each in told.values()}
    assert tags == {"s1": ["team=till", "ticket=X-1"], "s2": ["ticket=X-2"], "s3": []}
    assert session(ledger, None, "s1", Zone()).told()["tags"] == ["team=till", "ticket=X-1"]
    assert session(ledger, None, "s3", Zone()).told()["tags"] == []


def test_a_value_with_a_comma_is_one_value() -> None:
    tags = ("a=1, b=2",)
    assert named(tags) == "a=1, b=2"
    assert not fitting(["b=2"], tags)
    assert fitting(["a=1, b=2"], tags)


@pytest.fixture
def kept() -> Iterator[None]:
    foldbook.open_book()
    yield
    foldbook.close_book()


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("name", ["report", "sessions", "activity", "blocks", "projects", "models"])
def test_what_is_kept_by_day_follows_tags_and_projects_that_come_later(name: str) -> None:
    opened = MAIN._replace(project="", branch="", agent="title")
    late = event("2026-11-02T09:00:00", OPUS, opened._replace(session="s7"), Tokens(7))
    report = BY_NAME.get(name, ANY)
    wishes = [
        Wish("" if report.group_by else "tag,project", where)
        for where in ({}, {"tag": ["ticket=X-9"]}, {"project": ["till"]})
    ]

    def told(ledger: Ledger) -> list[object]:
        found = [(report.answer or answer)(ledger, None, asked(report, wish)) for wish in wishes]
        return [[(row.keys, row.figures, row.details) for row in each.rows] for each in found]

    with closing(SqliteLedger(":memory:", write=True)) as ledger, closing(SqliteLedger(":memory:", write=True)) as anew:
        steps = [Found(), Found(), Found(), Found()]
        steps[0].events = [*EVENTS, late]
        steps[1].tags = [Tag(*MAIN[:2], "ticket", "X-9"), Tag(*CLI[:2], "ticket", "X-9")]
        steps[2].events = [
            event("2026-11-03T09:00:00", OPUS, MAIN._replace(session="s7", project="/p/till"), Tokens(9))
        ]
        steps[3].tags = [Tag("claude-code", "s7", "ticket", "X-9")]
        source = Source("/home/dev/a.jsonl", "claude-code")
        batches = [pack(step, source, fresh=False, machine="box", user="dev") for step in steps]
        for one in batches:
            ledger.add([one])
            told(ledger)
        anew.add(batches)
        foldbook.close_book()
        assert told(anew) != [[], [], []]
        expected = told(anew)
        foldbook.open_book()
        before = told(ledger)
    assert before == expected
