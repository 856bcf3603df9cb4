"""The process that takes pushes in: what waits is taken together, in order, until the input ends."""

import threading
from io import BytesIO

import pytest
from tests.cli.test_taker import offer
from tests.intake.push.test_arrival import NOW

from tallystick.cli import take_in
from tallystick.intake.push.frames import HEAD_BYTES, answer, offered, sizes
from tallystick.intake.push.kinds import KINDS
from tallystick.intake.push.taking import Answer, Offer, Taking
from tallystick.ledger.memory import MemoryLedger


def answers_in(data: bytes) -> list[tuple[int, Answer]]:
    """Return the answers that were written."""
    pipe, found = BytesIO(data), []
    while start := pipe.read(HEAD_BYTES):
        number, head, body = sizes(start)
        found.append((number, answer(pipe.read(head), pipe.read(body))))
    return found


def test_each_offer_is_answered_under_its_number_until_there_are_no_more() -> None:
    source = BytesIO(b"".join(offered(number, offer(number)) for number in (7, 3, 9)))
    ledger, written = MemoryLedger(), bytearray()
    take_in.serve(Taking(ledger, KINDS, lambda: NOW, print), source, written.extend)
    assert [(number, told.status) for number, told in answers_in(bytes(written))] == [(7, 200), (3, 200), (9, 200)]
    assert sum(row[5] for row in ledger.ask("usage_by_context", since=0, until=1 << 40)) == 3


def queued(offers: list[Offer]) -> take_in.Queue:
    """Return a queue that was filled to its end."""
    queue = take_in.Queue()
    pipe = BytesIO(b"".join(offered(number, each) for number, each in enumerate(offers)))
    filling = threading.Thread(target=queue.fill, args=(pipe.read,), daemon=True)
    filling.start()
    return queue


def taken(queue: take_in.Queue) -> list[list[int]]:
    """Return the numbers that are taken at once, again and again."""
    found = []
    while part := queue.take():
        found.append([number for number, _ in part])
    return found


@pytest.mark.parametrize("name, most, fits", [("_AT_ONCE", 2, 2), ("_AT_ONCE_BYTES", 2, 1)])
def test_one_transaction_takes_no_more_than_others_can_wait_for(
    monkeypatch: pytest.MonkeyPatch, name: str, most: int, fits: int
) -> None:
    monkeypatch.setattr(take_in, name, most)
    parts = taken(queued([offer(key) for key in range(5)]))
    assert [number for part in parts for number in part] == [0, 1, 2, 3, 4]
    assert max(map(len, parts)) <= fits


def test_no_more_is_read_than_may_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(take_in, "_WAITING_BYTES", 1)
    read: list[int] = []
    data = BytesIO(b"".join(offered(number, offer(number)) for number in range(6)))
    more = threading.Event()

    def reading(size: int) -> bytes:
        read.append(size)
        if len(read) > 3 * 2:
            more.set()
        return data.read(size)

    queue = take_in.Queue()
    threading.Thread(target=queue.fill, args=(reading,), daemon=True).start()
    # One waits, a second one is held until there is room: no third is read.
    assert not more.wait(0.2)
    assert taken(queue) == [[0], [1], [2], [3], [4], [5]]
    assert more.is_set()
