"""Counters that are pushed: what each stood at last is kept with its source, and nothing else is taken for one."""

from tallystick.ledger.counters import Counter, counters, last, name, packed
from tallystick.ledger.ledger import Batch, Source
from tallystick.ledger.memory import MemoryLedger

GUID = "0b0e3f1c-7d1e-4a55-9d0c-5f2a9c1b7e60"


def kept(guid: str, host: str, time: int) -> Batch:
    """Return what a push leaves behind."""
    counter = Counter(guid, host, (1, 2, 3, 4), [{"modelName": "m", "inputTokens": 1}], time, {"begun": 0})
    source = Source(name(guid, host), "token-usage-server", "push", state=packed(counter))
    return Batch(source, False, [], [], [], [], [], [], [], [])  # noqa: FBT003  a row


def test_what_was_told_last_comes_back_as_it_was() -> None:
    ledger = MemoryLedger()
    ledger.add([kept(GUID, "b", 5), kept(GUID, "a", 6), kept("another", "a", 7)])
    ledger.add([kept(GUID, "b", 8)])
    found = counters(ledger)
    assert [(each.guid, each.host, each.time) for each in found] == [
        (GUID, "a", 6),
        (GUID, "b", 8),
        ("another", "a", 7),
    ]
    assert found[0] == Counter(GUID, "a", (1, 2, 3, 4), [{"modelName": "m", "inputTokens": 1}], 6, {"begun": 0})


def test_sources_of_another_kind_are_no_counters() -> None:
    ledger = MemoryLedger()
    ledger.add([Batch(Source("/home/dev/a.jsonl", "codex", state=b"x"), True, [], [], [], [], [], [], [], [])])  # noqa: FBT003
    assert counters(ledger) == []
    assert last(ledger, name(GUID, "a")) is None


def test_the_name_of_a_source_tells_the_host_and_not_the_guid() -> None:
    assert name(GUID, "laptop").endswith(":laptop")
    assert not any(part in name(GUID, "laptop") for part in GUID.split("-"))
    assert name(GUID, "laptop") != name(GUID.upper(), "laptop")
