"""Sending for a house: what fared how is recorded and told, and whatever changes around it, nothing is left behind."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import time_ns

import pytest
from tests.cli.running import until
from tests.cli.stage import Stage
from tests.cli.test_push import events, pair
from tests.intake.push.served import Reply, Server, receipt, served, timeless

from tallystick.cli import entrance, sending
from tallystick.cli.sending import Sending
from tallystick.house import House
from tallystick.intake.push import record
from tallystick.intake.push.pairing import Pairing, write
from tallystick.intake.push.record import Record


class Running:
    """A thread that sends what comes, and what it tells."""

    def __init__(self, opened: House) -> None:
        self.told: list[str] = []
        self.stop = threading.Event()
        self.sending = Sending(opened, entrance.settings(), self.told.append, self.stop)
        self.thread = threading.Thread(target=lambda: self.sending.follow(patient=True))


@contextmanager
def following(stage: Stage) -> Iterator[Running]:
    """Send what comes until the end of the block."""
    del stage
    opened = entrance.house(entrance.settings())
    running = Running(opened)
    running.thread.start()
    try:
        yield running
    finally:
        running.stop.set()
        running.thread.join()
        opened.close()


def kept(stage: Stage) -> Record:
    """Return what is recorded."""
    return record.read(str(stage.home / "data" / "push.record.json"))


def seen(server: Server) -> int:
    """Return how many events came."""
    return sum(events(request.told) for request in list(server.requests))


@pytest.fixture
def ready(stage: Stage) -> Stage:
    """Return a stage whose ledger knows an answer."""
    stage.answers(1)
    stage.tally("daily")
    return stage


def test_success_and_fault_are_recorded(ready: Stage) -> None:
    with served(Reply(500)) as server:
        pair(ready, server)
        with following(ready) as running:
            assert until(lambda: kept(ready).fault == "The server answers with 500." or "500" in kept(ready).fault)
            assert kept(ready).success == 0
            assert kept(ready).failed > 0
            server.script = [receipt(time=time_ns() // 1_000_000)]
            assert until(lambda: kept(ready).fault == "")
            assert kept(ready).success >= kept(ready).failed
    assert running.told == [f"{server.url} answers with 500.", ""]


def test_a_clock_that_is_off_is_told_and_recorded(ready: Stage) -> None:
    with served(receipt(time=time_ns() // 1_000_000 - 600_000)) as server:
        pair(ready, server)
        with following(ready) as running:
            assert until(lambda: kept(ready).skew_ms > 0)
            assert until(lambda: running.told != [])
    assert running.told[0].startswith("The clock of this machine is 10 min ahead of the server's")
    assert 595_000 < kept(ready).skew_ms < 660_000


def test_a_ledger_that_is_made_anew_is_sent_again(ready: Stage) -> None:
    with served(timeless()) as server:
        pair(ready, server)
        with following(ready):
            assert until(lambda: seen(server) == 1)
            for name in ("ledger.db", "ledger.db-wal", "ledger.db-shm"):
                (ready.home / "data" / name).unlink(missing_ok=True)
            ready.answers(2, model="claude-sonnet-4-5")
            ready.tally("daily")
            assert until(lambda: seen(server) == 1 + 3)


def test_who_pairs_with_another_server_tells_it_everything(ready: Stage) -> None:
    with served(Reply(401)) as one, served(timeless()) as other:
        pair(ready, one)
        with following(ready):
            assert until(lambda: len(one.requests) == 1)
            pair(ready, other)
            assert until(lambda: seen(other) == 1)
    assert len(one.requests) == 1


def test_who_joins_again_meanwhile_sends_everything_again(ready: Stage) -> None:
    with served(timeless()) as server:
        pair(ready, server)
        with following(ready) as running:
            assert until(lambda: seen(server) == 1)
            write(str(ready.home / "data" / "push.json"), Pairing(server.url, "tally_i_2", "laptop", "ann"))
            entrance.house(entrance.settings()).forget_outbox()
            assert until(lambda: seen(server) == 2)
            assert running.told == []
    assert server.requests[1].headers["Authorization"] == "Bearer tally_i_2"
    assert kept(ready).fault == ""


def test_who_comes_second_waits_for_the_first(ready: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "_WAIT_FOR_OTHER_S", 0.1)
    with served(timeless()) as server:
        pair(ready, server)
        with following(ready) as first:
            assert until(lambda: seen(server) == 1)
            with following(ready) as second:
                first.stop.set()
                first.thread.join()
                ready.answers(2, model="claude-sonnet-4-5")
                ready.tally("daily")
                assert until(lambda: seen(server) == 3)
                assert second.told == []


def test_a_machine_that_is_not_paired_any_more_is_told_of(ready: Stage) -> None:
    with following(ready) as running:
        assert until(lambda: running.told != [])
    assert "tally join" in running.told[0]
    shutil.rmtree(ready.home / "data")
