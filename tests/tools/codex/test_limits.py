"""Limits: the vendor's words about windows, as samples of what changed."""

import json

import pytest

from tallystick.tools.codex.limits import Windows
from tallystick.tools.codex.plain import Limits, Misshapen
from tallystick.usage.event import LimitSample

NOW = 1_793_534_400_000


def sampled(windows: Windows, limits: Limits, time: int = NOW) -> list[LimitSample]:
    found: list[LimitSample] = []
    windows.sample(limits, time, "openai", found)
    return found


def test_each_window_is_a_sample() -> None:
    limits: Limits = ("codex", "plus", (12.5, 300, 1_793_540_000.0, None), (40.0, 10_080, 1_793_900_000.0, None))
    assert sampled(Windows(), limits) == [
        LimitSample("openai", "codex:300", 300, 12.5, 1_793_540_000_000, NOW, "plus"),
        LimitSample("openai", "codex:10080", 10_080, 40.0, 1_793_900_000_000, NOW, "plus"),
    ]


def test_a_window_is_known_by_its_length_not_by_its_slot() -> None:
    windows = Windows()
    sampled(windows, ("codex", "", (40.0, 10_080, 1_793_900_000.0, None), None))
    assert sampled(windows, ("codex", "", None, (40.0, 10_080, 1_793_900_000.0, None))) == []


def test_a_window_without_a_length_is_known_by_its_slot() -> None:
    found = sampled(Windows(), ("", "", (1.0, 0, None, None), (2.0, 0, None, None)))
    assert [(each.window, each.minutes, each.resets_at) for each in found] == [
        ("codex:primary", 0, 0),
        ("codex:secondary", 0, 0),
    ]


def test_only_changes_are_told() -> None:
    windows = Windows()
    limits: Limits = ("codex", "", (10.0, 300, 1_793_540_000.0, None), None)
    assert len(sampled(windows, limits)) == 1
    assert sampled(windows, limits, NOW + 60_000) == []
    assert len(sampled(windows, ("codex", "", (11.0, 300, 1_793_540_000.0, None), None))) == 1
    # 59 seconds of rounding are no other reset, 60 are.
    assert sampled(windows, ("codex", "", (11.0, 300, 1_793_540_059.0, None), None)) == []
    assert len(sampled(windows, ("codex", "", (11.0, 300, 1_793_540_060.0, None), None))) == 1


@pytest.mark.parametrize(
    "at,left,resets",
    [
        (1_793_540_000.0, None, 1_793_540_000_000),
        (1_793_540_000_000.0, None, 1_793_540_000_000),
        ("2026-11-01T13:00:00Z", None, NOW + 3_600_000),
        ("", None, 0),
        (None, 90.0, NOW + 90_000),
        (None, None, 0),
    ],
)
def test_a_reset_is_told_in_several_ways(at: float | str | None, left: float | None, resets: int) -> None:
    (sample,) = sampled(Windows(), ("codex", "", (1.0, 300, at, left), None))
    assert sample.resets_at == resets


@pytest.mark.parametrize(
    "at,left",
    [
        ("soon", None),
        (-1.0, None),
        (1e300, None),
        (4_102_444_800.0, None),
        ("9999-12-31T23:59:59Z", None),
        ("1950-01-01", None),
        (None, 1e300),
        (None, -1e12),
    ],
)
def test_a_reset_that_is_no_time_is_refused(at: float | str | None, left: float | None) -> None:
    found: list[LimitSample] = []
    with pytest.raises(Misshapen, match="resets_at is no time"):
        Windows().sample(("codex", "", (1.0, 300, at, left), (2.0, 10_080, None, None)), NOW, "openai", found)
    # The other window is not lost with it.
    assert [sample.window for sample in found] == ["codex:10080"]


@pytest.mark.parametrize("used", [101.1, 1_793_540_000.0, -1.0, float("nan")])
def test_what_is_no_share_is_refused_and_never_made_to_fit(used: float) -> None:
    found: list[LimitSample] = []
    with pytest.raises(Misshapen, match="used_percent is no share"):
        Windows().sample(("codex", "", (used, 300, None, None), (2.0, 10_080, None, None)), NOW, "openai", found)
    assert [(sample.window, sample.used_percent) for sample in found] == [("codex:10080", 2.0)]


def test_further_windows_have_the_names_that_they_came_with() -> None:
    limits: Limits = (
        "codex",
        "pro",
        None,
        None,
        ("individual_limit", (35.0, 0, 1_793_900_000.0, None)),
        ("tertiary", (1.0, 43_200, None, None)),
    )
    assert [(each.window, each.minutes, each.used_percent) for each in sampled(Windows(), limits)] == [
        ("codex:individual_limit", 0, 35.0),
        ("codex:43200", 43_200, 1.0),
    ]


def test_many_windows_are_remembered_within_bounds() -> None:
    windows = Windows()
    for number in range(1_000):
        sampled(windows, (f"limit {number}", "", (1.0, 300, None, None), None))
    assert len(windows.state() or {}) <= 32


def test_a_state_goes_on_where_another_ended() -> None:
    windows = Windows()
    limits: Limits = ("codex", "", (10.0, 300, 1_793_540_000.0, None), None)
    sampled(windows, limits)
    assert sampled(Windows(json.loads(json.dumps(windows.state()))), limits) == []
