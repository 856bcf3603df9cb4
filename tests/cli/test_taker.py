"""The taker before real processes: answers after the commit, and what happens when the process dies or is slow."""

import asyncio
import gzip
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from json import loads
from pathlib import Path

import pytest
from tests.intake.push.test_arrival import NOW, SENDER, WHOLE

from tallystick.cli.taker import COMMAND, Taker
from tallystick.intake.push.envelope import Client, encoded, envelope
from tallystick.intake.push.kind import Sender
from tallystick.intake.push.taking import Offer
from tallystick.ledger.sqlite.engine import SqliteLedger


def offer(key: int, machine: str = "laptop") -> Offer:
    """Return the offer of one event."""
    batch = WHOLE._replace(events=[(key, *WHOLE.events[0][1:])], readings=[], calls=[])
    body = gzip.compress(encoded(envelope([batch], Client("tally", "0.1"), NOW)))
    return Offer("push", Sender(machine, machine), body, gzip=True)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a home of its own, in which the process will find itself."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TALLY_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("TALLY_CONFIG", raising=False)
    return tmp_path


def with_taker(work: Callable[[Taker], Awaitable[None]], command: tuple[str, ...] = COMMAND) -> list[str]:
    """Do some work with a taker, which has ended afterwards; return what it logged."""
    log: list[str] = []

    async def done() -> None:
        taker = Taker(log.append, command)
        try:
            async with asyncio.timeout(30):
                await work(taker)
        finally:
            await taker.end()

    asyncio.run(done())
    return log


def stored(home: Path) -> list[int]:
    """Return the keys of the events that are in the ledger."""
    ledger = SqliteLedger(str(home / "data" / "ledger.db"))
    found = [row[0] for row in ledger.connection.execute("SELECT key FROM events ORDER BY key")]
    ledger.close()
    return found


def test_what_is_answered_is_stored(home: Path) -> None:
    async def work(taker: Taker) -> None:
        first = await taker.offer(offer(1))
        assert (first.status, loads(first.body)["accepted"]) == (200, 7)
        assert stored(home) == [1]
        many = await asyncio.gather(*(taker.offer(offer(key, f"m{key % 5}")) for key in range(2, 60)))
        assert {answer.status for answer in many} == {200}
        assert stored(home) == list(range(1, 60))
        wrong = await taker.offer(Offer("push", SENDER, b"{", gzip=False))
        assert wrong.status == 400

    assert with_taker(work) == []


def test_one_that_is_killed_is_started_again_and_nothing_that_was_answered_is_lost(home: Path) -> None:
    async def work(taker: Taker) -> None:
        assert (await taker.offer(offer(1))).status == 200
        process = taker._process
        assert process is not None
        sent = [asyncio.ensure_future(taker.offer(offer(key))) for key in range(2, 30)]
        await asyncio.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
        answers = await asyncio.gather(*sent)
        assert {answer.status for answer in answers} <= {200, 503}
        sure = {key for key, answer in zip(range(2, 30), answers, strict=True) if answer.status == 200}
        await process.wait()
        assert (await taker.offer(offer(99))).status == 200
        assert {1, 99, *sure} <= set(stored(home))

    log = with_taker(work)
    assert log == ["What takes pushes in has ended (-9); the next push starts it again."]


SLOW = "import sys, time\nsys.stdin.buffer.read(1)\nprint('odd', file=sys.stderr, flush=True)\ntime.sleep(60)\n"


def test_when_too_much_waits_one_is_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tallystick.cli.taker._WAITING_MOST", 2)
    monkeypatch.setattr("tallystick.cli.taker._TO_END_S", 0.2)

    async def work(taker: Taker) -> None:
        waiting = [asyncio.ensure_future(taker.offer(offer(key, f"m{key}"))) for key in (1, 2)]
        await asyncio.sleep(0.3)
        answer = await taker.offer(offer(3))
        assert (answer.status, answer.again) == (503, 2)
        assert loads(answer.body)["error"]["code"] == "busy"
        await taker.end()
        # Nobody waits for ever for a process that is gone.
        assert [(await each).status for each in waiting] == [503, 503]

    assert with_taker(work, (sys.executable, "-c", SLOW)) == ["odd"]


def test_one_machine_leaves_room_for_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tallystick.cli.taker._OF_ONE_MOST", 2)
    monkeypatch.setattr("tallystick.cli.taker._TO_END_S", 0.2)

    async def work(taker: Taker) -> None:
        waiting = [asyncio.ensure_future(taker.offer(offer(key))) for key in (1, 2)]
        await asyncio.sleep(0.3)
        assert (await taker.offer(offer(3))).status == 429
        waiting.append(asyncio.ensure_future(taker.offer(offer(4, "desk"))))
        await asyncio.sleep(0.1)
        assert not waiting[2].done()
        await taker.end()
        assert [(await each).status for each in waiting] == [503] * 3

    with_taker(work, (sys.executable, "-c", SLOW))


def test_one_that_answers_nonsense_leaves_nobody_waiting() -> None:
    odd = "import sys, time\nsys.stdin.buffer.read(1)\nsys.stdout.buffer.write(b'x' * 100)\nsys.stdout.flush()\ntime.sleep(60)\n"

    async def work(taker: Taker) -> None:
        assert (await taker.offer(offer(1))).status == 503

    log = with_taker(work, (sys.executable, "-c", odd))
    assert log


def test_one_that_cannot_be_started_is_told() -> None:
    async def work(taker: Taker) -> None:
        assert (await taker.offer(offer(1))).status == 503

    (text,) = with_taker(work, ("/nonexistent/python",))
    assert text == "What takes pushes in cannot be started (no such file or directory)."


def test_after_its_end_nothing_is_taken(home: Path) -> None:
    async def work(taker: Taker) -> None:
        await taker.end()
        assert (await taker.offer(offer(1))).status == 503
        assert not (home / "data").exists()

    assert with_taker(work) == []
