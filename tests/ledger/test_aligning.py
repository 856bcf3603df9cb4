"""Aligning: what is the same call, what may be, and what is neither; one to one, and in every order the same."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.ledger.aligning import AFTER_MS, BEFORE_MS, Alignment, Half, align, near

SESSION = frozenset(("s1",))
MODEL = frozenset(("gemini-2.5-pro",))
WIRE = Half(1, 100_000, 103_000, MODEL, SESSION, (12, 229, 0, 856))
LOG = WIRE._replace(number=11, began=103_040, time=103_040)
OTHER = LOG._replace(counts=(1, 2, 3, 4))


def test_equal_counts_near_in_time_are_one_call() -> None:
    assert align([WIRE], [LOG]) == Alignment({1: 11}, {})


@pytest.mark.parametrize(
    "log",
    [
        LOG._replace(models=frozenset(("gemini-2.5-flash",))),
        LOG._replace(sessions=frozenset(("s2",))),
        LOG._replace(time=WIRE.time + AFTER_MS + 1),
        LOG._replace(time=WIRE.began - BEFORE_MS - 1),
        # Another call was found to be that one before.
        LOG._replace(taken=WIRE.time + 1),
    ],
    ids=["model", "session", "later", "earlier", "taken"],
)
def test_equal_counts_alone_are_no_identity(log: Half) -> None:
    assert align([WIRE], [log]) == Alignment({}, {})


@pytest.mark.parametrize(
    "log",
    [
        LOG._replace(time=WIRE.time + AFTER_MS),
        LOG._replace(time=WIRE.began - BEFORE_MS),
        LOG._replace(sessions=frozenset()),
        LOG._replace(sessions=frozenset(("s0", "s1"))),
        LOG._replace(taken=WIRE.time),
    ],
    ids=["just before", "just after", "session unknown", "parent", "read again"],
)
def test_what_does_not_contradict_is_the_same_call(log: Half) -> None:
    assert align([WIRE], [log]).pairs == {1: 11}


def test_a_log_may_name_the_model_that_was_asked_for() -> None:
    wire = WIRE._replace(models=frozenset(("google/gemini-2.5-pro-002", "auto")))
    assert align([wire], [LOG._replace(models=frozenset(("auto",)))]).pairs == {1: 11}
    assert align([wire], [LOG]) == Alignment({}, {})


def test_one_that_the_log_may_have_with_other_counts_stands_apart() -> None:
    assert align([WIRE], [OTHER]) == Alignment({}, {1: 11})
    # Its own pair explains the log's call, so that the other one is none of it.
    assert align([WIRE, WIRE._replace(number=2, counts=(9, 9, 9, 9))], [LOG]) == Alignment({1: 11}, {})


def test_what_is_explained_by_another_call_of_the_same_moment_keeps_none_apart() -> None:
    assert align([WIRE], [OTHER._replace(taken=WIRE.time)]) == Alignment({}, {})


def test_of_equal_calls_the_earlier_go_with_the_earlier() -> None:
    wire = [WIRE._replace(number=number, time=WIRE.time + number) for number in (1, 2, 3)]
    log = [LOG._replace(number=10 + number, time=LOG.time + number) for number in (1, 2)]
    for order in permutations(wire):
        assert align(order, reversed(log)) == Alignment({1: 11, 2: 12}, {})


halves = st.builds(
    Half,
    st.just(0),
    st.sampled_from((0, 1_000, 70_000)),
    st.sampled_from((1_000, 2_000, 71_000)),
    st.sampled_from((frozenset(("a",)), frozenset(("b",)), frozenset(("a", "b")))),
    st.sampled_from((frozenset[str](), SESSION, frozenset(("s2",)))),
    st.sampled_from(((1, 0, 0, 1), (2, 0, 0, 1))),
)


def numbered(many: list[Half], first: int) -> list[Half]:
    return [half._replace(number=first + place) for place, half in enumerate(many)]


@given(st.data())
def test_each_view_is_in_one_pair_at_the_most_and_the_order_does_not_matter(data: st.DataObject) -> None:
    wire = numbered(data.draw(st.lists(halves, max_size=6)), 0)
    log = numbered(data.draw(st.lists(halves, max_size=6)), 100)
    found = align(wire, log)
    partners = [*found.pairs.values(), *found.apart.values()]
    assert len(partners) == len(set(partners))
    assert not set(found.pairs) & set(found.apart)
    by_number = {half.number: half for half in (*wire, *log)}
    assert all(near(by_number[one], by_number[other]) for one, other in (*found.pairs.items(), *found.apart.items()))
    assert all(by_number[one].counts == by_number[other].counts for one, other in found.pairs.items())
    # Nothing that could be a pair is left alone.
    lonely = [half for half in wire if half.number not in found.pairs]
    free = [half for half in log if half.number not in found.pairs.values()]
    assert not any(near(one, other) and one.counts == other.counts for one in lonely for other in free)
    assert align(data.draw(st.permutations(wire)), data.draw(st.permutations(log))) == found
