"""What a status line is told of usage windows, in the form in which versions from 2.1.80 on tell it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.tools.claude_code import CLAUDE_CODE, with_inbox
from tallystick.tools.claude_code.status_line import NO_SHARE, StatusLines, samples
from tallystick.tools.tool import Found, State
from tallystick.usage.event import LimitSample

NOW = 1_795_348_800_000
FIVE, WEEK = 1_795_356_000, 1_795_780_800
TOLD = {
    "session_id": "0b6f9f0e-1f5c-4f0c-9a67-3b8a2d3a0c11",
    "model": {"id": "claude-opus-4-8", "display_name": "Opus 4.8"},
    "cost": {"total_cost_usd": 1.2345},
    "rate_limits": {
        "five_hour": {"used_percentage": 23.5, "resets_at": FIVE},
        "seven_day": {"used_percentage": 41, "resets_at": WEEK},
    },
}


def windows(**said: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    return {"rate_limits": said}


def read(*lines: Any, state: State | None = None) -> tuple[Found, State]:  # noqa: ANN401 - any JSON
    reader = StatusLines(state or {})
    data = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    reader.feed(data, 0, len(data), 0)
    return reader.finish()


def test_each_window_is_told() -> None:
    assert samples(TOLD, NOW) == [
        LimitSample("anthropic", "five_hour", 300, 23.5, FIVE * 1000, NOW),
        LimitSample("anthropic", "seven_day", 10_080, 41.0, WEEK * 1000, NOW),
    ]


def test_names_of_windows_are_data() -> None:
    told = windows(seven_day_large={"used_percentage": 7}, monthly={"used_percentage": 100, "resets_at": None})
    assert samples(told, NOW) == [
        LimitSample("anthropic", "seven_day_large", 10_080, 7.0, 0, NOW),
        LimitSample("anthropic", "monthly", 0, 100.0, 0, NOW),
    ]


def test_a_reset_may_be_told_as_text_or_in_milliseconds() -> None:
    told = windows(
        five_hour={"used_percentage": 7, "resets_at": "2026-11-22T14:00:00Z"},
        seven_day={"used_percentage": 7, "resets_at": WEEK * 1000},
        other={"used_percentage": 7, "resets_at": "soon"},
    )
    assert [sample.resets_at for sample in samples(told, NOW)] == [FIVE * 1000, WEEK * 1000, 0]


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"rate_limits": None},
        {"rate_limits": {}},
        {"rate_limits": [1]},
        windows(five_hour=None),
        windows(five_hour={}),
        windows(five_hour={"used_percentage": None}),
    ],
)
def test_what_is_missing_is_nothing(told: dict[str, Any]) -> None:
    assert samples(told, NOW) == []
    assert read({"v": 1, "time": NOW, "told": told})[0].skipped == []


@pytest.mark.parametrize("used", [FIVE, FIVE * 1000, 101.1, -0.1, "40", True, [], 10**400])
def test_what_is_no_percentage_is_skipped_and_never_made_to_fit(used: Any) -> None:  # noqa: ANN401 - any JSON
    told = windows(five_hour={"used_percentage": used, "resets_at": FIVE}, seven_day={"used_percentage": 41})
    assert [sample.window for sample in samples(told, NOW)] == ["seven_day"]
    found, _ = read({"v": 1, "time": NOW, "told": told})
    assert [(skipped.offset, skipped.reason) for skipped in found.skipped] == [(0, NO_SHARE)]


def test_the_same_again_is_noted_after_five_minutes_only() -> None:
    def line(minutes: float, used: float = 23.5) -> dict[str, Any]:
        return {
            "v": 1,
            "time": NOW + round(minutes * 60_000),
            "told": windows(five_hour={"used_percentage": used, "resets_at": FIVE}),
        }

    found, state = read(line(0), line(1), line(2, 24), line(2.1), line(4))
    assert [(sample.time - NOW, sample.used_percent) for sample in found.limits] == [
        (0, 23.5),
        (120_000, 24.0),
        (126_000, 23.5),
    ]
    again, _ = read(line(5), line(7.2), line(6), state=json.loads(json.dumps(state)))
    assert [sample.time - NOW for sample in again.limits] == [432_000, 360_000]


def test_a_line_may_tell_a_sample_by_its_fields() -> None:
    limit = {
        "provider": "anthropic",
        "window": "seven_day",
        "minutes": 10_080,
        "used_percent": 12.5,
        "resets_at": WEEK * 1000,
        "time": NOW,
        "plan": "max",
        "account": "1f0c",
    }
    found, _ = read(
        {"v": 1, "limit": limit},
        {"v": 1, "limit": limit | {"used_percent": 500}},
        {"v": 1, "limit": 7},
        {"v": 1, "limit": limit | {"time": 1}},
    )
    assert found.limits == [LimitSample("anthropic", "seven_day", 10_080, 12.5, WEEK * 1000, NOW, "max", "1f0c")]
    assert len(found.skipped) == 3


@pytest.mark.parametrize(
    "line", [{"v": 2, "time": NOW, "told": TOLD}, {"v": 1, "told": TOLD}, {"v": 1, "time": "now", "told": TOLD}, {}]
)
def test_a_line_of_another_form_is_skipped(line: dict[str, Any]) -> None:
    found, _ = read(line)
    assert (found.limits, len(found.skipped)) == ([], 1)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(
    st.dictionaries(
        st.text(), st.dictionaries(st.sampled_from(["used_percentage", "resets_at", "x"]), json_values) | json_values
    )
)
def test_whatever_is_told_only_percentages_come_out(limits: Any) -> None:  # noqa: ANN401 - any JSON
    for sample in samples({"rate_limits": limits}, NOW):
        assert 0 <= sample.used_percent <= 101
        assert sample.resets_at == 0 or 1_577_836_800_000 <= sample.resets_at < 4_102_444_800_000
    read({"v": 1, "time": NOW, "told": {"rate_limits": limits}})


def test_the_inbox_is_a_place_of_claude_code() -> None:
    tool = with_inbox("/home/dev/data/inbox/limits")
    places = tool.roots("/home/dev", {})
    assert places[:-1] == CLAUDE_CODE.roots("/home/dev", {})
    assert (places[-1].path, places[-1].depth) == ("/home/dev/data/inbox/limits", 0)
    assert isinstance(tool.reader("/home/dev/data/inbox/limits/20779.jsonl", {}), StatusLines)
    assert not isinstance(tool.reader("/home/dev/.claude/projects/p/s.jsonl", {}), StatusLines)
