"""Forks and agents: what their files copy is counted in the thread where it happened."""

from typing import Any

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

pytestmark = pytest.mark.usefixtures("decoder")

OLD_TURN = "019a3f00-0001-7000-8000-00000000000a"
OWN_TURN = "019a3f7c-0001-7000-8000-00000000000b"


@pytest.mark.parametrize(
    "forked",
    [{"forked_from_id": PARENT}, {"source": {"subagent": {"thread_spawn": {"parent_thread_id": PARENT}}}}],
)
def test_copied_lines_are_not_counted_again(forked: dict[str, Any]) -> None:
    first, both = usage(5_000), usage(6_000)
    found, _ = read(
        meta(**forked),
        meta(PARENT),
        event("task_started", turn_id=OLD_TURN),
        said(NOON),
        context("gpt-5.1", OLD_TURN),
        call("shell", "call_0", NOON),
        token_count(first, first),
        output("call_0", NOON),
        event("task_started", NOON + 9_000, turn_id=OWN_TURN),
        context("gpt-5.5", OWN_TURN),
        token_count(first, first, NOON + 9_500),
        token_count(both, usage(1_000), NOON + 10_000),
    )
    assert totals(found) == [(1_000, 0, 0)]
    assert found.events[0].variant.model == "gpt-5.5"
    assert (found.prompts, found.calls, found.skipped) == ([], [], [])


def test_copies_end_where_the_ordinals_say() -> None:
    first = usage(5_000)
    lines = (
        line("session_meta", {"id": CHILD, "forked_from_id": PARENT, "subagent_history_start_ordinal": 3}, NOON, 0),
        line("session_meta", {"id": PARENT}, NOON, 1),
        event("token_count", NOON, 2, info={"total_token_usage": first, "last_token_usage": first}),
        line("turn_context", {"model": "gpt-5.5"}, NOON, 3),
        event("token_count", NOON, 4, info={"total_token_usage": usage(7_000), "last_token_usage": usage(2_000)}),
    )
    found, _ = read(*lines)
    assert totals(found) == [(2_000, 0, 0)]


def test_copies_without_any_sign_end_with_the_burst() -> None:
    found, _ = read(
        meta(forked_from_id=PARENT),
        token_count(usage(100), usage(100), NOON + 5),
        token_count(usage(300), usage(200), NOON + 10),
        said(NOON + 20_000),
        token_count(usage(600), usage(300), NOON + 30_000),
    )
    assert totals(found) == [(300, 0, 0)]


def test_a_record_of_its_own_shows_that_copies_ended() -> None:
    found, _ = read(
        meta(forked_from_id=PARENT),
        context("gpt-5.1", OLD_TURN),
        token_count(usage(100), usage(100)),
        record("resp_1", usage(50)),
    )
    assert totals(found) == [(50, 0, 0)]


def test_a_fork_without_copies_goes_on_from_its_parents_totals() -> None:
    base = {"thread_id": PARENT, "end_ordinal_exclusive": 43}
    found, _ = read(
        meta(forked_from_id=PARENT, history_base=base),
        context(turn=OWN_TURN),
        token_count(usage(60_000), usage(20_000)),
        token_count(usage(75_000), usage(15_000)),
    )
    assert totals(found) == [(20_000, 0, 0), (15_000, 0, 0)]


def test_a_fork_without_copies_may_repeat_its_parents_totals_with_new_limits() -> None:
    limits = {"limit_id": "codex", "primary": {"used_percent": 5, "window_minutes": 300}}
    base = {"thread_id": PARENT, "end_ordinal_exclusive": 43}
    found, _ = read(
        meta(forked_from_id=PARENT, history_base=base),
        context(turn=OWN_TURN),
        token_count(usage(60_000), usage(20_000), limits=limits),
        item("reasoning", NOON + 2_000, summary=[]),
        token_count(usage(75_000), usage(15_000), NOON + 2_500, limits=limits),
    )
    assert totals(found) == [(15_000, 0, 0)]
    assert len(found.limits) == 1


def test_a_parents_snapshot_after_the_copies_is_not_counted() -> None:
    found, _ = read(
        meta(forked_from_id=PARENT),
        context("gpt-5.1", OLD_TURN),
        token_count(usage(500_000), usage(10_000)),
        context("gpt-5.5", OWN_TURN),
        token_count(usage(300_000), usage(5_000)),
        token_count(usage(520_000), usage(20_000)),
    )
    assert totals(found) == [(20_000, 0, 0)]


def test_ordinals_are_trusted_before_a_records_thread() -> None:
    begins = line("session_meta", {"id": CHILD, "subagent_history_start_ordinal": 9}, NOON, 0)
    counts = {"thread_id": CHILD, "response_id": "resp_1", "usage": usage(5)}
    found, _ = read(
        begins, context(), line("token_usage_record", counts, NOON, 8), line("token_usage_record", counts, NOON, 9)
    )
    assert len(found.events) == 1
