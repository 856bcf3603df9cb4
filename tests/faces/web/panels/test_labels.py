"""Labels lie on no other label and on no point."""

from tallystick.faces.web.panels.labels import placed


def test_a_label_is_on_the_right_unless_something_is_there() -> None:
    # 72 letters wide: the points stand at 36, 39 and 72. On the right of the first is the second, on the right of the last
    # the edge.
    assert placed(["first", "second", "third"], [(36, 6), (39, 6), (72, 13)]) == ["left", "right", "left"]


def test_between_two_others_it_is_above_or_below() -> None:
    assert placed(["middle", "a", "b", "corner"], [(36, 6), (32, 6), (40, 6), (72, 13)])[0] == "above"
    above = (36, 7)
    assert placed(["middle", "a", "b", "c", "corner"], [(36, 6), (32, 6), (40, 6), above, (72, 13)])[0] == "below"


def test_where_there_is_no_place_it_is_left_off() -> None:
    crowd = [(36, 6), (32, 6), (40, 6), (36, 7), (36, 5), (72, 13)]
    assert placed(["middle", "a", "b", "c", "d", "corner"], crowd)[0] == ""


def test_the_edge_of_the_chart_is_no_place() -> None:
    # At the bottom there is nothing below, at the left nothing on the left.
    assert placed(["x" * 80], [(1, 1)]) == [""]
    assert placed(["origin"], [(0, 0)]) == ["right"]
    assert placed([], []) == []
