"""From bytes to what they mean, in whatever pieces and layouts they come."""

import json
import sys
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tools import reading
from tests.tools.claude_code import transcripts, worlds
from tests.tools.claude_code.transcripts import (
    PATH,
    answer,
    found,
    line,
    prompt,
    read,
    result,
    told,
    usage,
    use,
)
from tests.tools.reading import Source, Told

from tallystick.tools.claude_code import CLAUDE_CODE
from tallystick.tools.claude_code.reader import ClaudeReader
from tallystick.usage.event import ToolCall

# In pieces


@given(worlds.transcripts, st.lists(st.integers(0, 14), max_size=5))
def test_a_transcript_says_the_same_however_it_comes(lines: list[bytes], cuts: list[int]) -> None:
    content = b"".join(lines)
    expected = read(content)
    for way in (reading.line_by_line, reading.in_portions(cuts), reading.by_turns(cuts), reading.by_turns(range(15))):
        assert read(content, way) == expected


@given(worlds.transcripts, st.integers(0, 14))
def test_what_is_read_twice_is_the_same(lines: list[bytes], cut: int) -> None:
    source, part = Source(PATH, b"".join(lines)), Source(PATH, b"".join(lines[:cut]))
    once = reading.whole(CLAUDE_CODE, source)
    again = reading.whole(CLAUDE_CODE, part)
    reading.add(again, reading.whole(CLAUDE_CODE, source))
    reading.add(again, reading.whole(CLAUDE_CODE, source))
    assert reading.told([(PATH, again)]) == reading.told([(PATH, once)])


@given(worlds.transcripts)
def test_the_state_is_small_and_plain(lines: list[bytes]) -> None:
    reader = CLAUDE_CODE.reader(PATH, {})
    content = b"".join(lines) * 30
    reader.feed(content, 0, len(content), 0)
    _, state = reader.finish()
    assert json.loads(json.dumps(state)) == state
    assert len(json.dumps(state)) < 8_000


def test_a_place_in_the_source_is_not_a_place_in_the_buffer() -> None:
    reader = CLAUDE_CODE.reader(PATH, {})
    one = answer(1, 1)
    buffer = bytearray(b"......") + one
    reader.feed(buffer, 6, len(buffer), 1_000_000)
    reader.feed(answer(2, 2), 0, len(answer(2, 2)), 1_000_000 + len(one))
    events = reader.finish()[0].events
    assert [event.offset for event in events] == [1_000_000, 1_000_000 + len(one)]


def test_a_buffer_may_be_used_again_at_once() -> None:
    reader, buffer = CLAUDE_CODE.reader(PATH, {}), bytearray(answer(1, 1, None, use("Bash")))
    reader.feed(buffer, 0, len(buffer), 0)
    buffer[:] = b"x" * 10
    buffer.extend(b"x" * 10_000)
    (event,) = reader.finish()[0].events
    assert event.variant.model == "claude-opus-5-5"


# Layouts


USUAL = [
    prompt(0),
    answer(1, 2, usage(output=10), use("Bash", 1), stop="tool_use"),
    result(1, 5, failed=True),
    answer(2, 7, usage(output=20), use("Read", 2), use("Grep", 3), stop="tool_use"),
    result(3, 8),
    result(2, 9),
    answer(3, 12, usage(output=30)),
]


def spaced(raw: bytes) -> bytes:
    return json.dumps(json.loads(raw), separators=(" , ", " : ")).encode() + b"\n"


def turned(raw: bytes) -> bytes:
    return line(dict(reversed(json.loads(raw).items())))


def told_first(raw: bytes) -> bytes:
    fields = json.loads(raw)
    return line({"type": fields.pop("type"), **fields})


LAYOUTS: dict[str, Callable[[bytes], bytes]] = {
    "spaced": spaced,
    "turned round": turned,
    "type first": told_first,
    "other ends of lines": lambda raw: raw.replace(b"\n", b"\r\n"),
    "indented": lambda raw: b"\t " + raw,
    "escaped": lambda raw: json.dumps(json.loads(raw), separators=(",", ":")).encode() + b"\n",
    "with a long directory": lambda raw: raw.replace(b"/home/dev/shop", b"/home/dev/" + b"deep/" * 200),
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("slow", [False, True], ids=["msgspec", "standard library"])
def test_another_layout_says_the_same(layout: Callable[[bytes], bytes], *, slow: bool) -> None:
    def of(content: bytes) -> Told:
        said = read(content, slow=slow)
        for thing in (*said["events"], *said["prompts"]):
            del thing["offset"], thing["project"]
        return said

    assert of(b"".join(map(layout, USUAL))) == of(b"".join(USUAL))


@pytest.mark.parametrize("times", [(2, 1), (1, 2)], ids=["a long text", "a long copy"])
@pytest.mark.parametrize("size", [10, 900, 5_000, 200_000])
def test_a_result_s_time_is_found_wherever_it_stands(size: int, times: tuple[int, int]) -> None:
    content, copy = ("some text with quotes \\" * (size // 22 * number) for number in times)
    told_by = result(1, 5, content, toolUseResult={"stdout": copy, "timestamp": transcripts.at(99)})
    (call,) = found(answer(1, 2, None, use("Bash")), told_by).calls
    assert call.ended - call.started == 3_000


def test_a_time_that_is_not_the_line_s_own_is_not_taken_for_it() -> None:
    # What stands in the middle looks like a line of its own: another transcript, as a program returned it.
    inner = json.loads(result(7, 99, "x"))
    for before in range(0, 4_000, 100):
        told_by = result(1, 5, "x" * 2_000, toolUseResult={"a": "x" * before, "b": [inner], "c": "x" * 4_000})
        (call,) = found(answer(1, 2, None, use("Bash")), told_by).calls
        assert call.ended - call.started == 3_000


def failures(*lines: bytes) -> list[bool]:
    return [call.failed for call in found(answer(1, 2, None, use("Bash")), *lines).calls]


@pytest.mark.parametrize("size", [1, 400, 30_000])
def test_a_failure_is_found_before_and_behind_the_text(size: int) -> None:
    assert failures(result(1, 5, "x" * size, failed=True)) == [True]
    assert failures(result(1, 5, "x" * size, failed=False)) == [False]
    assert failures(result(1, 5, "x" * size, failed=None)) == [False]
    block = {"type": "tool_result", "is_error": True, "tool_use_id": f"toolu_{1:022}", "content": "x" * size}
    assert failures(prompt(5, [block])) == [True]


def test_words_of_a_failure_are_none() -> None:
    assert failures(result(1, 5, '"is_error":true')) == [False]
    # Nor is the failure of the line before.
    first = answer(1, 2, None, use("Bash", 1), use("Bash", 2))
    assert [
        call.failed for call in found(first, result(1, 5, "", failed=True), result(2, 5, "", failed=None)).calls
    ] == [True, False]


def test_a_line_with_several_results_tells_them_all() -> None:
    parts = [json.loads(result(number, 5))["message"]["content"][0] for number in (1, 2)]
    calls = found(answer(1, 2, None, use("Bash", 1), use("Read", 2)), prompt(5, parts)).calls
    assert [(call.name, call.ended - call.started) for call in calls] == [("Bash", 3_000), ("Read", 3_000)]


def test_words_that_look_like_counts_are_none() -> None:
    words = '{"type":"assistant","message":{"id":"msg_x","model":"claude-opus-5-5","usage":{"input_tokens":900,"output_tokens":77}}}'
    said = told(
        prompt(0, words),
        answer(1, 2, None, transcripts.text(words), use("Bash", 1, command=words)),
        result(1, 5, words),
    )
    assert reading.tokens(said) == [(3, 0, 0, 0, 10, 0)]
    assert len(said["prompts"]) == 1


def test_the_counts_of_an_agent_s_result_are_its_own_transcript_s() -> None:
    summed = {"status": "completed", "totalTokens": 13, "usage": usage(900, 900, 900, 900)}
    for layout in (bytes, spaced, turned):
        said = told(*map(layout, [prompt(0), answer(1, 2, None, use("Agent")), result(1, 5, toolUseResult=summed)]))
        assert reading.tokens(said) == [(3, 0, 0, 0, 10, 0)]
        assert said["calls"][0]["ended"] == transcripts.at(5)


# Decoders


def test_few_lines_are_read_without_the_fast_decoder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ClaudeReader, "fed", 0)
    monkeypatch.delitem(sys.modules, "msgspec", raising=False)
    monkeypatch.setitem(sys.modules, "tallystick.tools.claude_code.shape", None)
    # Where it cannot be imported, the standard library reads all there is.
    content = b"".join(USUAL) * 100
    assert len(content) > 150_000
    assert len(found(content).events) == 3 * 100


def test_the_fast_decoder_is_used_once_there_is_enough_to_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def uses_it(reader: ClaudeReader, size: int) -> bool:
        reader.feed(b" " * size, 0, size, 0)
        return reader._decode.__module__ != "tallystick.tools.claude_code.plain"

    monkeypatch.setattr(ClaudeReader, "fed", 0)
    monkeypatch.delitem(sys.modules, "msgspec", raising=False)
    assert not uses_it(ClaudeReader(PATH, {}), 149_000)
    # All transcripts of a run count together.
    assert uses_it(ClaudeReader(PATH, {}), 1_000)


def test_searches_that_a_tool_had_made_are_counted() -> None:
    def searches(tool: str, *results: bytes) -> list[int]:
        return [event.web_searches for event in found(answer(1, 1, None, use(tool)), *results).events]

    assert searches("WebSearch", result(1, 2, toolUseResult={"query": "x", "searchCount": 3})) == [3]
    assert searches("WebSearch", result(1, 2, toolUseResult={"searchCount": 12345})) == [100]
    assert searches("WebSearch", result(1, 2, toolUseResult={"searchCount": "3"})) == [0]
    assert searches("WebSearch", result(1, 2, toolUseResult={"searchCount": -3})) == [0]
    assert searches("WebSearch", result(1, 2)) == [0]
    assert searches("Grep", result(1, 2, toolUseResult={"searchCount": 3})) == [0]
    assert searches("WebSearch", spaced(result(1, 2, toolUseResult={"searchCount": 3}))) == [3]
    assert searches("WebSearch", spaced(result(1, 2, toolUseResult={"searchCount": True}))) == [0]


def test_a_call_is_told_with_its_event() -> None:
    read = found(answer(1, 2, None, use("Bash")), result(1, 5, failed=True))
    (event,), (call,) = read.events, read.calls
    assert call == ToolCall(call.key, event.key, "Bash", event.time, event.time + 3_000, failed=True)
