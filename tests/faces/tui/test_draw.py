"""Lines and tables fit their width, whatever that is and whatever is in them."""

from hypothesis import given
from hypothesis import strategies as st

from tallystick.faces.tui.draw import (
    FAINT,
    PLAIN,
    Column,
    Entry,
    Layout,
    beside,
    chosen,
    fitted,
    said,
    spread,
    width_of,
)

COLUMNS = (Column("project"), Column("model", 8, rank=1), Column("tool", 8, rank=2), Column("cost", 9, right=True))


def entry(*texts: str) -> Entry:
    """Return a row."""
    return Entry(texts[0], tuple((text, PLAIN) for text in texts))


ROWS = (entry("shop", "opus-4-1", "codex", "$1.20"), entry("a-rather-long-name", "gpt", "cli", "$120.00"))


def test_columns_that_do_not_fit_are_left_off_by_rank() -> None:
    def shown(width: int) -> str:
        return said(Layout(COLUMNS, ROWS, width).head())

    assert shown(46) == "project               model     tool      cost"
    assert shown(31) == "project       model        cost"
    assert shown(24) == "project             cost"


def test_a_flexible_column_takes_what_is_left() -> None:
    layout = Layout(COLUMNS, ROWS, 50)
    assert said(layout.line(ROWS[0])) == "shop                      opus-4-1  codex    $1.20"
    assert said(Layout(COLUMNS, ROWS, 20).line(ROWS[1])) == "a-rather-l…  $120.00"


@given(st.text(max_size=20), st.text(max_size=20), st.integers(1, 60))
def test_a_line_takes_exactly_its_width(one: str, other: str, width: int) -> None:
    one, other = ("".join(each for each in text if each.isprintable()) for text in (one, other))
    assert width_of(fitted(((one, PLAIN), (other, FAINT)), width)) == width
    assert width_of(spread(((one, PLAIN),), ((other, FAINT),), width)) == width
    columns, row = (Column("a"), Column("b", 5, rank=1)), entry(one, other)
    assert width_of(fitted(Layout(columns, [row], width).line(row), width)) == width


def test_columns_of_lines_stand_beside_one_another() -> None:
    lines = beside([[(("ab", PLAIN),)], [(("c", PLAIN),), (("d", PLAIN),)]], (3, 2), 1)
    assert [said(line) for line in lines] == ["ab  c", "    d"]


def test_a_chosen_line_says_the_same() -> None:
    line = ((" a", FAINT), ("b", PLAIN))
    assert chosen(line) == ((" a", "faint+"), ("b", "+"))
    assert said(chosen(line)) == " ab"
