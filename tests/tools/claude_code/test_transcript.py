"""What the lines of a transcript mean together: turns, waiting, copies, cuts and titles."""

from tests.tools.claude_code.transcripts import (
    PATH,
    SESSION,
    answer,
    at,
    found,
    line,
    notice,
    prompt,
    result,
    usage,
    use,
)

from tallystick.usage.event import CUT_OFF, FINISHED, PENDING
from tallystick.usage.instant import instant


def ms(seconds: float) -> int:
    """Return a moment of the samples in milliseconds since 1970."""
    return instant(at(seconds))


def test_the_last_answer_is_pending_and_the_others_are_finished() -> None:
    events = found(prompt(0), answer(1, 2), prompt(10), answer(2, 12)).events
    assert [event.grade for event in events] == [FINISHED, PENDING]


def test_an_answer_that_the_person_interrupts_is_cut_off() -> None:
    broken = answer(1, 2, usage(output=3), stop=None)
    events = found(prompt(0), broken, prompt(3, [{"type": "text", "text": "[Request interrupted by user]"}])).events
    assert [event.grade for event in events] == [CUT_OFF]


def test_a_lost_connection_cuts_the_answer_before_it() -> None:
    events = found(
        prompt(0),
        answer(1, 2, usage(output=3), use("Bash"), stop="tool_use"),
        notice(3, "Connection lost", apiError="connection_failed"),
        result(1, 4),
        answer(2, 6),
    ).events
    assert [event.grade for event in events] == [CUT_OFF, PENDING]


def test_the_model_works_from_the_prompt_and_from_the_result_on() -> None:
    events = found(prompt(0), answer(1, 2, None, use("Read"), stop="tool_use"), result(1, 9), answer(2, 12)).events
    assert [event.work_ms for event in events] == [2_000, 3_000]


def test_a_tool_runs_from_its_use_to_its_result() -> None:
    calls = found(prompt(0), answer(1, 2, None, use("Read"), stop="tool_use"), result(1, 9, failed=True)).calls
    last = calls[-1]
    assert (last.name, last.started, last.ended, last.failed) == ("Read", ms(2), ms(9), True)


def test_people_s_turns_are_prompts_and_the_tool_s_own_lines_are_not() -> None:
    prompts = found(prompt(0), prompt(5, "<command-name>/clear</command-name>"), prompt(6, "more", isMeta=True)).prompts
    assert [one.time for one in prompts] == [ms(0)]


def test_an_agent_s_first_line_is_no_person_s() -> None:
    path = PATH.replace(".jsonl", "/subagents/agent-a1.jsonl")
    told = found(prompt(0, isSidechain=True), answer(1, 2, isSidechain=True), path=path)
    assert told.prompts == []
    assert (told.events[0].context.session, told.events[0].context.agent) == (SESSION, "subagent")


def test_a_copied_line_belongs_to_the_session_that_made_it() -> None:
    (event,) = found(answer(1, 2, requestSessionId="5e551011-0000-4000-8000-00000000000f")).events
    assert event.copied
    assert event.context.session == "5e551011-0000-4000-8000-00000000000f"


def test_a_session_has_the_title_that_the_tool_gave_it() -> None:
    (title,) = found(line({"type": "ai-title", "aiTitle": "Count the stock", "sessionId": SESSION})).titles
    assert (title.session, title.text) == (SESSION, "Count the stock")
