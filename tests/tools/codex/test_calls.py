"""Calls: a tool's use, its result and its request, in whatever order they come."""

import json

from tallystick.tools.codex.calls import Calls
from tallystick.usage.event import ToolCall

EVENT = 1 << 40


def test_a_call_is_told_with_its_result() -> None:
    calls, found = Calls(), list[ToolCall]()
    calls.ask("call_a", "shell", 1_000, found)
    assert calls.usage(EVENT, found) == 0
    assert found == []
    assert calls.open["call_a"] == (EVENT, EVENT, "shell", 1_000)


def test_the_calls_of_one_request_have_keys_of_their_own() -> None:
    calls, found = Calls(), list[ToolCall]()
    for name in "abc":
        calls.ask(name, "shell", 1_000, found)
    calls.usage(EVENT, found)
    assert len({identity for identity, *_ in calls.open.values()}) == 3
    assert {event for _, event, *_ in calls.open.values()} == {EVENT}


def test_an_early_result_waits_for_the_request() -> None:
    calls, found = Calls(), list[ToolCall]()
    calls.ask("call_a", "shell", 1_000, found)
    calls.early("call_a", 4_000, failed=True)
    calls.early("call_a", 9_000, failed=False)
    calls.early("call_b", 9_000, failed=False)
    calls.usage(EVENT, found)
    assert found == [ToolCall(EVENT, EVENT, "shell", 1_000, 4_000, failed=True)]


def test_what_has_no_result_yet_is_running() -> None:
    calls, found = Calls(), list[ToolCall]()
    calls.ask("call_a", "shell", 1_000, found)
    assert calls.running() == []
    calls.usage(EVENT, found)
    assert calls.running() == [ToolCall(EVENT, EVENT, "shell", 1_000)]


def test_a_new_turn_ends_what_is_still_open() -> None:
    calls, found = Calls(), list[ToolCall]()
    calls.ask("call_a", "shell", 1_000, found)
    calls.usage(EVENT, found)
    calls.ask("call_b", "browse", 2_000, found)
    calls.early("call_b", 1_500, failed=False)
    calls.turn(found)
    assert found[0] == ToolCall(EVENT, EVENT, "shell", 1_000)
    assert found[1][1:] == (0, "browse", 2_000, 2_000, False)
    assert calls.state() is None


def test_web_searches_are_counted_where_they_are_billed() -> None:
    calls, found = Calls(), list[ToolCall]()
    calls.search("ws_1", 1_000, found, billed=True)
    calls.search("", 2_000, found, billed=False)
    calls.search("", 2_000, found, billed=True)
    assert calls.usage(EVENT, found) == 2
    assert [(each.name, each.started, each.ended) for each in found] == [
        ("web_search", 1_000, 1_000),
        ("web_search", 2_000, 2_000),
        ("web_search", 2_000, 2_000),
    ]
    assert calls.usage(EVENT, found) == 0


def test_an_id_that_comes_again_is_another_call() -> None:
    calls, found = Calls(), list[ToolCall]()
    calls.ask("call_0", "shell", 1_000, found)
    calls.ask("call_0", "browse", 2_000, found)
    assert [each.name for each in found] == ["shell"]
    assert calls.asked["call_0"][0] == "browse"


def test_an_id_that_comes_again_in_a_later_request_is_another_call() -> None:
    calls, found = Calls(), list[ToolCall]()
    for started, event in ((1_000, EVENT), (2_000, 2 * EVENT)):
        calls.ask("call_0", "shell", started, found)
        calls.usage(event, found)
    assert found == [ToolCall(EVENT, EVENT, "shell", 1_000)]
    assert calls.running() == [ToolCall(2 * EVENT, 2 * EVENT, "shell", 2_000)]


def test_calls_without_a_result_are_remembered_within_bounds() -> None:
    calls, found = Calls(), list[ToolCall]()
    for number in range(1_000):
        calls.ask(f"call_{number}", "shell", number, found)
        calls.usage(number << 20, found)
    assert len(calls.open) == 256
    assert len(found) == 1_000 - 256
    assert found[0].started == 0


def test_a_state_goes_on_where_another_ended() -> None:
    calls, found = Calls(), list[ToolCall]()
    calls.ask("call_a", "shell", 1_000, found)
    calls.usage(EVENT, found)
    calls.search("ws_1", 3_000, found, billed=True)
    again = Calls(json.loads(json.dumps(calls.state())))
    assert again.open == calls.open
    assert again.usage(2 * EVENT, found) == 1
    assert found == [ToolCall(2 * EVENT, 2 * EVENT, "web_search", 3_000, 3_000)]
