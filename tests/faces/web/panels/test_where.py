"""Where it went: projects, branches, tools and agents, by figures that were worked out by hand."""

from tests.answers.sample import EVENTS, MAIN, NOW, THOUSAND, at, book_of, event, ledger_of

from tallystick.answers.answer import Money
from tallystick.answers.answers import Answers
from tallystick.faces.web.page import fragment
from tallystick.faces.web.panels.panel import Cell, Table
from tallystick.faces.web.panels.where import AGENTS, BRANCHES, PROJECTS, TOOLS, agents, branches, projects, tools
from tallystick.faces.web.state import Place, State
from tallystick.faces.web.table import as_csv
from tallystick.ledger.memory import MemoryLedger
from tallystick.usage.event import Prompt

BOOK = book_of()
STATE = State(Place("UTC", NOW), "all")
SAMPLE = Answers(ledger_of(), lambda: BOOK)
EVERY = (PROJECTS, BRANCHES, TOOLS, AGENTS)


def texts(table: Table) -> list[list[str]]:
    return [[cell.text for cell in row] for row in (*table.rows, table.foot)]


def test_projects_with_their_minutes_and_prompts() -> None:
    view = projects(SAMPLE, STATE)
    assert texts(view.table) == [
        # Two of $0.285 and one of $0.0163; at work from 10:00:00 to 10:00:20 and from 10:00:30 to 10:01:01.
        ["dev/shop", "$0.59", "74,800", "3", "< 1", "1"],
        ["tools/shop", "$0.29", "37,000", "1", "0", "0"],
        ["blog", "< $0.01+", "11,110", "2", "< 1", "1"],
        ["Total", "$0.88+", "122,910", "6", "< 1", "2"],
    ]
    shop = view.table.rows[0]
    assert (shop[0].raw, shop[0].title) == ("/home/dev/shop", "/home/dev/shop")
    assert shop[0].link == "/?since=all&project=%2Fhome%2Fdev%2Fshop"
    assert shop[1] == Cell("$0.59", Money(5_863 * 10**8), "/why?since=all&project=%2Fhome%2Fdev%2Fshop", "", 1.0)
    assert shop[4].raw == 0.85
    assert [(point["label"], point["value"]) for point in view.points] == [
        ("dev/shop", 0.5863),
        ("tools/shop", 0.285),
        ("blog", 0.0049),
    ]
    assert view.coverage == "99.99 % of tokens priced · 6 requests seen by log"


def test_sixty_seconds_are_a_minute() -> None:
    # A model at work for four minutes and ten seconds.
    ledger = ledger_of([event("2026-11-01T10:00", EVENTS[0].variant, MAIN, THOUSAND, work_ms=250_000)], (), (), ())
    row, _ = texts(projects(Answers(ledger, lambda: BOOK), STATE).table)
    assert row[4] == "4"


def test_sessions_side_by_side_add_up() -> None:
    contexts = [MAIN._replace(session=f"side{n}") for n in range(3)]
    events = [
        event("2026-11-01T10:00", EVENTS[0].variant, context, THOUSAND, work_ms=120_000)._replace(key=n)
        for n, context in enumerate(contexts)
    ]
    prompts = [Prompt(n, at("2026-11-01T09:58"), context, n) for n, context in enumerate(contexts)]
    row, _ = texts(projects(Answers(ledger_of(events, prompts, (), ()), lambda: BOOK), STATE).table)
    assert row[4:] == ["6", "3"]


def test_bars_follow_the_unit_of_the_page() -> None:
    view = projects(SAMPLE, STATE._replace(unit="tokens"))
    assert [point["value"] for point in view.points] == [74_800, 37_000, 11_110]
    assert view.title == "Projects: tokens"


def test_of_many_the_costliest_are_shown() -> None:
    events = [
        event(
            "2026-11-01T10:00", EVENTS[0].variant, MAIN._replace(project=f"/p{n}", branch=f"b{n}"), THOUSAND
        )._replace(key=n)
        for n in range(20)
    ]
    answers = Answers(ledger_of(events, (), (), ()), lambda: BOOK)
    for show in (projects, branches):
        table = show(answers, STATE).table
        assert (len(table.shown), table.more) == (15, "… and 5 more")
        # The CSV has all of them, so that its sums are whole.
        assert len(as_csv(table).splitlines()) == 21
        # 20 x $0.285: what is left off is in the total.
        assert "$5.70" in texts(table)[-1]


def test_branches_of_their_projects() -> None:
    table = branches(SAMPLE, STATE).table
    assert texts(table) == [
        ["main", "dev/shop", "$0.59", "74,800", "3"],
        ["fix", "tools/shop", "$0.29", "37,000", "1"],
        ["(none)", "blog", "< $0.01+", "11,110", "2"],
        ["Total", "", "$0.88+", "122,910", "6"],
    ]
    both = "since=all&project=%2Fhome%2Fdev%2Fshop&branch=main"
    assert (table.rows[0][0].link, table.rows[0][2].link) == (f"/?{both}", f"/why?{both}")
    assert table.rows[0][1].link == "/?since=all&project=%2Fhome%2Fdev%2Fshop"
    # No filter is of what has no branch.
    assert (table.rows[2][0].link, table.rows[2][2].link) == ("", "")


def test_coding_tools() -> None:
    view = tools(SAMPLE, STATE)
    assert texts(view.table) == [
        # $0.8713 of $0.8762.
        ["claude-code", "$0.87", "111,800", "4", "99.4 %"],
        ["codex", "< $0.01+", "11,110", "2", "0.5 %"],
        ["Total", "$0.88+", "122,910", "6", ""],
    ]
    assert view.table.rows[0][1].link == "/why?since=all&tool=claude-code"


def test_the_main_line_against_the_subagents() -> None:
    view = agents(SAMPLE, STATE)
    assert texts(view.table) == [
        # Two of $0.285, $0.0163 and $0.0049: $0.5912 of $0.8762.
        ["Main line", "$0.59+", "85,910", "5", "67.4 %", "3"],
        ["Subagents", "$0.29", "37,000", "1", "32.5 %", "1"],
        ["of which a1", "$0.29", "37,000", "1", "32.5 %", "1"],
        ["Total", "$0.88+", "122,910", "6", "", "3"],
    ]
    assert view.note == ""
    links = {row[0].text: (row[0].link, row[1].link) for row in view.table.rows}
    assert links["of which a1"] == ("/?since=all&agent=a1", "/why?since=all&agent=a1")
    # Nobody shall add what is a part of something to that.
    assert [line.split(",")[0] for line in as_csv(view.table).splitlines()[1:]] == [
        "main line",
        "subagents",
        "of which a1",
    ]
    # No filter is of all subagents, nor of none.
    assert links["Main line"] == links["Subagents"] == ("", "")


def test_a_subagent_alone_is_what_its_link_leads_to() -> None:
    at = STATE._replace(where={"agent": ("a1",)})
    assert texts(agents(SAMPLE, at).table)[1:] == [
        ["Subagents", "$0.29", "37,000", "1", "100.0 %", "1"],
        ["of which a1", "$0.29", "37,000", "1", "100.0 %", "1"],
        ["Total", "$0.29", "37,000", "1", "", "1"],
    ]


def test_without_subagents_it_says_so() -> None:
    view = agents(Answers(ledger_of(EVENTS[:1], (), (), ()), lambda: BOOK), STATE)
    assert texts(view.table)[1] == ["Subagents", "$0.00", "0", "0", "0.0 %", "0"]
    assert view.note == "No subagent was at work."


def test_without_a_price_there_is_no_share() -> None:
    answers = Answers(ledger_of(EVENTS[5:], (), (), ()), lambda: BOOK)
    assert texts(tools(answers, STATE).table)[0] == ["codex", "no price", "10", "1", "–"]


def test_nothing_says_what_can_be_done() -> None:
    for panel in EVERY:
        view = panel.show(Answers(MemoryLedger(), lambda: BOOK), STATE)
        assert view.empty == "Nothing was used in this period: choose a longer one."


def test_hostile_names_are_text() -> None:
    hostile = "</script><img src=x onerror=alert(1)>\u202e" + "x" * 10_000
    context = MAIN._replace(tool=hostile, project=hostile, branch=hostile, agent=hostile, session=hostile)
    answers = Answers(ledger_of([EVENTS[0]._replace(context=context)], (), (), ()), lambda: BOOK)
    for panel in EVERY:
        view = panel.show(answers, STATE)
        html = fragment(panel, STATE, view)
        assert "&lt;/script&gt;&lt;img" in html
        assert "<img" not in html
        assert all(len(str(value)) < 200 for point in view.points for value in point.values())
