"""A table as CSV: what a spreadsheet opens, with exact figures."""

from csv import QUOTE_MINIMAL, writer
from io import StringIO

from tallystick.answers.answer import Money
from tallystick.answers.as_json import dollars
from tallystick.faces.web.panels.panel import Cell, Table


def as_csv(table: Table) -> str:
    """Return the rows of a table, without its totals, as CSV with a head (RFC 4180)."""
    out = StringIO()
    lines = writer(out, quoting=QUOTE_MINIMAL)
    lines.writerow([f"{column.title} ({column.unit})" if column.unit else column.title for column in table.columns])
    lines.writerows([[_value(cell) for cell in row] for row in table.rows])
    return out.getvalue()


def _value(cell: Cell) -> str:
    if isinstance(cell.raw, Money):
        return dollars(cell.raw)
    if isinstance(cell.raw, int | float):
        return repr(cell.raw)
    text = cell.text if cell.raw is None else cell.raw
    # A spreadsheet takes a text that begins like this for a formula, and runs it.
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text
