"""Shapes: named fields only, and what does not fit is left out by name."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tools.opencode.stored import Json

from tallystick.tools.opencode.shape import Counts, Message, Part, SessionFile, Times, decoded

MESSAGE: dict[str, Any] = {
    "role": "assistant", "tokens": {"input": 1, "output": 2.0, "cache": {"read": 3}}, "time": {"created": 4},
    "content": [{"type": "tool", "id": "x", "state": {"status": "error", "metadata": {"exit": 1}}}], "unknown": {"a": [1]},
}  # fmt: skip


@pytest.mark.parametrize("raw", [json.dumps(MESSAGE), json.dumps(MESSAGE).encode(), MESSAGE])
def test_text_bytes_and_values_are_read_alike(raw: Json) -> None:
    message, wrong = decoded(Message, raw)
    assert message is not None
    assert message.tokens is not None
    assert message.tokens.cache is not None
    assert (message.tokens.input, message.tokens.output, message.tokens.cache.read, message.time) == (
        1,
        2,
        3,
        Times(created=4),
    )
    assert message.content is not None
    assert [(part.type, part.id) for part in message.content] == [("tool", "x")]
    assert wrong == frozenset()


@pytest.mark.parametrize("way", [json.dumps, lambda value: json.dumps(value).encode(), lambda value: value])
def test_texts_can_be_stored_whatever_halves_of_characters_they_hold(way: Callable[[Json], Json]) -> None:
    said = {"modelID": "m\ud800", "path": {"cwd": "/\udc00"}, "content": [{"type": "tool", "name": "\ud83d!"}]}
    message, wrong = decoded(Message, way(said))
    assert message is not None
    assert message.path is not None
    assert message.content is not None
    assert (message.modelID, message.path.cwd, message.content[0].name) == ("m?", "/?", "?!")
    assert wrong == frozenset()


def test_a_field_of_the_wrong_kind_is_left_out_by_name() -> None:
    raw = json.dumps(
        {
            **MESSAGE,
            "tokens": {"input": "1", "output": 2},
            "mode": 7,
            "path": [],
            "content": [1, {"type": "text", "id": 3}],
        }
    )
    message, wrong = decoded(Message, raw)
    assert message is not None
    assert message.tokens == Counts(output=2)
    assert (message.role, message.mode, message.path) == ("assistant", None, None)
    assert message.content == [Part(type="text")]
    assert wrong == {"input", "mode", "path", "id"}


@pytest.mark.parametrize(
    "raw", ["", "[]", "1", "null", '"x"', "{", "\x00", b"\xff\xfe", None, 7, [], 1.5, "[" * 100_000]
)
def test_what_is_no_object_is_nothing(raw: Json) -> None:
    assert decoded(SessionFile, raw) == (None, frozenset())


@pytest.mark.parametrize(
    "raw", [b'{"title":"\\ud83d","id":"a"}', b'{"title":"\xff","id":"a"}', b'{"id":"a","time":1e999}']
)
def test_what_msgspec_refuses_is_looked_at_again(raw: bytes) -> None:
    said, _ = decoded(SessionFile, raw)
    assert said is not None
    assert said.id == "a"


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*Message.__struct_fields__, *Part.__struct_fields__]), inner, max_size=5),
    max_leaves=12,
)  # fmt: skip


@given(values)
def test_any_value_can_be_read(value: Json) -> None:
    for raw in (value, json.dumps(value), json.dumps(value).encode()):
        message, _ = decoded(Message, raw)
        assert (message is None) == (not isinstance(value, dict))


@given(st.binary(max_size=60))
def test_any_bytes_can_be_read(raw: bytes) -> None:
    decoded(Message, raw)
