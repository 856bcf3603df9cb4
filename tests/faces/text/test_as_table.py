"""Tables: whatever the width, nothing breaks a line, and what matters most stays."""

from io import StringIO

import pytest
from rich.console import Console
from tests.answers.sample import MAIN, OPUS, asked, book_of, event, ledger_of

from tallystick.answers.answer import Answer
from tallystick.answers.answers import Answers
from tallystick.answers.question import Wish
from tallystick.answers.report import Report
from tallystick.answers.reports import REPORTS
from tallystick.answers.reports.places import ANY, MODELS
from tallystick.answers.reports.times import DAILY
from tallystick.faces.text.as_table import fitted, report, terminal
from tallystick.faces.text.words import cells
from tallystick.usage.tokens import Tokens

BOOK = book_of()
ANSWERS = Answers(ledger_of(), lambda: BOOK)
BIG = [
    event(
        "2026-11-01T10:00:00",
        OPUS,
        MAIN._replace(project=f"/home/dev/work/世界/{'long-' * 9}{number}", branch=f"feature/{'x' * 30}"),
        Tokens(*[10**9 + number] * 5),
    )._replace(key=number)
    for number in range(3)
]
BIG_ANSWERS = Answers(ledger_of(BIG, (), (), ()), lambda: BOOK)


def shown(answer: Answer, width: int) -> list[str]:
    """Return the lines that a terminal of a width is given."""
    file = StringIO()
    report(answer, Console(file=file, width=width, highlight=False))
    return file.getvalue().splitlines()


@pytest.mark.parametrize("width", [60, 80, 100, 120, 200])
@pytest.mark.parametrize("each", [each for each in REPORTS if each.group_by], ids=lambda each: each.name)
def test_every_report_fits(each: Report, width: int) -> None:
    for answers in (ANSWERS, BIG_ANSWERS):
        lines = shown(answers.ask(asked(each)), width)
        assert max(map(cells, lines)) <= width
        rules = [number for number, line in enumerate(lines) if line.startswith(" ──")]
        assert len(rules) == 2
        # Between the rules a line for each row; after them the totals.
        assert rules[1] - rules[0] - 1 == len(
            {row.keys[: asked(each).main_keys] for row in answers.ask(asked(each)).rows}
        )
        assert lines[rules[1] + 1].startswith(" Total")


def test_wide_terminals_get_full_figures_and_narrow_ones_units() -> None:
    answer = ANSWERS.ask(asked(DAILY))
    assert any("111,800" in line and "████" in line for line in shown(answer, 120))
    narrow = shown(answer, 60)
    assert any("112k" in line for line in narrow)
    assert not any("█" in line for line in narrow)


def test_cost_and_total_stay_to_the_last() -> None:
    laid_out, widths = fitted(BIG_ANSWERS.ask(asked(ANY, Wish(by="project,branch,model,machine"))), 40)
    names = [column.name for column in laid_out.columns]
    assert {"project", "total", "cost_usd"} <= set(names)
    assert "bar" not in names
    assert len(widths) == len(names)


def test_a_project_keeps_its_end_and_a_branch_its_beginning() -> None:
    row = next(line for line in shown(BIG_ANSWERS.ask(asked(ANY, Wish(by="project,branch"))), 100) if "long-0" in line)
    assert row.split()[0].startswith("…")
    assert row.split()[1].startswith("feature/")


def test_headings_of_two_words_stand_on_the_rule() -> None:
    lines = shown(ANSWERS.ask(asked(DAILY)), 80)
    rule = next(number for number, line in enumerate(lines) if line.startswith(" ──"))
    assert "Cache" in lines[rule - 2]
    assert "write" in lines[rule - 1]
    assert lines[rule - 1].startswith(" Day")


def test_an_empty_answer_says_so() -> None:
    lines = shown(ANSWERS.ask(asked(MODELS, since="2026-11-20")), 80)
    assert " Nothing was used in this time." in lines
    assert not any("──" in line for line in lines)


def test_colours_come_only_where_they_are_wanted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("FORCE_COLOR", "1")
    report(ANSWERS.ask(asked(DAILY)), terminal(80))
    assert "\x1b[3" not in capsys.readouterr().out
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "xterm-256color")
    report(ANSWERS.ask(asked(DAILY)), terminal(120))
    assert "\x1b[36m██████████\x1b[0m" in capsys.readouterr().out


def test_unpriced_is_said_in_words() -> None:
    lines = shown(ANSWERS.ask(asked(MODELS)), 120)
    assert any(line.startswith(" nobody-knows-1") and line.endswith("unpriced") for line in lines)
    assert any("No price is known for nobody-knows-1" in line for line in lines)
