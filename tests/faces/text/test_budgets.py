"""Budgets on a terminal and in a pipe."""

from io import StringIO

import pytest
from rich.console import Console
from tests.answers.sample import at

from tallystick.answers.budgets import Budget, Standing, Standings
from tallystick.faces.text.budgets import defined, notes, percent, plain, shown

NOW = at("2026-11-25T12:00")
USD = 10**12
SHOP = Budget(
    "1", {"project": ("shop",), "model": ("*opus*",)}, 50 * USD, "usd", "week", "Europe/Berlin", 0.8, hard=True
)
ALL = Budget("12", {}, 2_000_000, "tokens", "day", "Europe/Berlin", 0.8, hard=False)
WEEK = Standing(SHOP, at("2026-11-22T23:00"), at("2026-11-29T23:00"), 51_204 * 10**9, 1.02408, 18 * USD, 140 * USD, 0)
DAY = Standing(ALL, at("2026-11-24T23:00"), at("2026-11-25T23:00"), 1_700_000, 0.85, 1_083_333.0, 3_138_461, 0, (), at("2026-11-25T14:18"))  # fmt: skip
UNSURE = WEEK._replace(budget=SHOP._replace(id="3", hard=False), used=USD, share=0.02, unpriced_tokens=37_000)


def drawn(width: int, *standings: Standing) -> list[str]:
    """Return what a terminal of a width shows."""
    out = StringIO()
    shown(Standings(NOW, standings), Console(file=out, width=width, highlight=False))
    return out.getvalue().splitlines()


@pytest.mark.parametrize("width", [120, 80, 60])
def test_it_fits_and_keeps_what_matters(width: int) -> None:
    lines = drawn(width, WEEK, DAY, UNSURE)
    assert all(len(line) <= width for line in lines)
    text = "\n".join(lines)
    for part in ("$51.20", "$50.00/week", "102.4 %", "used up", "1.70M tok", "soft", "unsure", "$1.00+"):
        assert part in text
    assert ("████████" in text) == (width == 120)


def test_a_wide_terminal_shows_where_it_leads() -> None:
    lines = drawn(120, WEEK, DAY)
    assert "By now" in "".join(lines)
    row = next(line for line in lines if "used up" in line)
    assert row.split() == [
        *("1", "project=shop", "model=*opus*", "$51.20", "$50.00/week", "102.4", "%", "████████"),
        *("used", "up", "$18.00", "$140.00", "in", "4d", "11h"),
    ]


def test_a_pipe_gets_aligned_columns() -> None:
    lines = plain(Standings(NOW, [WEEK, DAY])).splitlines()
    assert lines[0].split() == [
        "Id",
        "Budget",
        "Used",
        "Amount",
        "Share",
        "State",
        "Expected",
        "At",
        "the",
        "end",
        "Renews",
    ]
    assert lines[2].split() == [
        *("12", "everything", "1.70M", "tok", "2.00M", "tok/day", "85.0", "%", "soft"),
        *("1.08M", "tok", "3.14M", "tok", "in", "11h", "00m"),
    ]


def test_notes_tell_what_figures_cannot() -> None:
    lifted = WEEK._replace(lifted=NOW + 3_600_000)
    allowed = WEEK._replace(more=5 * USD)
    told = [note.text for note in notes(Standings(NOW, [WEEK, DAY, UNSURE, lifted, allowed]))]
    assert told == [
        "1 (project=shop model=*opus*): hooks and the gateway refuse what comes. `tally budget override 1 --for 1h` lifts that.",
        "12 (everything): at this pace it is used up on Wed 2026-11-25 15:18.",
        "3 (project=shop model=*opus*): no price is known for 37.0k tokens, so that more is used than it says.",
        "1 (project=shop model=*opus*): over its amount, let go until Wed 2026-11-25 14:00.",
        "1 (project=shop model=*opus*): over its amount, let go by up to $5.00 more in this week.",
    ]


def test_what_a_person_let_go_is_not_called_used_up() -> None:
    for let in (WEEK._replace(lifted=NOW + 1), WEEK._replace(more=5 * USD)):
        (row,) = plain(Standings(NOW, [let])).splitlines()[1:]
        assert "102.4 %  let go" in row
    assert "used up" in plain(Standings(NOW, [WEEK._replace(lifted=NOW)]))


def test_what_is_allowed_before_the_amount_is_used_is_told_with_where_it_leads() -> None:
    told = [note.text for note in notes(Standings(NOW, [DAY._replace(more=100_000)]))]
    assert told == [
        "12 (everything): at this pace it and what is allowed beyond it are used up on Wed 2026-11-25 15:18.",
        "12 (everything): 100k tok more are allowed in this day.",
    ]


def test_nearly_all_is_not_all() -> None:
    assert [percent(share) for share in (0, 0.0004, 0.29, 0.9999, 1, 1.0009)] == ["0.0 %", "0.0 %", "29.0 %", "99.9 %", "100.0 %", "100.0 %"]  # fmt: skip


def test_what_steers_a_terminal_is_not_shown() -> None:
    evil = SHOP._replace(where={"project": ("a\x1b[2Jb",)})
    assert "\x1b" not in plain(Standings(NOW, [WEEK._replace(budget=evil)]))
    assert "\x1b" not in defined([evil])


def test_definitions_stand_in_columns() -> None:
    assert defined([SHOP]).splitlines()[1].split() == [
        *("1", "project=shop", "model=*opus*", "$50.00/week", "80.0", "%", "hard", "Europe/Berlin"),
    ]
