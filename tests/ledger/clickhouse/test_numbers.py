"""Numbers: the same on every node, of 63 bits, and within the engine as outside."""

from hypothesis import given
from hypothesis import strategies as st
from tests.ledger.engines import OfTests

from tallystick.ledger.clickhouse.numbers import EVENT, MOST, MOST_OF_EVENTS, of_derived, of_event, of_text, worth_of

numbers = st.integers(-(2**63), 2**63 - 1)


def test_numbers_are_those_of_other_nodes() -> None:
    # blake2b of eight bytes over the parts, divided by a unit separator, without its sign.
    assert of_text("codex", "s1") == of_text("codex", "s1") != of_text("codexs", "1")
    assert 0 <= of_text("codex", "s1") <= MOST
    assert of_derived((90, 0, 5)) != of_derived((90, 0, 6))


@given(numbers, numbers)
def test_an_event_of_one_key_has_a_number_for_each_request(key: int, request: int) -> None:
    assert 0 <= of_event(key, request) <= MOST_OF_EVENTS
    assert of_event(key, 0) == key & MOST_OF_EVENTS
    if request % 2**53:
        assert of_event(key, request) != of_event(key, 0)


def test_the_engine_works_out_the_same(ledger: OfTests) -> None:
    pairs = [(1, 0), (-1, 5), (2**63 - 1, -7), (-(2**63), 2**62 + 3), (123456789, -(2**63))]
    rows = ", ".join(f"(toInt64('{key}'), toInt64('{request}'))" for key, request in pairs)
    pair = f"(SELECT t.1 AS key, t.2 AS request FROM (SELECT arrayJoin([{rows}]) AS t))"  # noqa: S608 - the numbers above
    found = ledger.server.rows(f"SELECT key, request, {EVENT} AS n FROM {pair}")  # noqa: S608 - the same
    assert sorted(found) == sorted((key, request, of_event(key, request)) for key, request in pairs)


def test_of_two_views_of_a_call_the_first_end_is_worth_more() -> None:
    views = [("Read", 5, 0, False), ("Read", 5, 30, False), ("Read", 5, 20, True), ("Read", 5, 20, False)]
    assert sorted(views, key=worth_of) == views
