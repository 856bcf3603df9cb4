"""Boundaries: where a file's own lines begin behind copied ones, by every sign that tells it."""

import json

import pytest
from tests.tools.codex.rollouts import BORN, CHILD, PARENT

from tallystick.tools.codex.boundary import BURST_MS, Boundary, moment_of
from tallystick.tools.codex.plain import Fields


def copies(made: Boundary) -> bool:
    """Tell whether the lines at hand are copies, asked anew."""
    return made.copying


OLDER, SAME, LATER = PARENT, CHILD[:-1] + "9", "019a3f7c-0001-7000-8000-000000000003"


def boundary(**fields: object) -> Boundary:
    made = Boundary()
    made.own_meta(Fields(fields), CHILD, BORN)
    return made


def test_an_id_of_version_7_tells_its_moment() -> None:
    assert moment_of(CHILD) == BORN
    assert moment_of(LATER) == BORN + 1


@pytest.mark.parametrize(
    "identity",
    ["", "1", "turn-1", "019a3f7c-0000-4000-8000-000000000002", "019a3f7g-0000-7000-8000-000000000002", "x" * 36],
)
def test_any_other_id_tells_none(identity: str) -> None:
    assert moment_of(identity) == 0


def test_a_thread_of_its_own_has_no_copies() -> None:
    assert not boundary().copying
    assert not boundary(parent_thread_id=PARENT).copying


def test_a_fork_begins_with_copies() -> None:
    assert boundary(forked_from_id=PARENT).copying


def test_a_fork_that_refers_to_its_parent_has_none() -> None:
    made = boundary(forked_from_id=PARENT, history_base={"thread_id": PARENT})
    assert (made.copying, made.refers) == (False, True)
    made.other_meta()
    assert not copies(made)


@pytest.mark.parametrize("name", ["subagent_history_start_ordinal", "forked_from_ordinal_exclusive"])
def test_an_ordinal_decides_before_all_else(name: str) -> None:
    made = boundary(**{name: 15})
    made.line(14, BORN + 60_000)
    made.own_id()
    made.started(LATER, None)
    made.turn(LATER)
    assert copies(made)
    made.line(-1, BORN + 70_000)
    assert copies(made)
    made.line(15, BORN + 70_000)
    assert not copies(made)


def test_another_threads_beginning_tells_of_copies() -> None:
    made = boundary()
    made.other_meta()
    assert copies(made)
    made.own_id()
    assert not copies(made)
    made.other_meta()
    assert not copies(made)


@pytest.mark.parametrize("turn,copying", [(OLDER, True), (SAME, False), (LATER, False)])
def test_a_turn_that_begins_is_own_when_it_is_not_older(turn: str, copying: bool) -> None:  # noqa: FBT001
    made = boundary(forked_from_id=PARENT)
    made.started(turn, None)
    assert copies(made) is copying


@pytest.mark.parametrize("seconds,copying", [(BORN // 1000 - 1, True), (BORN // 1000, False), (None, True)])
def test_a_turn_without_a_dated_id_is_own_by_its_start(seconds: float | None, copying: bool) -> None:  # noqa: FBT001
    made = boundary(forked_from_id=PARENT)
    made.started("7", seconds)
    assert copies(made) is copying


def test_the_id_is_trusted_before_the_start() -> None:
    # A parent's turn of the same second.
    made = boundary(forked_from_id=PARENT)
    made.started(OLDER, BORN // 1000)
    assert copies(made)


def test_a_context_of_the_first_millisecond_needs_a_second_sign() -> None:
    for made, copying in (
        (boundary(forked_from_id=PARENT), True),
        (boundary(forked_from_id=PARENT, thread_source="user"), False),
        (boundary(forked_from_id=PARENT, thread_source="subagent"), True),
    ):
        made.turn(OLDER)
        assert copies(made)
        made.turn(SAME)
        assert copies(made) is copying
        made.turn(LATER)
        assert not copies(made)


def test_files_without_any_sign_are_read_as_a_burst() -> None:
    made = boundary(forked_from_id=PARENT)
    for tick in range(10):
        made.line(-1, BORN + tick * BURST_MS)
        assert copies(made)
    made.line(-1, BORN + 9 * BURST_MS + BURST_MS + 1)
    assert not copies(made)


def test_a_pause_means_nothing_where_turns_are_dated() -> None:
    made = boundary(forked_from_id=PARENT)
    made.turn(OLDER)
    made.line(-1, BORN + 5 * BURST_MS)
    assert copies(made)


def test_a_state_goes_on_where_another_ended() -> None:
    made = boundary(forked_from_id=PARENT)
    made.turn(OLDER)
    again = Boundary(json.loads(json.dumps(made.state())))
    assert copies(again)
    again.turn(LATER)
    assert not copies(again)
    assert not Boundary(json.loads(json.dumps(again.state()))).copying
