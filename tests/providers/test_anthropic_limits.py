"""Usage windows in Anthropic's headers, under the names that the transcripts have."""

from hypothesis import given
from hypothesis import strategies as st

from tallystick.providers.anthropic_limits import limits_in_headers
from tallystick.providers.provider import Limit

UNIFIED = "anthropic-ratelimit-unified"


def test_windows_are_found_by_pattern_and_named_as_in_the_transcripts() -> None:
    headers = {
        f"{UNIFIED}-status": "allowed",
        f"{UNIFIED}-reset": "1795321800",
        f"{UNIFIED}-5h-utilization": "0.5",
        f"{UNIFIED}-5h-reset": "1795321800",
        f"{UNIFIED}-7d_new-utilization": "0.25",
        f"{UNIFIED}-7d_new-reset": "2026-11-25T00:00:00Z",
        f"{UNIFIED}-7d_new-surpassed-threshold": "0.2",
        f"{UNIFIED}-month-utilization": "1.01",
    }
    assert limits_in_headers(headers) == [
        Limit("anthropic", "five_hour", 300, 50.0, 1_795_321_800_000),
        Limit("anthropic", "seven_day_new", 10_080, 25.0, 1_795_564_800_000),
        Limit("anthropic", "month", 0, 101.0, 0),
    ]


def test_a_refusal_without_a_share_is_a_full_window() -> None:
    headers = {f"{UNIFIED}-7d-status": "rejected", f"{UNIFIED}-5h-status": "allowed"}
    assert limits_in_headers(headers) == [Limit("anthropic", "seven_day", 10_080, 100.0, 0)]


def test_limits_per_minute_are_no_windows_of_a_plan() -> None:
    assert limits_in_headers({"anthropic-ratelimit-tokens-remaining": "5", "retry-after": "1"}) == []


def test_what_is_no_share_and_no_time_is_left_out() -> None:
    for said in ("nan", "inf", "-1", "", "half", "1.02", "1795321800"):
        assert limits_in_headers({f"{UNIFIED}-5h-utilization": said}) == []
        # A refusal does not make it whole.
        assert limits_in_headers({f"{UNIFIED}-5h-utilization": said, f"{UNIFIED}-5h-status": "rejected"}) == []
    for said in ("soon", "1", "9" * 400, "²", "0001-01-01"):
        headers = {f"{UNIFIED}-5h-utilization": "0.1", f"{UNIFIED}-5h-reset": said}
        assert limits_in_headers(headers)[0].resets_at == 0


@given(
    st.dictionaries(
        st.sampled_from([f"{UNIFIED}-5h-utilization", f"{UNIFIED}-5h-reset", f"{UNIFIED}-x-y-status"]), st.text()
    )
)
def test_nothing_is_raised_for_any_headers(headers: dict[str, str]) -> None:
    limits_in_headers(headers)
