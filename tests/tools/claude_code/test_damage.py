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


@given(worlds.answers(), st.data())
def test_an_answer_with_one_wrong_field_counts_right_or_is_skipped(raw: bytes, data: st.DataObject) -> None:
    said = json.loads(raw)
    path = data.draw(st.sampled_from(list(_fields(said))))
    wrong = data.draw(st.sampled_from(worlds.ODD))
    owner = said
    for step in path[:-1]:
        owner = owner[step]
    if _fits(owner[path[-1]], wrong) or (path[-1] == "content" and isinstance(wrong, str)):
        return
    owner[path[-1]] = wrong
    before, after = found(raw), found(line(said))
    assert len(before.events) == 1
    if after.events:
        assert [event.tokens for event in after.events] == [event.tokens for event in before.events]
        assert wrong is None or after.skipped or path[-1] not in _READ
    else:
        assert [skipped.offset for skipped in after.skipped] == [0]


_READ = {
    "cwd",
    "gitBranch",
    "version",
    "uuid",
    "isSidechain",
    "requestId",
    "model",
    "stop_reason",
    "service_tier",
    "content",
}


def _fields(said: Fields, *above: str) -> list[tuple[str, ...]]:
    own = [(*above, name) for name in said]
    return own + [
        path for name, value in said.items() if isinstance(value, dict) for path in _fields(value, *above, name)
    ]


def _fits(right: object, wrong: object) -> bool:
    """Whether a value may stand where another one stood; a count that is null is one that was not told."""
    return type(right) is type(wrong) or (wrong is None and isinstance(right, int | dict))


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
