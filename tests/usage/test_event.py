"""The shape of an event: what a witness does not say is the plain case, and content has no place in it."""

import pytest

from tallystick.usage.event import Context, LimitSample, Prompt, Skipped, Title, ToolCall, UsageEvent, Variant
from tallystick.usage.tokens import Tokens

EVENT = UsageEvent(
    key=1,
    request=0,
    time=1_795_312_800_000,
    variant=Variant("anthropic", "claude-opus-4-8"),
    tokens=Tokens(input=10, output=42),
    context=Context("claude-code"),
)


def test_what_a_witness_does_not_say_is_the_plain_case() -> None:
    assert EVENT.complete
    assert not EVENT.replay
    assert not EVENT.copied
    # Unknown is not free: a cost that nobody stated is None, never 0.
    assert EVENT.cost_nano is None
    assert EVENT.variant[2:] == ("", "", "")
    assert set(EVENT.context[1:]) == {""}
    assert (EVENT.web_searches, EVENT.web_fetches, EVENT.work_ms) == (0, 0, 0)


@pytest.mark.parametrize("shape", [Context, LimitSample, Prompt, Skipped, Title, ToolCall, UsageEvent, Variant])
def test_no_shape_has_a_place_for_content(shape: type[tuple[object, ...]]) -> None:
    words = {"content", "prompt", "answer", "message", "input", "arguments", "result", "file", "command"}
    assert not words & set(getattr(shape, "_fields"))  # noqa: B009 - the name is known to NamedTuples only


def test_an_event_does_not_change_on_its_way() -> None:
    with pytest.raises(AttributeError):
        EVENT.time = 0  # type: ignore[misc]


def test_equal_calls_are_one_in_a_set() -> None:
    # The context of a stretch of a session is one value for many events, and engines key their tables by it.
    assert len({EVENT.context, Context("claude-code"), Context("claude-code", agent="a1")}) == 2
