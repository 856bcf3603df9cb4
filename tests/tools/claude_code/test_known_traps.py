"""Traps into which meters of Claude Code are known to have fallen, each by the name of its report, on a sample of its own."""

import pytest
from tests.tools import reading
from tests.tools.claude_code.transcripts import AGENT, PATH, answer, found, prompt, result, told, usage, use
from tests.tools.reading import Source, Told, tokens
from tests.tools.test_samples import SAMPLES, read, sources

from tallystick.tools.claude_code import CLAUDE_CODE


def sample(name: str) -> Told:
    """Return what a sample says."""
    return read(CLAUDE_CODE, SAMPLES / "claude-code" / name, reading.whole)


def by_session(said: Told) -> dict[str, list[int]]:
    """Return the output of each session's events, by the last digit of the session's id."""
    outputs: dict[str, list[int]] = {}
    for event in said["events"]:
        outputs.setdefault(event["session"][-1], []).append(event["output"])
    return outputs


def test_lines_of_a_stream_are_one_request_with_the_final_output() -> None:
    # ccusage #705, #866, #901, #938: lines of 1, 5 and 631 tokens, of which the first was kept.
    assert tokens(sample("streamed")) == [(4, 1_200, 0, 800, 631, 0), (6, 2_000, 0, 40, 25, 0)]


def test_a_bare_snapshot_of_the_prompt_does_not_mix_with_the_counts() -> None:
    # tokscale #1392: the maximum of each field made 17 000 fresh tokens beside 16 997 from the cache.
    assert tokens(sample("bare-snapshot")) == [
        (3, 16_997, 0, 0, 88, 0),
        (3, 16_997, 120, 0, 40, 0),
        (900, 0, 0, 0, 7, 0),
    ]


def test_lines_that_a_resumed_session_copied_count_once_and_where_they_were_made() -> None:
    # agentsview #1370.
    assert by_session(sample("resumed-copy")) == {"1": [30, 70], "2": [90]}


def test_a_fork_and_a_background_session_repeat_the_whole_chain() -> None:
    assert by_session(sample("forks")) == {"1": [30, 70, 99], "3": [95], "2": [90]}
    # The copies say whose they are, also where that one is gone.
    assert by_session(sample("fork-without-source")) == {"1": [30, 70], "2": [90]}


def test_a_side_question_repeats_its_parent_s_answers_and_a_subagent_does_not() -> None:
    # ccusage #913: the same message under another request; ccusage #313, #806: agents' files left out.
    said = sample("agents")
    outputs: dict[str, list[int]] = {}
    for event in said["events"]:
        outputs.setdefault(event.get("agent", ""), []).append(event["output"])
    assert outputs == {"": [50, 60], "Explore": [20, 13], "aside_question": [33]}
    assert {event["session"] for event in said["events"]} == {said["events"][0]["session"]}


def test_agents_of_workflows_count_and_their_notes_do_not() -> None:
    assert sorted(event["output"] for event in sample("workflows")["events"]) == [20, 30, 31]
    paths = [source.path for source in sources(CLAUDE_CODE, SAMPLES / "claude-code" / "workflows")]
    assert not any("journal" in path for path in paths)
    assert len(paths) == 3
    assert list((SAMPLES / "claude-code" / "workflows").rglob("journal.jsonl"))


def test_agents_beside_their_session_and_within_it_count() -> None:
    assert by_session(sample("agents-beside")) == {"1": [20, 30], "2": [20, 21]}


def test_what_a_session_repeats_of_its_agents_counts_only_where_their_file_is_gone() -> None:
    said = sample("progress-copies")
    assert [event["output"] for event in said["events"]] == [30, 77, 41, 12]


def test_a_gateway_that_uses_ids_again_makes_other_requests() -> None:
    # ccusage #976, #1635: two sessions, and in one of them two turns.
    assert by_session(sample("reused-ids")) == {"1": [9, 6], "2": [5]}


def test_without_request_ids_a_copy_is_known_by_its_lines_ids() -> None:
    assert by_session(sample("no-request-ids")) == {"1": [64, 31, 20], "2": [1]}


def test_an_advisor_and_a_compaction_are_billed_beside_the_answer() -> None:
    priced = [
        (event["model"], count)
        for event, count in zip(sample("advisor")["events"], tokens(sample("advisor")), strict=True)
    ]
    assert sorted(priced) == [
        ("claude-opus-4-8", (500, 0, 0, 0, 200, 0)),
        ("claude-opus-5-5", (20, 0, 0, 300, 25, 0)),
        ("claude-opus-5-5", (40, 2_010, 0, 0, 90, 0)),
        ("claude-opus-5-5", (9_000, 0, 100, 0, 700, 0)),
    ]


def test_writes_for_an_hour_are_not_those_for_five_minutes() -> None:
    # ccstats #86, langfuse #34: an hour's cost twice the input, five minutes' 1.25 times.
    written = [(short, long) for _, _, short, long, _, _ in tokens(sample("cache-lifetimes"))]
    assert written == [(400, 600), (70, 30), (500, 0), (0, 200), (150, 50)]


def test_the_tool_s_own_notices_are_no_requests() -> None:
    said = sample("synthetic")
    assert tokens(said) == [(3, 0, 0, 0, 20, 0)]
    # claude-monitor #48, #56: when a limit ends is told, and need not be guessed.
    assert [(limit["window"], limit["resets_at"]) for limit in said["limits"]] == [
        ("five_hour", "2026-11-01T18:00:00.000Z"),
        ("seven_day_opus", "2026-11-05T17:33:20.000Z"),
    ]


def test_a_torn_last_line_counts_once_when_it_is_whole() -> None:
    lines = [prompt(0), answer(1, 2, usage(output=20)), prompt(7), answer(2, 9, usage(output=40))]
    content = b"".join(lines)
    for cut in range(len(content) - len(lines[-1]), len(content)):
        reader = CLAUDE_CODE.reader(PATH, {})
        whole = content.rfind(b"\n", 0, cut) + 1
        reader.feed(content, 0, whole, 0)
        first, state = reader.finish()
        assert [event.tokens.output for event in first.events] == [20]
        again = CLAUDE_CODE.reader(PATH, state)
        again.feed(content, state["resume"], len(content), state["resume"])
        second, _ = again.finish()
        reading.add(first, second)
        assert tokens(reading.told([(PATH, first)])) == [(3, 0, 0, 0, 20, 0), (3, 0, 0, 0, 40, 0)]
    assert tokens(sample("torn-line")) == [(4, 0, 0, 10, 20, 0)]


def test_the_size_of_a_result_is_not_counted() -> None:
    # tokscale #1011: it is in the next answer's prompt.
    lines = [prompt(0), answer(1, 2, usage(3), use("Read")), result(1, 5, "words " * 50_000), answer(2, 9, usage(4))]
    assert tokens(told(*lines)) == [(3, 0, 0, 0, 10, 0), (4, 0, 0, 0, 10, 0)]


def test_a_missing_field_within_a_tool_s_input_does_not_lose_the_line() -> None:
    # ccusage drops lines in which it sees `"id":null`.
    given = {"id": None, "model": None, "usage": None, "message": {"id": None, "usage": None}}
    assert tokens(told(answer(1, 2, usage(3), use("mcp__tracker__update", 1, **given)))) == [(3, 0, 0, 0, 10, 0)]


def test_both_config_directories_are_read() -> None:
    places = [root.path for root in CLAUDE_CODE.roots("/home/dev", {})]
    assert places[:2] == ["/home/dev/.claude/projects", "/home/dev/.config/claude/projects"]


def test_files_in_any_order_say_the_same() -> None:
    for name in ("resumed-copy", "forks", "agents", "progress-copies", "no-request-ids", "reused-ids"):
        case = sources(CLAUDE_CODE, SAMPLES / "claude-code" / name)
        forwards = [(source.path, reading.whole(CLAUDE_CODE, source)) for source in case]
        assert reading.told(reversed(forwards)) == reading.told(forwards)


@pytest.mark.parametrize("size", [17 << 20])
def test_a_line_of_16_megabytes_is_read_and_not_kept(size: int) -> None:
    lines = [answer(1, 2, usage(3), use("Bash")), result(1, 5, "x" * size), answer(2, 9, usage(4))]
    content = b"".join(lines)
    reader = CLAUDE_CODE.reader(PATH, {})
    reader.feed(content, 0, len(content), 0)
    read, state = reader.finish()
    assert [event.tokens.input for event in read.events] == [3, 4]
    assert len(repr(state)) + len(repr(read.calls)) < 2_000


def test_an_agent_s_cache_lives_for_five_minutes_where_it_says_so() -> None:
    # claude-code #84289: the session's own writes live for an hour.
    split = {"ephemeral_5m_input_tokens": 300, "ephemeral_1h_input_tokens": 0}
    (event,) = found(answer(1, 2, usage(2, 0, 300, 20, cache_creation=split), isSidechain=True), path=AGENT).events
    assert (event.tokens.cache_write_5m, event.tokens.cache_write_1h) == (300, 0)


def test_the_same_answer_from_two_machines_is_one() -> None:
    source = Source(PATH, prompt(0) + answer(1, 2))
    copies = [(f"/mnt/{machine}/{PATH}", reading.whole(CLAUDE_CODE, source)) for machine in ("a", "b")]
    said = reading.told(copies)
    assert tokens(said) == [(3, 0, 0, 0, 10, 0)]
    assert len(said["prompts"]) == 1
