"""Names: numbers mean the same content in both ledgers, however each numbers it."""

import pytest
from tests.ledger.sample import COPY, LATER, LOG, MAIN, OPUS, View, batch

from tallystick.errors import Unavailable
from tallystick.ledger.copying.names import Names
from tallystick.ledger.ledger import Ledger
from tallystick.ledger.memory import MemoryLedger


def numbers(ledger: Ledger) -> dict[str, int]:
    """Return the numbers of contexts by their sessions."""
    return {row[2]: row[0] for row in ledger.ask("contexts")}


def test_the_same_content_has_the_same_mark_under_other_numbers() -> None:
    one, other = MemoryLedger(), MemoryLedger()
    one.add([batch(LOG, [View(1), View(2, context=COPY)])])
    other.add([batch(LATER, [View(2, context=COPY)]), batch(LOG, [View(1)])])
    ours, theirs = Names(one), Names(other)
    assert numbers(one)["s1"] != numbers(other)["s1"]
    assert ours.contexts.mark(numbers(one)["s1"]) == theirs.contexts.mark(numbers(other)["s1"])
    assert ours.contexts.mark(numbers(one)["s1"]) != ours.contexts.mark(numbers(one)["s2"])
    assert ours.contexts[numbers(one)["s2"]] == COPY
    assert ours.variants[1] == OPUS


def test_what_came_since_is_learned() -> None:
    ledger = MemoryLedger()
    ledger.add([batch(LOG, [View(1)])])
    names = Names(ledger)
    assert names.contexts[1] == MAIN
    ledger.add([batch(LOG, [View(2, context=COPY)])])
    assert names.contexts[2] == COPY
    assert names.contexts.all() == [MAIN, COPY]


def test_a_source_stands_to_others_as_it_did_but_is_to_be_read_anew() -> None:
    ledger = MemoryLedger()
    ledger.add([batch(LOG, [View(1)])])
    source = Names(ledger).sources.any()
    assert source == LOG._replace(inode=0, size=0, offset=0, head=0, state=b"")
    assert (source.mtime, source.last) == (5_000_000_000, 4_000)


def test_a_number_that_stands_for_nothing_is_told() -> None:
    with pytest.raises(Unavailable, match="names a context that is not in it"):
        Names(MemoryLedger()).contexts.mark(5)
    with pytest.raises(Unavailable, match="names a source"):
        Names(MemoryLedger()).sources.any()
