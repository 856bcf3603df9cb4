"""Uses of tools that wait for their results."""

from tallystick.tools.claude_code.calls import Calls, call_of
from tallystick.usage.event import ToolCall

EVENT = 0x0123_4567_89AB_CDEF


def test_a_call_without_a_result_is_told_each_time() -> None:
    calls = Calls({})
    calls.ask("toolu_1", (EVENT, "Bash", 1_000))
    expected = [call_of(EVENT, "toolu_1", "Bash", 1_000, 0, failed=False)]
    assert calls.unanswered() == expected
    assert calls.unanswered() == expected


def test_another_reader_goes_on_with_what_was_left() -> None:
    left = {"toolu_1": [EVENT, "Bash", 1_000], "toolu_2": [-EVENT, "Read", 2_000]}
    calls = Calls(left)
    assert calls.waiting == {"toolu_1": (EVENT, "Bash", 1_000), "toolu_2": (-EVENT, "Read", 2_000)}
    assert [call.name for call in calls.unanswered()] == ["Bash", "Read"]


def test_too_many_calls_give_up_the_oldest_and_tell_it_once() -> None:
    calls = Calls({})
    for number in range(257):
        calls.ask(f"toolu_{number}", (EVENT, "Bash", number))
    assert "toolu_0" not in calls.waiting
    assert len(calls.waiting) == 256
    assert call_of(EVENT, "toolu_0", "Bash", 0, 0, failed=False) in calls.unanswered()
    assert call_of(EVENT, "toolu_0", "Bash", 0, 0, failed=False) not in calls.unanswered()


def test_a_call_is_known_by_its_event_and_its_use() -> None:
    call = call_of(EVENT, "toolu_1", "Bash", 1_000, 2_000, failed=True)
    assert isinstance(call, ToolCall)
    assert call[1:] == (EVENT, "Bash", 1_000, 2_000, True)
    assert call.key == call_of(EVENT, "toolu_1", "", 0, 0, failed=False).key
    assert call.key != call_of(EVENT, "toolu_2", "Bash", 1_000, 2_000, failed=True).key
    assert call.key != call_of(EVENT + 1, "toolu_1", "Bash", 1_000, 2_000, failed=True).key
    assert -(2**63) <= call_of(-(2**63), "toolu_1", "", 0, 0, failed=False).key < 2**63
