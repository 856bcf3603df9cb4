"""CSV: what a spreadsheet reads back."""

import csv
from io import StringIO

from hypothesis import example, given
from hypothesis import strategies as st
from tests.answers.sample import MAIN, OPUS, asked, book_of, event, ledger_of

from tallystick.answers.answers import Answers
from tallystick.answers.question import Wish
from tallystick.answers.report import MEASURES
from tallystick.answers.reports.places import PROJECTS
from tallystick.answers.reports.times import DAILY
from tallystick.answers.reports.work import BLOCKS, SESSIONS
from tallystick.faces.text.as_csv import report
from tallystick.usage.tokens import Tokens

BOOK = book_of()
ANSWERS = Answers(ledger_of(), lambda: BOOK)


def read(text: str) -> list[dict[str, str]]:
    """Read CSV by its column names."""
    return list(csv.DictReader(StringIO(text, newline=""), strict=True))


def test_a_line_for_each_row_and_no_totals() -> None:
    rows = read(report(ANSWERS.ask(asked(DAILY))))
    assert len(rows) == 4
    assert list(rows[0]) == ["day", "model", *MEASURES]
    assert rows[0]["cost_usd"] == "0.855"
    # Unpriced is not free: the cell is empty.
    assert (rows[3]["cost_usd"], rows[3]["unpriced_tokens"]) == ("", "10")


def test_without_cost_there_are_no_columns_of_money() -> None:
    assert "cost_usd" not in read(report(ANSWERS.ask(asked(DAILY, Wish(prices=False)))))[0]


def test_details_have_columns_where_a_row_has_them() -> None:
    (row,) = [each for each in read(report(ANSWERS.ask(asked(SESSIONS)))) if each["session"] == "s1"]
    assert (row["first"], row["title"], row["active_ms"]) == ("2026-11-01T10:00:00.000Z", "Mend the till", "51000")
    assert "first" not in read(report(ANSWERS.ask(asked(SESSIONS, Wish(by="day")))))[0]
    block = read(report(ANSWERS.ask(asked(BLOCKS))))[0]
    assert block["models"] == "claude-opus-4-1-20250805 claude-sonnet-4-5-20250929"
    assert (block["gap"], block["burn_rate"]) == ("false", "")


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0")))
@example('a "b", c')
@example("a\r\nb")
def test_any_name_comes_back(project: str) -> None:
    ledger = ledger_of([event("2026-11-01T10:00:00", OPUS, MAIN._replace(project=project), Tokens(1))], (), (), ())
    (row,) = read(report(Answers(ledger, lambda: BOOK).ask(asked(PROJECTS))))
    assert row["project"] == project
