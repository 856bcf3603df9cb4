"""Windows as gauges: never a figure that nobody knows, and estimates marked as such."""

import pytest
from tests.answers.sample import at
from tests.faces.tui.pictures import BERLIN, FIVE_HOURS, NOW, WEEK, texts

from tallystick.answers.forecast import Forecast
from tallystick.answers.limits import Window
from tallystick.faces.tui import windows
from tallystick.faces.tui.draw import BAD, BAR, WARNING, width_of
from tallystick.usage.period import HOUR_MS, Zone

OUT = Forecast(at("2026-11-02T10:20"), at("2026-11-02T10:00"), at("2026-11-02T10:50"), 130.0, 110.0, 150.0)
LASTS = Forecast(None, None, None, 71.0, 60.0, 80.0)


def lines(*found: Window, width: int = 118) -> list[str]:
    """Return what is said of windows."""
    return texts(windows.lines(windows.every(found, NOW, Zone()), width))


def test_a_gauge_tells_use_pace_and_reset() -> None:
    # 47 % of 24 columns are 11.3; evenly used it would be 60 %, in the column after 14.4.
    assert lines(FIVE_HOURS) == ["anthropic 5 h  ━━━━━━━━━━━╸──│─────────  47 %  11:06, in 2h 00m"]


def test_the_mark_stands_within_the_bar_where_more_was_used_than_evenly() -> None:
    assert lines(FIVE_HOURS._replace(pace=20.0)) == ["anthropic 5 h  ━━━━│━━━━━━╸────────────  47 %  11:06, in 2h 00m"]


def test_a_window_that_was_reset_since_has_no_figure() -> None:
    (line,) = lines(FIVE_HOURS._replace(resets_at=NOW - 1, used_percent=100.0, pace=None))
    assert "100" not in line
    assert " 0 %" not in line
    assert "–" in line
    assert "reset since" in line


def test_a_forecast_is_marked_as_an_estimate_and_has_a_band() -> None:
    (line,) = lines(FIVE_HOURS._replace(forecast=OUT))
    assert line.endswith("≈ runs out 10:20 (10:00–10:50)")
    (line,) = lines(FIVE_HOURS._replace(forecast=LASTS))
    assert line.endswith("≈ 71 % at its reset")


def test_in_60_columns_the_moment_at_which_it_runs_out_has_room() -> None:
    (line,) = lines(FIVE_HOURS._replace(forecast=OUT), width=58)
    assert line == "anthropic 5 h  ━━━━│───  47 %  in 2h 00m    ≈ out 10:20"
    (line,) = lines(FIVE_HOURS._replace(forecast=LASTS), width=58)
    assert line.endswith("≈ 71 %")
    (line,) = lines(FIVE_HOURS._replace(time=NOW - 3 * HOUR_MS), width=58)
    assert line.endswith("3h ago")


def test_what_was_told_long_ago_says_so() -> None:
    (line,) = lines(FIVE_HOURS._replace(time=NOW - 3 * HOUR_MS))
    assert line.endswith("told 3h ago")


@pytest.mark.parametrize(
    "used, forecast, tone",
    [(10.0, None, BAR), (75.0, None, WARNING), (90.0, None, BAD), (10.0, OUT, BAD), (10.0, LASTS, BAR)],
)
def test_the_tone_tells_how_bad_it_is(used: float, forecast: Forecast | None, tone: str) -> None:
    window = FIVE_HOURS._replace(used_percent=used, forecast=forecast)
    assert windows.shown(window, NOW, Zone(), apart=False).tone == tone


def test_windows_of_one_length_are_told_apart_by_their_names_and_accounts() -> None:
    opus = WEEK._replace(name="seven_day_opus")
    names = [each.name for each in windows.every([WEEK, opus, FIVE_HOURS], NOW, Zone())]
    assert names == ["anthropic seven day", "anthropic seven day opus", "anthropic 5 h"]
    both = [WEEK._replace(account=account) for account in ("a1", "b2")]
    assert [each.name for each in windows.every(both, NOW, Zone())] == ["anthropic week a1", "anthropic week b2"]
    assert windows.shown(WEEK._replace(minutes=0, name="credits"), NOW, Zone(), apart=False).name == "anthropic credits"


def test_windows_that_say_nothing_are_left_out() -> None:
    assert windows.every([Window("openai", "x", 0, 0.0, 0, NOW, "")], NOW, Zone()) == []


def test_where_there_is_no_room_for_all_the_worst_come_first() -> None:
    found = windows.every([WEEK, FIVE_HOURS, WEEK._replace(provider="openai", forecast=OUT)], NOW, Zone())
    assert [each.name for each in windows.worst(found, 2)] == ["openai week", "anthropic 5 h"]
    assert windows.worst(found, 3) == found


@pytest.mark.parametrize("width", [20, 34, 58, 80, 95, 96, 118, 200])
def test_a_line_takes_its_width_and_tells_the_figure(width: int) -> None:
    found = windows.every([FIVE_HOURS._replace(forecast=OUT, account="a-long-name@example"), WEEK], NOW, BERLIN)
    for line in windows.lines(found, width):
        assert width_of(line) == width
    if width >= 34:
        assert "47 %" in texts(windows.lines(found, width))[0]
