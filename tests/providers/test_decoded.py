"""Values out of strangers' JSON: the right kind or nothing, also from damaged text."""

from hypothesis import given
from hypothesis import strategies as st

from tallystick.providers.decoded import count, first, gleaned, gleaned_text, inner, nano, plain, text


def test_a_count_is_a_whole_number_that_can_be() -> None:
    assert [count(each) for each in (7, 7.0, 0, 2**40 - 1)] == [7, 7, 0, 2**40 - 1]
    assert [count(each) for each in (-1, 2**40, True, "7", 7.5, None, [7])] == [0] * 7


def test_the_first_count_that_is_not_zero_is_taken() -> None:
    assert first({"a": 0, "b": None, "c": 5, "d": 6}, "a", "b", "c", "d") == 5
    assert first({}, "a") == 0


def test_a_text_is_shortened_and_anything_else_is_empty() -> None:
    assert text("x" * 500) == "x" * 200
    assert text(5) == ""


def test_an_inner_object_is_the_first_of_its_names() -> None:
    assert inner({"a": 1, "b": {"c": 2}}, "a", "b") == {"c": 2}
    assert inner("no object", "a") == {}


def test_dollars_become_billionths() -> None:
    assert nano(0.00095) == 950_000
    assert nano(1) == 1_000_000_000
    assert [nano(each) for each in (-1, 1e6, True, "1", None)] == [None] * 5


def test_the_last_whole_object_under_a_name_is_gleaned() -> None:
    damaged = b'..."usage":{"a":1},"x":"\\"usage\\":{\\"a\\":9}","usage" : {"a":{"b":2}},"usage":{"a":3'
    assert gleaned(damaged, ("usage",)) == {"a": {"b": 2}}
    assert gleaned(b'"usage":null', ("usage",)) == {}
    assert gleaned(b'"usage":{"a":"}"}', ("other", "usage")) == {"a": "}"}


def test_the_first_text_under_a_name_is_gleaned() -> None:
    assert gleaned_text(b'{"id":"resp_1","output":[{"id":"msg_2"', "id") == "resp_1"
    assert gleaned_text(b'{"id":5}', "id") == ""


@given(st.binary(max_size=200))
def test_nothing_is_raised_for_any_bytes(data: bytes) -> None:
    plain(data)
    gleaned(b'"usage":{' + data, ("usage",))
    gleaned_text(data, "id")


def test_text_that_is_nested_too_deeply_is_none() -> None:
    assert plain(b"[" * 100_000) is None


def test_an_object_that_does_not_end_is_given_up() -> None:
    assert gleaned(b'"usage":{"a":"' + b"}" * 100, ("usage",)) == {}
