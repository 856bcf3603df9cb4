"""Pace: how long the model worked, from times that were set by hand."""

import json

from hypothesis import given
from hypothesis import strategies as st

from tallystick.tools.codex.pace import Pace

MINUTE = 60_000
NOON = 1_793_534_400_000


def test_work_lasts_from_the_request_to_the_last_line_before_the_usage() -> None:
    pace = Pace()
    pace.request(1_000)
    pace.answer(3_000)
    pace.answer(5_500)
    assert pace.usage(9_999) == 4_500


def test_a_tools_result_is_the_next_request() -> None:
    pace = Pace()
    pace.request(1_000)
    pace.answer(2_000)
    assert pace.usage(2_001) == 1_000
    pace.request(60_000)
    pace.answer(61_500)
    assert pace.usage(61_501) == 1_500


def test_a_result_before_the_usage_line_is_the_next_request_too() -> None:
    pace = Pace()
    pace.request(1_000)
    pace.answer(2_000)
    pace.request(30_000)
    assert pace.usage(30_001) == 1_000
    pace.answer(32_000)
    assert pace.usage(32_001) == 2_000


def test_without_a_request_between_them_answers_follow_one_another() -> None:
    pace = Pace()
    pace.request(1_000)
    pace.answer(2_000)
    pace.usage(2_100)
    pace.answer(5_100)
    assert pace.usage(5_200) == 3_000


def test_more_than_five_minutes_without_a_line_are_an_absence() -> None:
    pace = Pace()
    pace.request(1)
    pace.answer(1 + 4 * MINUTE)
    pace.answer(1 + 10 * MINUTE)
    pace.answer(1 + 11 * MINUTE)
    assert pace.usage(1 + 12 * MINUTE) == 5 * MINUTE


def test_five_minutes_are_none() -> None:
    pace = Pace()
    pace.request(1)
    pace.answer(1 + 5 * MINUTE)
    assert pace.usage(1 + 5 * MINUTE) == 5 * MINUTE
    pace.request(1)
    pace.answer(2 + 5 * MINUTE)
    assert pace.usage(2 + 5 * MINUTE) == 0


def test_an_answer_that_left_no_lines_ends_with_its_usage() -> None:
    pace = Pace()
    pace.request(1_000)
    assert pace.usage(4_000) == 3_000


def test_an_answer_without_any_request_works_between_its_lines() -> None:
    pace = Pace()
    pace.answer(NOON)
    pace.answer(NOON + 2_000)
    assert pace.usage(NOON + 2_500) == 2_000


def test_usage_before_anything_else_is_no_work() -> None:
    assert Pace().usage(5_000) == 0


def test_a_cut_off_answer_is_not_the_next_ones_work() -> None:
    pace = Pace()
    pace.request(1_000)
    pace.answer(2_000)
    pace.request(50_000)
    pace.answer(52_000)
    assert pace.usage(52_001) == 2_000


def test_long_answers_are_remembered_in_little() -> None:
    pace = Pace()
    pace.request(1_000)
    for second in range(2, 1_002):
        pace.answer(second * 1_000)
    assert len(pace.lines) <= 64
    assert pace.usage(1_001_001) == 1_000_000


moves = st.lists(st.tuples(st.sampled_from(["request", "answer", "usage"]), st.integers(1, 10 * MINUTE)), max_size=30)


@given(moves, st.integers(0, 30))
def test_a_state_goes_on_where_another_ended(steps: list[tuple[str, int]], cut: int) -> None:
    whole, cut_up = Pace(), Pace()
    for index, (name, time) in enumerate(steps):
        if index == cut:
            cut_up = Pace(json.loads(json.dumps(cut_up.state())))
        assert getattr(whole, name)(time) == getattr(cut_up, name)(time)
    assert whole.state() == cut_up.state()


@given(moves)
def test_work_is_never_negative(steps: list[tuple[str, int]]) -> None:
    pace = Pace()
    assert all((getattr(pace, name)(time) or 0) >= 0 for name, time in steps)
