"""Who works: machines at work now, and users; nothing of either where there is one."""

from tests.answers.fleet import ARRIVALS, BATCHES, DAY, HERE, LAPTOP, MINUTE, OWN, arrival, on
from tests.answers.sample import MAIN, NOW, OPUS, THOUSAND, book_of, event

from tallystick.answers.answer import Money
from tallystick.answers.answers import Answers
from tallystick.faces.web.page import fragment
from tallystick.faces.web.panels.panel import Cell, Panel, View
from tallystick.faces.web.panels.people import ACTIVE, USERS
from tallystick.faces.web.state import Place, State
from tallystick.ledger.ledger import Arrival, Batch
from tallystick.ledger.memory import MemoryLedger

BOOK = book_of()
STATE = State(Place("UTC", NOW), "all")
JUST_NOW = event("2026-11-22T04:19:42", OPUS, MAIN, THOUSAND)
HOSTILE = "</script><img src=x onerror=alert(1)>\u202e" + "x" * 10_000


def shown(
    panel: Panel, batches: tuple[Batch, ...] = BATCHES, state: State = STATE, arrivals: tuple[Arrival, ...] = ARRIVALS
) -> View:
    ledger = MemoryLedger()
    ledger.add(batches, arrivals)
    return panel.show(Answers(ledger, lambda: BOOK, HERE), state)


def test_machines_at_work_now() -> None:
    view = shown(ACTIVE, (*BATCHES, on("box", "ada", JUST_NOW, path="/home/dev/new.jsonl")))
    assert view.pills == [
        Cell("box · ada", "box", "/?since=all&machine=box", "Last request just now, 2026-11-22 04:19:42, UTC"),
        Cell(
            "laptop · grace",
            "laptop",
            "/?since=all&machine=laptop",
            "Last request 5 minutes ago, 2026-11-22 04:14:42, UTC",
        ),
    ]
    html = fragment(ACTIVE, STATE, view)
    assert html.count("<li title=") == 2
    # The table is in the CSV only.
    assert "<table" not in html


def test_whatever_the_period_is_whoever_is_at_work_is() -> None:
    last_year = STATE._replace(since="2025-01-01", until="2025-12-31")
    assert [pill.raw for pill in shown(ACTIVE, state=last_year).pills] == ["laptop"]


def test_users_are_named_only_where_there_are_several() -> None:
    view = shown(ACTIVE, (OWN, on("tower", "ada", JUST_NOW)), arrivals=())
    assert [pill.text for pill in view.pills] == ["tower"]


def test_nobody_at_work_and_the_only_machine_are_not_told() -> None:
    assert shown(ACTIVE, (OWN,), arrivals=()).absent
    assert shown(ACTIVE, (on("box", "ada", JUST_NOW),), arrivals=()).absent
    assert shown(ACTIVE, state=STATE._replace(place=Place("UTC", NOW + 15 * MINUTE))).absent
    assert shown(ACTIVE, state=STATE._replace(where={"machine": ("tower",)})).absent


def test_many_at_work_are_a_dozen_and_how_many_more() -> None:
    view = shown(ACTIVE, tuple(on(f"m{n:03}", "", JUST_NOW) for n in range(300)), arrivals=())
    assert (len(view.pills), view.pills_more, len(view.table.rows)) == (12, "and 288 more", 300)


def test_users_with_their_figures() -> None:
    view = shown(USERS)
    texts = [[cell.text for cell in row] for row in (*view.table.rows, view.table.foot)]
    assert texts == [
        ["ada", "2", "18 Nov 08:00", "5", "185 k", "$1.43"],
        ["grace", "1", "active now", "1", "37.0 k", "$0.29"],
        ["(no name)", "1", "1 May 08:00", "1", "10", "no price"],
        ["Total", "", "", "7", "222 k", "$1.71+"],
    ]
    ada = view.table.rows[0]
    assert (ada[0].link, ada[0].raw, ada[1].title) == ("/?since=all&user=ada", "ada", "box, tower")
    assert ada[5] == Cell("$1.43", Money(1_425 * 10**9), "/why?since=all&user=ada", "", 1.0)
    assert view.coverage.startswith("tower: 3 days old · ")


def test_users_in_a_period_without_them_and_filtered() -> None:
    today = [[cell.text for cell in row] for row in shown(USERS, state=STATE._replace(since="today")).table.rows]
    assert [row[5] for row in today] == ["$0.29", "–", "–"]
    assert shown(USERS, state=STATE._replace(where={"user": ("nobody",)})).empty.startswith(
        "Nothing in this period fits"
    )


def test_one_user_is_not_told_of() -> None:
    assert shown(USERS, (OWN, on("tower", "", JUST_NOW)), arrivals=()).absent
    assert not shown(USERS, (OWN, LAPTOP), arrivals=()).absent


def test_hostile_names() -> None:
    batches = (on(HOSTILE, HOSTILE, JUST_NOW), OWN)
    for panel in (ACTIVE, USERS):
        html = fragment(panel, STATE, shown(panel, batches, arrivals=(arrival("far", 2 * DAY, name=HOSTILE),)))
        assert "&lt;/script&gt;&lt;img" in html
        assert "<img" not in html
        assert len(html) < 20_000
