"""Damage of every kind: nothing is raised, the good records count, and each bad one is named with its place and reason."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.tools.opencode.stored import (
    FIRST,
    MINUTE,
    NOON,
    SECOND_VERSION,
    Base,
    Json,
    answered,
    counts,
    run,
    settled,
    step,
)

from tallystick.tools.opencode import KILO_CLI, MIMO_CODE, OPENCODE
from tallystick.tools.opencode.counts import MOST
from tallystick.tools.tool import State

MESSAGE = {**answered(NOON, counts(11, 7, 3, 5, 2, total=28), cost=0.5), "model": {"id": "m", "providerID": "p"}, "status": "completed",
           "content": [run("call_1", NOON, NOON + 1)], "id": "msg", "sessionID": "ses_a"}  # fmt: skip
"""A message in which every field that is read says something."""
VALUES: tuple[Json, ...] = (
    None,
    True,
    -1,
    0,
    1.5,
    10**30,
    -(10**30),
    1e308,
    "",
    "x",
    "\ud83d",
    [],
    [1],
    {},
    {"x": 1},
    [[]],
    {"input": []},
)
"""What may stand where something else should."""


def paths(said: Json, *above: str | int) -> list[tuple[str | int, ...]]:
    """Return the place of each field."""
    own: list[tuple[str | int, ...]] = []
    for name, value in said.items() if isinstance(said, dict) else enumerate(said):
        own += [(*above, name), *(paths(value, *above, name) if isinstance(value, dict | list) else ())]
    return own


def replaced(said: Json, place: tuple[str | int, ...], value: Json) -> Json:
    """Return a copy in which something else stands at a place."""
    copy: Any = json.loads(json.dumps(said))
    inner = copy
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = value
    return copy


@pytest.mark.parametrize("kind", ["first", "second"])
@pytest.mark.parametrize("place", paths(MESSAGE), ids=str)
def test_any_value_may_stand_in_any_field_of_a_message(
    another: Callable[..., Base], place: tuple[str | int, ...], kind: str
) -> None:
    base = another("opencode.db")
    base.session()
    for number, value in enumerate(VALUES):
        data = json.dumps(replaced(MESSAGE, place, value))
        at = NOON + number * MINUTE
        base.message(data, at) if kind == "first" else base.second("assistant", data, at)
    good = answered(NOON - MINUTE, counts(1_000_000, 1))
    base.message(good, NOON - MINUTE) if kind == "first" else base.second("assistant", good, NOON - MINUTE)
    for tool in (OPENCODE, KILO_CLI, MIMO_CODE):
        found, state = base.read(tool=tool)
        assert 1_000_000 in {event.tokens.input for event in found.events}
        assert all(0 <= count <= 3 * MOST for event in found.events for count in event.tokens)
        assert all(each.reason for each in found.skipped)
        base.read(state, tool)


PARTS = [
    run("call_1", NOON, NOON + 1, metadata={"exit": 0}),
    step(counts(11, 7, 3, 5, 2)),
    {"type": "text", "text": "", "time": {"start": NOON}},
]


@pytest.mark.parametrize("part", PARTS, ids=["tool", "step", "text"])
def test_any_value_may_stand_in_any_field_of_a_part(another: Callable[..., Base], part: dict[str, Any]) -> None:
    base = another("opencode.db")
    base.session()
    at = NOON
    for place in paths(part):
        for value in VALUES:
            at += MINUTE
            message = base.message(answered(at, counts(2, 2)), at)
            base.part(message, json.dumps(replaced(part, place, value)), at)
    found, _ = base.read()
    assert all(0 <= count <= 3 * MOST for event in found.events for count in event.tokens)
    assert all(call.started >= 0 and call.ended >= 0 for call in found.calls)
    assert found.events


@pytest.mark.parametrize(
    "data, reason",
    [
        ("", "a message that is not a JSON object"),
        ("{", "a message that is not a JSON object"),
        ("[]", "a message that is not a JSON object"),
        (b"\xff\x00", "a message that is not a JSON object"),
        (7, "a message that is not a JSON object"),
        ("{}", "a message of neither a person nor a model"),
        ('{"role":"tool"}', "a message of neither a person nor a model"),
        ('{"role":"assistant","tokens":{"input":"9"}}', "token counts that are not numbers"),
        ('{"role":"assistant","tokens":[]}', "token counts that are not numbers"),
        ('{"role":"assistant","tokens":{"output":-5}}', "a token count is negative"),
        ('{"role":"assistant","tokens":{"input":1e300}}', "a token count is no whole number or absurdly large"),
    ],
)
def test_a_bad_record_is_skipped_with_its_place_and_reason(base: Base, data: Json, reason: str) -> None:
    base.session()
    base.message(answered(NOON - MINUTE, counts(1, 1)), NOON - MINUTE)
    base.message(data)
    base.message(answered(NOON + MINUTE, counts(2, 2)), NOON + MINUTE)
    found, _ = base.read()
    assert [tuple(each) for each in found.skipped] == [(2, reason)]
    assert [event.tokens.input for event in found.events] == [1, 2]


def test_a_step_whose_counts_are_damaged_spoils_only_its_message(base: Base) -> None:
    base.session()
    bad = base.message(answered(NOON, counts(1, 1)))
    base.part(bad, '{"type":"step-finish","tokens":{"input":"many"}}')
    base.message(answered(NOON + MINUTE, counts(2, 2)), NOON + MINUTE)
    found, _ = base.read()
    assert [event.tokens.input for event in found.events] == [2]
    assert [each.reason for each in found.skipped] == ["token counts that are not numbers"]


def test_a_message_without_a_time_of_its_own_has_its_row_s(base: Base) -> None:
    base.session()
    base.message(answered(NOON, counts(1, 1), time=None))
    base.message(answered(NOON, counts(2, 2), time={"created": "noon"}), NOON + MINUTE, time_created="noon")
    found, _ = base.read()
    assert [event.time for event in found.events] == [NOON]
    assert [each.reason for each in found.skipped] == ["a message without a time"]


@pytest.mark.parametrize("column", ["id", "session_id", "time_created", "time_updated", "data"])
@pytest.mark.parametrize("value", [None, 7, -1.5, "", b"\xff", 2**62])
def test_any_value_may_stand_in_any_column(another: Callable[..., Base], column: str, value: Json) -> None:
    loose = FIRST.replace(" NOT NULL", "").replace(" text", "").replace(" integer", "").replace(" PRIMARY KEY", "")
    base = another("opencode.db", loose + SECOND_VERSION)
    base.session()
    good = base.message(answered(NOON - MINUTE, counts(1, 1)), NOON - MINUTE)
    base.part(good, step(counts(1, 1)))
    bad = base.message(answered(NOON, counts(2, 2)))
    part = base.part(bad, step(counts(2, 2)))
    base.db.execute(f"UPDATE message SET {column} = ? WHERE id = ?", (value, bad))  # noqa: S608 - names of ours
    for table in ("part", "session"):
        if column not in ("session_id", "data"):
            base.db.execute(f"UPDATE {table} SET {column} = ? WHERE id IN (?, 'ses_a')", (value, part))  # noqa: S608 - the same
    found, state = base.read()
    assert 1 in {event.tokens.input for event in found.events}
    base.read(state)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["message", "part", "session_message", "session"]),
            st.binary(max_size=40) | st.text(max_size=40),
        )
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_any_content_can_be_read(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, Any]]) -> None:
    base = Base(tmp_path_factory.mktemp("any") / "opencode.db")
    try:
        base.session()
        message = base.message(answered(NOON, counts(1, 1)))
        for number, (table, content) in enumerate(rows):
            known = {"id": f"{table}-{number}", "session_id": "ses_a", "message_id": message, "type": "assistant", "seq": number, "data": content,
                     "directory": content, "title": content, "version": content, "time_created": NOON, "time_updated": NOON}  # fmt: skip
            base.row(
                table,
                **{
                    name: each.encode("utf-8", "replace") if isinstance(each, str) else each
                    for name, each in known.items()
                },
            )
        found, _ = base.read()
        assert settled(found) == [(1, 0, 0, 0, 1, 0)]
    finally:
        base.db.close()


def test_a_state_of_another_making_does_no_harm(base: Base) -> None:
    base.session()
    base.message(answered(NOON, counts(1, 1)))
    lost: State = {"rungs": {"message": [[99, "gone"]]}, "watched": {"message": ["gone"]}, "newest": NOON}
    empty: State = {"rungs": {}}
    for state in (empty, lost):
        assert settled(base.read(state)[0]) == [(1, 0, 0, 0, 1, 0)]
