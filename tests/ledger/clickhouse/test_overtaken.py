"""Several nodes on one ledger: in whatever order they add, and wherever one of them is paused, it is one ledger in the end."""

from collections.abc import Iterable
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from tests.ledger.clickhouse.nodes import LEASE_MS, nodes
from tests.ledger.engines import OfTests
from tests.ledger.sample import COPY, LATER, LOG, MAIN, View, batch, decoded, reading, usage
from tests.ledger.worlds import SLOT

from tallystick.errors import Unavailable
from tallystick.ledger.clickhouse import engine, steady
from tallystick.ledger.clickhouse.engine import ClickhouseLedger
from tallystick.ledger.clickhouse.telling import Known, Telling
from tallystick.ledger.ledger import Batch
from tallystick.ledger.memory import MemoryLedger
from tallystick.usage.tokens import Tokens

THIRD = LOG._replace(path="/home/dev/c.jsonl", inode=13, mtime=4_000_000_000)
FIRST = batch(
    LOG,
    [View(1, time=5, grade=1, tokens=Tokens(7)), View(2, time=5), View(4, time=5)],
    prompts=[(4, 5, MAIN, 0)],
    calls=[(5, 1, "Read", 5, 9, False)],
)
# The event moves, its prompt turns out to be in two sources, a new event comes, and what a counter tells.
SECOND = batch(
    LATER,
    [
        View(1, time=3 * SLOT, context=COPY, tokens=Tokens(8)),
        View(3, time=9 * SLOT),
        View(4, time=SLOT, tokens=Tokens(9)),
    ],
    prompts=[(4, 5, COPY, 0)],
    readings=[reading(9 * SLOT, Tokens(90), meter=91)],
)
# It moves elsewhere; another one goes back to where it was.
LAST = batch(
    THIRD,
    [View(1, time=7 * SLOT, tokens=Tokens(80)), View(3, time=9 * SLOT, replay=True), View(4, time=5, tokens=Tokens(99))],
    prompts=[(4, 5, MAIN, 0)],
)  # fmt: skip


def straight(*batches: Batch) -> dict[str, list[Any]]:
    """Return what a ledger answers to which batches came one after the other."""
    memory = MemoryLedger()
    for each in batches:
        memory.add([each])
    return decoded(memory)


def seen(node: ClickhouseLedger) -> dict[str, list[Any]]:
    """Return what a node answers, of one moment."""
    return node.snapshot(lambda: decoded(node))


def test_what_one_node_acknowledged_the_next_question_on_any_node_knows(ledger: OfTests, tmp_path: Path) -> None:
    with nodes(ledger, tmp_path) as made:
        one, other = made.node(), made.node()
        for number, node in enumerate((one, other, one, other)):
            node.add([batch(LOG, [View(number)])])
            assert [usage(each)[0][3] for each in (one, other)] == [number + 1, number + 1]


def test_nodes_that_add_at_once_make_one_ledger(ledger: OfTests, tmp_path: Path) -> None:
    batches = [FIRST, SECOND, LAST, batch(LATER, [View(2, time=5, tokens=Tokens(6)), View(6, time=2 * SLOT)])]
    failed: list[Exception] = []

    def add(node: ClickhouseLedger, every: Iterable[Batch]) -> None:
        try:
            for each in every:
                node.add([each])
        except Exception as error:  # noqa: BLE001 - told in the thread of the test
            failed.append(error)

    with nodes(ledger, tmp_path) as made:
        one, other = made.node(), made.node()
        threads = [
            Thread(target=add, args=(one, batches)),
            Thread(target=add, args=(one, batches[1:])),
            Thread(target=add, args=(other, batches[::-1])),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failed == []
        assert seen(one) == seen(other) == straight(*batches)


@pytest.mark.parametrize(
    "paused",
    ["events", "settled", "rounds", "INSERT INTO usage"],
)
def test_a_holder_that_was_paused_harms_nothing(
    ledger: OfTests, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, paused: str
) -> None:
    with nodes(ledger, tmp_path) as made:
        one, other = made.node(), made.node()
        one.add([FIRST])
        once = iter([True])

        def pause() -> None:
            if any(once):
                made.later(LEASE_MS + 1)
                other.add([LAST])
                assert usage(other)

        put, do = one.server.put, one.server.do

        def later_put(table: str, rows: Any) -> None:  # noqa: ANN401 - rows of any table
            if table == paused and rows:
                pause()
            put(table, rows)

        def later_do(text: str) -> None:
            if text.startswith(paused):
                pause()
            do(text)

        monkeypatch.setattr(one.server, "put", later_put)
        monkeypatch.setattr(one.server, "do", later_do)
        one.add([SECOND])
        assert next(once, None) is None
        assert seen(one) == seen(other) == straight(FIRST, SECOND, LAST)


def test_what_a_dead_node_left_is_settled_when_its_turn_is_over(
    ledger: OfTests, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with nodes(ledger, tmp_path) as made:
        one, other = made.node(), made.node()
        one.add([FIRST])

        def dies(*_: object) -> None:
            raise OSError("no power")

        monkeypatch.setattr("tallystick.ledger.clickhouse.settling.sum_anew", dies)
        monkeypatch.setattr(one._settler._turn, "end", lambda: None)
        with pytest.raises(OSError, match="power"):
            one.add([SECOND])
        monkeypatch.undo()
        for module in (engine, steady):
            monkeypatch.setattr(module, "PATIENCE_S", 0.1)
        # Nobody is shown what is half settled, nor told that it was taken in.
        with pytest.raises(Unavailable, match="settled by another"):
            other.ask("skipped_total")
        with pytest.raises(Unavailable, match="settled by another"):
            other.add([LAST])
        made.later(LEASE_MS + 1)
        assert seen(other) == straight(FIRST, SECOND, LAST)


def test_a_question_does_not_see_a_round_half_done(ledger: OfTests, tmp_path: Path) -> None:
    with nodes(ledger, tmp_path) as made:
        one, other = made.node(), made.node()
        one.add([FIRST])
        asked: list[int] = []

        def asking() -> tuple[int, int]:
            first = usage(other)[0][3]
            asked.append(first)
            if len(asked) < 3:
                one.add([batch(LOG, [View(100 + len(asked), time=5)])])
            return first, usage(other)[0][3]

        first, second = other.snapshot(asking)
        assert first == second
        assert asked == [3, 4, 5]


def test_what_was_told_by_somebody_who_died_is_settled_with_what_comes(ledger: OfTests, tmp_path: Path) -> None:
    with nodes(ledger, tmp_path) as made:
        one, other = made.node(), made.node()
        Telling(one.server, Known.of(one.server), iter(range(10, 99)).__next__).tell([FIRST], ())
        assert usage(other) == []
        other.add([SECOND])
        assert seen(one) == straight(FIRST, SECOND)
