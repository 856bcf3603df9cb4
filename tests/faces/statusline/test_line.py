"""The fields of the status line, from what the tool tells and what is kept ready."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.faces.statusline.line import FIELDS, Scene, value
from tallystick.faces.statusline.template import DEFAULT, Field, parse, render

NOW = 1_795_442_400_000
"""2026-11-23T14:00Z, a Monday."""
HOUR = 3_600_000
DOLLAR = 10**12

STATE: dict[str, Any] = {
    "schema": "tallystick.statusline/1",
    "begun": NOW - 3_000,
    "machine": "laptop",
    "ahead": HOUR,
    "shifts": [],
    "day": {"since": NOW - 15 * HOUR, "until": NOW + 9 * HOUR, "cost": 12 * DOLLAR, "unpriced": 5, "total": 184_220},
    "sessions": {
        "s-1": {
            "cost": 3 * DOLLAR, "unpriced": 0, "total": 92_000, "prompt": 90_000, "cached": 81_000, "last": NOW - 60_000,
            "provider": "anthropic", "model": "claude-opus-4-8", "tool": "claude-code", "project": "/home/dev/till",
            "branch": "main",
            "points": [
                {"provider": "anthropic", "name": "seven_day", "minutes": 10_080, "resets_at": NOW + 60 * HOUR, "points": 2.0},
                {"provider": "anthropic", "name": "five_hour", "minutes": 300, "resets_at": NOW + 2 * HOUR, "points": 11.4},
            ],
        },
        "s-2": {
            "cost": None, "unpriced": 700, "total": 700, "prompt": 600, "cached": 0, "last": NOW - 30_000,
            "provider": "openai", "model": "house-model-1", "tool": "codex", "project": "/home/dev/shop", "branch": "",
        },
    },
    "blocks": {
        "claude-code": {
            "begin": NOW - HOUR, "end": NOW + 4 * HOUR, "ahead": 8 * DOLLAR, "cost": 3 * DOLLAR, "unpriced": 0, "total": 9,
        }
    },
    "windows": [
        {
            "provider": "openai", "account": "", "name": "primary", "minutes": 300, "used": 71.0, "time": NOW - 1,
            "resets_at": NOW + HOUR, "until": NOW + HOUR, "out": None,
        }
    ],
}  # fmt: skip
TOLD: dict[str, Any] = {
    "session_id": "s-1",
    "cwd": "/home/dev/till/src",
    "model": {"id": "claude-opus-4-8", "display_name": "Opus 4.8"},
    "workspace": {"current_dir": "/home/dev/till/src", "project_dir": "/home/dev/till"},
    "cost": {"total_cost_usd": 2.5, "total_lines_added": 12, "total_lines_removed": 3},
    "context_window": {"used_percentage": 41.6},
    "effort": {"level": "high"},
    "prompt_cache": {"hit_ratio": 0.5},
    "rate_limits": {
        "five_hour": {"used_percentage": 34, "resets_at": (NOW + 2 * HOUR) // 1000},
        "seven_day": {"used_percentage": 91, "resets_at": (NOW + 60 * HOUR) // 1000},
    },
}
TELLER = ("claude-code", "anthropic")


def shown(name: str, told: dict[str, Any] = TOLD, state: dict[str, Any] = STATE, *, stale: bool = False) -> str:
    """Return what a field shows; empty where it vanishes."""
    scene = Scene(told, state, NOW, TELLER if told else ("", ""), lambda folder: f"branch of {folder}")
    scene.stale = stale
    found = value(scene, Field(name, ""))
    return found[0] if found else ""


@pytest.mark.parametrize(
    "name, text",
    [
        ("model", "Opus 4.8"),
        ("session", "$3.00"),
        ("session_tokens", "92.0k"),
        ("reported", "$2.50"),
        ("today", "$12.00+"),
        ("today_tokens", "184k"),
        ("limit", "5h 34% till 17:00"),
        ("limits", "7d 91%"),
        ("points", "~11 points of 5h"),
        ("block", "block $3.00 → ~$8.00 till ~19:00"),
        ("cache", "90%"),
        ("context", "42%"),
        ("project", "till"),
        ("branch", "branch of /home/dev/till/src"),
        ("machine", "laptop"),
        ("effort", "high"),
        ("lines", "+12 −3"),
        ("stale", ""),
        ("modle", "{modle?}"),
    ],
)
def test_each_field_shows_what_it_is_for(name: str, text: str) -> None:
    assert shown(name) == text


@pytest.mark.parametrize("name", [name for name in FIELDS if name not in {"machine", "today", "today_tokens"}])
def test_without_anything_a_field_is_empty(name: str) -> None:
    assert shown(name, {}, {}) == ""


def test_without_the_tools_words_the_session_that_was_last_at_work_is_told_of() -> None:
    assert shown("model", {}) == "house-model-1"
    # Nothing in it has a price: that is not $0.
    assert shown("session", {}) == "700 tokens, unpriced"
    assert shown("limit", {}) == "5h 71% till 16:00"
    assert shown("project", {}) == "shop"
    assert shown("branch", {}) == ""
    assert shown("cache", {}) == "0%"


def test_a_session_that_is_not_known_yet_has_no_figure_and_its_own_words_count() -> None:
    told = {**TOLD, "session_id": "new"}
    assert shown("session", told) == ""
    assert shown("cache", told) == "50%"
    assert shown("limit", told) == "5h 34% till 17:00"


def test_without_a_window_the_block_stands_for_it() -> None:
    assert shown("limit", {**TOLD, "rate_limits": None}) == "block $3.00 → ~$8.00 till ~19:00"
    assert shown("limits", {**TOLD, "rate_limits": None}) == ""
    over = {**STATE, "blocks": {"claude-code": {**STATE["blocks"]["claude-code"], "end": NOW}}}
    assert shown("limit", {**TOLD, "rate_limits": None}, over) == ""


def test_what_runs_out_before_its_reset_says_when_and_that_this_is_an_estimate() -> None:
    window = {**STATE["windows"][0], "out": NOW + 600_000}
    assert shown("limit", {}, {**STATE, "windows": [window]}) == "5h 71% out ~15:10"
    gone = {**window, "out": NOW - 600_000}
    assert shown("limit", {}, {**STATE, "windows": [gone]}) == "5h 71% out ~15:00"


def test_a_day_that_is_over_is_not_today() -> None:
    day = {**STATE["day"], "until": NOW}
    assert shown("today", TOLD, {**STATE, "day": day}) == ""


def test_what_is_stale_is_marked_and_so_is_since_when() -> None:
    assert shown("session", stale=True) == "$3.00*"
    assert shown("today", stale=True) == "$12.00+*"
    assert shown("stale", stale=True) == "*as of 14:59"
    # The tool tells it in this moment.
    assert shown("limit", stale=True) == "5h 34% till 17:00"


def test_clocks_may_change_before_a_window_ends() -> None:
    state = {**STATE, "shifts": [[NOW + HOUR, 0]]}
    assert shown("limit", TOLD, state) == "5h 34% till 16:00"


def line(width: int, **more: object) -> str:
    """Return the usual line."""
    scene = Scene({**TOLD, **more}, STATE, NOW, TELLER, lambda _: "main")
    return render(parse(DEFAULT), lambda field: value(scene, field), width, colour=False)


def test_the_usual_line_at_80_and_120_columns() -> None:
    assert line(76) == "Opus 4.8 · $3.00 · today $12.00+ · 5h 34% till 17:00 · 7d 91% · ctx 42%"
    assert line(116) == (
        "Opus 4.8 · $3.00 · today $12.00+ · 5h 34% till 17:00 · 7d 91% · ctx 42% · cache 90% · till main · laptop"
    )


def test_what_vendors_told_has_the_colour_of_how_much_is_left() -> None:
    scene = Scene(TOLD, STATE, NOW, TELLER)
    assert value(scene, Field("limit", "")) == ("5h 34% till 17:00", "green")
    assert value(scene, Field("limits", "")) == ("7d 91%", "red")
    assert value(scene, Field("limits", "blue")) == ("7d 91%", "blue")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(TOLD)), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from([*sorted(TOLD), "rate_limits"]), JSON, max_size=6))
def test_whatever_the_tool_tells_there_is_a_line(told: dict[str, Any]) -> None:
    scene = Scene(told, STATE, NOW, TELLER, lambda _: "main")
    template = " ".join(f"[{{{name}}}]" for name in FIELDS)
    assert render(parse(template), lambda field: value(scene, field), 0, colour=False).isprintable()


def test_points_are_those_of_the_shortest_window_that_runs() -> None:
    one, other = STATE["sessions"]["s-1"]["points"]

    def told(*points: dict[str, Any]) -> str:
        return shown("points", state={**STATE, "sessions": {"s-1": {"points": list(points)}}})

    assert told(one, {**other, "resets_at": NOW}) == "~2 points of 7d"
    assert (told({**other, "points": 1.2}), told({**other, "points": 0.04})) == ("~1 point of 5h", "~0.1 points of 5h")
    assert told() == ""
    assert shown("points", stale=True) == "~11 points of 5h*"
