"""A table as CSV."""

from csv import reader
from io import StringIO

from tallystick.answers.answer import Money
from tallystick.faces.web.panels.panel import Cell, Column, Table
from tallystick.faces.web.table import as_csv

NAME = 'a "quoted", one\nwith a line'


def test_figures_are_exact_and_texts_are_kept() -> None:
    columns = [Column("Name", number=False), Column("Cost"), Column("Tokens")]
    rows = [[Cell(NAME), Cell("$1.23", 1.2345), Cell("1,234", 1234)], [Cell("x"), Cell("no price", None), Cell("–")]]
    found = list(reader(StringIO(as_csv(Table(columns, rows, [Cell("Total")])))))
    assert found == [["Name", "Cost", "Tokens"], [NAME, "1.2345", "1234"], ["x", "no price", "–"]]


def test_no_name_is_a_formula() -> None:
    rows = [[Cell(text)] for text in ("=1+1", "+1", "-1", "@x", "\tx", "a=1")]
    lines = [row[0] for row in reader(StringIO(as_csv(Table([Column("Name")], rows))))]
    assert lines == ["Name", "'=1+1", "'+1", "'-1", "'@x", "'\tx", "a=1"]


def test_a_negative_figure_is_one() -> None:
    assert as_csv(Table([Column("Saved")], [[Cell("−$1.50", -1.5)]])).splitlines() == ["Saved", "-1.5"]


def test_money_has_all_its_decimals_and_no_others() -> None:
    # As floats these would be 0.30000000000000004 and 1e-12.
    amounts = (3 * 10**11, 1, 1_234_567_890_123, -5 * 10**11, 12 * 10**12)
    rows = [[Cell("", Money(pico))] for pico in amounts]
    assert as_csv(Table([Column("Cost")], rows)).splitlines() == [
        "Cost",
        "0.3",
        "0.000000000001",
        "1.234567890123",
        "-0.5",
        "12.0",
    ]
