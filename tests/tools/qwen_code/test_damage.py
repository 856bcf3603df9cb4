"""Damage of every kind: never an exception, never a wrong count, and each bad line named with its place and its reason."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tools import reading
from tests.tools.claude_code.worlds import ODD
from tests.tools.gemini_cli.test_damage import paths, spoilt
from tests.tools.qwen_code.chats import PATH, Fields, answer, found, line, record, request, result, said, told, used
from tests.tools.reading import Source

TOKENS = (100, 0, 0, 0, 10, 0)
COUNTS = {
    "usageMetadata",
    "input_token_count",
    "output_token_count",
    "cached_content_token_count",
    "thoughts_token_count",
}
COUNTS |= {
    "total_token_count",
    "promptTokenCount",
    "candidatesTokenCount",
    "thoughtsTokenCount",
    "cachedContentTokenCount",
}
COUNTS |= {"totalTokenCount"}
DECIDING = {"type", "subtype", "systemPayload", "uiEvent", "event.name", "sessionId"}
"""Fields without which a line is another one."""


@pytest.mark.parametrize("whole", [request(1, 4), answer(1, 4)], ids=["telemetry", "answer"])
def test_a_line_with_one_wrong_field_counts_right_or_is_skipped(whole: Fields) -> None:
    for path in paths(whole):
        for wrong in ODD:
            is_count = path[-1] in COUNTS
            if is_count and isinstance(wrong, int) and not isinstance(wrong, bool) and wrong >= 0:
                continue  # another count is no wrong one
            read = found(line(spoilt(whole, path, wrong)))
            counts = [tuple(event.tokens) for event in read.events]
            if is_count and wrong in (None, {}):
                assert all(count[1:4] == (0, 0, 0) and count[0] <= 100 and count[4] <= 10 for count in counts)
            elif read.skipped:
                assert counts in ([], [TOKENS])
                assert [each.offset for each in read.skipped] == [0]
            else:
                assert counts == [TOKENS] or path[-1] in DECIDING, (path, wrong)


OTHERS = [
    said(1, 1),
    result(1, 1, "a"),
    used(1, 1),
    record(1, 1, "system", subtype="custom_title", systemPayload={"customTitle": "x"}),
    answer(1, 1, uses=["a"]),
    request(1, 1),
]


@pytest.mark.parametrize("other", OTHERS, ids=lambda each: str(each.get("subtype") or each["type"]))
def test_any_line_with_any_wrong_field_spoils_no_other(other: Fields) -> None:
    for path in paths(other):
        for wrong in ODD:
            events = found(line(spoilt(other, path, wrong)), request(9, 9, 77, 7)).events
            assert tuple(events[-1].tokens) == (77, 0, 0, 0, 7, 0)


@given(st.binary(max_size=400))
def test_any_bytes_can_be_read(content: bytes) -> None:
    skipped = {each["offset"] for each in told(Source(PATH, content + b"\n"))["skipped"]}
    for begin, end in pairwise(reading.lines_of(content + b"\n")):
        raw = content[begin : end - 1]
        if raw.strip() and not (raw[:1] == b"{" and raw[-1:] in (b"}", b"\r")):
            assert begin in skipped


NAMES = [
    "uuid",
    "parentUuid",
    "sessionId",
    "timestamp",
    "type",
    "systemPayload",
    "uiEvent",
    "usageMetadata",
    "message",
    "parts",
]
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from(["assistant", "system", "user", "tool_result"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=14,
)


@given(st.lists(json_values, max_size=5), st.lists(st.integers(0, 5), max_size=3))
def test_odd_lines_say_the_same_however_they_come(values: list[object], cuts: list[int]) -> None:
    content = b"".join(json.dumps(value).encode() + b"\n" for value in values)
    whole = told(Source(PATH, content))
    assert told(Source(PATH, content), way=reading.by_turns(cuts)) == whole
    assert told(Source(PATH, content), way=reading.line_by_line) == whole


@pytest.mark.parametrize("text", ["half \ud83d", "x\x00y", "schön"])
def test_odd_characters_can_be_stored(text: str) -> None:
    odd = request(1, 1, model=text, response_id=text, subagent_name=text) | dict.fromkeys(
        ("cwd", "gitBranch", "version", "sessionId"), text
    )
    (event,) = found(line(odd)).events
    "".join((*event.context, *event.variant)).encode()
