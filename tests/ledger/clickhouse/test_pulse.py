"""The pulse: another value after each round, and none to speak of where no ledger answers."""

from itertools import count

from tests.ledger.engines import OfTests
from tests.ledger.sample import LOG, View, batch

from tallystick.ledger.clickhouse.pulse import Pulse


def test_it_is_another_one_after_an_addition(ledger: OfTests) -> None:
    ((host, port),) = ledger.server.address.hosts
    url = f"clickhouse://{host}:{port}/{ledger.server.address.database}"
    pulse = Pulse(url, "", count(1, 10**9).__next__)
    before = pulse.feel()
    assert pulse.feel() == before
    ledger.add([batch(LOG, [View(1)])])
    assert pulse.feel() != before
    pulse.close()


def test_it_is_felt_a_few_times_a_second(ledger: OfTests) -> None:
    ((host, port),) = ledger.server.address.hosts
    times = iter([10**9, 10**9 + 1, 2 * 10**9, 3 * 10**9])
    pulse = Pulse(f"clickhouse://{host}:{port}/{ledger.server.address.database}", "", times.__next__)
    before = pulse.feel()
    ledger.add([batch(LOG, [View(1)])])
    assert pulse.feel() == before
    assert pulse.feel() != before
    pulse.close()


def test_where_nothing_answers_it_stays_as_it_is() -> None:
    pulse = Pulse("clickhouse://127.0.0.1:1/ledger", "", count(1, 10**9).__next__)
    assert pulse.feel() == pulse.feel() == (0, (0, 0))
    pulse.close()
