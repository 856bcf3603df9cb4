"""The meaning of lines in their order: requests counted once, for the right thread, by the right rules."""

import marshal

import pytest
from tests.tools.codex.rollouts import (
    CHILD,
    NOON,
    PARENT,
    call,
    context,
    event,
    item,
    line,
    meta,
    output,
    read,
    record,
    said,
    token_count,
    totals,
    usage,
)

from tallystick.usage.event import FINISHED, PENDING, Context, ToolCall, Variant
from tallystick.usage.identity import key
from tallystick.usage.tokens import Tokens

pytestmark = pytest.mark.usefixtures("decoder")

OLD_TURN = "019a3f00-0001-7000-8000-00000000000a"
OWN_TURN = "019a3f7c-0001-7000-8000-00000000000b"


def test_a_request_is_told_with_all_that_was_in_force() -> None:
    found, _ = read(
        meta(git={"branch": "main"}),
        context("gpt-5.5-codex", "turn 1"),
        said(NOON + 1_000),
        item("reasoning", NOON + 3_000, summary=[]),
        token_count(usage(1000, 600, 50, 20), usage(1000, 600, 50, 20), NOON + 4_000),
    )
    (told,) = found.events
    assert told.tokens == Tokens(400, 600, 0, 0, 50, 20)
    assert told.variant == Variant("openai", "gpt-5.5-codex")
    assert told.context == Context("codex", CHILD, "/home/dev/shop", "main", "", "0.98.0")
    assert (told.time, told.work_ms, told.grade) == (NOON + 4_000, 2_000, FINISHED)
    assert told.offset == sum(map(len, (meta(git={"branch": "main"}), context("gpt-5.5-codex", "turn 1")))) + len(
        said(0) + item("reasoning", 0, summary=[])
    )
    assert not found.skipped


def test_a_record_and_its_total_are_one_request() -> None:
    counts = usage(1000, 600, 50, 20)
    found, _ = read(
        meta(), context(), record("resp_1", counts), token_count(counts, counts), token_count(counts, counts)
    )
    assert [told.key for told in found.events] == [key("codex", "resp_1")]


def test_a_record_without_a_total_counts_too() -> None:
    one, two = usage(100), usage(200)
    found, _ = read(meta(), context(), record("resp_1", one), record("resp_2", two), token_count(two, two))
    assert totals(found) == [(100, 0, 0), (200, 0, 0)]


def test_a_record_of_another_thread_is_a_copy() -> None:
    found, _ = read(meta(), context(), record("resp_1", usage(100), thread=PARENT), record("resp_2", usage(200)))
    assert totals(found) == [(200, 0, 0)]


def test_what_a_compaction_repeats_is_no_request() -> None:
    again = {"thread_id": CHILD, "response_id": "resp_1", "usage": usage(100)}
    compacted = line("compacted", {"message": "", "latest_token_usage_record": again, "replacement_history": []})
    found, _ = read(meta(), context(), record("resp_1", usage(100)), compacted)
    assert len(found.events) == 1


def test_a_record_without_a_response_is_known_by_its_place() -> None:
    lines = (meta(), context(turn="t"), record(None, usage(100), thread=None), record("", usage(200), thread=None))
    found, _ = read(*lines)
    assert totals(found) == [(100, 0, 0), (200, 0, 0)]
    assert len({told.key for told in found.events}) == 2


def test_a_file_that_began_in_an_older_version_counts_each_request_once() -> None:
    first, second = usage(100, 0, 1), usage(200, 0, 2)
    found, _ = read(
        meta(),
        event("task_started", turn_id="t1"),
        context(turn="t1"),
        token_count(first, first),
        event("task_started", turn_id="t2"),
        token_count(first, first),
        record("resp_1", second),
        token_count(usage(300, 0, 3), second),
        event("task_started", turn_id="t3"),
        token_count(usage(300, 0, 3), second),
        record("resp_2", first),
        token_count(usage(400, 0, 4), first),
    )
    assert totals(found) == [(100, 0, 1), (200, 0, 2), (100, 0, 1)]


def test_a_file_that_goes_on_in_an_older_version_counts_each_request_once() -> None:
    first, second = usage(100, 0, 1), usage(200, 0, 2)
    found, _ = read(
        meta(),
        event("task_started", turn_id="t1"),
        context(turn="t1"),
        record("resp_1", first),
        token_count(first, first),
        event("task_started", turn_id="t2"),
        token_count(first, first),
        token_count(usage(300, 0, 3), second),
    )
    assert totals(found) == [(100, 0, 1), (200, 0, 2)]


def test_keys_do_not_depend_on_what_stands_between() -> None:
    start = (meta(), event("task_started", turn_id="t1"), context(turn="t1"))
    one, two = token_count(usage(100), usage(100)), token_count(usage(300), usage(200))
    plain, _ = read(*start, one, two)
    moved, _ = read(*start, item("reasoning", summary=["x" * 500]), one, one, two, path=f"rollout-x-{CHILD}.jsonl")
    assert [told.key for told in plain.events] == [told.key for told in moved.events]


def test_requests_of_equal_numbers_in_two_threads_are_two() -> None:
    same = token_count(usage(100), usage(100))
    one, _ = read(meta(CHILD), context(turn="t1"), same)
    two, _ = read(meta(PARENT), context(turn="t1"), same)
    assert one.events[0].key != two.events[0].key


def test_turns_that_were_imported_from_elsewhere_are_told_there() -> None:
    turn = "external-import-turn-3"
    found, _ = read(
        meta(),
        event("task_started", turn_id=turn),
        said(NOON),
        context("m", turn),
        call("shell", "c", NOON),
        token_count(usage(100), usage(100)),
        event("task_started", turn_id=OWN_TURN),
        token_count(usage(250), usage(150)),
    )
    assert totals(found) == [(150, 0, 0)]
    assert (found.prompts, found.calls) == ([], [])


def test_an_imported_turn_may_be_cut_in_two() -> None:
    turn = "external-import-turn-3"
    _, state = read(meta(), event("task_started", turn_id=turn), context("m", turn))
    found, _ = read(token_count(usage(100), usage(100)), state=state)
    assert found.events == []


def test_a_tier_holds_until_the_next_settings() -> None:
    def settings(tier: str | None, thread: str = CHILD) -> bytes:
        applied = {"model": "gpt-5.5", "model_provider_id": "openai", "service_tier": tier}
        return event("thread_settings_applied", thread_id=thread, thread_settings=applied)

    found, _ = read(
        meta(),
        context(),
        record("r1", usage(1)),
        settings("fast"),
        record("r2", usage(1)),
        settings("flex", PARENT),
        context(),
        record("r3", usage(1)),
        record("r4", usage(1), service_tier="priority"),
        record("r5", usage(1)),
        context(),
        record("r6", usage(1)),
        settings(None),
        record("r7", usage(1)),
    )
    assert [told.variant.tier for told in found.events] == ["", "fast", "fast", "priority", "priority", "fast", ""]


def test_a_request_waits_for_the_name_of_its_model() -> None:
    found, _ = read(
        meta(), token_count(usage(100), usage(100)), context("gpt-5.2"), token_count(usage(300), usage(200))
    )
    assert [told.variant.model for told in found.events] == ["gpt-5.2", "gpt-5.2"]


def test_a_request_whose_model_is_never_named_is_told_as_far_as_it_goes() -> None:
    lines = (meta(), token_count(usage(100), usage(100)))
    found, state = read(*lines)
    assert [(told.variant.model, told.grade, told.complete) for told in found.events] == [("gpt-5", PENDING, True)]
    again, _ = read(context("gpt-5.2"), state=state)
    assert [(told.key, told.variant.model, told.grade) for told in again.events] == [
        (found.events[0].key, "gpt-5.2", FINISHED)
    ]


def test_requests_wait_for_a_model_within_bounds() -> None:
    counted = [token_count(usage(100 * n), usage(100)) for n in range(1, 201)]
    found, state = read(meta(), *counted)
    assert len({told.key for told in found.events}) == 200
    assert len(state["held"]) == 64
    # It is kept between two reads, as plain values.
    assert len(read(context("gpt-5.2"), state=marshal.loads(marshal.dumps(state)))[0].events) == 64  # noqa: S302 - its own


def test_a_model_in_the_usage_line_itself_is_taken_where_no_turn_names_one() -> None:
    info = {"total_token_usage": usage(5), "last_token_usage": usage(5), "model_name": "gpt-5.4"}
    found, _ = read(meta(), event("token_count", info=info))
    assert found.events[0].variant.model == "gpt-5.4"


def test_calls_belong_to_the_request_that_follows_them() -> None:
    found, _ = read(
        meta(),
        context(),
        said(NOON),
        call("shell", "call_a", NOON + 2_000),
        call("browse", "call_b", NOON + 2_100),
        record("resp_1", usage(10), NOON + 2_200),
        output("call_b", NOON + 3_000),
        output("call_a", NOON + 5_000, "Exit code: 2\nOutput:\n"),
        item("web_search_call", NOON + 6_000, status="completed", action={"type": "search", "query": "paint"}),
        item("web_search_call", NOON + 6_500, status="completed", action={"type": "open_page"}),
        record("resp_2", usage(20), NOON + 7_000),
    )
    one, two = (told.key for told in found.events)
    assert {(each.event, each.name, each.started - NOON, each.ended - NOON, each.failed) for each in found.calls} == {
        (one, "browse", 2_100, 3_000, False),
        (one, "shell", 2_000, 5_000, True),
        (two, "web_search", 6_000, 6_000, False),
        (two, "web_search", 6_500, 6_500, False),
    }
    assert [told.web_searches for told in found.events] == [0, 1]
    # Two seconds to the calls; then from the last result, at 5,000, to the last search.
    assert [told.work_ms for told in found.events] == [2_100, 1_500]


def test_calls_that_run_at_the_end_are_told_again_with_their_result() -> None:
    lines = (meta(), context(), call("shell", "call_a", NOON), record("resp_1", usage(10), NOON + 1))
    found, state = read(*lines)
    (running,) = found.calls
    assert (running.name, running.ended) == ("shell", 0)
    again, _ = read(output("call_a", NOON + 900), state=state)
    assert again.calls == [ToolCall(running.key, running.event, "shell", NOON, NOON + 900)]


def test_one_prompt_for_each_turn() -> None:
    def asked(turn: str, time: int) -> tuple[bytes, ...]:
        typed = [{"type": "input_text", "text": "Mend the fence."}]
        done = {"type": "UserMessage", "id": "u", "content": []}
        return (
            event("task_started", time, turn_id=turn),
            item("message", time, role="user", content=[{"type": "input_text", "text": "<environment_context>\n"}]),
            item("message", time + 1, role="user", content=typed),
            event("item_completed", time + 2, thread_id=CHILD, turn_id=turn, item=done),
            item("message", time + 3, role="assistant", content=[]),
        )

    found, _ = read(meta(), *asked("t1", NOON), *asked("t2", NOON + 5_000))
    assert [prompt.time for prompt in found.prompts] == [NOON + 1, NOON + 5_002]
    assert len({prompt.key for prompt in found.prompts}) == 2


def test_agents_are_not_asked_by_people() -> None:
    spawned = {"subagent": {"thread_spawn": {"parent_thread_id": PARENT, "agent_role": "worker"}}}
    found, _ = read(meta(source=spawned), said(NOON), context(), record("resp_1", usage(10)))
    assert found.prompts == []
    assert found.events[0].context.agent == "worker"


def test_a_review_is_one_prompt_of_the_thread_that_asked_for_it() -> None:
    entered = {"type": "EnteredReviewMode", "id": "r"}
    theirs = {"type": "UserMessage", "id": "u"}
    found, _ = read(
        meta(),
        event("item_completed", NOON, thread_id=CHILD, turn_id="t1", item=entered),
        event("item_completed", NOON + 9, thread_id=PARENT, turn_id="t2", item=theirs),
    )
    assert [prompt.time for prompt in found.prompts] == [NOON]
    found, _ = read(meta(), event("entered_review_mode", NOON + 5, target={"type": "uncommitted", "padding": "x" * 90}))
    assert [prompt.time for prompt in found.prompts] == [NOON + 5]


def test_limits_are_looked_at_once_a_minute() -> None:
    def limited(seconds: int, used: float) -> bytes:
        limits = {
            "limit_id": "codex",
            "primary": {"used_percent": used, "window_minutes": 300, "resets_at": 1_793_540_000},
        }
        return token_count(None, None, NOON + seconds * 1_000, limits)

    found, _ = read(meta(), limited(0, 1), limited(30, 2), limited(60, 3), limited(61, 4), limited(200, 3))
    assert [(sample.time - NOON, sample.used_percent) for sample in found.limits] == [(0, 1.0), (60_000, 3.0)]


def test_an_unusual_line_among_them_does_not_hide_limits() -> None:
    def limited(minutes: int, used: float) -> bytes:
        limits = {"limit_id": "codex", "primary": {"used_percent": used, "window_minutes": 300}}
        return token_count(None, None, NOON + minutes * 60_000, limits)

    unusual = limited(1, 2).replace(b'","type"', b'", "type"')
    found, _ = read(meta(), limited(0, 1), unusual, limited(0, 3))
    assert [sample.used_percent for sample in found.limits] == [1.0, 2.0, 3.0]


def test_a_reset_that_is_no_time_is_noted_and_takes_nothing_away() -> None:
    limits = {"primary": {"used_percent": 1, "window_minutes": 300, "resets_at": "soon"}}
    found, _ = read(meta(), context(), token_count(usage(5), usage(5), limits=limits))
    assert totals(found) == [(5, 0, 0)]
    assert [reason for _, reason in found.skipped] == ["resets_at is no time"]


def test_the_files_name_tells_the_thread_where_its_beginning_is_damaged() -> None:
    found, _ = read(
        b'{"timestamp":\n', context(), record("r", usage(5)), path=f"rollout-2026-11-01T12-00-00-{CHILD}.jsonl"
    )
    assert found.events[0].context.session == CHILD
    assert [reason for _, reason in found.skipped] == ["not JSON"]


def test_a_record_tells_the_thread_where_nothing_else_does() -> None:
    found, _ = read(context(), record("r", usage(5)))
    assert found.events[0].context.session == CHILD
