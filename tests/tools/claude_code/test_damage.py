"""Damage of every kind: never an exception, never a wrong count, and each bad line named with its place and its reason."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tools import reading
from tests.tools.claude_code import worlds
from tests.tools.claude_code.transcripts import (
    Fields,
    answer,
    found,
    line,
    prompt,
    read,
    reasons,
    result,
    told,
    usage,
    use,
)

from tallystick.tools.claude_code.counts import MOST


@given(st.lists(worlds.damaged(), max_size=6), st.lists(st.integers(0, 6), max_size=3))
def test_damage_says_the_same_however_it_comes(lines: list[bytes], cuts: list[int]) -> None:
    content = b"".join(lines)
    expected = read(content)
    assert read(content, slow=True) == expected
    assert read(content, reading.by_turns(cuts)) == read(content, reading.line_by_line) == expected


@given(st.binary(max_size=400), st.booleans())
def test_any_bytes_can_be_read(content: bytes, slow: bool) -> None:  # noqa: FBT001 - drawn
    skipped = read(content + b"\n", slow=slow)["skipped"]
    ends = reading.lines_of(content + b"\n")
    refused = [begin for begin, end in pairwise(ends) if _is_no_object(content[begin : end - 1])]
    assert [each["offset"] for each in skipped] == refused


def _is_no_object(raw: bytes) -> bool:
    """Whether a line is neither empty nor what might be an object from its first byte to its last."""
    return bool(raw.strip()) and not (raw[:1] == b"{" and raw[-1:] in (b"}", b"\r"))


PASS = {"type": "message", "model": "m", "input_tokens": 3, "output_tokens": 10}
SPLIT = {"ephemeral_1h_input_tokens": 40, "ephemeral_5m_input_tokens": 0}
FULL = json.loads(
    answer(
        1,
        1,
        usage(
            *(3, 16_997, 40, 10),
            cache_creation=SPLIT,
            iterations=[PASS],
            speed="fast",
            inference_geo="us",
            output_tokens_details={"thinking_tokens": 1},
            server_tool_use={"web_search_requests": 1, "web_fetch_requests": 2},
        ),
        use("Bash"),
        costUSD=0.5,
        isAbortedMidStream=True,
        **dict.fromkeys(("agentId", "requestSessionId", "requestedModel", "apiError", "attributionAgent", "sessionKind"), "x"),
    )
)  # fmt: skip
"""A line in which every field that is read says something."""


def paths(said: Fields | list[Fields], *above: str | int) -> list[tuple[str | int, ...]]:
    """Return the place of each field."""
    own: list[tuple[str | int, ...]] = []
    for name, value in said.items() if isinstance(said, dict) else enumerate(said):
        own += [(*above, name), *(paths(value, *above, name) if isinstance(value, dict | list) else ())]
    return own


_RIGHT: dict[str | int, tuple[type, ...]] = {"content": (str, list), "costUSD": (int, float)}
"""Types of the fields that may have several."""
_UNREAD = {"parentUuid", "role", "stop_sequence", "userType", "entrypoint", "input"}


@pytest.mark.parametrize("path", paths(FULL), ids=lambda path: ".".join(map(str, path)))
def test_an_answer_with_one_wrong_field_counts_right_or_is_skipped(path: tuple[str | int, ...]) -> None:
    (expected,) = found(line(FULL)).events
    for wrong in worlds.ODD:
        said = json.loads(json.dumps(FULL))
        owner = said
        for step in path[:-1]:
            owner = owner[step]
        if type(wrong) in _RIGHT.get(path[-1], (type(owner[path[-1]]),)):
            continue
        owner[path[-1]] = wrong
        read = found(line(said))
        if read.events:
            assert [event.tokens[:5] for event in read.events] == [expected.tokens[:5]] or wrong is None
            # What is null was not told; whatever else is of another type is named.
            assert wrong is None or read.skipped or path[-1] in _UNREAD or path[:2] == ("message", "type")
        else:
            assert [skipped.offset for skipped in read.skipped] == [0]


@pytest.mark.parametrize("count", ["3", 3.0, -3, True, 10**400, 1e308, [3], {}, MOST + 1], ids=repr)
@pytest.mark.parametrize(
    "name", ["input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"]
)
def test_a_bad_count_is_skipped_with_its_place_and_never_counted(name: str, count: object) -> None:
    lines = [answer(1, 1), answer(2, 2, usage() | {name: count}), answer(3, 3)]
    read = found(*lines)
    assert [event.tokens.output for event in read.events] == [10, 10]
    assert [skipped.offset for skipped in read.skipped] == [len(lines[0])]
    assert str(count) not in read.skipped[0].reason


def test_a_bad_line_of_an_answer_does_not_spoil_its_others() -> None:
    said = told(answer(1, 1, usage(output=1)), answer(1, 2, usage(output=MOST + 1)), answer(1, 3, usage(output=50)))
    assert reading.tokens(said) == [(3, 0, 0, 0, 50, 0)]
    assert len(said["skipped"]) == 1


@pytest.mark.parametrize(
    "raw, reason",
    [
        (b'{"type":"assistant","message":null}', "an answer without counts"),
        (b'{"type":"assistant","message":{"role":"assistant"}}', "an answer without counts"),
        (b'{"type":"assistant","message":{"usage":null}}', "an answer without counts"),
        (b'{"type":"assistant","message":{"usage":{}}}', "no readable timestamp"),
        (b'{"type":"novelty","message":{"usage":{}}}', "counts in a line of an unknown kind"),
        (b'{"message":{"usage":{}}}', "counts in a line of an unknown kind"),
        (b'{"type":"user","message":null,"timestamp":"2026-11-01T10:00:00Z"}', "message is not an object"),
        (b'{"type":"user","message":{"role":"user","content":"x"}}', "no readable timestamp"),
        (b'{"type":"user","message":{"role":"user","content":[{"tool_use_id":"x"}]}}', "no readable timestamp"),
        (b'{"type":"user","message":{"role":"user","content":', "not JSON"),
        (b'{"type":"user","message":{"role":"user","content":[', "not JSON"),
        (b'{"type":"progress","data":{"type":"agent_progress","message":{"type":"assistant","message":{"usage":{}}}}}', "no readable timestamp"),
        (b'{"type":"progress","data":{"type":"agent_progress","message":{"type":"assistant","message":{"usage":5}}}}', "message.usage is not an object"),
        (b"\xff\xfe", "not JSON"),
        (b"[]", "not a JSON object"),
        (b'{"type":"summary"', "not JSON"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("slow", [False, True], ids=["msgspec", "standard library"])
def test_each_bad_line_has_its_reason(raw: bytes, reason: str, *, slow: bool) -> None:
    assert [skipped["reason"] for skipped in read(raw + b"\n", slow=slow)["skipped"]] == [reason]
    assert read(raw, slow=slow)["skipped"] == []


@pytest.mark.parametrize("raw", [b"", b"   ", b"\t\r", b"{}", b'{"type":"novelty"}', b'{"type":"user"}'[:0]])
def test_lines_that_say_nothing_are_passed_over(raw: bytes) -> None:
    assert reasons(raw + b"\n", answer()) == []


@pytest.mark.parametrize(
    "stamp",
    [
        "yesterday",
        "",
        "2026-13-01T00:00:00Z",
        "1812-09-01T00:00:00Z",
        "2200-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
    ],
)
def test_a_time_that_cannot_be_is_none(stamp: str) -> None:
    assert reasons(answer(timestamp=stamp)) == ["no readable timestamp"]
    assert reasons(prompt(timestamp=stamp)) == ["no readable timestamp"]
    assert reasons(result(timestamp=stamp)) == ["no readable timestamp"]


@pytest.mark.parametrize(
    "stamp, milliseconds",
    [
        ("2026-11-01T10:00:01Z", 0),
        ("2026-11-01T10:00:01.5Z", 500),
        ("2026-11-01T10:00:01.123456Z", 123),
        ("2026-11-01T11:00:01.123+01:00", 123),
        ("2026-11-01T10:00:01.123456+00:00", 123),
    ],
)
def test_times_are_understood_in_every_form(stamp: str, milliseconds: int) -> None:
    second = 1_793_527_201_000
    assert found(answer(timestamp=stamp)).events[0].time == second + milliseconds
    assert found(prompt(timestamp=stamp)).prompts[0].time == second + milliseconds
    (call,) = found(answer(1, 0, None, use("Bash")), result(timestamp=stamp)).calls
    assert call.ended == second + milliseconds


def test_depth_beyond_reason_is_passed_over() -> None:
    deep = answer(1, 1, None, use("Bash", 1, a=0)).replace(b'"a":0', b'"a":' + b"[" * 100_000 + b"]" * 100_000)
    assert reasons(deep) == ["nested too deeply"]
    assert reasons(prompt(0, "DEEP").replace(b'"DEEP"', b"[" * 100_000 + b"]" * 100_000)) == ["nested too deeply"]


def test_many_bad_lines_are_counted_beyond_those_that_are_named() -> None:
    read = found(*[b"not json\n"] * 130)
    assert (len(read.skipped), read.skipped_more) == (100, 30)
