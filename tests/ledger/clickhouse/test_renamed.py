"""Renamed: who comes under an old name is kept under the one that is shown."""

from tests.ledger.engines import OfTests
from tests.ledger.sample import LOG, MAIN, View, batch

from tallystick.ledger.clickhouse.renamed import Renamed
from tallystick.ledger.ledger import Arrival

NAMES = [("machine", "box", "desk"), ("account", "dev", "ada")]


def test_names_are_replaced_but_not_those_of_paired_machines() -> None:
    renamed = Renamed.of(NAMES)
    paired = LOG._replace(path="push:m1:/home/dev/a")
    assert renamed.contexts(batch(LOG, [View()])) == [MAIN._replace(machine="desk", user="ada")]
    assert renamed.contexts(batch(paired, [View()])) == [MAIN._replace(user="ada")]
    assert renamed.contexts(batch(LOG, [View()])._replace(renamed=[])) == [MAIN]
    assert renamed.arrival(Arrival("m1", "box", "dev", 1))[1:3] == ("box", "ada")
    assert renamed.arrival(Arrival("m/1", "box", "dev", 1))[1:3] == ("desk", "ada")


def test_names_that_a_copy_tells_hold_for_what_comes_next(ledger: OfTests) -> None:
    ledger.add([batch(LOG, [View(1)])._replace(renamed=[*NAMES])])
    ledger.add([batch(LOG, [View(2)])], [Arrival("", "box", "dev", 1)])
    assert {row[7:] for row in ledger.ask("contexts")} == {("box", "dev"), ("desk", "ada")}
    assert ledger.ask("all_renamed") == sorted([(what, old, new) for what, old, new in NAMES])
    assert ledger.ask("machines")[0][1:3] == ("desk", "ada")
