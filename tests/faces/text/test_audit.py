"""The audit as text."""

from tests.answers.sample import asked

from tallystick.answers.audit import Audit, Gap, Line
from tallystick.answers.question import Wish
from tallystick.answers.reports.places import ANY
from tallystick.faces.text.audit import shown

LINE = Line(
    "2026-11-01",
    "codex",
    both=1_200,
    wire_only=3,
    both_tokens=4_890_000,
    wire_only_tokens=90,
    differing=2,
    wire_more=1_500,
    log_more=7,
    aligned=5,
    cut_off=2,
    searching=1,
)


def text(*lines: Line, gaps: tuple[Gap, ...] = ()) -> str:
    """Return an audit as text, its first line being the totals too."""
    totals = lines[0]._replace(day="", tool="") if lines else Line("", "")
    return shown(Audit(asked(ANY, Wish("day,tool")), list(lines), totals, list(gaps), [("codex", ("A cut one.",))]))


def test_a_line_tells_all_sides() -> None:
    row = text(LINE).splitlines()[3]
    assert row.split("  ")[0] == "2026-11-01"
    for part in ("1,200 (4.89M)        5", "3 (90)", "2 (+1.50k -7)", "2 cut off, 1 web search"):
        assert part in row
    # Of an open period the days are those that there are.
    assert text(LINE).splitlines()[0] == "What logs and the wire saw: 2026-11-01"
    assert text(LINE).splitlines()[4].startswith("Total")


def test_what_a_log_leaves_out_and_what_was_not_metered_stand_beneath() -> None:
    told = text(LINE, gaps=(Gap("not seen (h\x1b)", 12),))
    assert "What the logs of codex leave out:\n  A cut one.\n" in told
    # What steers a terminal does not reach it.
    assert "  12 × not seen (h�)\n" in told


def test_nothing_is_said_to_be_nothing() -> None:
    assert "Nothing was used in this time." in text()
