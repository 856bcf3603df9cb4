"""Answers of the endpoint for a subscriber's usage, in the older and the newer form."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.tools.claude_code.usage_endpoint import windows
from tallystick.usage.event import LimitSample

NOON = 1_795_348_800_000
FIVE, WEEK = NOON + 7_200_123, NOON + 5 * 86_400_000
OLD = {
    "five_hour": {"utilization": 6.0, "resets_at": "2026-11-22T14:00:00.123456+00:00"},
    "seven_day": {"utilization": 35, "resets_at": "2026-11-27T12:00:00Z"},
    "seven_day_oauth_apps": None,
    "seven_day_opus": {"utilization": 0, "resets_at": None},
    "iguana_necktie": None,
    "extra_usage": {"is_enabled": False, "monthly_limit": None, "used_credits": None, "utilization": None},
}
NEW = {
    "five_hour": None,
    "limits": [
        {"kind": "session", "group": "session", "percent": 6, "resets_at": "2026-11-22T14:00:00.123456+00:00", "scope": None},
        {"kind": "weekly_all", "percent": 35, "resets_at": "2026-11-27T12:00:00Z", "is_active": True},
        {"kind": "weekly_scoped", "percent": 12.5, "resets_at": None, "scope": {"model": {"display_name": "Opus 4"}}},
    ],
}  # fmt: skip


def test_each_key_is_a_window() -> None:
    assert list(windows(OLD, NOON, "max", "1f0c")) == [
        LimitSample("anthropic", "five_hour", 300, 6.0, FIVE, NOON, "max", "1f0c"),
        LimitSample("anthropic", "seven_day", 10_080, 35.0, WEEK, NOON, "max", "1f0c"),
        LimitSample("anthropic", "seven_day_opus", 10_080, 0.0, 0, NOON, "max", "1f0c"),
    ]


def test_so_is_each_limit_of_the_newer_list_under_the_name_that_other_witnesses_use() -> None:
    assert list(windows(NEW, NOON)) == [
        LimitSample("anthropic", "five_hour", 300, 6.0, FIVE, NOON),
        LimitSample("anthropic", "seven_day", 10_080, 35.0, WEEK, NOON),
        LimitSample("anthropic", "seven_day_opus", 10_080, 12.5, 0, NOON),
    ]


@pytest.mark.parametrize(
    "kind, model, name, minutes",
    [
        ("session", None, "five_hour", 300),
        ("weekly_all", None, "seven_day", 10_080),
        ("weekly", None, "seven_day", 10_080),
        ("weekly_scoped", "Claude Sonnet 4.5", "seven_day_sonnet", 10_080),
        ("weekly_scoped", "Opus", "seven_day_opus", 10_080),
        ("weekly_scoped", "Magnum 5", "seven_day_magnum_5", 10_080),
        ("weekly_scoped", None, "weekly_scoped", 10_080),
        ("seven_day_cowork", None, "seven_day_cowork", 10_080),
        ("daily_routines", None, "daily_routines", 1_440),
        ("weekly_new", "Opus", "weekly_new:opus", 10_080),
        ("lifetime", None, "lifetime", 0),
    ],
)
def test_kinds_that_are_known_have_their_established_names(
    kind: str, model: str | None, name: str, minutes: int
) -> None:
    limit = {"kind": kind, "percent": 7, "scope": model and {"model": {"display_name": model}}}
    assert list(windows({"limits": [limit]}, NOON)) == [LimitSample("anthropic", name, minutes, 7.0, 0, NOON)]


def test_a_window_that_an_answer_tells_in_both_forms_is_told_once() -> None:
    both = {
        "five_hour": {"utilization": 6.0},
        "limits": [{"kind": "session", "percent": 6}, {"kind": "weekly_all", "percent": 3}],
    }
    assert list(windows(both, NOON)) == [
        LimitSample("anthropic", "five_hour", 300, 6.0, 0, NOON),
        LimitSample("anthropic", "seven_day", 10_080, 3.0, 0, NOON),
    ]
    # One that makes no sense in the old place does not stand for that in the new one.
    found = list(windows({**both, "five_hour": {"utilization": 400}}, NOON))
    assert [each and each.window for each in found] == [None, "five_hour", "seven_day"]


def test_two_models_of_one_family_have_two_windows() -> None:
    limits = [
        {"kind": "weekly_scoped", "percent": percent, "scope": {"model": {"display_name": model}}}
        for percent, model in ((12, "Opus 4"), (3, "Opus 5"))
    ]
    found = [each and (each.window, each.used_percent) for each in windows({"limits": limits}, NOON)]
    assert found == [("seven_day_opus", 12.0), ("seven_day_opus_5", 3.0)]


def test_half_a_per_cent_is_half_a_per_cent() -> None:
    (sample,) = windows({"five_hour": {"utilization": 0.5}}, NOON)
    assert sample is not None
    assert sample.used_percent == 0.5


@pytest.mark.parametrize("used", [101.5, 1_795_348_800, -1, "6", True, {}])
def test_what_is_no_share_is_none(used: Any) -> None:  # noqa: ANN401 - any JSON
    assert list(
        windows({"five_hour": {"utilization": used}, "limits": [{"kind": "session", "percent": used}]}, NOON)
    ) == [None, None]


@pytest.mark.parametrize("told", [None, [], "no", {"limits": 7}, {"limits": [7, {"percent": None}]}, {"five_hour": 7}])
def test_what_tells_of_nothing_is_nothing(told: Any) -> None:  # noqa: ANN401 - any JSON
    assert list(windows(told, NOON)) == []


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(["utilization", "percent", "kind", "scope", "model", "display_name", "resets_at"]), inner
        )
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), json_values), json_values)
def test_whatever_is_told_only_percentages_come_out(told: dict[str, Any], limits: Any) -> None:  # noqa: ANN401 - any JSON
    for sample in windows({**told, "limits": limits}, NOON):
        assert sample is None or 0 <= sample.used_percent <= 101
