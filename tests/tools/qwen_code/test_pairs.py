"""Telemetry and answers: which of them belong together."""

from tallystick.tools.gemini_format import Stored
from tallystick.tools.qwen_code.pairs import Pairs

COUNTS = Stored(100, 10, total=110)
OTHER = Stored(200, 20, total=220)


def test_an_answer_belongs_to_its_parent_whatever_its_counts() -> None:
    pairs = Pairs(None)
    pairs.request(("a", 1, COUNTS), "")
    pairs.request(("b", 2, OTHER), "")
    assert pairs.answer("a", OTHER) == 1


def test_without_its_parent_it_belongs_to_the_first_with_the_same_counts() -> None:
    pairs = Pairs(None)
    for uuid, number in (("a", 1), ("b", 2)):
        pairs.request((uuid, number, COUNTS), "")
    assert [pairs.answer("", COUNTS) for _ in range(3)] == [1, 2, 0]
    assert pairs.answer("", OTHER) == 0


def test_telemetry_below_an_answer_that_counted_alone_is_the_same_request() -> None:
    pairs = Pairs(None)
    pairs.alone(("a", 1, COUNTS))
    assert not pairs.request(("b", 2, OTHER), "a")
    assert not pairs.request(("c", 3, COUNTS), "x")
    assert pairs.request(("d", 4, COUNTS), "a")
    assert not pairs.request(("e", 5, COUNTS), "a")


def test_what_never_gets_its_answer_is_forgotten() -> None:
    pairs = Pairs(None)
    for number in range(100):
        pairs.request((str(number), number, COUNTS), "")
        pairs.alone((str(number), number, COUNTS))
    assert [len(told) for told in pairs.left()] == [16, 16]
    assert Pairs(pairs.left()).left() == pairs.left()
