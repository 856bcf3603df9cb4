"""Counting rules: what running totals and last requests add up to."""

import json

from hypothesis import given
from hypothesis import strategies as st

from tallystick.tools.codex.counters import Counters, Counts, tokens_of
from tallystick.usage.tokens import Tokens

counts = st.tuples(*[st.integers(0, 10**6)] * 6)


def made(prompt: int, output: int = 0, cached: int = 0) -> Counts:
    return prompt, cached, 0, output, 0, 0


def steps(*events: tuple[Counts | None, Counts | None]) -> list[Counts | None]:
    counters = Counters()
    return [counters.step(total, last) for total, last in events]


def test_input_is_told_with_what_was_cached_and_written() -> None:
    # 1000 in: 600 read, 100 written, 300 neither.
    assert tokens_of((1000, 600, 100, 50, 20, 0)) == Tokens(300, 600, 100, 0, 50, 20)


def test_the_old_name_of_cached_tokens_counts_where_the_new_one_says_nothing() -> None:
    assert tokens_of((1000, 0, 0, 50, 0, 400)) == Tokens(600, 400, 0, 0, 50, 0)
    assert tokens_of((1000, 300, 0, 50, 0, 400)) == Tokens(700, 300, 0, 0, 50, 0)


def test_a_part_is_never_more_than_the_whole() -> None:
    assert tokens_of((100, 150, 0, 10, 25, 0)) == Tokens(0, 100, 0, 0, 10, 10)
    assert tokens_of((100, 60, 70, 10, 0, 0)) == Tokens(0, 60, 40, 0, 10, 0)


@given(counts)
def test_no_kind_is_negative_and_the_prompt_stays_whole(told: Counts) -> None:
    tokens = tokens_of(told)
    assert min(tokens) >= 0
    assert (tokens.prompt, tokens.output) == (told[0], told[3])


def test_a_changed_total_tells_of_the_last_request() -> None:
    assert steps((made(10, 1), made(10, 1)), (made(30, 3), made(20, 2))) == [made(10, 1), made(20, 2)]


def test_a_repeated_total_tells_nothing() -> None:
    event = (made(10, 1), made(10, 1))
    assert steps(event, event, event) == [made(10, 1), None, None]


def test_the_first_event_counts_its_last_request_only() -> None:
    # A resumed session carries what it consumed before.
    assert steps((made(9_000, 90), made(100, 1))) == [made(100, 1)]


def test_only_totals_count_by_their_growth() -> None:
    assert steps((made(100, 10), None), (made(250, 30), None), (made(250, 30), None)) == [
        made(100, 10),
        made(150, 20),
        None,
    ]


def test_only_totals_that_fall_far_begin_anew() -> None:
    assert steps((made(100_000, 1_000), None), (made(300, 30), None)) == [made(100_000, 1_000), made(300, 30)]


def test_only_totals_that_fall_a_little_came_late() -> None:
    # 99 % of the total before.
    assert steps((made(100_000), None), (made(99_000), None), (made(101_000), None)) == [
        made(100_000),
        None,
        made(1_000),
    ]


def test_only_last_requests_are_added_up() -> None:
    counters = Counters()
    assert counters.step(None, made(100, 10)) == made(100, 10)
    assert counters.step(None, made(100, 10)) == made(100, 10)
    assert counters.total == made(200, 20)
    assert counters.step(made(200, 20), made(100, 10)) is None


def test_an_estimate_after_a_compaction_is_no_request() -> None:
    nothing = made(0)
    assert steps((made(500, 5), made(500, 5)), (made(500, 5), nothing), (made(700, 7), made(200, 2))) == [
        made(500, 5),
        None,
        made(200, 2),
    ]


def test_a_context_declared_full_lets_totals_begin_again() -> None:
    nothing = made(0)
    assert steps(
        (made(30_000, 300), made(20_000, 200)),
        (nothing, nothing),
        # Without the declaration this fall of 10,000 would look like a late event.
        (made(20_000, 200), made(20_000, 201)),
        (made(45_000, 400), made(25_000, 200)),
    ) == [made(20_000, 200), None, made(20_000, 201), made(25_000, 200)]


def test_a_fresh_count_that_equals_its_request_is_one() -> None:
    assert steps((made(30_000), made(30_000)), (made(20_000), made(20_000))) == [made(30_000), made(20_000)]


def test_an_event_that_came_late_is_none() -> None:
    first, second, third = made(10_000), made(20_000), made(30_000)
    ten = made(10_000)
    assert steps((first, ten), (second, ten), (third, ten), (second, ten), (first, ten)) == [ten, ten, ten, None, None]
    # Within two requests of the total before, though never told itself.
    assert steps((made(100_000), made(30_000)), (made(60_000), made(25_000))) == [made(30_000), None]


def test_nothing_at_all_is_nothing() -> None:
    assert steps((None, None), (None, made(0)), (made(0), None)) == [None, None, None]


def test_copies_are_what_later_totals_build_on() -> None:
    counters = Counters()
    counters.copy(made(500, 50), made(100, 10))
    counters.copy(None, made(100, 10))
    counters.inherit()
    assert counters.total == made(600, 60)
    assert counters.step(made(600, 60), made(100, 10)) is None
    assert counters.step(made(800, 80), made(200, 20)) == made(200, 20)


def test_a_parents_snapshot_after_the_copies_is_no_request() -> None:
    counters = Counters()
    counters.copy(made(500_000), made(10_000))
    counters.inherit()
    assert counters.step(made(400_000), made(5_000)) is None
    assert counters.step(made(510_000), made(10_000)) == made(10_000)
    # From here on the totals are the child's own.
    assert counters.step(made(300_000), made(5_000)) == made(5_000)


def test_a_childs_count_may_begin_at_zero() -> None:
    counters = Counters()
    counters.copy(made(500_000), made(10_000))
    counters.inherit()
    assert counters.step(made(7_000), made(7_000)) == made(7_000)
    assert counters.step(made(15_000), made(8_000)) == made(8_000)


@given(st.lists(st.tuples(st.none() | counts, st.none() | counts), max_size=12), st.integers(0, 12))
def test_a_state_goes_on_where_another_ended(events: list[tuple[Counts | None, Counts | None]], cut: int) -> None:
    whole = Counters()
    expected = [whole.step(total, last) for total, last in events]
    first = Counters()
    told = [first.step(total, last) for total, last in events[:cut]]
    second = Counters(json.loads(json.dumps(first.state())))
    assert told + [second.step(total, last) for total, last in events[cut:]] == expected
    assert json.dumps(second.state()) == json.dumps(whole.state())


@given(st.lists(counts.filter(lambda each: each[0] > 0), max_size=20))
def test_growing_totals_tell_every_request(requests: list[Counts]) -> None:
    counters, total, told = Counters(), made(0), []
    for last in requests:
        total = tuple(a + b for a, b in zip(total, last, strict=True))  # type: ignore[assignment]
        told += [counters.step(total, last), counters.step(total, last)]
    assert told == [each for last in requests for each in (last, None)]
