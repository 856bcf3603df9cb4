"""The greatest have colours of their own, the others share one."""

from tallystick.faces.web.series import MOST, OTHER, ranked, series


def test_the_greatest_come_first_and_equal_ones_by_name() -> None:
    assert ranked({"b": 1, "c": 5, "a": 1}) == ["c", "a", "b"]
    assert ranked({}) == []


def test_as_many_as_there_are_colours_are_told_apart() -> None:
    eight = {f"m{number}": 100 - number for number in range(MOST)}
    assert ranked(eight) == [f"m{number}" for number in range(8)]
    ranks = ranked({**eight, "small": 1})
    assert ranks == [*(f"m{number}" for number in range(7)), OTHER]
    assert [series(name, ranks) for name in ("m6", "m7", "small")] == ["m6", OTHER, OTHER]
