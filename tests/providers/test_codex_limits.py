"""Usage windows as Codex is told of them: families of headers by their suffix, and a message."""

import json

from hypothesis import given
from hypothesis import strategies as st

from tallystick.providers.codex_limits import limits_in_frame, limits_in_headers
from tallystick.providers.provider import Limit


def test_families_are_found_by_their_suffix() -> None:
    headers = {
        "x-codex-primary-used-percent": "12.5",
        "x-codex-primary-window-minutes": "300",
        "x-codex-primary-reset-at": "1795321800",
        "x-codex-other-primary-used-percent": "80",
        "x-codex-other-secondary-used-percent": "5",
        "x-codex-other-secondary-window-minutes": "10080",
        "content-type": "text/event-stream",
    }
    assert limits_in_headers(headers) == [
        Limit("openai", "codex:300", 300, 12.5, 1_795_321_800_000),
        Limit("openai", "codex_other:primary", 0, 80.0, 0),
        Limit("openai", "codex_other:10080", 10_080, 5.0, 0),
    ]


def test_a_window_of_zeros_is_none() -> None:
    assert limits_in_headers({"x-codex-primary-used-percent": "0", "x-codex-primary-window-minutes": "0"}) == []
    said = {"x-codex-primary-used-percent": "0", "x-codex-primary-window-minutes": "300"}
    assert limits_in_headers(said) == [Limit("openai", "codex:300", 300, 0.0, 0)]


def test_what_is_no_number_is_none() -> None:
    for said in ("", "much", "nan", "inf", "-1", "1e9", "101.5"):
        assert limits_in_headers({"x-codex-primary-used-percent": said}) == []
    odd = {
        "x-codex-primary-used-percent": "5",
        "x-codex-primary-window-minutes": "inf",
        "x-codex-primary-reset-at": "inf",
    }
    assert limits_in_headers(odd) == [Limit("openai", "codex:primary", 0, 5.0, 0)]


def test_a_message_tells_both_windows_and_the_plan() -> None:
    message = {
        "type": "codex.rate_limits",
        "plan_type": "plus",
        "metered_limit_name": "Codex-Other",
        "rate_limits": {
            "primary": {"used_percent": 3, "window_minutes": 300, "reset_at": 1_795_321_800},
            "secondary": {"used_percent": 41.5, "window_minutes": 10_080},
        },
    }
    assert limits_in_frame(json.dumps(message).encode()) == [
        Limit("openai", "codex_other:300", 300, 3.0, 1_795_321_800_000, "plus"),
        Limit("openai", "codex_other:10080", 10_080, 41.5, 0, "plus"),
    ]


def test_a_message_without_windows_tells_nothing() -> None:
    assert limits_in_frame(b'{"type":"codex.rate_limits","rate_limits":null}') == []
    assert limits_in_frame(b"[]") == []
    assert limits_in_frame(b'{"rate_limits":{"primary":{"used_percent":true}}}') == []


@given(
    st.dictionaries(
        st.sampled_from(["x-a-primary-used-percent", "x-a-primary-reset-at", "x--primary-used-percent"]), st.text()
    )
)
def test_nothing_is_raised_for_any_headers(headers: dict[str, str]) -> None:
    limits_in_headers(headers)
