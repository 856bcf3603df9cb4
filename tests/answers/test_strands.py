"""Whose window a figure is of, and whether it still holds, as worked out by hand from series like those that tools tell."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.answers.strands import changes, standing
from tallystick.ledger.ledger import Row

HOUR = 3_600_000
MINUTE = 60_000
NOON = 1_795_348_800_000
"""2026-11-22T12:00:00Z."""
RESET = NOON + 2 * HOUR


def said(used: float, time: int, resets: int = RESET, account: str = "", name: str = "five_hour") -> Row:
    """Return a row of the question `limits`; `time` is in minutes from noon."""
    return ("anthropic", name, 300, used, resets, NOON + time * MINUTE, "max", account)


def shown(rows: list[Row], now: int = 30) -> list[tuple[str, float, bool]]:
    """Return account, percentage and whether the window is over; `now` is in minutes from noon."""
    moment = NOON + now * MINUTE
    return [(strand.account, strand.used, strand.over(moment)) for strand in standing(rows, moment)]


def test_the_last_word_holds() -> None:
    assert shown([said(10, 0), said(20, 5), said(34.5, 10)]) == [("", 34.5, False)]


def test_of_what_is_told_every_minute_two_words_are_kept() -> None:
    # Ten minutes at 20, ten at 30, and one more word of another account in between; resets are told to a few seconds.
    rows = [said(20 if each < 10 else 30, each, RESET + each) for each in range(20)]
    rows.insert(5, said(7, 4, account="b"))
    assert [(row[3], row[5] - NOON) for row in changes(rows)] == [
        (20, 0),
        (7, 4 * MINUTE),
        (20, 9 * MINUTE),
        (30, 10 * MINUTE),
        (30, 19 * MINUTE),
    ]
    # The same figure until another reset is another word.
    assert len(changes([said(0, each * 60, RESET + each * HOUR) for each in range(9)])) == 9


def test_an_old_word_that_an_idle_session_says_again_changes_nothing() -> None:
    # Of the 30, nobody told before; the window passed it between 20 and 50.
    assert shown([said(20, 0), said(50, 5), said(20, 10), said(30, 11), said(50, 12), said(20, 29)]) == [
        ("", 50, False)
    ]


def test_after_the_reset_nobody_knows() -> None:
    assert shown([said(100, 10)], now=119) == [("", 100, False)]
    assert shown([said(100, 10)], now=120) == [("", 100, True)]


def test_the_word_of_before_the_reset_said_again_after_it_tells_nothing_of_the_new_window() -> None:
    rows = [said(90, 60), said(3, 130, RESET + 5 * HOUR), said(90, 140)]
    assert shown(rows, now=150) == [("", 3, False)]
    # And by itself it is no figure at all.
    assert shown([said(90, 60), said(90, 140)], now=150) == [("", 90, True)]


def test_two_named_accounts_in_turns_are_two() -> None:
    rows = [said(30, 0, account="a"), said(70, 1, account="b"), said(31, 2, account="a"), said(71, 3, account="b")]
    assert shown(rows) == [("a", 31, False), ("b", 71, False)]


def test_two_accounts_without_names_are_told_apart_by_their_resets() -> None:
    other = RESET + HOUR
    rows = [said(30, 0), said(70, 1, other), said(31, 2), said(71, 3, other)]
    assert sorted(shown(rows)) == [("", 31, False), ("", 71, False)]


def test_two_accounts_without_names_whose_reset_is_the_same_are_told_apart_once_both_rise() -> None:
    rows = [said(30, 0), said(70, 1), said(31, 2), said(71, 3), said(32, 4), said(72, 5)]
    assert sorted(shown(rows)) == [("", 32, False), ("", 72, False)]


def test_whoever_changes_accounts_is_shown_the_new_one() -> None:
    # Also where a session of before says once more what it was told.
    rows = [said(80, 0), said(3, 5, RESET + HOUR), said(80, 6), said(4, 7, RESET + HOUR)]
    assert shown(rows) == [("", 4, False)]


def test_what_is_told_without_a_name_is_of_the_account_whose_figures_it_goes_on() -> None:
    rows = [said(30.4, 0, account="a"), said(30, 1, RESET + 20_000), said(31.6, 2, account="a"), said(33, 3)]
    assert shown(rows) == [("a", 33, False)]


def test_what_is_told_without_a_name_and_does_not_fit_is_of_somebody_else() -> None:
    other = RESET + HOUR
    rows = [said(30, 0, account="a"), said(80, 1, other), said(31, 2, account="a"), said(81, 3, other)]
    assert shown(rows) == [("", 81, False), ("a", 31, False)]


def test_a_window_nobody_uses_is_one_however_its_reset_moves() -> None:
    rows = [said(0, each, NOON + each * MINUTE + 5 * HOUR) for each in range(20)]
    assert shown(rows) == [("", 0, False)]
    assert shown([*rows, said(2, 21, NOON + 5 * HOUR + 21 * MINUTE)]) == [("", 2, False)]


def test_beside_one_in_use_an_unused_window_of_another_account_takes_no_place() -> None:
    rows = []
    for each in range(10):
        rows += [said(0, 2 * each, NOON + 2 * each * MINUTE + 5 * HOUR), said(40 + each, 2 * each + 1)]
    assert sorted(shown(rows)) == [("", 0, False), ("", 49, False)]


@pytest.mark.parametrize("used", [101.5, 1_763_852_400.0, -1.0, float("nan"), float("inf")])
def test_what_is_no_share_is_passed_over(used: float) -> None:
    assert shown([said(40, 0), said(used, 5)]) == [("", 40, False)]
    assert shown([said(used, 5)]) == []


def test_a_clock_that_was_ahead_does_not_hold_its_figure() -> None:
    # Told a day ahead, by a clock that has been put right since.
    assert shown([said(12, 24 * 60), said(40, 5), said(41, 6)]) == [("", 41, False)]


def test_moments_of_other_centuries_are_none() -> None:
    late = 253_402_300_799_000
    odd = [said(60, 1, late), said(60, 1, -5), said(60, (late - NOON) // MINUTE), said(60, -NOON // MINUTE - 5)]
    assert shown([said(20, 0), *odd]) == [("", 20, False)]
    assert shown(odd) == []


def test_a_clock_that_was_put_back_shows_no_window_that_cannot_run() -> None:
    # By this clock the window ends in 26 hours, which none of five hours can.
    assert shown([said(40, 0), said(41, 6)], now=-24 * 60) == []


def names(rows: list[Row], now: int = 30) -> list[tuple[str, float]]:
    """Return name and percentage of what is shown."""
    return [(strand.last[1], strand.used) for strand in standing(rows, NOON + now * MINUTE)]


def test_a_window_that_goes_on_under_another_name_is_one() -> None:
    rows = [said(40, 0, name="weekly"), said(41, 5, name="seven_day"), said(58, 9, name="seven_day")]
    assert names(rows) == [("seven_day", 58)]
    # Also over a reset, after which nobody tells of the old name any more.
    later = RESET + 5 * HOUR
    assert names([said(40, 0, name="weekly"), said(2, 130, later, name="seven_day")], 140) == [("seven_day", 2)]


@pytest.mark.parametrize("used", [20, 38, 47, 90])
def test_what_does_not_go_on_where_the_old_name_was_is_another_window(used: float) -> None:
    # The second one rises to where the first one is: what counts is where it began.
    rows = [said(40, 0, name="weekly"), said(used, 5, name="seven_day"), said(max(used, 45), 9, name="seven_day")]
    assert names(rows) == [("seven_day", max(used, 45)), ("weekly", 40)]


@pytest.mark.parametrize("one, other", [("seven_day_opus", "seven_day_sonnet"), ("codex:300", "codex_small:300")])
def test_windows_for_two_models_are_never_one(one: str, other: str) -> None:
    assert names([said(30, 0, name=one), said(35, 5, name=other)]) == [(one, 30), (other, 35)]
    assert names([said(30, 0, name=one), said(30, 5, name=other)]) == [(one, 30), (other, 30)]
    # Nor where one of them has been reset and nobody has told of it yet.
    later = RESET + 5 * HOUR
    assert names([said(30, 0, name=one), said(2, 130, later, name=other)], 140) == [(one, 30), (other, 2)]


def test_two_that_once_stood_side_by_side_are_never_one() -> None:
    earlier = RESET - 5 * HOUR
    before = [said(50, -200, earlier, name="five_hour"), said(50, -190, earlier, name="primary")]
    before += [said(51, -185, earlier, name="five_hour")]
    assert names([*before, said(30, 0), said(31, 5, name="primary")]) == [("five_hour", 30), ("primary", 31)]
    assert names([*before, said(31, 5, name="primary")]) == [("five_hour", 51), ("primary", 31)]
    # What another account has is no sign.
    other = [(*row[:7], "b") for row in before]
    mine = [said(30, 0, account="a"), said(31, 5, account="a", name="primary")]
    assert ("five_hour", 30) not in names([*other, *mine])


def test_windows_of_one_length_that_are_told_side_by_side_are_two() -> None:
    rows = [said(40, 0), said(5, 0, name="five_hour_b"), said(41, 5), said(5, 5, name="five_hour_b")]
    assert shown(rows) == [("", 41, False), ("", 5, False)]


def test_a_word_without_a_reset_goes_with_what_is_known_of_it() -> None:
    assert shown([said(40, 0), said(41, 5, 0)]) == [("", 41, False)]
    # By itself it holds as long as the window is.
    assert shown([said(41, 5, 0)], now=304) == [("", 41, False)]
    assert shown([said(41, 5, 0)], now=306) == [("", 41, True)]


def test_a_window_without_length_or_reset_is_as_it_was_told_last() -> None:
    rows = [("anthropic", "extra_usage", 0, used, 0, NOON + used, "", "") for used in (80, 20)]
    assert shown(rows) == [("", 80, False)]


def test_a_window_without_length_or_reset_is_unknown_after_a_day() -> None:
    rows: list[Row] = [("anthropic", "extra_usage", 0, 80.0, 0, NOON, "", "")]
    assert shown(rows, now=24 * 60 - 1) == [("", 80, False)]
    assert shown(rows, now=24 * 60) == [("", 80, True)]


def test_the_order_in_which_rows_come_does_not_matter() -> None:
    rows = [said(30, 0), said(70, 1, RESET + HOUR), said(31, 2), said(71, 3, RESET + HOUR), said(30, 4)]
    assert len({tuple(shown(list(each))) for each in permutations(rows)}) == 1


@given(
    st.lists(
        st.tuples(
            st.floats(0, 101) | st.just(0.0),
            st.integers(-400, 400),
            st.sampled_from([0, RESET, RESET + 30_000, RESET + HOUR, RESET - 5 * HOUR, 1]),
            st.sampled_from(["", "a", "b"]),
            st.sampled_from(["five_hour", "other"]),
        ),
        max_size=25,
    ),
    st.integers(-2_000, 2_000),
)
def test_whatever_was_told_only_told_figures_are_shown_and_what_is_reset_is_over(
    told: list[tuple[float, int, int, str, str]], now: int
) -> None:
    rows = [said(*each) for each in told]
    moment = NOON + now * MINUTE
    for strand in standing(rows, moment):
        assert strand.used in {row[3] for row in rows}
        assert strand.last in rows
        assert strand.over(moment) or not strand.resets_at or strand.resets_at > moment
        assert strand.over(moment) != strand.live(moment)


def series(rows: list[Row], now: int) -> list[list[float]]:
    """Return the percentages of each strand that stands, those of earlier windows included."""
    return [[used for _, used in strand.series] for strand in standing(rows, NOON + now * MINUTE)]


def test_earlier_windows_of_the_account_are_before_the_one_that_runs() -> None:
    rows = [said(10, -200, RESET - 5 * HOUR), said(90, -181, RESET - 5 * HOUR), said(5, 0), said(7, 10)]
    assert series(rows, 30) == [[10, 90, 5, 7]]
    named = [said(50, -190, RESET - 5 * HOUR, "b"), *((*row[:7], "a") for row in rows)]
    assert series([*named, said(60, 1, RESET + HOUR, "b")], 30) == [[10, 90, 5, 7], [50, 60]]


def test_of_two_accounts_that_nobody_names_nobody_knows_whose_the_earlier_windows_were() -> None:
    other = RESET + HOUR
    rows = [said(90, -200, RESET - 5 * HOUR), said(30, 0), said(70, 1, other), said(31, 2), said(71, 3, other)]
    assert sorted(series(rows, 30)) == [[30, 31], [70, 71]]
