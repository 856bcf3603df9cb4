"""Taking in: offers are answered when they are durable, each by itself; a body is inflated no further than is allowed."""

import gzip
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from json import loads
from pathlib import Path

import pytest
from tests.intake.push.test_arrival import NOW, SENDER, WHOLE

from tallystick.errors import Unavailable
from tallystick.intake.push.envelope import Client, encoded, envelope
from tallystick.intake.push.kind import Sender, Taken, Unacceptable
from tallystick.intake.push.kinds import KINDS
from tallystick.intake.push.taking import INFLATED_MOST, Offer, Taking, inflated, problem
from tallystick.ledger.ledger import Arrival, Batch, Ledger, Receipt, Row
from tallystick.ledger.memory import MemoryLedger
from tallystick.ledger.sqlite.engine import SqliteLedger


class Counted:
    """A ledger that counts its transactions, and fails when it is told to."""

    def __init__(self, fails: Callable[[list[Batch]], None] = lambda _: None) -> None:
        self.ledger = MemoryLedger()
        self.commits = 0
        self._fails = fails

    def add(self, batches: Iterable[Batch], arrivals: Iterable[Arrival] = ()) -> Receipt:
        taken = list(batches)
        self._fails(taken)
        self.commits += 1
        return self.ledger.add(taken, arrivals)

    def ask(self, question: str, **values: int | str) -> list[Row]:
        return self.ledger.ask(question, **values)

    def snapshot[T](self, asking: Callable[[], T]) -> T:
        return asking()

    def close(self) -> None:
        return


def offer(key: int, sender: Sender = SENDER, *, packed: bool = True) -> Offer:
    """Return the offer of one event."""
    batch = WHOLE._replace(events=[(key, *WHOLE.events[0][1:])], readings=[])
    body = encoded(envelope([batch], Client("tally", "0.1"), NOW))
    return Offer("push", sender, gzip.compress(body) if packed else body, packed)


def taking(ledger: Ledger) -> tuple[Taking, list[str]]:
    """Return what takes in, and what it logs."""
    log: list[str] = []
    return Taking(ledger, KINDS, lambda: NOW, log.append), log


def keys(ledger: Ledger) -> list[tuple[str, int]]:
    """Return machine and number of requests by context."""
    machines = {row[0]: row[7] for row in ledger.ask("contexts")}
    rows = ledger.ask("usage_by_context", since=0, until=1 << 40)
    return sorted((machines[row[4]], row[5]) for row in rows)


def test_all_that_waits_is_one_transaction() -> None:
    ledger = Counted()
    took, log = taking(ledger)
    answers = took.take([offer(1), offer(2, packed=False), offer(3, Sender("desk", "Desk"))])
    assert [answer.status for answer in answers] == [200, 200, 200]
    assert ledger.commits == 1
    assert keys(ledger) == [("Ada's laptop", 2), ("Desk", 1)]
    assert [row[0] for row in ledger.ask("machines")] == ["desk", "laptop"]
    assert log == []


def test_one_that_is_no_push_hinders_no_other() -> None:
    ledger = Counted()
    took, _ = taking(ledger)
    wrong = [
        Offer("push", SENDER, b"{"),
        Offer("push", SENDER, b"no gzip", gzip=True),
        Offer("push", SENDER, gzip.compress(b"{}")[:-3], gzip=True),
        Offer("push", SENDER, gzip.compress(b"{}") + b"more", gzip=True),
    ]
    answers = took.take([wrong[0], offer(1), *wrong[1:]])
    assert [answer.status for answer in answers] == [400, 200, 400, 400, 400]
    assert all(loads(answer.body)["error"]["message"].endswith(".") for answer in answers if answer.status == 400)
    assert len(ledger.ask("machines")) == 1


def test_a_full_disk_is_no_fault_of_a_push() -> None:
    def full(_: list[Batch]) -> None:
        raise Unavailable("The disk is full.")

    ledger = Counted(full)
    took, _ = taking(ledger)
    answers = took.take([offer(1), offer(2)])
    assert [(answer.status, answer.again) for answer in answers] == [(503, 5), (503, 5)]
    assert ledger.commits == 0


def test_what_cannot_be_stored_with_the_others_is_tried_by_itself() -> None:
    def odd(batches: list[Batch]) -> None:
        if any(row[0] == 2 for batch in batches for row in batch.events):
            raise OverflowError("too large for SQLite")

    ledger = Counted(odd)
    took, log = taking(ledger)
    answers = took.take([offer(1), offer(2), offer(3)])
    assert [answer.status for answer in answers] == [200, 400, 200]
    assert log == ["A push could not be stored: OverflowError: too large for SQLite."]


def test_who_was_put_out_meanwhile_is_refused_and_hinders_no_other() -> None:
    ledger = Counted()
    asked: list[str] = []

    def still(token: str) -> bool:
        asked.append(token)
        return token != "2"

    took = Taking(ledger, KINDS, lambda: NOW, print, still)
    desk = Sender("desk", "Desk", token="2")
    answers = took.take([offer(1, SENDER._replace(token="1")), offer(2, desk), offer(3), offer(4, desk)])
    assert [answer.status for answer in answers] == [200, 401, 200, 401]
    assert loads(answers[1].body)["error"]["code"] == "unknown"
    assert (ledger.commits, keys(ledger)) == (1, [("Ada's laptop", 2)])
    assert [row[0] for row in ledger.ask("machines")] == ["laptop"]
    # Nobody is asked about without a token.
    assert sorted(set(asked)) == ["1", "2"]


def test_who_may_send_is_asked_when_nobody_else_can_write(tmp_path: Path) -> None:
    path = str(tmp_path / "ledger.db")
    with closing(SqliteLedger(path, write=True)) as ledger, closing(sqlite3.connect(path, timeout=0)) as other:
        locked: list[str] = []

        def still(_: str) -> bool:
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("BEGIN IMMEDIATE")
            locked.append("was")
            return False

        took = Taking(ledger, KINDS, lambda: NOW, print, still)
        (answer,) = took.take([offer(1, SENDER._replace(token="1"))])
        assert (answer.status, locked) == (401, ["was"])
        assert ledger.ask("machines") == ledger.ask("contexts") == []
        # Nothing is held any more.
        other.execute("BEGIN IMMEDIATE")


def test_a_reader_that_fails_is_told_without_what_it_read() -> None:
    def fails(body: bytes, *_: object) -> Taken:
        raise KeyError(body.decode())

    log: list[str] = []
    took = Taking(MemoryLedger(), {"odd": fails}, lambda: NOW, log.append)
    (answer,) = took.take([Offer("odd", SENDER, b"a secret")])
    assert answer.status == 400
    assert log == ["A push of 'laptop' (odd) was not understood: KeyError."]


def test_a_bomb_is_not_unpacked() -> None:
    with pytest.raises(Unacceptable) as told:
        inflated(gzip.compress(bytes(INFLATED_MOST + 1), 9))
    assert told.value.status == 413
    assert inflated(gzip.compress(b"x" * 1000)) == b"x" * 1000


def test_a_problem_has_the_form_of_all_problems() -> None:
    assert loads(problem(503, "busy", "Later.", 2).body) == {"error": {"code": "busy", "message": "Later."}}


def test_what_was_answered_is_in_the_file(tmp_path: Path) -> None:
    path = str(tmp_path / "ledger.db")
    with closing(SqliteLedger(path, write=True)) as ledger:
        took, _ = taking(ledger)
        assert took.take([offer(1)])[0].status == 200
        with closing(SqliteLedger(path)) as other:
            assert other.ask("machines") == ledger.ask("machines") != []
