"""Machines: how well each is known, what was used there and their days; and the only one as it was."""

from tests.answers.fleet import ARRIVALS, BATCHES, DAY, HERE, HOUR, MINUTE, OWN, arrival, on
from tests.answers.sample import CLI, CODEX, EVENTS, MAIN, NOW, OPUS, THOUSAND, at, book_of, event, ledger_of

from tallystick.answers.answer import Money
from tallystick.answers.answers import Answers
from tallystick.faces.web.page import fragment
from tallystick.faces.web.panels.machines import MACHINES, machines
from tallystick.faces.web.panels.panel import Cell, View
from tallystick.faces.web.state import Place, State
from tallystick.faces.web.table import as_csv
from tallystick.ledger.ledger import Arrival, Ledger
from tallystick.ledger.memory import MemoryLedger
from tallystick.usage.tokens import Tokens

BOOK = book_of()
STATE = State(Place("UTC", NOW), "all")


def shown(state: State = STATE, ledger: Ledger | None = None) -> View:
    return machines(Answers(ledger or fleet(), lambda: BOOK, HERE), state)


def fleet(*arrivals: Arrival) -> MemoryLedger:
    ledger = MemoryLedger()
    ledger.add(BATCHES, arrivals or ARRIVALS)
    return ledger


def of(names: list[str]) -> MemoryLedger:
    """Return a ledger with one request on each of these machines."""
    events = [event("2026-11-01T10:00", EVENTS[0].variant, MAIN._replace(machine=name), THOUSAND) for name in names]
    return ledger_of([each._replace(key=place) for place, each in enumerate(events)], (), (), ())


def texts(view: View) -> list[list[str]]:
    return [[cell.text for cell in row] for row in (*view.table.rows, view.table.foot)]


# Three, two, one times $0.285 for 37 000 tokens.
TABLE = """\
tower|ada|stale|3 days ago|3 days, 1,200 rows|18 Nov 08:00|3|111 k|$0.86|tally 0.4.1|
box|ada|here|now|–|1 Nov 11:00|2|74.0 k|$0.57|–|
laptop|grace|active|1 min ago|–|22 Nov 04:14|1|37.0 k|$0.29|tally 0.4.1|
old|–|quiet|204 days ago|–|1 May 08:00|1|10|no price|–|
runner|–|trouble|30 min ago|–|–|0|0|–|tally 0.4.1|The disk is full · clock 3 h 00 min ahead
Total||||||7|222 k|$1.71+||"""


def test_each_machine_as_it_is_known() -> None:
    view = shown()
    titles = "Machine|User|State|Last seen|Behind by|Newest request|Requests|Tokens|Cost|Client|Wrong"
    assert [column.title for column in view.table.columns] == titles.split("|")
    assert texts(view) == [line.split("|") for line in TABLE.splitlines()]
    assert view.note == "runner: The disk is full."
    assert view.coverage.startswith("tower: 3 days old · 99.99 % of tokens priced · 7 requests seen by log")
    assert view.wide


def test_cells_lead_on_and_tell_more() -> None:
    tower, box, *_ = shown().table.rows
    assert (tower[0].link, tower[1].link) == ("/?since=all&machine=tower", "/?since=all&user=ada")
    assert tower[2] == Cell("stale", title="Not heard of for more than a day", tone="pill stale")
    assert tower[3].title == "2026-11-19 03:19:42, UTC"
    assert tower[4].raw == 3 * DAY + HOUR
    assert tower[8] == Cell("$0.86", Money(855 * 10**9), "/why?since=all&machine=tower", "", 1.0)
    assert box[3].title == "The ledger lies here"


def test_what_is_behind_is_told_where_it_is_much() -> None:
    def behind(ago: int, pending: int) -> str:
        return shown(ledger=fleet(arrival("tower", ago, pending=pending))).table.rows[0][4].text

    assert behind(DAY, 0) == "–"
    assert behind(DAY + MINUTE, 0) == "1 day"
    assert behind(MINUTE, 1) == "1 row"
    assert behind(2 * DAY, 1) == "2 days, 1 row"


def test_columns_that_would_tell_nothing_are_not_there() -> None:
    ledger = MemoryLedger()
    ledger.add([OWN, on("tower", "ada", event("2026-11-12T08:00", OPUS, MAIN, THOUSAND))], [arrival("tower", HOUR)])
    titles = [column.title for column in shown(ledger=ledger).table.columns]
    # There is one user, and nothing is wrong.
    assert ("User" in titles, "Wrong" in titles) == (False, False)
    assert texts(shown(ledger=ledger))[0][:5] == ["box", "here", "now", "–", "1 Nov 11:00"]


def test_filters_and_a_period_without_usage() -> None:
    assert [row[0] for row in texts(shown(STATE._replace(where={"user": ("grace",)})))] == ["laptop", "Total"]
    view = shown(STATE._replace(where={"machine": ("nowhere",)}))
    assert view.empty.startswith("Nothing in this period fits the filters")
    # Nothing was used, and how the machines fare is worth to know all the same.
    view = shown(STATE._replace(since="2026-11-03", until="2026-11-04"))
    assert [row[6:9] for row in texts(view)] == [["0", "0", "–"]] * 5 + [["0", "0", "$0.00"]]
    assert view.points == ()


def test_days_by_machine() -> None:
    view = shown(ledger=ledger_of())
    assert [(point["day"], point["series"], point["value"], point["whole"]) for point in view.points] == [
        ("2026-11-01", "box", 0.5863, "$0.87"),
        ("2026-11-02", "box", 0.0049, "< $0.01"),
        ("2026-11-01", "laptop", 0.285, "$0.87"),
    ]
    assert view.points[0]["href"] == "/?since=2026-11-01&until=2026-11-01"
    assert (view.title, view.params["money"]) == ("Machines: cost by day", True)
    assert (view.params["first"], view.params["last"]) == (at("2026-11-01T00:00"), at("2026-11-03T00:00"))
    tokens = shown(STATE._replace(unit="tokens"), ledger_of())
    assert [point["value"] for point in tokens.points] == [74_800, 11_110, 37_000]
    assert tokens.title == "Machines: tokens by day"


def test_one_of_several_has_no_chart() -> None:
    view = shown(STATE._replace(where={"machine": ("laptop",)}))
    assert (view.points, view.title, len(view.table.rows)) == ((), "Machines", 1)


def test_more_than_eight_machines_are_gathered_in_the_chart() -> None:
    view = shown(ledger=of([f"m{n}" for n in range(10)]))
    names = [point["series"] for point in view.points]
    assert len(names) == 8
    assert names[-1] == "other"
    assert view.points[-1]["value"] == 0.855


def test_of_many_machines_a_page_shows_fifteen_and_a_csv_all() -> None:
    view = shown(ledger=of([f"m{n:03}" for n in range(300)]))
    assert (len(view.table.shown), view.table.more) == (15, "… and 285 more, all of which are in the CSV")
    assert len(as_csv(view.table).splitlines()) == 301
    assert len(fragment(MACHINES, STATE, view)) < 40_000
    assert texts(view)[-1][-2] == "$85.50"


def test_troubles_are_told_also_of_machines_that_are_not_shown() -> None:
    sick = [arrival(f"m{n}", n)._replace(trouble=f"Trouble {n}.") for n in range(5)]
    view = shown(ledger=fleet(*sick))
    assert view.note == "m0: Trouble 0. m1: Trouble 1. m2: Trouble 2. 2 more machines in trouble."


def test_machines_that_no_filter_tells_apart_have_no_address() -> None:
    rows = {row[0].raw: row for row in shown(ledger=of(["box", "Box", "", "laptop"])).table.rows}
    assert [rows[name][0].link for name in ("box", "Box", "", "laptop")] == ["", "", "", "/?since=all&machine=laptop"]
    assert [rows[name][8 - 1].link for name in ("box", "laptop")] == ["", "/why?since=all&machine=laptop"]


def test_nothing_and_hostile_names() -> None:
    assert shown(ledger=MemoryLedger()).empty == "Nothing was used in this period: choose a longer one."
    hostile = "</script><img src=x onerror=alert(1)>\u202e" + "x" * 10_000
    ledger = of([hostile, "box"])
    sick = arrival("far", 2 * DAY, name=hostile, user=hostile)._replace(
        trouble=hostile, client=hostile, version=hostile
    )
    ledger.add([], [sick])
    view = shown(ledger=ledger)
    html = fragment(MACHINES, STATE, view)
    assert "&lt;/script&gt;&lt;img" in html
    assert "<img" not in html
    assert len(html) < 60_000
    # In a sentence nothing steers which way it is written.
    assert "\u202e" not in view.note + view.coverage
    assert all(len(str(value)) < 200 for point in view.points for value in point.values())


def test_the_only_machine_is_a_line_as_it_was() -> None:
    events = [
        event("2026-11-01T10:00", OPUS, MAIN, THOUSAND),
        event("2026-11-01T11:00", CODEX, CLI, Tokens(8, 0, 0, 0, 1)),
    ]
    ledger = ledger_of(events, (), ())
    view = shown(ledger=ledger)
    assert [column.title for column in view.table.columns] == [
        *("Machine", "Cost", "Tokens", "Requests", "Prompts", "Tool calls", "Sessions", "Last seen"),
    ]
    # $0.285, and 8 x 1.75 + 14 = 28 millionths.
    assert texts(view) == [
        ["box", "$0.29", "37.0 k", "2", "0", "0", "2", "1 Nov 11:00"],
        ["Total", "$0.29", "37.0 k", "2", "", "", "", ""],
    ]
    assert (view.points, view.title, view.note, view.wide, view.absent) == ((), "", "", False, False)
    assert view.table.rows[0][0].link == "/?since=all&machine=box"
    assert view.table.rows[0][1].link == "/why?since=all"


def test_the_only_machine_with_a_request_within_a_quarter_of_an_hour_is_active_now() -> None:
    ledger = of(["m1"])
    for now, told in (("2026-11-01T10:14:59", "active now"), ("2026-11-01T10:15", "1 Nov 10:00")):
        view = shown(State(Place("UTC", at(now)), "all"), ledger)
        assert view.table.rows[0][-1].text == told
        assert view.table.rows[0][-1].raw == "2026-11-01T10:00:00.000Z"
