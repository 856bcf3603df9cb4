"""The overview on a terminal."""

from io import StringIO

import pytest
from rich.console import Console
from tests.answers.fleet import ARRIVALS, BATCHES
from tests.answers.sample import EVENTS, MAIN, NOW, OPUS, at, book_of, event, ledger_of

from tallystick.answers.overview import Overview, overview
from tallystick.faces.text.overview import show
from tallystick.faces.text.words import cells
from tallystick.usage.period import Zone
from tallystick.usage.tokens import Tokens

BOOK = book_of()


def found(now: int = NOW, zone: str = "UTC") -> Overview:
    """Return the overview of the sample."""
    return overview(ledger_of(skipped=1), BOOK, Zone(zone), now)


def shown(value: Overview, width: int = 80, *, demo: bool = False) -> list[str]:
    """Return the lines that a terminal of a width is given."""
    file = StringIO()
    show(value, Console(file=file, width=width, highlight=False), demo=demo)
    return file.getvalue().splitlines()


def test_periods_stand_side_by_side() -> None:
    lines = shown(found(at("2026-11-02T12:00:00")))
    title = next(number for number, line in enumerate(lines) if "Last 7 days" in line)
    assert lines[title].split("  ")[0] == " Today"
    assert lines[title].endswith("November")
    # Today 0.0049, and what has no price; before it 0.8713.
    assert lines[title + 1].split() == ["<$0.01+", "$0.88+", "$0.88+"]
    assert lines[title + 2].split() == ["11.1k", "tokens", "123k", "tokens", "123k", "tokens"]
    assert lines[title + 3].split() == ["2", "requests", "6", "requests", "6", "requests"]


def test_the_days_before_are_a_chart() -> None:
    lines = shown(found(at("2026-11-02T12:00:00")))
    title = next(number for number, line in enumerate(lines) if line.startswith(" Last 30 days"))
    assert lines[title].endswith("$0.88+")
    # Thirty columns of one mark and one space; the last but one is the highest, today's the smallest that is not nothing.
    assert lines[title + 1] == " " * 57 + "█"
    assert lines[title + 4] == " " + "· " * 28 + "█ ▁"
    assert lines[title + 5] == " 10-04" + " " * 49 + "11-02"


def test_tops_with_bars() -> None:
    lines = shown(found())
    row = next(line for line in lines if line.startswith(" shop"))
    assert "$0.59" in row
    assert "claude-opus-4-1" in row
    assert "$0.86" in row or "$0.85" in row
    assert any(line.rstrip().endswith("unpriced") for line in lines)


def test_coverage_in_words() -> None:
    text = " ".join(line.strip() for line in shown(found()))
    assert "Coverage: 99.99 % of the tokens have a price; 6 requests from logs." in text
    assert "No price is known for nobody-knows-1: 10 tokens are counted, but are in no cost." in text
    assert "1 piece of input could not be understood: `tally doctor` tells which, and why." in text


def test_everything_priced_is_said_so() -> None:
    ledger = ledger_of(EVENTS[:1], (), (), ())
    assert any(
        "100 % of the tokens have a price; 1 request from logs." in line
        for line in shown(overview(ledger, BOOK, Zone(), NOW))
    )


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_it_fits(width: int) -> None:
    project = f"/home/dev/{'世界' * 30}"
    many = [
        event(f"2026-11-{day:02}T10:00:00", OPUS, MAIN._replace(project=f"{project}{day}"), Tokens(10**day))
        for day in range(1, 20)
    ]
    for value in (found(), overview(ledger_of(many, (), (), ()), BOOK, Zone("America/Argentina/ComodRivadavia"), NOW)):
        assert max(map(cells, shown(value, width, demo=True))) <= width


def test_demo_data_is_marked_at_both_ends() -> None:
    lines = shown(found(), 120, demo=True)
    marks = [number for number, line in enumerate(lines) if line.startswith(" Demo data: made up")]
    assert marks == [2, len(lines) - 2]
    assert not any("Demo" in line for line in shown(found(), 120))


def test_what_was_used_long_ago_is_told_with_its_days() -> None:
    lines = shown(found(at("2027-06-01T00:00:00")))
    assert " 2026-11-01 to 2026-11-02  $0.88+" in lines
    assert " Nothing was used in the last 30 days." in lines


def test_an_empty_ledger_has_periods_only() -> None:
    lines = shown(overview(ledger_of((), (), (), ()), BOOK, Zone(), NOW))
    assert any("nothing" in line for line in lines)
    assert not any("Top" in line or "Last 30" in line or "Coverage" in line for line in lines)


def test_how_old_the_figures_are_is_told() -> None:
    ledger = ledger_of()
    ledger.add(BATCHES, ARRIVALS)
    text = " ".join(shown(overview(ledger, BOOK, Zone("UTC"), NOW)))
    assert "tower: 3 days old. What was used there since" in text
