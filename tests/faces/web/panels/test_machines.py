"""Machines: their figures, what the activity of each tells, and their days."""

from tests.answers.sample import EVENTS, MAIN, NOW, THOUSAND, at, book_of, event, ledger_of

from tallystick.answers.answer import Money
from tallystick.answers.answers import Answers
from tallystick.faces.web.page import fragment
from tallystick.faces.web.panels.machines import MACHINES, machines
from tallystick.faces.web.panels.panel import Cell, View
from tallystick.faces.web.state import Place, State
from tallystick.ledger.memory import MemoryLedger

BOOK = book_of()
STATE = State(Place("UTC", NOW), "all")


def shown(state: State = STATE, ledger: MemoryLedger | None = None) -> View:
    return machines(Answers(ledger or ledger_of(), lambda: BOOK), state)


def of(names: list[str]) -> MemoryLedger:
    """Return a ledger with one request on each of these machines."""
    events = [event("2026-11-01T10:00", EVENTS[0].variant, MAIN._replace(machine=name), THOUSAND) for name in names]
    return ledger_of([each._replace(key=place) for place, each in enumerate(events)], (), (), ())


def texts(view: View) -> list[list[str]]:
    return [[cell.text for cell in row] for row in (*view.table.rows, view.table.foot)]


def test_each_machine_with_its_activity() -> None:
    view = shown()
    assert texts(view) == [
        # $0.5863 by Claude Code and $0.0049 by Codex.
        ["box", "$0.59+", "85.9 k", "5", "2", "3", "2", "2 Nov 09:05"],
        ["laptop", "$0.29", "37.0 k", "1", "0", "0", "1", "1 Nov 23:30"],
        ["Total", "$0.88+", "123 k", "6", "", "", "", ""],
    ]
    assert view.table.rows[0][0].link == "/?since=all&machine=box"
    assert view.table.rows[1][1] == Cell(
        "$0.29", Money(285 * 10**9), "/why?since=all&machine=laptop", "", 0.285 / 0.5912
    )
    assert view.table.rows[0][2] == Cell("85.9 k", 85_910, "", "85,910 tokens")


def test_days_by_machine() -> None:
    view = shown()
    assert [(point["day"], point["series"], point["value"], point["whole"]) for point in view.points] == [
        ("2026-11-01", "box", 0.5863, "$0.87"),
        ("2026-11-02", "box", 0.0049, "< $0.01"),
        ("2026-11-01", "laptop", 0.285, "$0.87"),
    ]
    assert view.points[0]["href"] == "/?since=2026-11-01&until=2026-11-01"
    assert (view.title, view.params["money"]) == ("Machines: cost by day", True)
    assert (view.params["first"], view.params["last"]) == (at("2026-11-01T00:00"), at("2026-11-03T00:00"))
    tokens = shown(STATE._replace(unit="tokens"))
    assert [point["value"] for point in tokens.points] == [74_800, 11_110, 37_000]
    assert tokens.title == "Machines: tokens by day"


def test_a_single_machine_is_a_line_and_no_chart() -> None:
    view = shown(STATE._replace(where={"machine": ("laptop",)}))
    assert (view.points, view.title, view.note) == ((), "Machines", "")
    assert texts(view)[0] == ["laptop", "$0.29", "37.0 k", "1", "0", "0", "1", "1 Nov 23:30"]


def test_more_than_eight_machines_are_gathered() -> None:
    view = shown(ledger=of([f"m{n}" for n in range(10)]))
    names = [point["series"] for point in view.points]
    assert len(names) == 8
    assert names[-1] == "other"
    assert view.points[-1]["value"] == 0.855


def test_more_than_twenty_machines_are_not_asked_for_one_by_one() -> None:
    view = shown(ledger=of([f"m{n:02}" for n in range(21)]))
    assert texts(view)[0] == ["m00", "$0.29", "37.0 k", "1", "–", "–", "–", "–"]
    assert "20 machines at most" in view.note
    assert texts(shown(ledger=of([f"m{n:02}" for n in range(20)])))[0][-1] == "1 Nov 10:00"


def test_machines_that_no_filter_tells_apart_have_no_activity_and_no_address() -> None:
    view = shown(ledger=of(["box", "Box", "", "laptop"]))
    rows = {row[0].raw: row for row in view.table.rows}
    assert rows["box"][7].text == rows["Box"][7].text == "–"
    assert rows["box"][0].link == ""
    assert rows[""][7].text == rows["laptop"][7].text == "1 Nov 10:00"


def test_nothing_and_hostile_names() -> None:
    assert shown(ledger=MemoryLedger()).empty == "Nothing was used in this period: choose a longer one."
    hostile = "</script><img src=x onerror=alert(1)>\u202e" + "x" * 10_000
    view = shown(ledger=of([hostile, "box"]))
    html = fragment(MACHINES, STATE, view)
    assert "&lt;/script&gt;&lt;img" in html
    assert "<img" not in html
    assert all(len(str(value)) < 200 for point in view.points for value in point.values())


def test_a_machine_with_a_request_within_a_quarter_of_an_hour_is_active_now() -> None:
    ledger = of(["m1"])
    for now, told in (("2026-11-01T10:14:59", "active now"), ("2026-11-01T10:15", "1 Nov 10:00")):
        view = machines(Answers(ledger, lambda: BOOK), State(Place("UTC", at(now)), "all"))
        assert view.table.rows[0][-1].text == told
        assert view.table.rows[0][-1].raw == "2026-11-01T10:00:00.000Z"
