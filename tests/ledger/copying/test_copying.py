"""Copies: whatever a ledger was told, another one answers the same once it was copied, however often the copy broke off."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ledger.engines import ENGINES
from tests.ledger.sample import COPY, EVER, LATER, LOG, MAIN, View, batch, decoded, reading, usage
from tests.ledger.worlds import deliveries, worlds

from tallystick.ledger.copying.comparing import Progress, compare
from tallystick.ledger.copying.copying import Outcome, copy
from tallystick.ledger.copying.notes import Notes
from tallystick.ledger.ledger import Arrival, Batch, Ledger, Row
from tallystick.ledger.memory import MemoryLedger
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.usage.event import HIDDEN
from tallystick.usage.tokens import Tokens

DAY = 86_400_000
WIRE = LOG._replace(path="/home/dev/w", witness="wire")
PUSHED = LOG._replace(path="push:laptop:/home/dev/a.jsonl", inode=0, size=0, state=b"{}")
RUN = MAIN._replace(session="run-1")


def made(path: Path, batches: list[Batch], arrivals: list[Arrival] | None = None) -> SqliteLedger:
    """Return a ledger that was told something."""
    ledger = SqliteLedger(str(path), write=True)
    for each in batches:
        ledger.add([each], arrivals or [])
    return ledger


def everything() -> list[Batch]:
    """Return batches in which something of every kind is told, over three days."""
    views = [
        View(1, 11, 3_000, work_ms=900, searches=1, fetches=2, cost_nano=7, place=9),
        View(2, 0, DAY + 5, tokens=Tokens(10, 20, 30, 40, 50, 6), grade=2),
        View(3, 5, 2 * DAY + 1, tokens=Tokens(200_000, 1, 0, 0, 3), context=MAIN._replace(agent="a", project="")),
        View(3, 6, 2 * DAY + 2, context=MAIN._replace(project=HIDDEN, session="s9")),
    ]
    more: dict[str, Any] = {
        "calls": [(71, 1, "Read", 2_000, 2_500, True), (72, 99, "Bash", DAY, 0, False)],
        "titles": [("s1", "Rework the checkout", 4_000)],
        "limits": [("anthropic", "five_hour", 300, 12.5, DAY, 3_000, "max", "ab")],
        "tags": [("claude-code", "s1", "ticket", "X-1"), ("claude-code", "run-1", "ticket", "X-2")],
        "skipped": [(17, "not JSON"), (-1, "40")],
        "prompts": [(4, 100, MAIN, 3)],
    }
    copied = batch(LATER, [View(1, 11, 3_000, context=COPY, copied=True, place=4)], prompts=[(4, 100, COPY, 8)])
    wire = batch(WIRE, [View(1, 11, 3_100, context=RUN, work_ms=950, place=2), View(50, tokens=Tokens(), place=1)])
    counted = MAIN._replace(session="s3")
    readings = [
        reading(DAY + 9, Tokens(500), since=5, requests=3, cost_nano=4, context=counted),
        reading(2 * DAY, Tokens(900), context=counted),
    ]
    pushed = batch(PUSHED, [View(8, time=2 * DAY + 7, context=MAIN._replace(machine="laptop"))])
    newer = batch(LOG)._replace(newer=[("events", "1", "mood", '"good"')], renamed=[("machine", "box", "bench")])
    return [batch(LOG, views, fresh=True, readings=readings, **more), copied, wire, pushed, newer]


ARRIVALS = [
    Arrival("laptop", "Laptop", "ada", 1_000, "tally", "0.1", 5, 40, ""),
    Arrival("laptop", "Laptop", "ada", 9_000, "tally", "0.2", 5, 40, "its disk is full"),
]


@pytest.fixture
def source(tmp_path: Path) -> Iterator[SqliteLedger]:
    """Return a ledger with something of every kind."""
    with closing(made(tmp_path / "from.db", everything(), ARRIVALS)) as ledger:
        yield ledger


@pytest.fixture
def target(tmp_path: Path) -> Iterator[SqliteLedger]:
    """Return an empty ledger."""
    with closing(made(tmp_path / "to.db", [])) as ledger:
        yield ledger


def copied(source: Ledger, target: Ledger, notes: Path) -> Outcome:
    """Copy, and see to it that the outcome is what another look finds."""
    outcome = copy(source, target, Notes(str(notes)))
    assert (not list(compare(source, target))) == (not outcome.differences)
    return outcome


def whole(ledger: Ledger) -> dict[str, list[Any]]:
    """Return all answers, and what is told besides."""
    told = {name: ledger.ask(name) for name in ("machines", "newer", "all_renamed")}
    return {**decoded(ledger), **told}


def test_all_answers_are_the_same_afterwards(source: SqliteLedger, target: SqliteLedger, tmp_path: Path) -> None:
    before = whole(source)
    assert all(before.values()), [name for name, rows in before.items() if not rows]
    outcome = copied(source, target, tmp_path / "notes")
    assert (outcome.days, outcome.differences, outcome.changed) == (3, [], 0)
    assert whole(target) == before == whole(source)
    assert target.ask("source", path=LOG.path) == [tuple(LOG)]
    assert target.ask("machines") == [
        ("laptop", "Laptop", "ada", 1_000, 9_000, "tally", "0.2", 5, 40, "its disk is full")
    ]


def test_and_back_through_memory(source: SqliteLedger, target: SqliteLedger, tmp_path: Path) -> None:
    memory = MemoryLedger()
    assert copied(source, memory, tmp_path / "one").differences == []
    assert whole(memory) == whole(source)
    assert copied(memory, target, tmp_path / "two").differences == []
    assert whole(target) == whole(source)


@pytest.mark.skipif("clickhouse" not in ENGINES, reason="ClickHouse's engine is not installed (make engine)")
def test_to_servers_and_back(source: SqliteLedger, target: SqliteLedger, tmp_path: Path) -> None:
    with closing(ENGINES["clickhouse"]()) as servers:
        assert copy(source, servers, Notes(str(tmp_path / "one"))).differences == []
        assert whole(servers) == whole(source)
        assert copy(servers, target, Notes(str(tmp_path / "two"))).differences == []
        assert whole(target) == whole(source)


def test_what_was_withdrawn_counts_in_the_copy_neither(
    source: SqliteLedger, target: SqliteLedger, tmp_path: Path
) -> None:
    copied(source, target, tmp_path / "notes")
    before = usage(target)
    target.add([batch(LOG, [View(50, tokens=Tokens(1_000))])])
    assert usage(target) == before


def test_names_that_were_given_others_hold_for_whoever_comes_to_the_copy(
    source: SqliteLedger, target: SqliteLedger, tmp_path: Path
) -> None:
    copied(source, target, tmp_path / "notes")
    target.add([batch(LOG, [View(60, time=4_000, context=MAIN._replace(session="new"))])])
    assert {row[7] for row in target.ask("contexts") if row[2] == "new"} == {"bench"}
    # What is copied once more bears the name that it bore.
    source.add([batch(LOG, [View(61, time=4_001, context=MAIN._replace(session="old"))])._replace(renamed=[])])
    copy(source, target, Notes(str(tmp_path / "notes")))
    assert {row[7] for row in target.ask("contexts") if row[2] == "old"} == {"box"}


def test_a_second_copy_brings_what_has_come_since_and_looks_at_nothing_else(
    source: SqliteLedger, target: SqliteLedger, tmp_path: Path
) -> None:
    copied(source, target, tmp_path / "notes")
    source.add([batch(LOG._replace(offset=2_000), [View(190, time=DAY + 8)])])
    seen: list[Progress] = []
    outcome = copy(source, target, Notes(str(tmp_path / "notes")), seen.append)
    assert (outcome.events, outcome.differences) == (1, [])
    # Of three days one was looked at, which has two events and one that its reading stands for.
    assert {progress.days_all for progress in seen} == {1}
    assert max(progress.events for progress in seen) == 3
    assert whole(target) == whole(source)
    assert copy(source, target, Notes(str(tmp_path / "notes")), seen.clear).events == 0  # type: ignore[arg-type]


def test_what_the_target_has_of_its_own_stays(source: SqliteLedger, target: SqliteLedger, tmp_path: Path) -> None:
    target.add([batch(LATER._replace(path="/home/dev/own"), [View(70, time=DAY + 3), View(71, time=40 * DAY)])])
    outcome = copied(source, target, tmp_path / "notes")
    assert outcome.whole
    assert [(each.day, each.what, each.laid.lacking, each.laid.beyond) for each in outcome.differences] == [
        (1, "events", 0, 1),
        (40, "events", 0, 1),
        (None, "sources", 0, 1),
    ]
    assert len(target.ask("events", **EVER)) == len(source.ask("events", **EVER)) + 2


class BreaksOff(Exception):
    """What a copy is cut off by."""


class Fragile:
    """A ledger that takes so many additions and no more."""

    def __init__(self, ledger: Ledger, most: int) -> None:
        self._ledger, self._left = ledger, most
        self.ask, self.snapshot, self.close = ledger.ask, ledger.snapshot, ledger.close

    def add(self, batches: Any, arrivals: Any = ()) -> Any:  # noqa: ANN401  handed on
        """Take batches in, or break off."""
        self._left -= 1
        if self._left < 0:
            raise BreaksOff
        return self._ledger.add(batches, arrivals)


def test_cut_off_anywhere_it_goes_on_and_ends_whole(source: SqliteLedger, tmp_path: Path) -> None:
    cuts = 0
    for most in range(40):
        with closing(made(tmp_path / f"{most}.db", [])) as target:
            notes = tmp_path / f"{most}.notes"
            try:
                copy(source, Fragile(target, most), Notes(str(notes)))
            except BreaksOff:
                cuts += 1
            else:
                break
            # Whoever follows a source of half a copy reads it from its beginning.
            left = [target.ask("source", path=path)[0] for path, *_ in target.ask("marks")]
            assert {(row[6], row[8]) for row in left} <= {(0, b"")}
            assert copied(source, target, notes).differences == []
            assert whole(target) == whole(source)
    assert cuts > 8


def test_what_comes_while_it_copies_is_there_in_the_end(
    source: SqliteLedger, target: SqliteLedger, tmp_path: Path
) -> None:
    came = iter([View(200 + number, time=number * DAY + 50) for number in range(3)])

    def tell(_: Progress) -> None:
        view = next(came, None)
        if view is not None:
            with closing(SqliteLedger(source.path, write=True)) as pusher:
                pusher.add([batch(PUSHED, [view])])

    outcome = copy(source, target, Notes(str(tmp_path / "notes")), tell)
    assert next(came, None) is None
    assert (outcome.differences, outcome.changed) == ([], 0)
    assert whole(target) == whole(source)


def test_what_comes_after_the_moment_that_is_copied_is_told(
    source: SqliteLedger, target: SqliteLedger, tmp_path: Path
) -> None:
    def finishing(asking: Callable[[], Any]) -> Any:  # noqa: ANN401  whatever is asked
        found = SqliteLedger.snapshot(source, asking)
        source.add([batch(PUSHED, [View(101, time=2 * DAY + 60)])])
        return found

    source.snapshot = finishing  # type: ignore[method-assign]
    outcome = copy(source, target, Notes(str(tmp_path / "notes")))
    assert (outcome.differences, outcome.changed) == ([], 1)
    assert copy(source, target, Notes(str(tmp_path / "notes"))).events == 1


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_any_world_answers_the_same_when_it_was_copied(data: st.DataObject) -> None:
    world = data.draw(worlds())
    transactions: list[list[Batch]] = data.draw(deliveries(world))
    with (
        closing(SqliteLedger(":memory:", write=True)) as source,
        closing(SqliteLedger(":memory:", write=True)) as target,
    ):
        for each in transactions:
            source.add(each)
        memory = MemoryLedger()
        assert copy(source, target, Nowhere()).differences == []
        assert decoded(target) == decoded(source)
        assert copy(target, memory, Nowhere()).differences == []
        assert decoded(memory) == decoded(source)


class Nowhere(Notes):
    """Notes that no file keeps."""

    def __init__(self) -> None:
        super().__init__("")

    def write(self) -> None:
        """Write nothing."""


def test_rows_of_one_moment_are_never_divided(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Portions of three rows, of which five share a moment.
    monkeypatch.setattr("tallystick.ledger.copying.pages.pages.__defaults__", (3,))
    views = [View(number, time=5_000 + (number > 5) * number) for number in range(1, 20)]
    calls: list[Row] = [(number, 1, "Read", 1, 2, False) for number in range(20)]
    source, target = made(tmp_path / "a.db", [batch(LOG, views, calls=calls)]), made(tmp_path / "b.db", [])
    with closing(source), closing(target):
        assert copy(source, target, Notes(str(tmp_path / "notes"))).differences == []
        assert len(target.ask("events", **EVER)) == 19
        assert decoded(target) == decoded(source)
