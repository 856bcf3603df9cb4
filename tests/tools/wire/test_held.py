"""Held calls: as values that a state can hold, and back."""

import json

from tallystick.tools.wire.held import NEVER_ASKED, held, released
from tallystick.tools.wire.reader import USAGE_MISSING
from tallystick.usage.event import CUT_OFF, Context, UsageEvent, Variant
from tallystick.usage.tokens import Tokens

EVENT = UsageEvent(
    7, 0, 9_000, Variant("google", "gemini-2.5-pro", "flex"), Tokens(1, 2, 3, 4, 5, 1),
    Context("gemini-cli", "s1", "/home/dev/p", agent="a", version="0.61.0"), CUT_OFF, work_ms=8, web_searches=1, cost_nano=2, offset=33,
)  # fmt: skip


def test_nothing_is_lost_on_the_way_through_json() -> None:
    row = held(EVENT, "p1", "gemini-auto")
    ((event, parent, asked),) = released(json.loads(json.dumps([row])))
    assert (event, parent, asked) == (EVENT, "p1", "gemini-auto")
    assert [type(each) for each in (event, event.variant, event.tokens, event.context)] == [UsageEvent, Variant, Tokens, Context]  # fmt: skip


def test_the_model_that_was_asked_for_is_held_where_another_one_answered() -> None:
    assert released([held(EVENT, "", "gemini-2.5-pro")])[0].asked == ""


def test_what_an_earlier_version_held_is_understood() -> None:
    row = held(EVENT, "p1", "gemini-auto")[:-1]
    assert released([row]) == [(EVENT, "p1", "")]


def test_what_nobody_asked_for_is_told_among_what_lacks_its_counts() -> None:
    assert NEVER_ASKED.startswith(USAGE_MISSING)
