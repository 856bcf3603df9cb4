"""Tidying: nothing goes that is still to be settled, and rounds are numbered on."""

from itertools import count

from tests.ledger.engines import OfTests
from tests.ledger.sample import LOG, View, batch, usage

from tallystick.ledger.clickhouse.settling import Settler
from tallystick.ledger.clickhouse.telling import Known, Telling
from tallystick.ledger.clickhouse.tidying import tidy


def counted(ledger: OfTests) -> list[int]:
    """Return how many rows tell of additions, of what is settled, and of rounds."""
    return [
        ledger.server.numbers(f"SELECT count() AS n FROM {table}")[0]  # noqa: S608 - the three names here
        for table in ("additions", "settled", "rounds")
    ]


def test_what_waits_stays(ledger: OfTests) -> None:
    for key in range(3):
        ledger.add([batch(LOG, [View(key)])])
    Telling(ledger.server, Known.of(ledger.server), count(1).__next__).tell([batch(LOG, [View(9)])], ())
    assert counted(ledger) == [4, 3, 6]
    tidy(ledger.server, 3)
    assert counted(ledger) == [1, 0, 2]
    settler = Settler(ledger.server)
    outcome = settler.settle()
    assert outcome
    assert outcome.new == 1
    assert ledger.server.numbers("SELECT max(number) AS n FROM rounds") == [4]
    assert usage(ledger)[0][3] == 4
