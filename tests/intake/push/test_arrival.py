"""Arrivals: what an envelope tells becomes batches; what can never be stored is refused by itself."""

import tracemalloc
from json import dumps, loads
from typing import Any

import pytest

from tallystick.intake.push import arrival
from tallystick.intake.push.envelope import SCHEMA, TABLES, Client, encoded, envelope
from tallystick.intake.push.kind import Sender, Taken, Unacceptable
from tallystick.ledger.ledger import Arrival, Batch, Row, Source
from tallystick.ledger.memory import MemoryLedger
from tallystick.usage.event import HIDDEN, Context, Variant

NOW = 1_764_000_000_000
SENDER = Sender("laptop", "Ada's laptop", "ada")
MAIN = Context("claude-code", "s1", "/home/dev/p", "main", "", "2.1", "ignored", "told")
OPUS = Variant("anthropic", "claude-opus-4-8")
EVENT: Row = (-7, 9, NOW, 0, 0, 10, 20, 30, 40, 50, 6, 3, False, True, 70, 1, 2, None, 80)
READING: Row = (90, 2, NOW, 0, 0, 0, 4, 1, 2, 3, 4, 5, 6, 7, 8)
WHOLE = Batch(
    Source("/home/dev/a.jsonl", "claude-code", "wire", inode=3, size=4, mtime=5_000_000, offset=6, head=7, last=NOW),
    True,  # noqa: FBT003  the second field of a batch
    [MAIN],
    [OPUS],
    [EVENT],
    [(1, NOW, 0, 2)],
    [(5, -7, "Read", NOW, 0, False)],
    [("openai", "primary", 300, 12.5, 0, NOW, "plus", "1f0c")],
    [("s1", "A title", NOW)],
    [(4, "not JSON"), (-1, "12")],
    [READING],
    [("claude-code", "s1", "ticket", "X-1")],
)


def took(told: object, sender: Sender = SENDER) -> Taken:
    """Take a value in as JSON."""
    body = told if isinstance(told, bytes) else dumps(told).encode()
    return arrival.take(body, sender, NOW, MemoryLedger())


def sent(*batches: Batch) -> dict[str, Any]:
    """Return an envelope as it comes out of JSON."""
    made: dict[str, Any] = loads(encoded(envelope(batches, Client("tally", "0.1", 5, "its disk is full"), NOW - 3_000)))
    return made


def receipt(taken: Taken) -> dict[str, Any]:
    """Return what is answered."""
    status, body = taken.answer
    assert status == 200
    told: dict[str, Any] = loads(body)
    return told


def refused(taken: Taken) -> list[tuple[str, int, int]]:
    """Return which rows are refused: table, source, row."""
    return [(each["table"], each["source"], each["row"]) for each in receipt(taken)["rejected"]]


def test_a_batch_comes_out_as_it_went_in() -> None:
    taken = took(sent(WHOLE))
    (batch,) = taken.batches
    # The machine and the user are those of the token; how far a log was read concerns only who reads it.
    assert batch.source == Source("push:laptop:/home/dev/a.jsonl", "claude-code", "wire", mtime=5_000_000, last=NOW)
    assert batch.contexts == [MAIN._replace(machine="Ada's laptop", user="ada")]
    assert batch[1] is True
    assert batch[3:] == WHOLE[3:]
    assert taken.arrival == Arrival("laptop", "Ada's laptop", "ada", NOW, "tally", "0.1", -3_000, 5, "its disk is full")
    assert receipt(taken) == {
        "schema": "tallystick.receipt/1",
        "accepted": 9,
        "rejected": [],
        "rejected_more": 0,
        "time": NOW,
        "skew_ms": -3_000,
    }


def test_a_machine_without_a_user_tells_whose_it_is() -> None:
    (batch,) = took(sent(WHOLE), Sender("laptop", "laptop")).batches
    assert batch.contexts[0].user == "told"


@pytest.mark.parametrize(
    "column, value",
    [
        ("key", 1 << 63),
        ("key", "7"),
        ("key", 1.5),
        ("time", -1),
        ("time", 4_102_444_800_000),
        ("input", -1),
        ("output", 10_000_000_001),
        ("output", 1e308),
        ("output", None),
        ("grade", 4),
        ("replay", 2),
        ("context", 1),
        ("variant", 9),
        ("cost_nano", -1),
        ("offset", []),
    ],
)
def test_a_row_that_cannot_be_stored_is_refused_and_the_others_are_taken(column: str, value: object) -> None:
    told = sent(WHOLE._replace(events=[EVENT, EVENT, (8, *EVENT[1:])]))
    told["sources"][0]["events"][1][TABLES["events"].index(column)] = value
    taken = took(told)
    assert refused(taken) == [("events", 0, 1)]
    assert [row[0] for row in taken.batches[0].events] == [-7, 8]
    assert receipt(taken)["accepted"] == 10


def test_what_an_older_sender_does_not_know_stands_for_nothing() -> None:
    told = sent(WHOLE)
    told["columns"]["events"] = ["key", "time", "variant", "context", "output"]
    told["sources"][0]["events"] = [[1, NOW, 0, 0, 50]]
    (batch,) = took(told).batches
    assert batch.events == [(1, 0, NOW, 0, 0, 0, 0, 0, 0, 50, 0, 3, 0, 0, 0, 0, 0, None, 0)]


def test_a_window_of_an_older_sender_is_of_no_named_account() -> None:
    told = sent(WHOLE)
    told["columns"]["limits"] = told["columns"]["limits"][:-1]
    told["sources"][0]["limits"] = [["openai", "primary", 300, 12.5, 0, NOW, "plus"]]
    (batch,) = took(told).batches
    assert batch.limits == [("openai", "primary", 300, 12.5, 0, NOW, "plus", "")]


@pytest.mark.parametrize("used", [101.5, 1_763_852_400.0, -0.5])
def test_a_share_that_is_none_is_refused(used: float) -> None:
    assert refused(took(sent(WHOLE._replace(limits=[("openai", "primary", 300, used, 0, NOW, "", "")])))) == [
        ("limits", 0, 0)
    ]


def test_what_a_newer_sender_tells_survives() -> None:
    told = sent(WHOLE)
    told["columns"]["events"] = [*told["columns"]["events"], "mood"]
    told["columns"]["context"] = ["agent", "host", *told["columns"]["context"][:4], "user", "version"]
    told["sources"][0]["events"] = [[*EVENT, {"glad": True}]]
    told["sources"][0]["contexts"] = [["", "h", "claude-code", "s1", "/home/dev/p", "main", "told", "2.1"]]
    told["sources"][0]["shape"] = [1, 2]
    told["weather"] = "fine"
    taken = took(told)
    (batch,) = taken.batches
    assert batch.events == [EVENT]
    assert batch.contexts == [MAIN._replace(machine="Ada's laptop", user="ada")]
    assert sorted(batch.newer) == [
        ("envelope", "laptop", "weather", '"fine"'),
        ("events", "-7", "mood", '{"glad":true}'),
        ("source", "/home/dev/a.jsonl", "shape", "[1, 2]"),
    ]
    ledger = MemoryLedger()
    ledger.add(taken.batches)
    assert len(ledger.ask("newer")) == 3


def test_a_source_that_is_none_is_refused_with_all_it_has() -> None:
    told = sent(WHOLE, WHOLE)
    told["sources"][0]["witness"] = "rumour"
    taken = took(told)
    assert refused(taken) == [("sources", 0, 0)]
    assert len(taken.batches) == 1


DEEP = b"[" * 100_000 + b"]" * 100_000


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"schema": "tallystick.report/1"}',
        b'{"sources": []}',
        DEEP,
        b'{"schema": "tallystick.push/1", "sources": ' + DEEP + b"}",
        b'{"schema": "tallystick.push/1", "weather": ' + DEEP + b', "sources": 5}',
        dumps({"schema": SCHEMA, "sources": [5]}).encode(),
        dumps({"schema": SCHEMA, "columns": {"events": ["time"]}}).encode(),
        dumps({"schema": SCHEMA, "columns": {"events": ["key", "key", "time", "context", "variant"]}}).encode(),
        dumps({"schema": SCHEMA, "sources": [{"path": "a", "tool": "b", "mtime": -1}]}).encode(),
        dumps({"schema": SCHEMA, "sources": [{"path": "a", "tool": "b", "contexts": {}}]}).encode(),
        dumps({"schema": SCHEMA, "sources": [{"path": "a", "tool": "b", "events": {}}]}).encode(),
        dumps({"schema": SCHEMA, "sent_at": 1e308, "sources": []}).encode(),
    ],
)
def test_what_is_no_push_is_told_in_a_sentence(body: bytes) -> None:
    with pytest.raises(Unacceptable) as told:
        took(body)
    # What has more brackets than any push needs is not even looked into.
    assert told.value.status == (413 if body.count(b"[") + body.count(b"{") > 5 * arrival.ROWS_MOST else 400)
    assert told.value.message.endswith(".")


def test_a_context_that_cannot_be_stored_takes_only_its_own_rows_along() -> None:
    two = WHOLE._replace(
        contexts=[MAIN._replace(version="x" * 300), MAIN],
        events=[EVENT, (8, *EVENT[1:3], 1, *EVENT[4:])],
        prompts=[],
        readings=[],
    )
    taken = took(sent(two))
    assert refused(taken) == [("events", 0, 0)]
    (batch,) = taken.batches
    # What nothing names is not kept.
    assert batch.contexts == [MAIN._replace(machine="Ada's laptop", user="ada")]
    assert batch.events == [(8, *EVENT[1:])]


def test_names_that_nothing_refers_to_are_not_stored() -> None:
    many = WHOLE._replace(
        contexts=[MAIN._replace(session=f"s{number}") for number in range(500)], variants=[OPUS, OPUS]
    )
    (batch,) = took(sent(many._replace(prompts=[(1, NOW, 400, 2)]))).batches
    assert [context.session for context in batch.contexts] == ["s0", "s400"]
    assert (batch.events[0][3], batch.prompts[0][2], batch.readings[0][4]) == (0, 1, 0)
    assert len(batch.variants) == 1


@pytest.mark.parametrize(
    "body",
    [
        b'{"schema":"tallystick.push/1","sources":[{"path":"p","tool":"t","events":['
        + b",".join([b"[]"] * 200_000)
        + b"]}]}",
        b'{"schema":"tallystick.push/1","sources":[' + b",".join([b'{"tool":"t"}'] * 60_000) + b"]}",
        b'{"schema":"tallystick.push/1","sources":[{"path":"p","tool":"t","contexts":[['
        + b",".join([b'""'] * 1_100_000)
        + b"]]}]}",
        b'{"schema":"tallystick.push/1","sources":[{"path":"p","tool":"t","contexts":['
        + b",".join([b"[]"] * 30_000)
        + b"]}]}",
    ],
)
def test_what_takes_much_room_for_nothing_is_too_large(body: bytes) -> None:
    tracemalloc.start()
    with pytest.raises(Unacceptable) as told:
        took(body)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert told.value.status == 413
    assert most < 64 << 20


def test_a_push_with_too_many_rows_is_too_large() -> None:
    rows = [(number, NOW, 0, 0) for number in range(arrival.ROWS_MOST - 5)]
    with pytest.raises(Unacceptable) as told:
        took(sent(WHOLE._replace(events=[], prompts=rows)))
    assert told.value.status == 413


def test_of_many_refused_rows_some_are_told_and_all_counted() -> None:
    taken = took(sent(WHOLE._replace(events=[(None, *EVENT[1:])] * 250)))
    assert len(refused(taken)) == 100
    assert receipt(taken)["rejected_more"] == 150


def test_a_newer_schema_of_the_same_kind_is_understood() -> None:
    assert len(took({**sent(WHOLE), "schema": "tallystick.push/2"}).batches) == 1


def test_what_a_client_says_of_itself_is_believed_only_as_far_as_it_makes_sense() -> None:
    told = {**sent(WHOLE), "client": {"name": 5, "version": "x" * 999, "pending": True, "trouble": None}}
    taken = took(told)
    assert taken.arrival == Arrival("laptop", "Ada's laptop", "ada", NOW, "", "x" * 256, -3_000, 0, "")


def test_what_is_not_told_to_be_unknown_was_left_out() -> None:
    told = sent(WHOLE._replace(contexts=[MAIN._replace(project="")]))
    assert took(told).batches[0].contexts[0].project == ""
    # As senders have it that cannot tell the two apart.
    older = told["columns"]["context"][:-1]
    told["columns"]["context"] = older
    told["sources"][0]["contexts"] = [row[: len(older)] for row in told["sources"][0]["contexts"]]
    assert took(told).batches[0].contexts[0].project == HIDDEN


@pytest.mark.parametrize(
    "tag", [("claude-code", "s1", "ticket"), ("claude-code", "s1", "ticket", 7), ("c", "s", "n", "x" * 257)]
)
def test_a_tag_that_is_none_is_refused(tag: Row) -> None:
    assert refused(took(sent(WHOLE._replace(tags=[tag])))) == [("tags", 0, 0)]
