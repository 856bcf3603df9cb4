"""What looks closer than a report, as text: against the sample of the answers."""

import pytest
from tests.answers.sample import CLI, MAIN, OPUS, asked, book_of, event, ledger_of

from tallystick.answers.answers import Answers
from tallystick.answers.question import Wish
from tallystick.answers.reports.places import ANY
from tallystick.faces.text.closer import columns, shown
from tallystick.usage.period import Zone
from tallystick.usage.tokens import Tokens

BOOK = book_of()
ANSWERS = Answers(ledger_of(), lambda: BOOK)
ASKED = asked(ANY, Wish("day"))
BERLIN = Zone("Europe/Berlin")


def test_columns_are_aligned_by_what_they_hold() -> None:
    assert columns("A_b >N", [["x", "1"], ["仕事場", "22"]]) == ["A b      N", "x        1", "仕事場  22"]


def test_events() -> None:
    text = shown(ANSWERS.events(ASKED._replace(limit=2)), BERLIN)
    assert "2026-11-02 10:05:00  codex" in text
    assert "unpriced" in text
    assert text.splitlines()[-1].startswith("More: --after ")
    # 1 000 sent as they were, 100 of output, 10 000 from the cache; $0.0049.
    assert text.splitlines()[2].split()[-5:] == ["1,000", "100", "10,000", "<$0.01", "finished"]


def test_an_event() -> None:
    text = shown(ANSWERS.event(1), BERLIN)
    assert "Counted: log /home/dev/logs/claude-code-box.jsonl:0" in text


def test_a_session() -> None:
    text = shown(ANSWERS.session("s1", BERLIN), BERLIN)
    lines = text.splitlines()
    assert lines[0] == "Session s1  Mend the till"
    assert lines[1] == "2026-11-01 11:00:00 to 2026-11-01 11:20:00 Europe/Berlin"
    assert lines[2].startswith(
        "$0.59, 74,800 tokens, 3 requests, 1 prompt; active 51s (model 5s, tools 15s, subagents 31s)"
    )
    assert any("Read" in line and "10s failed" in line for line in lines)
    assert any("a1" in line and "$0.57" in line for line in lines)


def test_calls() -> None:
    lines = shown(ANSWERS.calls(ASKED), BERLIN).splitlines()
    assert lines[1].split() == ["Bash", "1", "0", "10s", "10.0", "s"]
    assert lines[-1].split() == ["Total", "3", "1", "21s", "10.0", "s"]


def test_a_comparison() -> None:
    day = asked(ANY, Wish("day"), since="2026-11-02", until="2026-11-02")
    text = shown(ANSWERS.compare(day), BERLIN)
    assert text.startswith("2026-11-02 against 2026-11-01\n")
    # 0.0049 - 0.8713 = -0.8664
    assert any(line.split() == ["cost", "$0.87", "<$0.01", "-$0.87", "-99.4%"] for line in text.splitlines())
    today = shown(ANSWERS.compare(asked(ANY, Wish("day"), since="today")), BERLIN)
    assert "(to the same time of day)" in today


def test_a_punchcard() -> None:
    lines = shown(ANSWERS.punchcard(ASKED), BERLIN).splitlines()
    assert [line[:3] for line in lines[1:8]] == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    # Sunday at ten has most.
    assert lines[7][5 + 3 * 10 : 7 + 3 * 10] == "██"
    assert lines[-1] == "2026-11-01 to 2026-11-02: 122,910 tokens $0.88"


def test_a_year_shows_days_with_usage() -> None:
    lines = shown(ANSWERS.year(ASKED), BERLIN).splitlines()
    assert [line.split()[0] for line in lines] == ["Day", "2026-11-01", "2026-11-02", "Total"]


def test_energy() -> None:
    text = shown(ANSWERS.energy(ASKED), BERLIN)
    assert text.startswith("A rough estimate")
    assert "Total" in text.splitlines()[-1]


@pytest.mark.parametrize("name", ["events", "punchcard", "year"])
def test_without_prices_no_money_is_shown(name: str) -> None:
    question = asked(ANY, Wish("day", prices=False))
    text = shown(getattr(ANSWERS, name)(question), BERLIN)
    assert "$" not in text
    assert "unpriced" not in text


def test_names_cannot_steer_a_terminal() -> None:
    context = MAIN._replace(project="/home/dev/\x1b[31mred", session="\u202es")
    ledger = ledger_of([event("2026-11-01T10:00", OPUS._replace(model="m\x07"), context, Tokens(1))], (), (), ())
    text = shown(Answers(ledger, lambda: BOOK).events(ASKED), BERLIN)
    assert text.replace("\n", "").isprintable()
    assert CLI.branch == ""
