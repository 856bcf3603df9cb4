"""Running totals: what readings stand for besides what was told, worked out by hand and proved for any of them."""

import random
from collections.abc import Sequence
from operator import add, sub

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ledger.sample import COPY, OPUS, reading

from tallystick.ledger.readings import COARSE, DERIVED, EXACT, Kept, Told, Usage, derive, known, together
from tallystick.usage.event import Reading
from tallystick.usage.tokens import NO_TOKENS, Tokens

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
START = 1_000 * DAY


def kept(*readings: Reading) -> list[Kept]:
    return [Kept(each, "/home/dev/store") for each in readings]


def shown(usages: Sequence[Usage]) -> list[tuple[int, int, Tokens, int]]:
    """Return time, requests, tokens and dating of what was derived, in order of time."""
    rows = [(each.kept.reading.time, each.requests, each.tokens, each.dated) for each in usages]
    return sorted(rows, key=lambda row: row[0])


A, B, C, D = (("copilot-cli", name) for name in "abcd")


def test_sessions_that_share_a_meter_are_one() -> None:
    assert together([]) == {}
    assert together([(1, A), (2, B), (1, A)]) == {A: A, B: B}
    # C and B share a meter, and B and A another one.
    assert together([(3, C), (2, B), (3, B), (2, A), (4, D)]) == {A: A, B: A, C: A, D: D}


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from((A, B, C, D))), max_size=9), st.randoms())
def test_which_sessions_are_one_does_not_depend_on_the_order(
    told: list[tuple[int, tuple[str, str]]], chance: random.Random
) -> None:
    other = [*told, *told]
    chance.shuffle(other)
    found = together(told)
    assert together(other) == found
    assert all(found[one] == found[two] for meter, one in told for other_, two in told if meter == other_)


def test_a_session_over_several_days_lands_on_its_days() -> None:
    first = reading(START, Tokens(100, 1_000, 0, 50, 10), requests=4)
    later = reading(START + DAY, Tokens(160, 3_000, 5, 50, 30, 7), requests=6)
    last = reading(START + 3 * DAY, Tokens(161, 3_000, 5, 50, 31, 8), requests=7)
    usages = derive([], kept(last, first, later))
    assert shown(usages) == [
        (START, 4, Tokens(100, 1_000, 0, 50, 10), COARSE),
        (START + DAY, 2, Tokens(60, 2_000, 5, 0, 20, 7), DERIVED),
        # The store says that it was one request.
        (START + 3 * DAY, 1, Tokens(1, 0, 0, 0, 1, 1), EXACT),
    ]
    assert [each.since for each in usages] == [0, START, START + DAY]


@pytest.mark.parametrize(
    "since, dated",
    [(0, COARSE), (START - 15 * MINUTE, DERIVED), (START - 15 * MINUTE - 1, COARSE), (START + 1, COARSE)],
    ids=["not known", "a quarter of an hour", "longer", "after the reading"],
)
def test_what_was_before_the_first_reading_is_coarse_unless_it_was_short(since: int, dated: int) -> None:
    (usage,) = derive([], kept(reading(START, Tokens(5), since=since, requests=2)))
    assert usage.dated == dated
    assert usage.since == (since if since < START else 0)


def test_a_first_reading_of_one_request_is_exact() -> None:
    assert derive([], kept(reading(START, Tokens(5), requests=1)))[0].dated == EXACT
    # What the store does not count may be any number.
    assert derive([], kept(reading(START, Tokens(5))))[0].dated == COARSE


def test_a_reading_that_shows_nothing_new_stands_for_nothing() -> None:
    same = [reading(START + number * HOUR, Tokens(5), requests=2 + number) for number in range(3)]
    more = reading(START + DAY, Tokens(6), requests=5)
    # The requests that brought no tokens are told with the next that did.
    assert shown(derive([], kept(*same, more))) == [(START, 2, Tokens(5), COARSE), (START + DAY, 3, Tokens(1), DERIVED)]
    assert derive([], kept(reading(START, NO_TOKENS, requests=3))) == []


def test_a_store_that_counts_no_requests_has_one_for_each_difference() -> None:
    readings = [reading(START + number * HOUR, Tokens(10 * number)) for number in range(4)]
    assert [row[1] for row in shown(derive([known(START, Tokens(1))] * 5, kept(*readings)))] == [1, 1, 1]


def test_a_counter_that_went_back_began_anew() -> None:
    readings = kept(
        reading(START, Tokens(100, 50), since=START - HOUR),
        # More of one kind, less of the other.
        reading(START + DAY, Tokens(200, 49), since=START - HOUR),
        reading(START + 2 * DAY, Tokens(201, 49), since=START - HOUR),
    )
    usages = derive([], readings)
    assert shown(usages) == [
        (START, 1, Tokens(100, 50), COARSE),
        (START + DAY, 1, Tokens(200, 49), DERIVED),
        (START + 2 * DAY, 1, Tokens(1), DERIVED),
    ]
    assert [each.since for each in usages] == [START - HOUR, START, START + DAY]


def test_fewer_requests_are_a_new_beginning_but_uncounted_ones_are_not() -> None:
    counted = [reading(START, Tokens(5), requests=4), reading(START + 1, Tokens(6), requests=1)]
    assert [row[2].input for row in shown(derive([], kept(*counted)))] == [5, 6]
    counted[1] = counted[1]._replace(requests=0)
    assert [row[2].input for row in shown(derive([], kept(*counted)))] == [5, 1]
    counted.append(reading(START + 2, Tokens(7), requests=3))
    assert [row[2].input for row in shown(derive([], kept(*counted)))] == [5, 1, 7]


def test_a_counter_that_says_that_it_began_after_the_last_reading_began_anew() -> None:
    # Higher in everything, and yet none of it is in the first one.
    anew = reading(START + DAY, Tokens(300, 60), since=START + HOUR)
    usages = derive([], kept(reading(START, Tokens(100, 50)), anew))
    assert shown(usages)[1] == (START + DAY, 1, Tokens(300, 60), DERIVED)
    assert usages[1].since == START + HOUR
    # What was told between the two is none of its counts; but for a minute, since clocks differ.
    between = known(START + HOUR - MINUTE, Tokens(300))
    assert derive([between], kept(reading(START, Tokens(100, 50)), anew))[-1].tokens == Tokens(300, 60)
    close = known(START + HOUR - MINUTE + 1, Tokens(300))
    assert shown(derive([close], kept(reading(START, Tokens(100, 50)), anew)))[1:] == [
        (START + DAY, 1, Tokens(0, 60), DERIVED)
    ]


def test_a_store_that_ceases_to_tell_kinds_apart_has_not_begun_anew() -> None:
    readings = kept(
        reading(START, Tokens(0, 0, 10, 90, 50, 20)),
        reading(START + HOUR, Tokens(1, 0, 100, 0, 50, 0)),
    )
    usages = derive([], readings)
    tokens = [each.tokens for each in usages]
    assert sum(each.total for each in tokens) == 1 + 100 + 50
    assert sum(each.input for each in tokens) == 1


def test_what_events_tell_is_not_derived_again() -> None:
    events = [known(START - HOUR, Tokens(40, 400, 0, 0, 4)), known(START + HOUR, Tokens(20, 100, 0, 0, 6, 6))]
    readings = kept(
        reading(START, Tokens(100, 400, 0, 0, 3), requests=3, since=START - DAY),
        reading(START + DAY, Tokens(150, 600, 0, 0, 20, 10), requests=6, since=START - DAY),
    )
    # At the first: 60 input and 2 requests more than told. At the second: 90 input, 100 read, 10 output, 4 requests.
    assert shown(derive(events, readings)) == [
        (START, 2, Tokens(60), COARSE),
        (START + DAY, 2, Tokens(30, 100, 0, 0, 10, 4), DERIVED),
    ]
    # All that is told of is nothing to derive from.
    assert derive([known(START, Tokens(150, 600, 0, 0, 20, 10))], readings) == []


@pytest.mark.parametrize("late, missing", [(MINUTE, []), (MINUTE + 1, [7])])
def test_an_event_may_be_written_a_minute_after_the_reading_that_holds_it(late: int, missing: list[int]) -> None:
    event = known(START + late, Tokens(7))
    assert [each.tokens.input for each in derive([event], kept(reading(START, Tokens(7))))] == missing


def test_what_a_later_reading_does_not_lack_was_told_by_then() -> None:
    # The counter runs ahead of the log, which catches up.
    readings = kept(reading(START, Tokens(100)), reading(START + HOUR, Tokens(100)))
    assert derive([known(START + 30 * MINUTE, Tokens(100))], readings) == []


def test_events_before_a_counter_began_are_none_of_its_counts() -> None:
    early = known(START - 2 * HOUR, Tokens(100))
    (usage,) = derive([early], kept(reading(START, Tokens(100), since=START - HOUR)))
    assert usage.tokens == Tokens(100)
    assert derive([early], kept(reading(START, Tokens(100)))) == []
    # One that went back counts nothing from before its last reading either.
    readings = kept(reading(START - HOUR, Tokens(100)), reading(START, Tokens(40)))
    assert [row[2].input for row in shown(derive([early], readings))] == [40]


def test_one_lifetime_of_cache_writes_stands_for_the_other() -> None:
    told = [known(START, Tokens(0, 0, 0, 100))]
    assert derive(told, kept(reading(START, Tokens(0, 0, 100)))) == []
    (usage,) = derive(told, kept(reading(START, Tokens(0, 0, 130))))
    assert usage.tokens == Tokens(0, 0, 30)
    (usage,) = derive([known(START, Tokens(0, 0, 100))], kept(reading(START, Tokens(0, 0, 20, 100))))
    assert usage.tokens == Tokens(0, 0, 0, 20)


def test_reasoning_is_never_more_than_the_output_that_it_is_a_part_of() -> None:
    told = [known(START, Tokens(0, 0, 0, 0, 90, 0))]
    (usage,) = derive(told, kept(reading(START, Tokens(0, 0, 0, 0, 100, 60))))
    assert usage.tokens == Tokens(0, 0, 0, 0, 10, 10)
    assert derive(told, kept(reading(START, Tokens(0, 0, 0, 0, 90, 60)))) == []


def test_a_better_meter_comes_first() -> None:
    better = reading(START, Tokens(100, 0, 0, 0, 5), meter=7, rank=1, requests=2)
    worse = reading(START, Tokens(120, 0, 0, 0, 3), meter=3, rank=2, requests=3)
    usages = derive([], kept(worse, better))
    assert [(each.kept.reading.meter, each.tokens, each.requests) for each in usages] == [
        (7, Tokens(100, 0, 0, 0, 5), 2),
        (3, Tokens(20), 1),
    ]


def test_of_equal_meters_the_one_that_was_read_first_comes_first() -> None:
    # A copy of a store, written later.
    copy = [reading(START + DAY, Tokens(60), meter=1), reading(START + 2 * DAY, Tokens(110), meter=1)]
    own = [reading(START, Tokens(60), meter=2), reading(START + HOUR, Tokens(100), meter=2)]
    assert [(row[0], row[2].input) for row in shown(derive([], kept(*copy, *own)))] == [
        (START, 60),
        (START + HOUR, 40),
        (START + 2 * DAY, 10),
    ]


def test_what_a_better_meter_counted_may_have_been_before_an_earlier_reading_of_a_worse_one() -> None:
    # The better one was read only once, later: whether its work was done before the worse one's reading, nobody knows.
    better = reading(START + HOUR, Tokens(100), meter=1, rank=1)
    worse = reading(START, Tokens(100), meter=2, rank=2)
    assert [row[0] for row in shown(derive([], kept(better, worse)))] == [START + HOUR]
    # It is known that it was after the reading where the better one was read by then.
    early = reading(START, Tokens(0, 1), meter=1, rank=1)
    assert shown(derive([], kept(early, better._replace(tokens=Tokens(100, 1)), worse)))[-2:] == [
        (START, 1, Tokens(100), COARSE),
        (START + HOUR, 1, Tokens(100), DERIVED),
    ]


def test_what_a_better_meter_counted_within_one_moment_is_told_at_that_moment() -> None:
    better = [reading(START, Tokens(each), meter=1, rank=1) for each in (60, 100)]
    worse = reading(START, Tokens(100), meter=2, rank=2)
    assert [each.tokens.input for each in derive([], kept(*better, worse))] == [60, 40]


def test_the_cost_of_a_difference_is_the_difference_of_the_costs() -> None:
    readings = kept(reading(START, Tokens(100), cost_nano=1_000), reading(START + HOUR, Tokens(300), cost_nano=1_601))
    assert [each.cost_nano for each in derive([], readings)] == [1_000, 601]
    # A quarter of the second one's tokens is told: 601 x 150 / 200 = 450.75, rounded down.
    part = derive([known(START + HOUR, Tokens(50))], readings)
    assert [(each.tokens.input, each.cost_nano) for each in part] == [(100, 1_000), (150, 450)]


def test_no_more_than_the_difference_of_the_costs_is_told() -> None:
    # 100 tokens were told of with another lifetime at first, so that the second reading stands for all 150.
    readings = kept(
        reading(START, Tokens(0, 0, 100), cost_nano=1_000), reading(START + HOUR, Tokens(0, 0, 0, 150), cost_nano=1_500)
    )
    assert [(each.tokens.total, each.cost_nano) for each in derive([], readings)] == [(150, 500)]


@pytest.mark.parametrize("costs, found", [((None, 5), [None, None]), ((5, None), [5, None]), ((5, 4), [5, None])])
def test_a_cost_that_is_not_known_stays_unknown(costs: tuple[int | None, int | None], found: list[int | None]) -> None:
    first, second = costs
    readings = kept(reading(START, Tokens(1), cost_nano=first), reading(START + 1, Tokens(2), cost_nano=second))
    assert [each.cost_nano for each in derive([], readings)] == found


@pytest.mark.parametrize("step", [1, -1])
def test_of_identical_readings_the_one_that_tells_most_stands(step: int) -> None:
    told = reading(START, Tokens(5), requests=1, cost_nano=9, since=START - HOUR, context=COPY)
    others = [reading(START, Tokens(5)), reading(START, Tokens(5), cost_nano=10), told._replace(since=0)]
    (usage,) = derive([], kept(*others, told)[::step])
    assert usage.kept.reading == told


small = st.sampled_from((0, 0, 1, 2, 50))
counts = st.builds(Tokens, small, small, small, small, small, small).map(
    lambda tokens: tokens._replace(reasoning=min(tokens.reasoning, tokens.output))
)
moments = st.sampled_from((1, HOUR, HOUR + 30_000, HOUR + 2 * MINUTE, 5 * HOUR, 30 * HOUR))
events = st.lists(st.builds(known, moments, counts), max_size=4)
readings = st.lists(
    st.builds(
        lambda time, tokens, meter, more: reading(time, tokens, meter=meter, **more),
        moments,
        counts,
        st.integers(1, 3),
        st.fixed_dictionaries(
            {
                "rank": st.integers(1, 2),
                "requests": st.integers(0, 3),
                "since": st.sampled_from((0, 0, 1, 4 * HOUR)),
                "cost_nano": st.sampled_from((None, 0, 1_000)),
            }
        ),
    ),
    max_size=6,
)


@given(events, readings)
def test_nothing_derived_is_negative_or_more_than_its_reading(told: list[Told], some: list[Reading]) -> None:
    for usage in derive(told, kept(*some)):
        assert min(usage.tokens) >= 0
        assert usage.tokens.total > 0
        assert usage.tokens.reasoning <= usage.tokens.output
        assert usage.tokens.total <= usage.kept.reading.tokens.total
        assert usage.requests >= 1
        assert usage.cost_nano is None or 0 <= usage.cost_nano <= (usage.kept.reading.cost_nano or 0)
        assert 0 <= usage.since <= usage.kept.reading.time


@given(events, readings, st.randoms(use_true_random=False))
def test_neither_order_nor_repetition_matters(told: list[Told], some: list[Reading], chance: random.Random) -> None:
    again = [*some, *some[: chance.randint(0, 6)]]
    chance.shuffle(again)
    shuffled = [*told]
    chance.shuffle(shuffled)
    assert derive(shuffled, kept(*again)) == derive(told, kept(*some))


def joined(tokens: Sequence[int]) -> tuple[int, ...]:
    """Return input, cache reads, cache writes of either lifetime, and output."""
    return tokens[0], tokens[1], tokens[2] + tokens[3], tokens[4]


def total(usages: Sequence[Usage], told: Sequence[Told]) -> tuple[int, ...]:
    """Return the disjoint kinds of all that was told and derived."""
    sums: tuple[int, ...] = (0,) * 4
    for each in (*(usage.tokens for usage in usages), *(one.counts for one in told)):
        sums = tuple(map(add, sums, joined(each)))
    return sums


@given(events, readings)
def test_where_all_moments_agree_it_comes_to_the_greater_of_the_two(told: list[Told], some: list[Reading]) -> None:
    told = [known(HOUR, each.counts[:6]) for each in told]
    some = [each._replace(time=HOUR, since=0, meter=number) for number, each in enumerate(some)]
    both = [total([], told), *(joined(each.tokens) for each in some)]
    assert total(derive(told, kept(*some)), told) == tuple(map(max, zip(*both, strict=True)))


@given(events, st.lists(st.tuples(moments, counts), min_size=1, max_size=4))
def test_it_comes_to_no_less_than_the_last_reading_and_to_no_more_than_told_and_counted(
    told: list[Told], steps: list[tuple[int, Tokens]]
) -> None:
    # One counter that never goes back.
    some, so_far = [], NO_TOKENS
    for time, tokens in sorted(steps):
        so_far = Tokens(*map(add, so_far, tokens))
        some.append(reading(time, so_far))
    usages = derive(told, kept(*some))
    last = joined(so_far)
    within = [each for each in told if each.first <= some[-1].time]
    assert all(each >= most for each, most in zip(total(usages, within), last, strict=True))
    beyond = map(sub, total(usages, told), map(max, last, total([], told)))
    if len(within) == len(told):
        # Nothing is told after the last reading: nothing is counted twice.
        assert list(beyond) == [0] * 4


@given(events, readings, counts, moments)
def test_an_event_that_comes_later_never_raises_what_is_derived_from_one_meter(
    told: list[Told], some: list[Reading], more: Tokens, time: int
) -> None:
    some = [each._replace(meter=1, rank=1) for each in some]
    before, after = derive(told, kept(*some)), derive([*told, known(time, more)], kept(*some))
    assert sum(each.tokens.total for each in after) <= sum(each.tokens.total for each in before)


def test_a_reading_keeps_its_variant_and_place() -> None:
    (usage,) = derive([], kept(reading(START, Tokens(5), offset=77)))
    assert (usage.kept.reading.variant, usage.kept.reading.offset, usage.kept.path) == (OPUS, 77, "/home/dev/store")
