"""Made-up windows fill up as real ones do: from nothing, at work, and never beyond all."""

from datetime import UTC, datetime
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tallystick.intake.demo_limits import samples
from tallystick.usage.event import LimitSample

MOMENTS = st.integers(1_760_000_000_000, 1_860_000_000_000)


def runs(now: int) -> dict[tuple[str, int], list[LimitSample]]:
    """Return what was told, by window and reset."""
    found: dict[tuple[str, int], list[LimitSample]] = {}
    for each in samples(now):
        found.setdefault((each.window, each.resets_at), []).append(each)
    return found


@given(MOMENTS)
def test_whatever_the_moment_each_window_only_rises_within_its_time(now: int) -> None:
    for (_, resets_at), told in runs(now).items():
        assert [each.time for each in told] == sorted(each.time for each in told)
        assert [each.used_percent for each in told] == sorted(each.used_percent for each in told)
        assert all(resets_at - each.minutes * 60_000 <= each.time < min(resets_at, now) for each in told)
        assert all(0 <= each.used_percent < 100 for each in told)


@given(MOMENTS)
def test_four_run_and_no_two_of_a_kind_at_once(now: int) -> None:
    spans: dict[str, list[tuple[int, int]]] = {}
    for (name, resets_at), told in runs(now).items():
        spans.setdefault(name, []).append((resets_at - told[0].minutes * 60_000, resets_at))
    assert sum(resets > now for each in spans.values() for _, resets in each) == 4
    for each in spans.values():
        ordered = sorted(each)
        assert all(one[1] <= other[0] for one, other in pairwise(ordered))


def test_what_is_over_was_used_at_work() -> None:
    now = 1_795_321_182_597
    before = [each for each in samples(now) if each.time < now - 2 * 3_600_000]
    assert len(before) > 100
    for each in before:
        told = datetime.fromtimestamp(each.time / 1000, UTC)
        assert told.weekday() < 5
        assert 8 <= told.hour < 19
