"""Every way in which meters are known to have miscounted Codex, each by name, with numbers worked out by hand."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.tools import reading
from tests.tools.codex.rollouts import (
    CHILD,
    NOON,
    PARENT,
    Line,
    context,
    event,
    item,
    line,
    meta,
    record,
    said,
    token_count,
    usage,
)
from tests.tools.reading import Source, Told

from tallystick.intake.logs import bring_in, look
from tallystick.ledger.memory import MemoryLedger
from tallystick.tools.codex import CODEX
from tallystick.usage.event import Variant

pytestmark = pytest.mark.usefixtures("decoder")

GRANDCHILD = "019a3fa0-0000-7000-8000-000000000003"
FIRST_TURN = "019a3f00-0001-7000-8000-00000000000a"
CHILDS_TURN = "019a3f7c-0001-7000-8000-00000000000b"
GRANDCHILDS_TURN = "019a3fa0-0001-7000-8000-00000000000c"


def source(thread: str, *lines: Line) -> Source:
    return Source(f"sessions/2026/11/01/rollout-2026-11-01T12-00-00-{thread}.jsonl", b"".join(lines))


def told(*logs: Source) -> Told:
    """Return what is counted, which is the same whichever file comes first."""
    found = reading.told((log.path, reading.whole(CODEX, log)) for log in logs)
    backwards = reading.told((log.path, reading.whole(CODEX, log)) for log in reversed(logs))
    assert backwards == found
    return found


def outputs(*logs: Source) -> list[tuple[str, int]]:
    """Return thread and output of each request."""
    return sorted((each["session"], each["output"]) for each in told(*logs)["events"])


def counts(prompt: int, output: int) -> dict[str, int]:
    return usage(prompt, output=output)


def parent(*more: Line) -> Source:
    """Return a thread of two requests, of 10 and 20 tokens of output."""
    return source(PARENT, *copied(meta(PARENT)), *more)


def copied(*begin: Line) -> list[Line]:
    """Return the lines of the first thread, behind another beginning."""
    return [
        *begin,
        event("task_started", turn_id=FIRST_TURN),
        context(turn=FIRST_TURN),
        token_count(counts(5_000, 10), counts(5_000, 10)),
        token_count(counts(11_000, 30), counts(6_000, 20), NOON + 1_000),
    ]


def own(turn: str, total: tuple[int, int], last: tuple[int, int], time: int) -> list[Line]:
    """Return a turn of one request."""
    return [
        event("task_started", time, turn_id=turn),
        context(turn=turn, time=time),
        token_count(counts(*total), counts(*last), time + 500),
    ]


def test_cached_and_reasoning_tokens_are_parts_and_not_added() -> None:
    one = usage(1_000, 600, 100, 70)
    assert reading.tokens(told(source(PARENT, meta(PARENT), context(), token_count(one, one)))) == [
        (400, 600, 0, 0, 100, 70)
    ]


def test_running_totals_are_not_added_up() -> None:
    assert outputs(parent()) == [(PARENT, 10), (PARENT, 20)]


def test_a_total_that_is_told_again_is_no_request() -> None:
    again = token_count(counts(11_000, 30), counts(6_000, 20), NOON + 2_000, limits={"primary": {"used_percent": 3}})
    assert outputs(parent(again)) == [(PARENT, 10), (PARENT, 20)]


def test_limits_without_counts_are_no_request() -> None:
    assert outputs(parent(token_count(None, None, NOON + 2_000))) == [(PARENT, 10), (PARENT, 20)]


def test_a_total_that_comes_late_is_no_request() -> None:
    late = token_count(counts(5_000, 10), counts(5_000, 10), NOON + 2_000)
    assert outputs(parent(late)) == [(PARENT, 10), (PARENT, 20)]


def test_totals_alone_count_by_their_growth_and_begin_anew() -> None:
    lines = [
        token_count(counts(*each), None, NOON + number) for number, each in enumerate([(900, 9), (1_500, 12), (40, 5)])
    ]
    assert outputs(source(PARENT, meta(PARENT), context(), *lines)) == [(PARENT, 3), (PARENT, 5), (PARENT, 9)]


def test_last_requests_alone_are_added_up() -> None:
    lines = [token_count(None, counts(900, each), NOON + each) for each in (9, 12)]
    assert outputs(source(PARENT, meta(PARENT), context(), *lines)) == [(PARENT, 9), (PARENT, 12)]


@pytest.mark.parametrize(
    "forked",
    [
        {"forked_from_id": PARENT},
        {"forked_from_id": PARENT, "thread_source": "user"},
        {"source": {"subagent": {"thread_spawn": {"parent_thread_id": PARENT, "depth": 1}}}},
    ],
    ids=["fork", "user", "subagent"],
)
def test_what_a_fork_repeats_under_its_own_time_is_its_parents(forked: dict[str, Any]) -> None:
    fork = source(
        CHILD, *copied(meta(CHILD, **forked), meta(PARENT)), *own(CHILDS_TURN, (18_000, 33), (7_000, 3), NOON + 9_000)
    )
    wanted = [(PARENT, 10), (PARENT, 20), (CHILD, 3)]
    assert outputs(parent(), fork) == sorted(wanted)
    # A parent whose file is gone takes nothing away from its child, and its child counts nothing for it.
    assert outputs(fork) == [(CHILD, 3)]


def test_a_fork_of_a_fork_repeats_both() -> None:
    once = own(CHILDS_TURN, (18_000, 33), (7_000, 3), NOON + 9_000)
    child = source(CHILD, *copied(meta(CHILD, forked_from_id=PARENT), meta(PARENT)), *once)
    begin = [meta(GRANDCHILD, forked_from_id=CHILD), meta(CHILD), meta(PARENT)]
    grandchild = source(
        GRANDCHILD, *copied(*begin), *once, *own(GRANDCHILDS_TURN, (26_000, 37), (8_000, 4), NOON + 20_000)
    )
    assert outputs(parent(), child, grandchild) == sorted([(PARENT, 10), (PARENT, 20), (CHILD, 3), (GRANDCHILD, 4)])


def test_a_child_whose_count_begins_at_zero_loses_nothing() -> None:
    child = source(CHILD, meta(CHILD, forked_from_id=PARENT), *own(CHILDS_TURN, (700, 3), (700, 3), NOON + 9_000))
    assert outputs(parent(), child) == sorted([(PARENT, 10), (PARENT, 20), (CHILD, 3)])


def test_a_fork_without_copies_loses_nothing() -> None:
    base = {"thread_id": PARENT, "end_ordinal_exclusive": 7}
    begin = meta(CHILD, forked_from_id=PARENT, history_base=base)
    child = source(CHILD, begin, *own(CHILDS_TURN, (18_000, 33), (7_000, 3), NOON + 9_000))
    assert outputs(parent(), child) == sorted([(PARENT, 10), (PARENT, 20), (CHILD, 3)])


def test_the_first_beginning_names_the_thread() -> None:
    lines = [meta(CHILD), meta(PARENT), *own(CHILDS_TURN, (5, 1), (5, 1), NOON + 9_000)]
    assert outputs(source(CHILD, *lines)) == [(CHILD, 1)]


def test_siblings_with_equal_counts_made_two_requests() -> None:
    turns = [(CHILD, CHILDS_TURN), (GRANDCHILD, GRANDCHILDS_TURN)]
    siblings = [
        source(thread, *copied(meta(thread, forked_from_id=PARENT), meta(PARENT)), *own(turn, (18_000, 33), (7_000, 3), NOON + 9_000))
        for thread, turn in turns
    ]  # fmt: skip
    assert outputs(parent(), *siblings) == sorted([(PARENT, 10), (PARENT, 20), (CHILD, 3), (GRANDCHILD, 3)])


def test_a_record_its_total_and_its_copy_in_a_compaction_are_one_request() -> None:
    one = record("resp_1", counts(5_000, 10), thread=PARENT)
    again = {"latest_token_usage_record": {"thread_id": PARENT, "response_id": "resp_1", "usage": counts(5_000, 10)}}
    total = token_count(counts(5_000, 10), counts(5_000, 10), NOON + 10)
    lines = [meta(PARENT), context(), one, total, line("compacted", {"message": "", **again}, NOON + 20)]
    assert outputs(source(PARENT, *lines)) == [(PARENT, 10)]


def test_the_tier_is_the_one_in_force_and_not_that_of_todays_settings(tmp_path: Path) -> None:
    settings = [event("thread_settings_applied", thread_settings={"service_tier": tier}) for tier in ("fast", None)]
    lines = [
        meta(PARENT),
        context(),
        *own(FIRST_TURN, (5_000, 10), (5_000, 10), NOON),
        settings[0],
        *own(CHILDS_TURN, (11_000, 30), (6_000, 20), NOON + 9_000),
        settings[1],
        *own(GRANDCHILDS_TURN, (18_000, 33), (7_000, 3), NOON + 20_000),
    ]
    log = source(PARENT, *lines)
    assert [each.get("tier", "") for each in told(log)["events"]] == ["", "fast", ""]
    path = tmp_path / ".codex" / log.path
    path.parent.mkdir(parents=True)
    path.write_bytes(log.content)
    (tmp_path / ".codex" / "config.toml").write_text('service_tier = "priority"\n')
    ledger = MemoryLedger()
    bring_in(look([CODEX], str(tmp_path), {}, ledger)[0], ledger, ("box", "dev"))
    assert {Variant(*row[1:]).tier for row in ledger.ask("variants")} == {"", "fast"}


def test_an_archived_thread_that_still_lies_at_both_places_counts_once() -> None:
    log = parent()
    name = log.path.rpartition("/")[2]
    assert outputs(log, log._replace(path=f"archived_sessions/{name}")) == [(PARENT, 10), (PARENT, 20)]


def test_a_text_that_looks_like_counts_is_not_counted() -> None:
    fake = json.dumps({"type": "token_count", "info": {"last_token_usage": counts(9, 9)}})
    assert outputs(parent(said(NOON + 2_000, fake), item("message", NOON + 3_000, content=fake))) == [
        (PARENT, 10),
        (PARENT, 20),
    ]
