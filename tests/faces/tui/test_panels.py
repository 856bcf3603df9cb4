"""The panels' rows: the figures of the hand-made ledger, in the order that is asked for."""

from tests.faces.tui.pictures import picture

from tallystick.answers.machines import STALE, STATES, TROUBLE
from tallystick.faces.tui.draw import WARNING, said
from tallystick.faces.tui.panels import about, panel
from tallystick.faces.tui.state import CALLS, MACHINES, MODELS, PANELS, SESSIONS, TOOLS, View

LIVE = picture()


def keys(name: str, view: View | None = None) -> list[str]:
    """Return the keys of a panel's rows."""
    return [entry.key for entry in panel(name, LIVE, view or View()).entries]


def test_sessions_are_sorted_by_when_they_were_at_work_or_by_what_they_took() -> None:
    assert keys(SESSIONS) == ["s3", "s2", "s1"]
    by_cost = View(sorts={SESSIONS: 1})
    # $0.5863, $0.285 and $0.0049.
    assert keys(SESSIONS, by_cost) == ["s1", "s2", "s3"]
    assert panel(SESSIONS, LIVE, by_cost).sort == "cost"
    assert panel(SESSIONS, LIVE, View()).sort == ""


def test_a_session_at_work_tells_of_its_last_call() -> None:
    made = panel(SESSIONS, LIVE, View())
    assert made.title == "Sessions  1 at work"
    first, second, third = made.entries
    assert [text for text, _ in first.cells] == [
        *("●", "1m", "blog", "(s3)", "nobody-knows-1", "codex", "box", "1", "11.1k", "<$0.01+")
    ]
    assert said(first.note) == "09:05:00  nobody-knows-1  7 in, 0 % cached, 3 out"
    assert (second.note, third.cells[3][0]) == ((), "Mend the till")


def test_models_and_tools_are_those_of_today() -> None:
    made = panel(MODELS, LIVE, View())
    assert [[text.strip() for text, _ in entry.cells] for entry in made.entries] == [
        ["gpt-5.2-codex", "11.1k", "<$0.01", "━" * 8],
        ["nobody-knows-1", "10", "no price", ""],
    ]
    assert made.entries[1].cells[2][1] == WARNING
    assert keys(TOOLS) == ["codex"]
    # Of requests each had one: a whole bar for both.
    by_requests = panel(MODELS, LIVE, View(sorts={MODELS: 2}))
    assert [entry.cells[3][0] for entry in by_requests.entries] == ["━" * 8] * 2


def test_machines_that_are_active_come_first() -> None:
    made = panel(MACHINES, LIVE, View())
    assert made.title == "Machines  1 active"
    assert [[text for text, _ in entry.cells[:3]] for entry in made.entries] == [
        ["●", "box (here)", "active"],
        ["○", "laptop", "9h"],
    ]


def test_what_is_wrong_with_a_machine_is_told() -> None:
    sick = LIVE.machines[1]._replace(state=TROUBLE, trouble="The logs cannot be read.\x1b")
    made = panel(MACHINES, LIVE._replace(machines=[sick]), View())
    assert made.entries[0].cells[0][0] == "!"
    assert said(made.entries[0].note) == "The logs cannot be read.�"
    assert about(sick._replace(state=STALE)) == STATES[STALE]


def test_calls_are_the_newest_first_or_the_costliest() -> None:
    made = panel(CALLS, LIVE, View())
    assert [text for text, _ in made.entries[1].cells] == [
        *("09:00:00", "codex", "blog", "gpt-5.2-codex", "11.0k", "90 %", "100", "<$0.01", "box", "log")
    ]
    costs = [entry.cells[7][0] for entry in panel(CALLS, LIVE, View(sorts={CALLS: 1})).entries]
    assert costs == ["$0.29", "$0.29", "$0.29", "$0.02", "<$0.01", "no price"]
    assert "a1" in made.entries[-2].cells[2][0]


def test_empty_panels_say_what_that_means() -> None:
    empty = LIVE._replace(models=[], tools=[], machines=[], sessions=[], calls=[])
    assert all(panel(name, empty, View()).empty for name in PANELS)
    assert panel(SESSIONS, empty, View()).title == "Sessions  none at work"
