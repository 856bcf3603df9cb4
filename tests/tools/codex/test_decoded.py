"""Lines decoded whole: every kind that matters does the same as when it is told from its beginning."""

import json

import pytest
from tests.tools.codex.rollouts import (
    CHILD,
    NOON,
    call,
    context,
    event,
    item,
    line,
    meta,
    output,
    record,
    said,
    token_count,
    usage,
)

from tallystick.tools.codex.account import Account
from tallystick.tools.codex.decoded import Whole, take
from tallystick.tools.codex.plain import Misshapen
from tallystick.usage.event import Variant


def account(*lines: bytes) -> Account:
    made = Account("", {})
    place = 0
    for each in (meta(), *lines):
        take(made, each, place)
        place += len(each)
    return made


def test_requests_are_told_with_their_place() -> None:
    made = account(context(), record("r", usage(5), NOON + 9))
    (told,) = made.found.events
    assert (told.tokens.input, told.time, told.offset) == (5, NOON + 9, len(meta() + context()))


def test_older_requests_prompts_and_limits_are_told() -> None:
    limits = {"limit_id": "codex", "primary": {"used_percent": 5, "window_minutes": 300}}
    made = account(context(), said(NOON), token_count(usage(5), usage(5), limits=limits))
    found = made.found
    assert (len(found.events), len(found.prompts), len(found.limits), found.skipped) == (1, 1, 1, [])


@pytest.mark.parametrize(
    "use,result", [("function_call", "function_call_output"), ("custom_tool_call", "custom_tool_call_output")]
)
def test_tools_are_told(use: str, result: str) -> None:
    made = account(
        context(),
        item(use, NOON, name="shell", call_id="c"),
        record("r", usage(5), NOON + 1),
        item(result, NOON + 900, call_id="c", output={"content": "x", "success": False}),
    )
    assert [(told.name, told.ended - told.started, told.failed) for told in made.found.calls] == [("shell", 900, True)]


def test_the_shells_own_item_may_have_only_an_items_id() -> None:
    made = account(
        context(),
        item("local_shell_call", NOON, id="c", call_id=None, action={"type": "exec"}),
        record("r", usage(5), NOON + 1),
        output("c", NOON + 70),
    )
    assert [(told.name, told.ended - told.started) for told in made.found.calls] == [("local_shell", 70)]


def test_settings_turns_and_answers_are_told() -> None:
    applied = {"model": "gpt-5.5", "model_provider_id": "azure", "service_tier": "flex"}
    made = account(
        event("task_started", NOON, turn_id="t1", started_at=NOON // 1000),
        context("gpt-5.5", "t1"),
        event("thread_settings_applied", NOON, thread_id=CHILD, thread_settings=applied),
        item("agent_message", NOON + 100, author="/main"),
        item("reasoning", NOON + 1_000, summary=[]),
        item("message", NOON + 2_100, role="assistant", content=[]),
        record("r", usage(5), NOON + 2_200),
    )
    (told,) = made.found.events
    assert (told.variant, told.work_ms) == (Variant("azure", "gpt-5.5", "flex"), 2_000)


def test_what_has_no_time_needs_none() -> None:
    for raw in (context("gpt-5.9"), event("thread_settings_applied", thread_settings={"service_tier": "flex"})):
        made = account(json.dumps({**json.loads(raw), "timestamp": "never"}).encode())
        assert made.found.skipped == []
    # A clock that is centuries off tells no time either.
    for time in (None, "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"):
        made = account(json.dumps({**json.loads(record("r", usage(5))), "timestamp": time}).encode())
        assert [reason for _, reason in made.found.skipped] == ["timestamp is no time"]


def test_empty_lines_are_no_damage() -> None:
    assert account(b"", b"\n", b" \t\r\n").found.skipped == []


def test_nothing_is_told_of_copies() -> None:
    made = Account("", {})
    own = line("session_meta", {"id": CHILD, "subagent_history_start_ordinal": 99}, NOON, 0)
    copies = (
        meta(),
        said(NOON),
        item("agent_message", NOON, author="/main"),
        item("reasoning", NOON, summary=[]),
        call("shell", "c", NOON),
        item("web_search_call", NOON, id="w", action=None),
        record("r", usage(5), NOON),
        record("r", usage(5), NOON, thread=None),
        output("c", NOON),
        event("item_completed", NOON, thread_id=CHILD, item={"type": "UserMessage"}),
    )
    for raw in (own, *copies):
        take(made, raw, 0)
    found, state = made.finish()
    assert (found.events, found.calls, found.prompts, found.skipped) == ([], [], [], [])
    assert "pace" not in state


def test_an_ordinal_is_looked_at_while_lines_are_copies() -> None:
    made = Account("", {})
    take(made, line("session_meta", {"id": CHILD, "subagent_history_start_ordinal": 2}, NOON, 0), 0)
    take(made, line("turn_context", {"model": "m"}, NOON, 1), 9)
    assert made.muted
    take(made, line("turn_context", {"model": "m"}, NOON, 2), 99)
    assert not made.muted


def test_without_the_fast_decoder_lines_are_left_to_this_one() -> None:
    with pytest.raises(Misshapen):
        Whole.counts_of(token_count(usage(5), usage(5)))
    assert Whole.call_of(call("shell", "c", NOON + 5)) == ("c", "shell", NOON + 5)
    assert Whole.result_of(output("c", NOON + 5)) == ("c", NOON + 5)
    for raw in (b"{", b"{}", line("response_item", None), b'{"payload":{}}', item("function_call", NOON)):
        with pytest.raises(Misshapen):
            Whole.call_of(raw)
        with pytest.raises(Misshapen):
            Whole.result_of(raw)
