"""The columns that are written are those that the tables have."""

from tests.ledger.engines import OfTests

from tallystick.ledger.clickhouse.shapes import SHAPES


def test_every_shape_is_that_of_its_table(ledger: OfTests) -> None:
    text = "SELECT table, name, type FROM system.columns WHERE database = currentDatabase() AND default_kind = ''"
    columns: dict[str, dict[str, str]] = {}
    for table, name, kind in ledger.server.rows(text):
        columns.setdefault(table, {})[name] = kind.removeprefix("SimpleAggregateFunction(max, ").removesuffix(")")
    nullable = {"cost_nano": "Nullable(Int64"}
    for table, (names, kinds) in SHAPES.items():
        known = columns[table]
        assert set(names) == set(known), table
        for name, kind in zip(names, kinds, strict=True):
            assert known[name] in (kind, kind.removesuffix(")"), nullable.get(name)), (table, name)
