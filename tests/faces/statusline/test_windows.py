"""Windows of a plan: what counts of what is told, and what is never taken for a figure."""

from typing import Any

import pytest

from tallystick.faces.statusline.windows import length, running

NOW = 1_795_442_400_000
MINUTE, HOUR = 60_000, 3_600_000


def kept(name: str = "five_hour", **more: object) -> dict[str, Any]:
    """Return a window as it is kept ready."""
    usual = {
        "provider": "anthropic",
        "account": "",
        "name": name,
        "minutes": 300,
        "used": 40.0,
        "time": NOW,
        "out": None,
    }
    ends = {"resets_at": NOW + HOUR, "until": NOW + HOUR}
    return {**usual, **ends, **more}


def said(used: object, ends: object = (NOW + HOUR) // 1000) -> dict[str, Any]:
    """Return a window as Claude Code tells it."""
    return {"used_percentage": used, "resets_at": ends}


def shown(told: dict[str, Any], *known: dict[str, Any]) -> list[tuple[str, float, int]]:
    """Return label, use and end of what runs."""
    return [(each.label, each.used, each.resets_at) for each in running(told, known, "anthropic", NOW)]


@pytest.mark.parametrize(
    "name, minutes, rest",
    [
        ("five_hour", 300, ""),
        ("seven_day", 10_080, ""),
        ("seven_day_opus", 10_080, "opus"),
        ("5h", 300, ""),
        ("7d_sonnet", 10_080, "sonnet"),
        ("two_weeks", 20_160, ""),
        ("30_days", 43_200, ""),
        ("primary", 0, ""),
        ("five_apples", 0, ""),
        ("", 0, ""),
    ],
)
def test_names_of_windows_tell_their_length(name: str, minutes: int, rest: str) -> None:
    assert length(name) == (minutes, rest)


def test_the_shortest_window_comes_first() -> None:
    told = {"seven_day_opus": said(5), "seven_day": said(61), "five_hour": said(34.4), "weekly_scoped": said(9)}
    assert [each[0] for each in shown(told)] == ["5h", "7d", "7d opus", "weekly scoped"]


@pytest.mark.parametrize("used", [102, 1_795_446_000, -1, None, "34", True, float("nan"), float("inf")])
def test_what_is_no_percentage_is_no_figure(used: object) -> None:
    assert shown({"five_hour": said(used)}) == []
    # What was told before still counts.
    assert shown({"five_hour": said(used)}, kept()) == [("5h", 40.0, NOW + HOUR)]


def test_101_is_all_of_it() -> None:
    assert shown({"five_hour": said(101)}) == [("5h", 100.0, NOW + HOUR)]


def test_a_window_that_has_come_to_its_end_is_nobodys_figure() -> None:
    assert shown({"five_hour": said(99, NOW // 1000)}) == []
    assert shown({}, kept(resets_at=NOW, until=NOW)) == []


def test_what_another_witness_tells_more_exactly_of_the_same_window_counts() -> None:
    assert shown({"five_hour": said(34)}, kept(used=34.4, resets_at=NOW + HOUR - MINUTE)) == [("5h", 34.4, NOW + HOUR)]
    # What is lower was told before: use only grows.
    assert shown({"five_hour": said(34)}, kept(used=33.5)) == [("5h", 34.0, NOW + HOUR)]
    # Another end is another window, perhaps of another account: the session's own counts.
    assert shown({"five_hour": said(34)}, kept(used=34.9, resets_at=NOW + 2 * HOUR)) == [("5h", 34.0, NOW + HOUR)]
    # The week as a whole is not the week of one model, though both may end together.
    assert shown({"seven_day": said(10)}, kept("seven_day_opus", minutes=10_080, used=10.5))[0][1] == 10.0
    # Headers call it otherwise.
    assert shown({"five_hour": said(34)}, kept("5h", used=34.6))[0][1] == 34.6


def test_another_accounts_window_that_ends_in_the_same_hour_is_not_this_ones() -> None:
    other = kept(account="a", used=80.0, out=NOW + MINUTE)
    (window,) = running({"five_hour": said(5)}, [other], "anthropic", NOW)
    assert (window.used, window.runs_out) == (5.0, 0)
    # Nor the other way round, where the other account has used less.
    (window,) = running({"five_hour": said(80)}, [{**other, "used": 5.0}], "anthropic", NOW)
    assert (window.used, window.runs_out) == (80.0, 0)


def test_of_several_accounts_until_one_reset_the_nearest_figure_is_this_ones() -> None:
    a = kept(account="a", used=80.0, out=NOW + MINUTE)
    b = kept(account="b", used=5.4, out=NOW + 2 * MINUTE, time=NOW - MINUTE)
    c = kept(account="c", used=5.9, out=NOW + 3 * MINUTE)
    for known in ([a, b, c], [c, b, a]):
        (window,) = running({"five_hour": said(5)}, known, "anthropic", NOW)
        assert (window.used, window.runs_out) == (5.4, NOW + 2 * MINUTE)
    (window,) = running({"five_hour": said(40)}, [a, b, c], "anthropic", NOW)
    assert (window.used, window.runs_out) == (40.0, 0)


def test_a_forecast_is_that_of_the_same_window() -> None:
    (window,) = running({"five_hour": said(88)}, [kept(used=87.0, out=NOW + MINUTE)], "anthropic", NOW)
    assert window.runs_out == NOW + MINUTE


def test_of_several_accounts_the_one_that_was_heard_last_counts() -> None:
    a = kept(account="a", used=90.0, time=NOW - HOUR)
    b = kept(account="b", used=10.0, time=NOW - MINUTE)
    c = kept("seven_day", account="a", minutes=10_080, time=NOW - HOUR)
    assert shown({}, b, a, c) == [("5h", 10.0, NOW + HOUR)]


def test_what_nobody_names_goes_with_the_account_that_is_named() -> None:
    five = kept(time=NOW - MINUTE)
    week = kept("seven_day", account="a", minutes=10_080, used=20.0)
    both = [("5h", 40.0, NOW + HOUR), ("7d", 20.0, NOW + HOUR)]
    assert shown({}, five, week) == both
    assert shown({}, five, {**week, "time": NOW - HOUR}) == both
    # Of two that are named, it is the one that was heard last.
    other = kept("seven_day", account="b", minutes=10_080, used=70.0, time=NOW - HOUR)
    assert shown({}, five, week, other) == both


def test_what_nobody_names_is_somebody_elses_where_the_account_has_that_window_itself() -> None:
    week = kept("seven_day", account="a", minutes=10_080, used=20.0, time=NOW - HOUR)
    named, unnamed = kept(account="a", used=10.0, time=NOW - HOUR), kept(used=70.0)
    assert shown({}, named, week, unnamed) == [("5h", 70.0, NOW + HOUR)]
    assert shown({}, {**named, "time": NOW}, week, {**unnamed, "time": NOW - MINUTE}) == [
        ("5h", 10.0, NOW + HOUR),
        ("7d", 20.0, NOW + HOUR),
    ]


def test_other_providers_windows_are_left_out() -> None:
    assert shown({}, kept(provider="openai")) == []


def test_what_was_told_a_while_ago_is_old() -> None:
    new, old = kept(), kept("seven_day", minutes=10_080, time=NOW - 16 * MINUTE)
    assert [each.old for each in running({}, [new, old], "anthropic", NOW)] == [False, True]


@pytest.mark.parametrize("told", [{"five_hour": 7}, {"five_hour": None}, {"five_hour": {}}, {"": said(1)}])
def test_other_shapes_are_passed_over(told: dict[str, Any]) -> None:
    assert [each[1] for each in shown(told)] in ([], [1.0])
