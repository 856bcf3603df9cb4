"""What is told of the sessions of a day: the same again when it is packed, and the ends of all days."""

from operator import add

from hypothesis import given
from hypothesis import strategies as st

from tallystick.answers.told import Sessions, Told, Wanted, ends, spread

DAY: Sessions[int] = {"b": ((5, 9), 1), "a": ((), 2), "c": ((7, 7), 3)}
moments = st.just(()) | st.tuples(st.integers(0, 4), st.integers(5, 9))
sessions = st.dictionaries(st.sampled_from("abcd"), st.tuples(moments, st.integers(0, 9)))


def test_packed_or_not_it_is_the_same() -> None:
    for plain in (False, True):
        told = Told(DAY, plain=plain)
        assert (len(told), told.every()) == (3, DAY)
        assert told.timed.names == ("b", "c")
        assert (list(told.timed.firsts), list(told.timed.lasts)) == ([5, 7], [9, 7])
        assert sorted(told.some({"a", "b", "x"})) == [("a", (), 2), ("b", (5, 9), 1)]
        assert list(told.some({"x"})) == []
    assert Told({}).every() == {}


@given(sessions, sessions, st.booleans())
def test_a_day_that_goes_on_is_the_sum_of_both(
    before: Sessions[int],
    more: Sessions[int],
    plain: bool,  # noqa: FBT001  drawn
) -> None:
    told = Told(before, plain=plain)
    grown = told.grown(Told(more), add)
    assert grown.every() == {
        name: (
            spread(before.get(name, ((), 0))[0], more.get(name, ((), 0))[0]),
            before.get(name, ((), 0))[1] + more.get(name, ((), 0))[1],
        )
        for name in before | more
    }
    assert told.replaced({"a", "b"}, Told(more)).every() == {
        **{name: each for name, each in before.items() if name not in "ab"},
        **more,
    }
    # What was there before is as it was.
    assert told.every() == before


def test_moments_are_spread_over_both() -> None:
    assert spread((3, 4), (1, 3)) == (1, 4)
    assert (spread((), (1, 3)), spread((1, 3), ()), spread((), ())) == ((1, 3), (1, 3), ())


def test_the_ends_of_sessions() -> None:
    days = {
        1: [Told({"a": ((0, 2), None), "b": ((2, 3), None)}), Told({"a": ((1, 5), None)})],
        3: [Told({"a": ((31, 35), None)}), Told({"a": ((30, 31), None), "d": ((), None)})],
        2: [Told({"b": ((20, 21), None), "x": ((20, 29), None)}), Told({"c": ((23, 24), None)})],
    }
    wanted: dict[tuple[str, ...], None] = {(name,): None for name in "abcd"}
    assert ends(days, Wanted(last=True, sessions=wanted), set()) == {"a": 35, "b": 21, "c": 24}
    assert ends(days, Wanted(last=False, sessions=wanted), set()) == {"a": 0, "b": 2, "c": 23}
    assert ends(days, Wanted(last=True, sessions=wanted), {"a"}) == {"b": 21, "c": 24}
    # Where one is enough, the last day tells, or the first; for two of the latest it takes another day.
    assert ends(days, Wanted(last=True, sessions=wanted, most=1), set()) == {"a": 35}
    assert ends(days, Wanted(last=True, sessions=wanted, most=2), set()) == {"a": 35, "b": 21, "c": 24}
    assert ends(days, Wanted(last=False, sessions=wanted, most=1), set()) == {"a": 0, "b": 2}
