"""Plain columns: every figure in full, aligned, nothing else."""

from tests.answers.sample import asked, book_of, ledger_of

from tallystick.answers.answers import Answers
from tallystick.answers.question import Wish
from tallystick.answers.reports.places import TOOLS
from tallystick.answers.reports.times import DAILY
from tallystick.faces.text.as_plain import report

BOOK = book_of()
ANSWERS = Answers(ledger_of(), lambda: BOOK)

TABLE = """\
Day         Models                        Input  Output  Cache write  Cache read    Total   Cost
2026-11-01  opus-4-1, sonnet-4-5          3,100   6,200       12,500      90,000  111,800  $0.87
2026-11-02  gpt-5.2-codex, nobody-knows-1  1,007     103            \N{EN DASH}      10,000   11,110  <$0.01+
Total                                     4,107   6,303       12,500     100,000  122,910  $0.88+
"""


def test_columns_are_aligned() -> None:
    text = report(ANSWERS.ask(asked(DAILY)))
    # The same words, whatever the space between them.
    assert [line.split() for line in text.splitlines()] == [line.split() for line in TABLE.splitlines()]
    lines = text.splitlines()
    place = lines[0].index("Total") + len("Total")
    assert all(line[place - 7 : place].strip() in {"Total", "111,800", "11,110", "122,910"} for line in lines)
    assert not any(line.endswith(" ") for line in lines)
    assert "\x1b" not in text


def test_a_figure_is_never_shortened() -> None:
    text = report(ANSWERS.ask(asked(TOOLS, Wish(prices=False))))
    assert "111,800" in text
    assert "$" not in text
    assert "█" not in text
