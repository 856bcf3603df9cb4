"""Claude Code's settings as a text: everything but the one value stays, to the byte."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.errors import Misused
from tallystick.tools.claude_code.settings import put, taken_out, value

KEY = "statusLine"


@pytest.mark.parametrize(
    "before, after",
    [
        ("", '{\n  "statusLine": 1\n}\n'),
        ("{}", '{\n  "statusLine": 1\n}'),
        ('{"a":2}', '{"a":2,"statusLine": 1}'),
        ('{\n    "a": [1,  2]\n}\n', '{\n    "a": [1,  2],\n    "statusLine": 1\n}\n'),
        ('{\r\n\t"a": 2\r\n}\r\n', '{\r\n\t"a": 2,\r\n\t"statusLine": 1\r\n}\r\n'),
        ('{"statusLine": {"type": "x"}, "a" : 2}', '{"statusLine": 1, "a" : 2}'),
        # Within another object it is another one's.
        ('{"env": {"statusLine": 5}}', '{"env": {"statusLine": 5},"statusLine": 1}'),
        # Of two the last one counts.
        ('{"statusLine": 5, "statusLine": 6}', '{"statusLine": 5, "statusLine": 1}'),
        ('\ufeff{"a": "}"}', '\ufeff{"a": "}","statusLine": 1}'),
    ],
)
def test_a_value_is_put_in_and_nothing_else_changes(before: str, after: str) -> None:
    assert put(before, KEY, "1") == after
    assert value(after, KEY) == "1"


@pytest.mark.parametrize(
    "before, after",
    [
        ('{"statusLine": 1}', "{}"),
        ('{\n  "statusLine": 1,\n  "a": 2\n}\n', '{\n  "a": 2\n}\n'),
        ('{\n  "a": 2,\n  "statusLine": {"b": [",", "}"]}\n}\n', '{\n  "a": 2\n}\n'),
        ('{"a": 2, "statusLine": 1, "b": 3}', '{"a": 2, "b": 3}'),
        ('{"a": 2}', '{"a": 2}'),
    ],
)
def test_a_value_is_taken_out_with_its_comma(before: str, after: str) -> None:
    assert taken_out(before, KEY) == after


@pytest.mark.parametrize(
    "text", ["[]", "7", "{", '{"a": 1,}', '{"a": 1} x', "{a: 1}", '{"a" 1}', "// {}\n{}", "{1: 2}"]
)
def test_what_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(Misused, match="It is no JSON object"):
        put(text, KEY, "1")
    with pytest.raises(Misused, match="It is no JSON object"):
        taken_out(text, KEY)
    with pytest.raises(Misused, match="It is no JSON object"):
        value(text, KEY)


INNER = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=3), INNER, max_size=5), st.sampled_from([None, 1, 2, "\t"]))
def test_putting_in_and_taking_out_leaves_the_text_as_it_was(told: dict[str, object], indent: int | str | None) -> None:
    text = json.dumps(told, indent=indent)
    with_it = put(text, KEY, '{"type": "command"}')
    assert json.loads(with_it) == {**told, KEY: {"type": "command"}}
    assert list(json.loads(with_it)) == [*told, KEY]
    assert taken_out(with_it, KEY) == text
