"""What stands beside events: every row is told the same in every ledger, and can be handed to another one."""

from contextlib import closing
from typing import Any

import pytest
from tests.ledger.sample import COPY, LATER, LOG, MAIN, View, batch, reading

from tallystick.ledger.copying.events import Side
from tallystick.ledger.copying.tables import TABLES, batches
from tallystick.ledger.ledger import Arrival, Batch, Ledger
from tallystick.ledger.memory import MemoryLedger
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.usage.tokens import Tokens

DAY = 86_400_000
EVERY_TABLE = pytest.mark.parametrize("name", [table.name for table in TABLES])
WIRE = LOG._replace(path="/home/dev/w", witness="wire")
LAPTOP = Arrival("laptop", "Laptop", "ada", 1_000)


def told(ledger: Ledger, *changes: str) -> Ledger:
    """Return a ledger that was told one thing for each table, some of them changed."""

    def of[T](name: str, first: T, other: T) -> T:
        return other if name in changes else first

    more: dict[str, Any] = {
        "prompts": [(4, DAY + 1, of("prompts", MAIN, COPY), 3)],
        "calls": [(71, 1, "Read", DAY, of("uses of tools", DAY + 5, DAY + 6), False)],
        "limits": [("anthropic", "five_hour", 300, of("samples of limits", 12.5, 13.0), 0, DAY, "max", "ab")],
        "titles": [("s1", of("titles", "one", "two"), 4)],
        "tags": [("codex", "s1", "ticket", of("tags", "X-1", "X-2"))],
        "skipped": [(17, "not JSON"), (-1, of("sources", "40", "41"))],
    }
    stood = [reading(DAY, Tokens(of("readings of counters", 500, 501)))]
    newer = [("events", "1", "mood", of("fields of newer senders", '"good"', '"bad"'))]
    named = [("machine", "old", of("renamed names", "new", "newer"))]
    views = [View(1), View(2, context=COPY)]
    context = of("contexts", [], [MAIN._replace(agent="other")])
    variant = of("variants", [], [batch(LOG, views).variants[0]._replace(tier="flex")])
    first = batch(LOG, views, fresh=True, readings=stood, **more)
    beside = Batch(LATER, False, context, variant, [], [], [], [], [], [], newer=newer, renamed=named)  # noqa: FBT003  a row
    gone = batch(WIRE, [View(of("withdrawn events", 50, 51), tokens=Tokens())])
    ledger.add([first, beside, gone], [LAPTOP, LAPTOP._replace(time=2_000, trouble=of("machines", "", "full"))])
    return ledger


@EVERY_TABLE
def test_each_row_is_told_the_same_by_every_engine(name: str) -> None:
    (table,) = (table for table in TABLES if table.name == name)
    with closing(SqliteLedger(":memory:", write=True)) as file:
        one = {(row.day, row.digest) for row in table.read(Side(told(file)))}
    other = {(row.day, row.digest) for row in table.read(Side(told(MemoryLedger())))}
    assert one == other
    assert one


@EVERY_TABLE
def test_what_is_told_otherwise_is_seen_in_its_table_and_in_no_other(name: str) -> None:
    one, other = Side(told(MemoryLedger())), Side(told(MemoryLedger(), name))
    changed = [
        table.name
        for table in TABLES
        if {row.digest for row in table.read(one)} != {row.digest for row in table.read(other)}
    ]
    assert changed == [name]


@EVERY_TABLE
def test_what_is_handed_over_is_there_afterwards(name: str) -> None:
    (table,) = (table for table in TABLES if table.name == name)
    source = Side(told(MemoryLedger()))
    with closing(SqliteLedger(":memory:", write=True)) as target:
        target.add(*batches(table, table.read(source), source))
        assert {row[:2] for row in table.read(Side(target))} >= {row[:2] for row in table.read(source)}
        # Doing it again changes nothing.
        before = sorted(row[:2] for row in table.read(Side(target)))
        target.add(*batches(table, table.read(source), source))
        assert sorted(row[:2] for row in table.read(Side(target))) == before


def test_days_are_those_of_what_is_told() -> None:
    side = Side(told(MemoryLedger()))
    dated = {table.name: {row.day for row in table.read(side)} for table in TABLES}
    of_a_day = {"readings of counters", "prompts", "uses of tools", "samples of limits"}
    assert {name for name, days in dated.items() if days == {1}} == of_a_day
    assert {name for name, days in dated.items() if days == {None}} == set(dated) - of_a_day


def test_a_machine_that_came_once_is_told_once_and_one_that_came_again_with_when_it_came_first() -> None:
    (table,) = (table for table in TABLES if table.name == "machines")
    side = Side(told(MemoryLedger()))
    assert batches(table, table.read(side), side) == ([], [LAPTOP, LAPTOP._replace(time=2_000)])
    once = MemoryLedger()
    once.add([], [LAPTOP])
    assert batches(table, table.read(Side(once)), Side(once)) == ([], [LAPTOP])
