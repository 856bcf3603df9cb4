"""Counters: what a ledger kept of each push, as an answer."""

from tests.ledger.test_counters import GUID, kept

from tallystick.answers.counters import Standing, counters
from tallystick.ledger.memory import MemoryLedger


def test_counts_have_their_names() -> None:
    ledger = MemoryLedger()
    ledger.add([kept(GUID, "laptop", 5)])
    # As the clients send them: input, output, written to a cache, read from one.
    models = [{"modelName": "m", "inputTokens": 1}]
    assert counters(ledger) == [Standing(GUID, "laptop", 1, 2, 3, 4, models, 5)]
