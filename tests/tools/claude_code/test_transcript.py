"""What the lines of a transcript mean together: ends of answers, waiting, names, copies and the state."""

import json
from typing import Any

import pytest
from tests.tools import reading
from tests.tools.claude_code.transcripts import (
    PATH,
    SESSION,
    Fields,
    answer,
    at,
    found,
    line,
    notice,
    prompt,
    result,
    text,
    told,
    usage,
    use,
)
from tests.tools.reading import Source

from tallystick.tools.claude_code import CLAUDE_CODE, shape
from tallystick.tools.claude_code.transcript import moment
from tallystick.tools.tool import Found, State
from tallystick.usage.event import BARE, CUT_OFF, FINISHED, PENDING
from tallystick.usage.instant import instant

AGENT = PATH.replace(".jsonl", "/subagents/agent-a1b2c3d4e5f60718.jsonl")
INTERRUPTED = prompt(5, [text("[Request interrupted by user]")])
CONTINUED = prompt(5, "Your response above was cut off mid-stream.", isMeta=True, turnCompanion=True)
LOST = notice(5, "API Error: Connection lost", apiError="connection_failed")


def ms(seconds: float) -> int:
    """Return a moment in milliseconds since 1970."""
    return instant(at(seconds))


def grades(*lines: bytes) -> list[int]:
    """Return how far each answer's counts go."""
    return [event.grade for event in found(*lines).events]


def state_after(*lines: bytes, path: str = PATH) -> State:
    """Return what a reader leaves for the next one."""
    reader, content = CLAUDE_CODE.reader(path, {}), b"".join(lines)
    reader.feed(content, 0, len(content), 0)
    state: State = reader.finish()[1]
    return state


# Ends


def test_what_is_followed_by_another_answer_is_finished_and_the_last_one_pending() -> None:
    assert grades(prompt(0), answer(1, 2), prompt(10), answer(2, 12)) == [FINISHED, PENDING]


@pytest.mark.parametrize("sign", [INTERRUPTED, CONTINUED, LOST], ids=["interrupted", "continued", "connection lost"])
@pytest.mark.parametrize("after", [(), (prompt(9), answer(2, 12))], ids=["at the end", "in between"])
def test_an_answer_that_was_cut_keeps_the_counts_of_its_beginning(sign: bytes, after: tuple[bytes, ...]) -> None:
    # Version 2.1.330 wrote exactly this: a stop reason that nobody sent, and the output with which the stream began.
    cut = answer(1, 3, usage(57, 7_000, 100, 7), use("Bash"), stop="tool_use")
    assert grades(prompt(0), cut, sign, *after) == [CUT_OFF, *([PENDING] if after else [])]


@pytest.mark.parametrize("sign", [INTERRUPTED, CONTINUED, LOST], ids=["interrupted", "continued", "connection lost"])
def test_a_sign_of_a_cut_does_not_touch_an_answer_that_came_to_its_end(sign: bytes) -> None:
    assert grades(prompt(0), answer(1, 3, usage(output=350)), sign, answer(2, 9)) == [FINISHED, PENDING]


def test_an_answer_without_its_end_is_cut_off_once_something_follows() -> None:
    open_end = answer(1, 3, usage(output=3), stop=None)
    assert grades(open_end) == [PENDING]
    assert grades(open_end, answer(2, 9)) == [CUT_OFF, PENDING]
    assert grades(open_end, INTERRUPTED) == [CUT_OFF]
    assert grades(answer(1, 3, usage(output=3), stop=None, isAbortedMidStream=True)) == [CUT_OFF]
    # Before 2.1.97 every line but the last was without an end, and often that one too.
    old = answer(1, 3, usage(output=300), stop=None, version="2.0.14")
    assert grades(old, answer(2, 9)) == [FINISHED, PENDING]
    assert grades(old, INTERRUPTED, answer(2, 9)) == [FINISHED, PENDING]


def test_an_answer_that_is_being_written_is_not_taken_for_a_cut_one() -> None:
    begun = answer(1, 2, usage(output=3), stop=None)
    lines = (begun, answer(1, 4, usage(output=250)))
    source = Source(PATH, b"".join(lines))
    events = reading.told([(PATH, reading.by_turns([1])(CLAUDE_CODE, source))])["events"]
    assert [(event["output"], event["grade"]) for event in events] == [(250, "pending")]


def test_bare_counts_are_marked_as_such() -> None:
    assert grades(answer(1, 1, {"input_tokens": 17_000, "output_tokens": 9}), answer(2, 3)) == [BARE, PENDING]


def test_a_notice_is_no_answer() -> None:
    assert grades(notice(1), notice(2, apiError="rate_limit")) == []
    assert len(found(notice(1, "Claude AI usage limit reached|1793556000")).limits) == 1
    assert found(notice(1, "Claude AI usage limit reached|1793556000", timestamp="now")).limits == []


# Waiting


def worked(*lines: bytes) -> list[int]:
    """Return how long the model worked on each answer."""
    return [event.work_ms for event in found(*lines).events]


def test_the_model_works_from_the_prompt_and_from_the_result_on() -> None:
    assert worked(prompt(0), answer(1, 2, None, use("Read")), result(1, 9), answer(2, 12)) == [2_000, 3_000]


def test_the_model_waits_for_the_result_that_comes_last() -> None:
    asked = answer(1, 2, None, use("Read", 1), use("Bash", 2))
    assert worked(prompt(0), asked, result(2, 10), result(1, 7), answer(2, 12)) == [2_000, 2_000]


def test_an_answer_right_behind_another_begins_where_that_one_ended() -> None:
    assert worked(prompt(0), answer(1, 2), answer(1, 5), answer(2, 9)) == [5_000, 4_000]


def test_a_prompt_begins_anew_whatever_a_broken_clock_said_before() -> None:
    asked = answer(1, 2, None, use("Read"))
    assert worked(prompt(0), asked, result(1, 80_000), prompt(20), answer(2, 22)) == [2_000, 2_000]


def test_nobody_knows_when_the_first_answer_was_asked_for() -> None:
    assert worked(answer(1, 2), answer(1, 5)) == [3_000]


def calls(*lines: bytes) -> list[tuple[str, int, int, bool]]:
    """Return the calls of tools, each once."""
    return [
        (call["name"], ms_of(call["started"]), ms_of(call.get("ended")), bool(call.get("failed")))
        for call in told(*lines)["calls"]
    ]


def ms_of(stamp: str | None) -> int:
    """Return a moment in milliseconds since 1970, 0 for none."""
    return instant(stamp) if stamp else 0


def test_a_tool_runs_from_its_use_to_its_result() -> None:
    assert calls(answer(1, 2, None, use("Read")), result(1, 9, failed=True)) == [("Read", ms(2), ms(9), True)]


def test_tools_that_run_side_by_side_end_each_for_itself() -> None:
    asked = answer(1, 2, None, use("Read", 1), use("mcp__tracker__update", 2))
    assert calls(asked, result(2, 5), result(1, 9)) == [
        ("Read", ms(2), ms(9), False),
        ("mcp__tracker__update", ms(2), ms(5), False),
    ]


def test_a_use_without_a_result_is_told_and_may_still_end() -> None:
    assert calls(answer(1, 2, None, use("Read"))) == [("Read", ms(2), 0, False)]
    lines = (answer(1, 2, None, use("Read")), prompt(5), answer(2, 8), result(1, 9))
    assert calls(*lines) == [("Read", ms(2), ms(9), False)]


def test_a_block_that_is_written_again_is_the_same_use() -> None:
    again = answer(1, 3, None, use("Read"))
    assert calls(answer(1, 2, None, use("Read")), again, result(1, 9)) == [("Read", ms(2), ms(9), False)]
    assert calls(answer(1, 2, None, use("Read")), result(1, 9), again) == [("Read", ms(2), ms(9), False)]


def test_a_result_that_nobody_asked_for_is_none() -> None:
    assert calls(result(7, 9)) == []


def test_a_result_before_its_use_ends_at_once() -> None:
    assert calls(answer(1, 9, None, use("Read")), result(1, 2)) == [("Read", ms(9), ms(9), False)]


# Names


def outputs(*lines: bytes) -> list[int]:
    """Return the output of each event, settled."""
    return [event.get("output", 0) for event in told(*lines)["events"]]


NAMELESS: Fields = {"requestId": None, "id": "chatcmpl-1"}


def test_without_request_ids_lines_that_follow_one_another_are_one_answer() -> None:
    assert outputs(answer(1, 1, usage(100, output=5), **NAMELESS), answer(1, 2, usage(100, output=9), **NAMELESS)) == [
        9
    ]


def test_without_request_ids_a_message_id_that_comes_again_after_a_turn_is_another_answer() -> None:
    first, second = answer(1, 1, usage(100, output=5), **NAMELESS), answer(1, 9, usage(130, output=6), **NAMELESS)
    assert outputs(first, prompt(7), second) == [5, 6]
    assert outputs(answer(1, 1, usage(100, output=5), use("Bash"), **NAMELESS), result(1, 7), second) == [5, 6]
    # Where a gateway tells no prompts, nothing shows that it might be the same.
    silent = [answer(1, seconds, usage(0, output=5), uuid=f"u-{seconds}", **NAMELESS) for seconds in (1, 9)]
    assert outputs(silent[0], prompt(7), silent[1]) == [5, 5]


def test_without_request_ids_the_same_prompt_shows_the_same_answer() -> None:
    # A tool that ran while the answer still came.
    begun = answer(1, 1, usage(100, 5, output=1), use("Bash"), uuid="u-1", **NAMELESS)
    assert outputs(begun, result(1, 2), answer(1, 3, usage(100, 5, output=40), uuid="u-2", **NAMELESS)) == [40]
    # The first line told the prompt without the part that came from a cache.
    bare = answer(1, 1, {"input_tokens": 105, "output_tokens": 1}, use("Bash"), uuid="u-1", **NAMELESS)
    assert outputs(bare, result(1, 2), answer(1, 3, usage(100, 5, output=40), uuid="u-2", **NAMELESS)) == [40]


def test_without_request_ids_lines_between_do_not_divide_an_answer() -> None:
    # Before 2.0 agents wrote into the session's own file.
    lines = [
        prompt(0),
        answer(1, 1, usage(100, output=1), uuid="m-1", requestId=None),
        answer(2, 2, usage(40, output=1), uuid="s-1", requestId=None, isSidechain=True),
        answer(1, 3, usage(100, output=64), uuid="m-2", requestId=None),
        answer(2, 4, usage(40, output=31), uuid="s-2", requestId=None, isSidechain=True),
    ]
    assert sorted(outputs(*lines)) == [31, 64]


def test_the_last_lines_of_an_answer_that_was_told_count_though_nothing_follows() -> None:
    lines = [
        answer(1, 1, usage(output=1), version="1.0.117"),
        answer(2, 2, usage(output=1), version="1.0.117", isSidechain=True),
        answer(1, 3, usage(output=64), version="1.0.117"),
    ]
    content = b"".join(lines)
    for way in (reading.whole, reading.by_turns(range(3))):
        assert outputs_of(way(CLAUDE_CODE, Source(PATH, content))) == [1, 64]


def outputs_of(read: Found) -> list[int]:
    """Return the output of each event, settled."""
    return [event["output"] for event in reading.told([(PATH, read)])["events"]]


def test_answers_are_remembered_only_where_lines_mix_and_only_a_few() -> None:
    main = [answer(number, number, usage(number, output=1)) for number in range(1, 100)]
    assert "recent" not in state_after(*main)
    assert len(state_after(*main, answer(100, 100, isSidechain=True), *main)["recent"]) == 16
    assert "recent" not in state_after(answer(1, 1, isSidechain=True), answer(2, 2, isSidechain=True), path=AGENT)


def test_an_agent_s_answers_without_request_ids_are_each_its_own() -> None:
    # A gateway that uses its ids again does so for agents too: nothing here repeats the main session.
    main = answer(1, 1, usage(100, output=5), uuid="m-1", **NAMELESS)
    agents = [
        answer(1, 9 * number, usage(100 + number, output=number), uuid=f"s-{number}", isSidechain=True, agentId="a1b2", **NAMELESS)
        for number in (1, 2)
    ]  # fmt: skip
    both = [(PATH, found(main)), (AGENT, found(prompt(0), agents[0], prompt(10), agents[1], path=AGENT))]
    assert [event["output"] for event in reading.told(both)["events"]] == [5, 1, 2]


# Copies of an agent's lines


def copied(**more: Any) -> bytes:  # noqa: ANN401 - any JSON
    """Return the line in which a session repeats its agent's answer."""
    inner: Fields = {"type": "assistant", "timestamp": at(7), "uuid": "inner", "requestId": "req_9"}
    inner["message"] = {"id": "msg_9", "model": "claude-haiku-5-5", "role": "assistant", "usage": usage(3, 10, 0, 41)}
    data = {"type": "agent_progress", "agentId": "a1", "message": inner | more}
    said = {"type": "progress", "sessionId": SESSION, "cwd": "/home/dev/shop", "version": "2.1.30", "timestamp": at(9)}
    return line(said | {"data": data})


def test_a_repeated_line_of_an_agent_counts_where_its_own_file_is_gone() -> None:
    (event,) = found(copied()).events
    assert (event.tokens, event.time, event.grade) == ((3, 10, 0, 0, 41, 0), ms(7), PENDING)
    assert (event.context.agent, event.context.session, event.work_ms) == ("subagent", SESSION, 0)
    assert event.copied
    assert event.replay


def test_half_a_character_in_a_repeated_line_is_replaced_as_it_is_elsewhere() -> None:
    raw = copied().replace(b"/home/dev/shop", b"/home/\\ud800")
    with pytest.raises(ValueError, match=r"truncated|surrogate"):
        shape.load(raw)
    (event,) = found(raw).events
    assert event.context.project == "/home/?"


@pytest.mark.parametrize("request_id", ["req_9", None])
def test_it_does_not_count_beside_its_own_file(request_id: str | None) -> None:
    own = answer(9, 7, usage(3, 10, 0, 77), id="msg_9", requestId=request_id, isSidechain=True, agentId="a1b2c3")
    both = [(PATH, found(copied(requestId=request_id))), (AGENT, found(own, path=AGENT))]
    events = reading.told(both)["events"]
    assert [(event["output"], event["source"], event["views"]) for event in events] == [(77, AGENT, 2)]


@pytest.mark.parametrize(
    "fields",
    [
        {"type": "progress", "data": {"type": "bash_progress", "output": '"usage"'}},
        {"type": "progress", "data": {"type": "agent_progress", "message": {"type": "user", "message": {"content": []}}}},
        {"type": "progress", "data": {"type": "agent_progress", "message": "usage", "usage": {}}},
        {"type": "progress", "data": None, "usage": {}},
        {"type": "progress", "data": {"type": "agent_progress", "message": {"type": "assistant", "message": {"model": "<synthetic>", "usage": {"input_tokens": 0}}}}},
    ],
)  # fmt: skip
def test_other_progress_says_nothing(fields: Fields) -> None:
    read = found(line(fields))
    assert (read.events, read.skipped) == ([], [])


# State


def test_the_state_is_that_of_the_last_answer_s_beginning() -> None:
    lines = [prompt(0), answer(1, 2, None, use("Bash")), result(1, 5), answer(2, 9), prompt(20, cwd="/home/dev/other")]
    state = state_after(*lines)
    assert state["resume"] == len(b"".join(lines[:3]))
    assert state["asked"] == ms(5)
    assert state["context"][:3] == ["claude-code", SESSION, "/home/dev/shop"]
    assert "waiting" not in state


def test_without_an_open_answer_the_state_is_that_of_the_end() -> None:
    state = state_after(prompt(0), answer(1, 2, usage(output=3), stop=None), INTERRUPTED)
    assert "resume" not in state
    assert state["asked"] == ms(5)


def test_what_waited_before_the_last_answer_is_remembered() -> None:
    state = state_after(answer(1, 2, None, use("Bash", 1)), answer(2, 4, None, use("Read", 2)))
    assert [call[1] for call in state["waiting"].values()] == ["Bash"]


@pytest.mark.parametrize(
    "stamp", ["2019-12-31T23:59:59.999Z", "2100-01-01T00:00:00Z", "", "now", None, 5, b"2026-11-01"]
)
def test_a_moment_is_one_in_which_there_could_be_such_a_line(stamp: object) -> None:
    assert moment("2020-01-01T00:00:00Z") == 1_577_836_800_000
    assert moment("2099-12-31T23:59:59.999Z") == 4_102_444_799_999
    with pytest.raises(ValueError, match=r"timestamp|isoformat"):
        moment(stamp)


# Lines that come once


def once(*parts: list[bytes]) -> tuple[Found, State]:
    """Return what is found in lines of which none comes again, each part by a reader of its own; the state goes through JSON."""
    state: State = {"once": True}
    every = Found()
    offset = 0
    for lines in parts:
        reader, content = CLAUDE_CODE.reader(PATH, json.loads(json.dumps(state))), b"".join(lines)
        reader.feed(content, 0, len(content), offset)
        offset += len(content)
        some, state = reader.finish()
        every.events += some.events
        every.calls += some.calls
        assert "resume" not in state
    return every, state


def test_an_answer_without_a_request_id_whose_lines_come_apart_is_still_one() -> None:
    first = answer(1, 2, usage(output=5), text(), stop=None, requestId=None)
    second = answer(1, 3, usage(output=50), use("Bash"), requestId=None)
    every, _ = once([prompt(0), first], [second, result(1, 5)])
    assert len({(event.key, event.request) for event in every.events}) == 1
    assert [(event.tokens.output, event.grade) for event in every.events] == [(5, PENDING), (50, FINISHED)]
    # The use of the tool is known to the reader that sees its result.
    assert [call.ended for call in every.calls if call.ended] == [ms(5)]


def test_searches_that_come_later_are_those_of_the_answer_that_asked() -> None:
    asked = answer(1, 2, usage(output=5), use("WebSearch"))
    found_three = result(1, 5, toolUseResult={"searchCount": 3})
    every, state = once([prompt(0), asked], [], [found_three])
    assert [event.web_searches for event in every.events] == [0, 3]
    assert every.events[0] == every.events[1]._replace(web_searches=0)
    assert "left" not in state
