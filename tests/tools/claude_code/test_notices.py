"""What the tool itself writes into a transcript."""

from typing import Any

import pytest
from tests.tools.claude_code.transcripts import text

from tallystick.tools.claude_code.notices import limits_of, tells_cut
from tallystick.usage.event import LimitSample

NOW = 1_793_527_200_000
RESET = 1_793_556_000
REACHED = f"Claude AI usage limit reached|{RESET}"


@pytest.mark.parametrize(
    "line",
    [
        {"message": {"content": [text("[Request interrupted by user]")]}},
        {"message": {"content": [text("[Request interrupted by user for tool use]")]}},
        {"message": {"content": "[Request interrupted by user]"}},
        {"interruptedMessageId": "msg_1", "message": {"content": ""}},
        {"isMeta": True, "turnCompanion": True, "message": {"content": "Your response above was cut off mid-stream."}},
    ],
)
def test_an_interruption_and_a_stream_that_was_cut_are_told(line: dict[str, Any]) -> None:
    assert tells_cut(line)


@pytest.mark.parametrize(
    "line",
    [
        {"message": {"content": "why was my [Request interrupted by user]?"}},
        {"message": {"content": [text("go on")]}},
        {"message": {"content": [{"type": "image"}]}},
        {"message": {"content": []}},
        {"message": {"content": ["[Request interrupted by user]"]}},
        {"message": {}},
        {"message": None},
        {"turnCompanion": "yes", "message": 5},
        {},
    ],
)
def test_nothing_else_tells_of_a_cut(line: dict[str, Any]) -> None:
    assert not tells_cut(line)


def error(words: str = "", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """Return an error that stands in the model's place."""
    return {"isApiErrorMessage": True, "message": {"content": [text(words)]}, **more}


def reached(window: str, minutes: int) -> list[LimitSample]:
    """Return the one sample that says that a window is used up."""
    return [LimitSample("anthropic", window, minutes, 100.0, RESET * 1000, NOW)]


def test_a_limit_in_words_names_the_end_of_the_five_hours() -> None:
    assert limits_of(error(REACHED), NOW) == reached("five_hour", 300)


@pytest.mark.parametrize(
    "window, minutes", [("five_hour", 300), ("seven_day", 10_080), ("seven_day_opus", 10_080), ("overage", 0)]
)
def test_a_limit_in_fields_names_its_window(window: str, minutes: int) -> None:
    told = {"rateLimitType": window, "resetsAt": RESET, "status": "rejected"}
    assert limits_of(error(quotaLimits=told), NOW) == reached(window, minutes)
    assert limits_of(error(REACHED, quotaLimits=[told]), NOW) == reached(window, minutes)


@pytest.mark.parametrize(
    "line",
    [
        {"message": {"content": [text(REACHED)]}},
        error("API Error: 529 overloaded"),
        error("usage limit reached|"),
        error("usage limit reached|soon"),
        error("usage limit reached|²²²²²²²²²²"),
        error("usage limit reached|99999999999999999999"),
        error("usage limit reached|7"),
        error(quotaLimits={"rateLimitType": "five_hour", "resetsAt": RESET, "status": "allowed"}),
        error(quotaLimits={"rateLimitType": "five_hour", "resetsAt": "soon", "status": "rejected"}),
        error(quotaLimits={"rateLimitType": "five_hour", "resetsAt": True, "status": "rejected"}),
        error(quotaLimits={"rateLimitType": "five_hour", "resetsAt": 1e308, "status": "rejected"}),
        error(quotaLimits={"rateLimitType": "five_hour", "resetsAt": 10**400, "status": "rejected"}),
        error(quotaLimits={"rateLimitType": 5, "resetsAt": RESET, "status": "rejected"}),
        error(quotaLimits=["rejected", None]),
        {"isApiErrorMessage": True, "message": None},
        {"isApiErrorMessage": True, "message": {"content": REACHED}},
        {"isApiErrorMessage": True, "message": {"content": [REACHED, {"text": 5}]}},
    ],
)
def test_nothing_else_tells_of_a_limit(line: dict[str, Any]) -> None:
    assert limits_of(line, NOW) == []
