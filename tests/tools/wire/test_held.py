"""Held calls: as values that a state can hold, and back."""

import json

from tests.tools.wire.spooled import line

from tallystick.tools.wire.held import held, released
from tallystick.tools.wire.line import told
from tallystick.usage.event import CUT_OFF, Context, UsageEvent, Variant
from tallystick.usage.tokens import Tokens

EVENT = UsageEvent(
    7, 0, 9_000, Variant("google", "gemini-2.5-pro", "flex"), Tokens(1, 2, 3, 4, 5, 1),
    Context("gemini-cli", "s1", "/home/dev/p", agent="a", version="0.61.0"), CUT_OFF, work_ms=8, web_searches=1, cost_nano=2, offset=33,
)  # fmt: skip


def test_nothing_is_lost_on_the_way_through_json() -> None:
    row = held(EVENT, told(line(parent="p1")))
    ((event, parent),) = released(json.loads(json.dumps([row])))
    assert (event, parent) == (EVENT, "p1")
    assert [type(each) for each in (event, event.variant, event.tokens, event.context)] == [UsageEvent, Variant, Tokens, Context]  # fmt: skip
