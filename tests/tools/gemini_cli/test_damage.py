"""Damage of every kind: never an exception, never a wrong count, and each bad line named with its place and its reason."""

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tools import reading
from tests.tools.claude_code.worlds import ODD
from tests.tools.gemini_cli.chats import (
    DOCUMENT_PATH,
    PATH,
    Fields,
    answer,
    call,
    found,
    head,
    line,
    repeated,
    said,
    told,
)
from tests.tools.reading import Source

from tallystick.tools.gemini_cli.reader import GeminiDocument

FULL = answer(1, 4, None, call())
TOKENS = (100, 0, 0, 0, 10, 0)
UNREAD = {"content", "thoughts", "model", "toolCalls", "id", "args", "result", "name", "status"}


def paths(value: object, *above: str | int) -> list[tuple[str | int, ...]]:
    """Return the place of each field."""
    own: list[tuple[str | int, ...]] = []
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, each in inner:
        own += [(*above, name), *paths(each, *above, name)]
    return own


def spoilt(record: Fields, path: tuple[str | int, ...], wrong: object) -> Fields:
    """Return a record with one field of another type."""
    copy: Fields = json.loads(json.dumps(record))
    owner: Any = copy
    for step in path[:-1]:
        owner = owner[step]
    owner[path[-1]] = wrong
    return copy


@pytest.mark.parametrize("path", paths(FULL), ids=lambda path: ".".join(map(str, path)))
def test_an_answer_with_one_wrong_field_counts_right_or_is_skipped(path: tuple[str | int, ...]) -> None:
    for wrong in ODD:
        if path[0] == "tokens" and isinstance(wrong, int) and not isinstance(wrong, bool) and wrong >= 0:
            continue  # another count is no wrong one
        read = found(line(spoilt(FULL, path, wrong)))
        counts = [tuple(event.tokens) for event in read.events]
        if path[0] == "tokens" and wrong in (None, {}, 0):
            # What is null was not told: it is nothing, or the whole of it is unknown.
            assert all(count[1:4] == (0, 0, 0) and count[0] <= 100 and count[4] <= 10 for count in counts)
        elif read.skipped:
            assert counts in ([], [TOKENS])
            assert [each.offset for each in read.skipped] == [0]
        else:
            assert counts == [TOKENS] or path[0] in {"type", "timestamp"}


@pytest.mark.parametrize(
    "record", [head(), said(1, 1), repeated(answer(1, 1)), {"$set": {"summary": "x"}}, {"$rewindTo": "x"}]
)
def test_any_record_with_any_wrong_field_spoils_no_other(record: Fields) -> None:
    for path in paths(record):
        for wrong in ODD:
            events = found(line(spoilt(record, path, wrong)), answer(9, 9)).events
            assert tuple(events[-1].tokens) == TOKENS


@given(st.binary(max_size=400))
def test_any_bytes_can_be_read(content: bytes) -> None:
    skipped = {each["offset"] for each in told(Source(PATH, content + b"\n"))["skipped"]}
    for begin, end in pairwise(reading.lines_of(content + b"\n")):
        raw = content[begin : end - 1]
        if raw.strip() and not (raw[:1] == b"{" and raw[-1:] in (b"}", b"\r")):
            assert begin in skipped


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(ODD),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "type", "tokens", "messages", "$set", "timestamp", "toolCalls", "content", "sessionId"]), inner, max_size=4)
    ),
    max_leaves=12,
)  # fmt: skip


@given(json_values)
def test_any_document_can_be_taken(value: object) -> None:
    reader = GeminiDocument(DOCUMENT_PATH, {})
    reader.take(value)
    found, state = reader.finish()
    assert found.skipped or isinstance(value, dict)
    assert state == {}


@given(
    st.lists(json_values.filter(lambda value: value != 10**400), max_size=5), st.lists(st.integers(0, 5), max_size=3)
)
def test_odd_lines_say_the_same_however_they_come(values: list[object], cuts: list[int]) -> None:
    content = b"".join(json.dumps(value).encode() + b"\n" for value in values)
    whole = told(Source(PATH, content))
    assert told(Source(PATH, content), way=reading.by_turns(cuts)) == whole
    assert told(Source(PATH, content), way=reading.line_by_line) == whole


@pytest.mark.parametrize("text", ["half \ud83d", "x\x00y", "schön"])
def test_odd_characters_can_be_stored(text: str) -> None:
    (event,) = found(head(text), line(answer(1, 1, model=text))).events
    (event.context.session + event.variant.model).encode()
