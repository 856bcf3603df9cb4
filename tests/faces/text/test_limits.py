"""Usage windows as a table: fitted to its width, and never with a figure that nobody told."""

import io

import pytest
from rich.console import Console
from tests.answers.sample import at

from tallystick.answers.forecast import Forecast
from tallystick.answers.limits import History, Limits, Told, Window
from tallystick.answers.points import OfSession, Points, Spent
from tallystick.faces.text.limits import NONE, history_plain, history_shown, plain, points_told, shown
from tallystick.faces.text.words import cells
from tallystick.usage.period import Zone

BERLIN = Zone("Europe/Berlin")
NOW = at("2026-11-22T12:30")
FIVE = Window(
    "anthropic", "five_hour", 300, 61.5, at("2026-11-22T14:00"), at("2026-11-22T12:28"), "max", "1f0c22ab", pace=70.0
)
WEEK = Window(
    "anthropic", "seven_day", 10_080, 8.4, at("2026-11-26T08:00"), at("2026-11-22T10:00"), "max", "1f0c22ab", pace=40.6
)
OVER = Window("openai", "codex:300", 300, 100.0, at("2026-11-22T11:00"), at("2026-11-22T10:00"), "plus")
AHEAD = Forecast(at("2026-11-22T13:20"), at("2026-11-22T13:05"), at("2026-11-22T13:50"), 120.0, 101.0, 140.0)


def drawn(found: Limits, width: int) -> list[str]:
    file = io.StringIO()
    shown(found, BERLIN, Console(file=file, width=width, highlight=False))
    return [line.rstrip() for line in file.getvalue().splitlines()]


def test_each_window_stands_with_its_reset_on_the_clock_of_the_zone() -> None:
    told = drawn(Limits(NOW, [FIVE, WEEK, OVER]), 120)
    assert told[1] == " Usage windows  Sunday 2026-11-22 13:30 · Europe/Berlin"
    rows = [line.split("  ") for line in told[5:8]]
    assert [[part.strip() for part in row if part.strip()] for row in rows] == [
        ["anthropic five_hour", "1f0c22ab", "62 %", "██████▏···", "70 %", "15:00, in 1h 30m", "2m ago", "max"],
        ["anthropic seven_day", "1f0c22ab", "8.4 %", "▉·········", "41 %", "Thu 09:00, in 3d 19h", "2h 30m ago", "max"],
        ["openai codex:300", "–", "··········", "–", "1h 30m ago", "2h 30m ago", "plus"],
    ]
    assert told[8] == " – : reset since it was last told of; what has been used since, nobody has said."


@pytest.mark.parametrize("width", [50, 60, 80, 100, 120])
def test_it_fits(width: int) -> None:
    told = drawn(Limits(NOW, [FIVE._replace(forecast=AHEAD), WEEK, OVER]), width)
    assert max(map(cells, told)) <= width
    # A row for each window, none of which goes on in the next line.
    names = [line.split()[1] for line in told if line.startswith((" anthropic", " openai"))]
    assert names == ["five_hour", "seven_day", "codex:300"]
    rows = told[told.index(next(line for line in told if "five_hour" in line)) :][:3]
    assert all(line.startswith((" anthropic", " openai")) for line in rows)
    assert "62 %" in rows[0]
    assert "14:20" in rows[0]


def test_at_eighty_columns_what_matters_is_there() -> None:
    (row, *_) = [
        line for line in drawn(Limits(NOW, [FIVE._replace(forecast=AHEAD), WEEK, OVER]), 80) if "five_hour" in line
    ]
    assert row.split() == [
        "anthropic",
        "five_hour",
        "1f0c22ab",
        "62",
        "%",
        "70",
        "%",
        "in",
        "1h",
        "30m",
        "14:20",
        "2m",
        "ago",
    ]


def test_when_it_runs_out_stands_with_its_band() -> None:
    told = "\n".join(drawn(Limits(NOW, [FIVE._replace(forecast=AHEAD)]), 120))
    assert "14:20 (14:05–14:50)" in told
    # Where nobody knows the late end, at least the early one is told; what has happened is no forecast.
    late = Forecast(at("2026-11-22T13:20"), at("2026-11-22T13:05"), None, 104.0, 90.0, 140.0)
    assert "14:20 (14:05 or later)" in plain(Limits(NOW, [FIVE._replace(forecast=late)]), BERLIN)
    gone = late._replace(runs_out=NOW - 60_000)
    assert "used up" in plain(Limits(NOW, [FIVE._replace(forecast=gone)]), BERLIN)
    calm = Forecast(None, None, None, 74.4, 60.0, 90.0)
    told = "\n".join(drawn(Limits(NOW, [FIVE._replace(forecast=calm)]), 120))
    assert "not before the reset (74 %)" in told
    told = "\n".join(drawn(Limits(NOW, [FIVE._replace(forecast=calm._replace(chance=0.31))]), 120))
    assert "perhaps (74 %)" in told


@pytest.mark.parametrize(
    "used, text",
    [
        (0.0, "0 %"),
        (0.4, "0.4 %"),
        (99.6, "99.6 %"),
        (100.0, "100 %"),
        (49.6, "50 %"),
        (101.0, "101 %"),
        (0.01, "<0.1 %"),
        (99.99, ">99.9 %"),
    ],
)
def test_what_is_nearly_all_or_nearly_nothing_is_not_called_so(used: float, text: str) -> None:
    assert (
        plain(Limits(NOW, [FIVE._replace(used_percent=used, pace=None)]), BERLIN).splitlines()[1].split("  ")[2].strip()
        == text
    )


def test_a_pipe_gets_plain_columns() -> None:
    told = plain(Limits(NOW, [FIVE, OVER]), BERLIN).splitlines()
    assert told[0].split() == ["Window", "Account", "Used", "Even", "pace", "Reset", "Runs", "out", "Told", "Plan"]
    assert "100" not in told[2]
    assert plain(Limits(NOW, []), BERLIN) == f"{NONE}\n"
    assert "tally limits fetch" in " ".join(drawn(Limits(NOW, []), 80))


def test_a_very_long_account_takes_no_more_than_its_place() -> None:
    long = FIVE._replace(account="日" * 300)
    assert "日" * 19 + "…  " in plain(Limits(NOW, [long]), BERLIN)
    assert any("日" * 7 + "…" in line for line in drawn(Limits(NOW, [long]), 120))
    sample = Told("anthropic", "five_hour", 300, 1.0, NOW, NOW, "", "日" * 300)
    assert "日" * 19 + "…  " in history_plain(History([sample]), BERLIN)
    file = io.StringIO()
    history_shown(History([sample]), BERLIN, Console(file=file, width=120, highlight=False))
    assert "日" * 7 + "…" in file.getvalue()


def test_history_stands_in_its_order() -> None:
    samples = [
        Told("anthropic", "five_hour", 300, float(used), at("2026-11-22T14:00"), at(f"2026-11-22T12:{used:02}"), "", "")
        for used in range(50)
    ]
    file = io.StringIO()
    history_shown(History(samples), BERLIN, Console(file=file, width=80, highlight=False))
    told = file.getvalue()
    assert told.index("10 %") < told.index("49 %")
    assert "10 earlier ones left off" in told
    assert history_plain(History(samples[:1]), BERLIN).splitlines()[1].split() == [
        "2026-11-22",
        "13:00",
        "anthropic",
        "five_hour",
        "0",
        "%",
        "2026-11-22",
        "15:00",
    ]
    file = io.StringIO()
    history_shown(History([]), BERLIN, Console(file=file, width=80))
    assert "Nothing was told in this time." in file.getvalue()


def test_names_steer_no_terminal() -> None:
    evil = FIVE._replace(name="\x1b[2J" * 50, account="\x1b]0;", plan="\x07" * 99)
    assert not any("\x1b" in line or "\x07" in line for line in drawn(Limits(NOW, [evil]), 120))
    assert "\x1b" not in plain(Limits(NOW, [evil]), BERLIN)


def test_points_of_a_session_are_told_with_how_far_they_may_be_off() -> None:
    spent = Spent("anthropic", "five_hour", "", 300, 5, 42.0, Points(11.2, 9.6, 13.1))
    small = spent._replace(name="seven_day", account="ab12", points=Points(0.42, 0.1, 0.7), used_percent=7.0)
    assert points_told(OfSession("s1", [spent, small])).splitlines() == [
        "This session used about 11 points of anthropic five_hour (10 to 13), of which 42 % are used by all.",
        "This session used about 0.4 points of anthropic seven_day (ab12) (0 to 1), of which 7 % are used by all.",
    ]
    assert "cannot be told" in points_told(OfSession("s1", []))
