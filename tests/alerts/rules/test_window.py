"""Windows: told when the forecast says so for certain enough, and never by a figure that is stale or of a window that is over."""

from random import Random

import pytest

from tallystick.alerts.finding import worded
from tallystick.alerts.rules.window import WINDOW
from tallystick.alerts.situation import Situation, Windowed
from tallystick.answers.forecast import Sample, forecast
from tallystick.answers.pattern import Pattern

MINUTE = 60_000
HOUR = 60 * MINUTE
NOW = 1_767_600_000_000
"""2026-01-05 08:00 UTC."""
RESET = NOW + 3 * HOUR
ABOUT = Windowed("anthropic", "five_hour", "", 300, 60, RESET, NOW, forecast=True, runs_out=None, high=70)
OUT = ABOUT._replace(runs_out=RESET - HOUR, low=95, high=140)


@pytest.mark.parametrize(
    "window, state",
    [
        (ABOUT, "fine"),
        (ABOUT._replace(high=90), "near"),
        (OUT, "case"),
        (OUT._replace(used_percent=19.9), "near"),
        (OUT._replace(low=94.9), "near"),
        (OUT._replace(runs_out=RESET - 5 * MINUTE), "near"),
        (OUT._replace(runs_out=RESET - 5 * MINUTE - 1), "case"),
        # Said half an hour ago, which is a tenth of five hours; of a week that is nothing.
        (OUT._replace(time=NOW - 30 * MINUTE - 1), "near"),
        (OUT._replace(time=NOW - 31 * MINUTE, minutes=7 * 24 * 60), "case"),
        (ABOUT._replace(forecast=False), "near"),
        (ABOUT._replace(forecast=False, used_percent=49), "fine"),
        # That it is out is told for itself; what was told before goes on, and nothing new begins.
        (OUT._replace(used_percent=100), "near"),
        (ABOUT._replace(used_percent=104, time=NOW - 2 * HOUR), "near"),
        # What it was before its reset says nothing.
        (ABOUT._replace(used_percent=100, resets_at=NOW), "fine"),
    ],
)
def test_the_state_of_a_window(window: Windowed, state: str) -> None:
    found = WINDOW.look(Situation(NOW, windows=(window,)), WINDOW.limits)
    assert found is not None
    ahead, out = found
    assert ahead.state == state
    assert (ahead.key, ahead.level, ahead.term) == ("window:anthropic:five_hour::ahead", "warning", window.resets_at)
    assert (out.key, out.level, out.term) == ("window:anthropic:five_hour::out", "critical", window.resets_at)


@pytest.mark.parametrize(
    "window, state",
    [
        (OUT, "fine"),
        (ABOUT._replace(used_percent=94.9), "fine"),
        (ABOUT._replace(used_percent=95), "near"),
        (ABOUT._replace(used_percent=100, forecast=False), "case"),
        (ABOUT._replace(used_percent=104, time=NOW - 2 * HOUR), "case"),
        # What it was before its reset says nothing.
        (ABOUT._replace(used_percent=100, resets_at=NOW), "fine"),
    ],
)
def test_whether_a_window_has_run_out(window: Windowed, state: str) -> None:
    found = WINDOW.look(Situation(NOW, windows=(window,)), WINDOW.limits)
    assert found is not None
    assert [each.state for each in found if each.level == "critical"] == [state]


def test_it_says_when_on_local_clocks() -> None:
    found = WINDOW.look(Situation(NOW, HOUR, windows=(OUT, OUT._replace(name="x", used_percent=100))), WINDOW.limits)
    assert found is not None
    (first, _, _, second) = found
    assert worded(first.title, first.facts) == "anthropic five_hour: will run out before its reset"
    assert first.text == "60 % are used; it is expected to run out at 11:00, 1 h before its reset at 12:00."
    assert (second.level, second.text) == ("critical", "100 % are used; it is reset at 12:00.")


def test_of_two_accounts_without_a_name_the_worse_counts() -> None:
    for windows in ((ABOUT, OUT), (OUT, ABOUT)):
        found = WINDOW.look(Situation(NOW, windows=windows), WINDOW.limits)
        assert found is not None
        assert [each.state for each in found] == ["case", "fine"]


def test_only_what_is_used_up_is_so_since_it_was_said() -> None:
    found = WINDOW.look(Situation(NOW, windows=(OUT._replace(time=NOW - 7),)), WINDOW.limits)
    assert found is not None
    assert [each.since for each in found] == [0, NOW - 7]


def test_what_was_foretold_earlier_has_been_so_since() -> None:
    then = NOW - 5 * MINUTE

    def since(before: Windowed, now: Windowed = OUT) -> int:
        situation = Situation(NOW, windows=(now,), earlier=Situation(then, windows=(before,)))
        found = WINDOW.look(situation, WINDOW.limits)
        assert found is not None
        return found[0].since

    early = OUT._replace(time=then)
    assert since(early) == then
    # What was not the case then, another window, and one of another reset say nothing.
    assert [
        since(early._replace(**more)) for more in ({"low": 94.9}, {"name": "x"}, {"resets_at": RESET - 5 * HOUR})
    ] == [0, 0, 0]
    # Its account may have become known meanwhile.
    assert since(early, OUT._replace(account="a")) == then
    assert since(early._replace(account="a"), OUT) == 0


def test_a_window_of_an_account_says_how_it_was_called_before_that_was_known() -> None:
    found = WINDOW.look(Situation(NOW, windows=(OUT._replace(account="a"), OUT._replace(name="x"))), WINDOW.limits)
    assert found is not None
    assert [(each.key, each.former) for each in found] == [
        ("window:anthropic:five_hour:a:ahead", "window:anthropic:five_hour::ahead"),
        ("window:anthropic:five_hour:a:out", "window:anthropic:five_hour::out"),
        ("window:anthropic:x::ahead", ""),
        ("window:anthropic:x::out", ""),
    ]


def test_a_window_without_a_reset_is_left_out() -> None:
    assert WINDOW.look(Situation(NOW, windows=(ABOUT._replace(resets_at=0),)), WINDOW.limits) == []
    assert WINDOW.look(Situation(NOW), WINDOW.limits) is None


def told_at(demand: float, seed: int) -> tuple[int | None, int | None]:
    """Return when a window with such a demand is told of and when it has run out, in minutes, by real forecasts."""
    random = Random(seed)
    bursts = sorted((random.uniform(0, 240), random.uniform(15, 60), random.uniform(0.3, 1)) for _ in range(4))
    whole = sum(each[2] for each in bursts)
    samples: list[Sample] = []
    for minute in range(0, 300, 5):
        level = sum(demand * part / whole * min(max((minute - begin) / long, 0), 1) for begin, long, part in bursts)
        if level >= 100:
            return None, minute
        now = NOW + minute * MINUTE
        samples.append(Sample(now, float(int(level))))
        ahead = forecast(samples, 300, NOW + 5 * HOUR, now, Pattern())
        window = Windowed("anthropic", "five_hour", "", 300, samples[-1].used, NOW + 5 * HOUR, now)
        if ahead is not None:
            window = window._replace(forecast=True, runs_out=ahead.runs_out, low=ahead.low, high=ahead.high)
        found = WINDOW.look(Situation(now, windows=(window,)), WINDOW.limits)
        assert found is not None
        if found[0].state == "case":
            return minute, None
    return None, None


def test_by_real_forecasts_what_runs_out_is_mostly_told_before_and_what_does_not_is_not_told_of() -> None:
    quiet = [told_at(Random(seed).uniform(5, 60), seed) for seed in range(60)]
    assert quiet == [(None, None)] * 60
    # Demand beyond all of it: each is told of or runs out, and most are told of before.
    dear = [told_at(Random(seed).uniform(130, 180), seed) for seed in range(60)]
    assert all(told is not None or out is not None for told, out in dear)
    assert sum(told is not None for told, _ in dear) >= 50
