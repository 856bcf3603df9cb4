"""Places: kept for the sessions that are named, and for no others."""

from tests.ledger.engines import OfTests
from tests.ledger.sample import LOG, MAIN, View, batch, number

from tallystick.ledger.clickhouse.places import place
from tallystick.usage.event import HIDDEN

OPEN = MAIN._replace(project="", branch="", agent="title")
LEFT_OUT = MAIN._replace(project=HIDDEN, branch="aside", session="s9")


def test_places_are_those_of_their_sessions(ledger: OfTests) -> None:
    inner = MAIN._replace(project=f"{MAIN.project}/inner", branch="")
    views = [View(1), View(2, context=OPEN), View(3, context=LEFT_OUT), View(4, context=inner)]
    ledger.add([batch(LOG, views)])
    ledger.server.do("TRUNCATE TABLE places")
    place(ledger.server, ["s1"], 7)
    places = "SELECT context, project, branch, round FROM places ORDER BY project"
    assert ledger.server.rows(places) == [(number(ledger, MAIN._replace(agent="title")), MAIN.project, "main", 7)]
    place(ledger.server, ["s9", "s1"], 8)
    assert [row[1:] for row in ledger.server.rows(places)] == [("", "aside", 8), (MAIN.project, "main", 8)]
