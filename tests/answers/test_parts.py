"""Parts of an answer put together: what they have in common adds up, and nothing of the parts changes."""

from tallystick.answers.parts import Part, merged

ONE = Part({("a",): (1, 2), ("b",): (3, 4)}, (10, 20), {1: 5}, {"odd": 7})
OTHER = Part({("b",): (10, 20), ("c",): (5, 6)}, (4, 12), {1: 1, 3: 2}, {})


def test_what_several_have_adds_up() -> None:
    found = merged([ONE, OTHER, ONE])
    assert found == Part({("a",): (2, 4), ("b",): (16, 28), ("c",): (5, 6)}, (4, 20), {1: 11, 3: 2}, {"odd": 14})
    assert ONE.sums == {("a",): (1, 2), ("b",): (3, 4)}


def test_nothing_is_nothing() -> None:
    assert merged([]) == Part({}, None, {}, {})
    assert merged([Part({}, None, {}, {}), ONE]) == ONE
