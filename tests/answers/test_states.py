"""States: the newest value of each thing, and a few of before."""

from tallystick.answers.states import States


def test_the_newest_and_those_before_are_found_by_their_states() -> None:
    states: States[str, str] = States(before=2)
    for state in range(4):
        states.put("day", state, f"of {state}")
    assert [states.find("day", state) for state in range(4)] == [None, "of 1", "of 2", "of 3"]
    assert list(states.known("day")) == [(3, "of 3"), (2, "of 2"), (1, "of 1")]
    assert dict(states.newest()) == {"day": (3, "of 3")}
    assert len(states) == 1


def test_a_state_that_is_worked_out_again_is_the_newest() -> None:
    states: States[str, str] = States(before=2)
    for state in (1, 2, 1):
        states.put("day", state, f"of {state}")
    assert list(states.known("day")) == [(1, "of 1"), (2, "of 2")]
    states.put("day", 1, "again")
    assert list(states.known("day")) == [(1, "again"), (2, "of 2")]


def test_values_of_before_are_bounded_over_all_things() -> None:
    states: States[str, int] = States(before=1)
    for name in ("a", "b"):
        for state in (1, 2):
            states.put(name, state, state)
    assert (states.find("a", 1), states.find("b", 1), states.find("a", 2)) == (None, 1, 2)
    assert list(states.known("nothing")) == []
