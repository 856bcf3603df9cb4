"""What changed: measures and movers, with signs."""

from tests.answers.sample import CLI, CODEX, MAIN, OPUS, OTHER, THOUSAND, at, book_of, event, ledger_of

from tallystick.answers.answers import Answers
from tallystick.faces.web.panels.change import show
from tallystick.faces.web.panels.panel import View
from tallystick.faces.web.state import Place, State
from tallystick.ledger.memory import MemoryLedger
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


def shown(state: State = STATE) -> View:
    return show(Answers(ledger_of(EVENTS, (), (), ()), lambda: BOOK), state)


def test_measures_come_first_then_who_moved_them() -> None:
    view = shown()
    rows = [[cell.text for cell in row] for row in view.table.rows]
    # $0.57 before; $0.285 + 4 000 x 1.75 + 2 500 x 14 millionths = $0.327 now.
    assert rows[0] == ["Cost", "", "$0.57", "$0.33", "−$0.24", "−43 %"]
    assert rows[2] == ["Requests", "", "2", "2", "±0", "±0 %"]
    named = {row[0]: row[1:] for row in rows[5:]}
    assert named["claude-opus-4-1-20250805"] == ["model", "$0.57", "$0.29", "−$0.29", "−50 %"]
    assert named["gpt-5.2-codex"] == ["model", "$0.00", "$0.04", "+$0.04", "new"]
    # Both are called shop: the one of which nothing came any more is the other one.
    assert named["shop"] == ["project", "$0.29", "$0.00", "−$0.29", "gone"]
    assert view.note == "Against 2026-11-01 to 2026-11-01."
    assert {(point["name"], point["by"]) for point in view.points if point["key"] == "model"} == {
        ("claude-opus-4-1-20250805", -0.285),
        ("gpt-5.2-codex", 0.042),
    }


def test_links_narrow_the_page() -> None:
    links = {row[0].raw: row[0].link for row in shown().table.rows if row[0].link}
    assert links["gpt-5.2-codex"] == "/?since=2026-11-02&until=2026-11-02&model=gpt-5.2-codex"
    assert links["/home/dev/tools/shop"].endswith("project=%2Fhome%2Fdev%2Ftools%2Fshop")


def test_all_time_and_nothing_say_so() -> None:
    assert "nothing before it" in shown(STATE._replace(since="all", until="")).empty
    assert show(Answers(MemoryLedger(), lambda: BOOK), STATE).empty
