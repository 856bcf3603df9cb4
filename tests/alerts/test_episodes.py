"""Episodes, step by step: what was not looked at neither confirms anything nor ends it."""

from hypothesis import given
from hypothesis import strategies as st

from tallystick.alerts.episodes import (
    CALM,
    COMING,
    ENDED,
    NOT_FINE,
    OPEN,
    STEP_MS,
    TERM,
    Episode,
    begun,
    same_term,
    step,
)
from tallystick.alerts.finding import CASE, FINE, NEAR, Finding
from tallystick.alerts.rules.rule import Rule

MINUTE = 60_000
RULE = Rule("r", "", lambda *_: None, {}, 10 * MINUTE, 30 * MINUTE)
AT_ONCE = RULE._replace(confirm_ms=0)
IS = Finding("k", CASE)
NEARLY = Finding("k", NEAR)
IS_FINE = Finding("k", FINE)


def opened() -> Episode:
    """Return an episode that is open at 0."""
    made = begun(AT_ONCE, IS, 0)
    assert made is not None
    return made


def test_it_begins_when_it_was_so_for_long_enough() -> None:
    assert begun(RULE, NEARLY, 0) is None
    assert begun(RULE, IS_FINE, 0) is None
    first = begun(RULE, IS, 0)
    assert first is not None
    assert (first.state, first.began) == (COMING, 0)
    second = step(first, IS, RULE, 9 * MINUTE)
    assert second is not None
    assert (second.state, second.held) == (COMING, 9 * MINUTE)
    third = step(second, IS, RULE, 10 * MINUTE)
    assert third is not None
    assert (third.state, third.began, third.first) == (OPEN, 10 * MINUTE, 0)


def test_what_is_known_to_have_been_so_for_long_enough_begins_at_once() -> None:
    now = 100 * MINUTE
    for since, state, held in ((90, OPEN, 10), (91, COMING, 9), (101, COMING, 0)):
        found = begun(RULE, IS._replace(since=since * MINUTE), now)
        assert found is not None
        assert (found.state, found.held) == (state, held * MINUTE)


def test_what_turns_out_to_have_been_so_for_long_enough_begins_at_the_next_look() -> None:
    first = begun(RULE, IS, 100 * MINUTE)
    assert first is not None
    for since, state, held in ((91, OPEN, 10), (92, COMING, 9), (0, COMING, 1)):
        found = step(first, IS._replace(since=since * MINUTE), RULE, 101 * MINUTE)
        assert found is not None
        assert (found.state, found.held) == (state, held * MINUTE)


def test_what_was_coming_is_forgotten_when_it_is_fine_and_waits_when_it_is_near() -> None:
    first = begun(RULE, IS, 0)
    assert first is not None
    assert step(first, IS_FINE, RULE, MINUTE) is None
    assert step(first, None, RULE, MINUTE) is None
    waits = step(first, NEARLY, RULE, 9 * MINUTE)
    assert waits is not None
    assert (waits.state, waits.held) == (COMING, 0)


def test_it_ends_when_it_was_fine_for_long_enough_without_a_break() -> None:
    now = opened()
    for minute, finding, calm in (
        (10, IS_FINE, 0),
        (20, IS_FINE, 10),
        (30, NEARLY, None),
        (40, IS_FINE, 0),
        (50, None, 10),
        (60, IS_FINE, 20),
    ):
        after = step(now, finding, RULE, minute * MINUTE)
        assert after is not None
        assert (after.state, after.calm) == (OPEN, NOT_FINE if calm is None else calm * MINUTE)
        now = after
    last = step(now, IS_FINE, RULE, 70 * MINUTE)
    assert last is not None
    assert (last.state, last.ended, last.why) == (ENDED, 70 * MINUTE, CALM)


def test_what_goes_on_is_not_written_anew_at_every_look() -> None:
    now = opened()
    assert step(now, IS, RULE, 99 * MINUTE) is now


def test_a_night_without_looks_and_a_clock_that_jumps_count_for_a_step() -> None:
    calm = step(opened(), IS_FINE, RULE, MINUTE)
    assert calm is not None
    later = step(calm, IS_FINE, RULE, 12 * 60 * MINUTE)
    assert later is not None
    assert (later.state, later.calm) == (OPEN, STEP_MS)
    back = step(later, IS_FINE, RULE, 0)
    assert back is not None
    assert (back.calm, back.looked) == (STEP_MS, 0)


def test_another_term_is_another_episode() -> None:
    week = IS._replace(term=1_000, span=100)
    assert same_term(week, week._replace(term=1_100))
    assert not same_term(week, week._replace(term=1_101))
    assert same_term(week, IS)
    now = begun(AT_ONCE, week, 0)
    assert now is not None
    ended = step(now, week._replace(term=2_000), AT_ONCE, 5)
    assert ended is not None
    assert (ended.state, ended.why, ended.ended) == (ENDED, TERM, 5)
    coming = begun(RULE, week, 0)
    assert coming is not None
    assert step(coming, week._replace(term=2_000), RULE, 5) is None


@given(st.lists(st.tuples(st.sampled_from([CASE, NEAR, FINE, ""]), st.integers(-(10**9), 10**9)), max_size=60))
def test_it_ends_only_after_fine_looks_that_make_up_its_time(looks: list[tuple[str, int]]) -> None:
    episode, now, fine = opened(), 0, list[int]()
    for state, passed in looks:
        now += passed
        fine = [*fine, passed] if state in {FINE, ""} else []
        after = step(episode, Finding("k", state) if state else None, RULE, now)
        assert after is not None
        if after.state == ENDED:
            # The first of them only tells that it is fine.
            assert sum(min(max(each, 0), STEP_MS) for each in fine[1:]) >= RULE.calm_ms
            return
        assert sum(min(max(each, 0), STEP_MS) for each in fine[1:]) < RULE.calm_ms
        episode = after
