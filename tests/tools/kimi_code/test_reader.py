"""Kimi Code: every way in which its logs could be miscounted, with numbers worked out by hand."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tools import reading
from tests.tools.reading import Source, Told

from tallystick.tools.kimi_code import KIMI_CODE
from tallystick.tools.kimi_code.reader import NO_COUNTS

NOON = 1_795_521_600_000
"""24 November 2026, 12:00 UTC."""
SESSION = "/h/.kimi-code/sessions/wd_shop_0123/session_a/agents/main/wire.jsonl"
FORK = SESSION.replace("session_a", "session_f")


def record(time: float, *counts: object, model: str = "kimi-code/k3") -> dict[str, Any]:
    """Return a request's record: input that is neither cached nor written to a cache, read, written, output."""
    names = ("inputOther", "inputCacheRead", "inputCacheCreation", "output")
    return {"type": "usage.record", "model": model, "usage": dict(zip(names, counts, strict=True)), "time": NOON + time}


def request(time: float, model: str, alias: str = "kimi-code/k3", provider: str = "kimi") -> dict[str, Any]:
    return {"type": "llm.request", "provider": provider, "model": model, "modelAlias": alias, "time": NOON + time}


def source(*lines: dict[str, Any], path: str = SESSION, about: dict[str, Any] | None = None) -> Source:
    content = "".join(json.dumps(line) + "\n" for line in lines).encode()
    return Source(path, content, {"state.json": about or {}})


def told(*logs: Source) -> Told:
    return reading.told((log.path, reading.whole(KIMI_CODE, log)) for log in logs)


def test_kinds_are_disjoint_as_they_are_stored() -> None:
    assert reading.tokens(told(source(record(1, 900, 100, 50, 30)))) == [(900, 100, 50, 0, 30, 0)]


def test_the_end_of_a_step_repeats_the_counts_of_its_request() -> None:
    usage = record(1, 900, 100, 50, 30)
    end = {
        "type": "context.append_loop_event",
        "event": {"type": "step.end", "usage": usage["usage"]},
        "time": NOON + 2,
    }
    assert reading.tokens(told(source(usage, end))) == [(900, 100, 50, 0, 30, 0)]


def test_a_compaction_is_billed_too() -> None:
    compaction = record(2, 3000, 0, 0, 400) | {"usageScope": "session"}
    assert len(told(source(record(1, 9, 0, 0, 3), compaction))["events"]) == 2


def test_the_model_is_the_one_that_was_asked_and_not_its_name_in_the_settings() -> None:
    model = [request(0, "kimi-k2.6", "work"), record(1, 9, 0, 0, 3, model="work"), record(2, 9, 0, 0, 4, model="other")]
    assert [event["model"] for event in told(source(*model))["events"]] == ["kimi-k2.6", "other"]


@pytest.mark.parametrize(
    "provider, expected", [("kimi", "moonshotai"), ("anthropic", "anthropic"), ("vertexai", "google"), ("openai", "")]
)
def test_the_api_tells_who_answers(provider: str, expected: str) -> None:
    found = reading.whole(KIMI_CODE, source(request(0, "m", provider=provider), record(1, 9, 0, 0, 3)))
    assert [event.variant.provider for event in found.events] == [expected]


def test_without_the_request_the_name_tells_what_it_can() -> None:
    found = reading.whole(KIMI_CODE, source(record(1, 9, 0, 0, 3), record(2, 9, 0, 0, 3, model="mine")))
    assert [tuple(event.variant[:2]) for event in found.events] == [("moonshotai", "kimi-code/k3"), ("", "mine")]


def test_a_fork_repeats_what_its_source_was_billed_for() -> None:
    first = record(1, 900, 100, 50, 30)
    about = {"forkedFrom": "session_a", "createdAt": "2026-11-24T12:00:01Z"}
    fork = source(first, {"type": "forked", "time": NOON + 1000}, record(2000, 7, 0, 0, 5), path=FORK, about=about)
    events = told(fork, source(first, record(3000, 20, 1080, 0, 10)))["events"]
    assert [(event["session"], event["output"], event["views"]) for event in events] == [
        ("session_a", 30, 2),
        ("session_f", 5, 1),
        ("session_a", 10, 1),
    ]


def test_a_fork_whose_source_is_gone_counts() -> None:
    about = {"forkedFrom": "session_a", "createdAt": "2026-11-24T12:00:01Z"}
    assert len(told(source(record(1, 9, 0, 0, 3), path=FORK, about=about))["events"]) == 1


def test_equal_counts_are_not_the_same_request() -> None:
    again = source(record(3, 9, 0, 0, 3), path=FORK)
    assert len(told(source(record(1, 9, 0, 0, 3), record(2, 9, 0, 0, 3)), again)["events"]) == 3
    agent = source(record(1, 9, 0, 0, 3), path=SESSION.replace("main", "agent-0"))
    assert len(told(source(record(1, 9, 0, 0, 3)), agent)["events"]) == 2


def test_a_subagent_belongs_to_its_session() -> None:
    agent = source(record(1, 9, 0, 0, 3), path=SESSION.replace("main", "agent-0"), about={"workDir": "/home/dev/shop"})
    assert [(each["session"], each["agent"], each["project"]) for each in told(agent)["events"]] == [
        ("session_a", "agent-0", "/home/dev/shop")
    ]


def test_the_model_works_from_the_request_to_its_record() -> None:
    assert told(source(request(500, "k3"), record(4000, 9, 0, 0, 3)))["events"][0]["work_ms"] == 3500


def test_only_what_a_person_asked_for_is_a_prompt() -> None:
    kinds = [
        {"kind": "user"},
        {"kind": "plugin_command", "trigger": "user-slash"},
        {"kind": "cron_job"},
        {"kind": "retry"},
    ]
    lines = [{"type": "turn.prompt", "origin": kind, "time": NOON + number} for number, kind in enumerate(kinds)]
    assert len(told(source(*lines))["prompts"]) == 2
    assert not told(source(*lines, path=SESSION.replace("main", "agent-0")))["prompts"]


def test_a_title_that_the_tool_took_from_a_prompt_is_not_kept() -> None:
    about = {"title": "Paint the shop", "isCustomTitle": False, "updatedAt": "2026-11-24T12:00:01Z"}
    assert not told(source(about=about))["titles"]
    assert told(source(about=about | {"isCustomTitle": True}))["titles"] == [
        {"session": "session_a", "title": "Paint the shop"}
    ]


def test_uses_of_tools_that_never_end_are_forgotten_in_time() -> None:
    event = {"type": "tool.call", "name": "Shell"}
    lines = [
        {"type": "context.append_loop_event", "event": event | {"uuid": str(number)}, "time": NOON}
        for number in range(200)
    ]
    log = source(*lines)
    reader = reading.begun(KIMI_CODE, log)
    reader.feed(log.content, 0, len(log.content), 0)
    found, state = reader.finish()
    assert len(found.calls) == 200
    assert len(json.dumps(state)) < 5_000


@pytest.mark.parametrize(
    "usage", [None, [], {"tokens": 7}, {"output": -1}, {"output": 1.5}, {"output": True}, {"output": 2**40}]
)
def test_counts_that_are_none_are_skipped_with_their_place(usage: object) -> None:
    good = record(1, 9, 0, 0, 3)
    skipped = told(source(good, record(2, 9, 0, 0, 3) | {"usage": usage}))["skipped"]
    assert skipped == [{"source": SESSION, "offset": len(json.dumps(good)) + 1, "reason": NO_COUNTS}]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)  # fmt: skip


@given(st.sampled_from(["usage.record", "llm.request", "turn.prompt", "context.append_loop_event"]), JSON, JSON, JSON)
def test_wrong_values_anywhere_raise_nothing_and_spoil_no_other_line(
    kind: str, one: object, two: object, three: object
) -> None:
    odd = {
        "type": kind,
        "time": one,
        "usage": two,
        "model": three,
        "modelAlias": one,
        "origin": two,
        "event": three,
        "provider": two,
    }
    events = told(
        source(
            odd,
            {"type": "tool.call", "event": one},
            record(1, 9, 0, 0, 3, model="m"),
            about={"title": one, "workDir": two},
        )
    )["events"]
    assert (9, 3) in [(event["input"], event["output"]) for event in events if event.get("model") == "m"]
