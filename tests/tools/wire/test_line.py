"""A line of the spool: what it tells, and what it cannot be."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tools.wire.spooled import AT, CALL, line

from tallystick.tools.wire.line import Unfit, told
from tallystick.usage.tokens import Tokens


def test_a_call_is_told_whole() -> None:
    found = told(
        line(cost=1_500, searches=2, fetches=3, tier="priority", speed="fast", geo="us", project="/home/dev/p")
    )
    assert (found.time, found.work_ms, found.outcome, found.answered) == (AT, 794, "done", True)
    assert found.tokens == Tokens(42, 5156, 0, 708, 245, 0)
    assert (found.provider, found.model) == ("anthropic", "claude-opus-5-5")
    assert (found.tier, found.speed, found.geo) == ("priority", "fast", "us")
    assert (found.searches, found.fetches, found.cost_nano) == (2, 3, 1_500)
    assert (found.answer, found.request, found.nonce, found.part) == ("msg_01", "req_01", "00112233aabbccdd", "")
    assert (found.tool, found.version, found.session, found.project) == ("claude-code", "2.1.330", "s1", "/home/dev/p")


def test_a_further_part_is_named_by_its_kind_and_its_place_in_the_answers_list() -> None:
    assert told(line(part=1, kind="advisor")).part == "advisor:0"
    assert told(line(part=0, kind="compaction")).part == ""


@pytest.mark.parametrize("began", [0, AT + 1, AT - 86_400_001, None, "x"])
def test_a_beginning_that_makes_no_sense_gives_no_time_at_work(began: Any) -> None:  # noqa: ANN401 - any JSON
    assert told(line(began=began)).work_ms == 0


@pytest.mark.parametrize(
    "wrong, reason",
    [
        ({"at": 0}, "no readable time"),
        ({"at": "2026"}, "no readable time"),
        ({"tokens": [1, 2]}, "tokens are not 6 counts"),
        ({"tokens": None}, "tokens are not 6 counts"),
        ({"tokens": [1, 2, 3, 4, 5, -1]}, "tokens is not a count"),
        ({"tokens": [1, 2, 3, 4, 5, True]}, "tokens is not a count"),
        ({"tokens": [2**41, 0, 0, 0, 0, 0]}, "tokens is not a count"),
        ({"searches": -1}, "searches is not a count"),
        ({"part": 1.5}, "part is not a count"),
        ({"model": 7}, "model is not a text"),
        ({"session": []}, "session is not a text"),
        ({"cost": "1"}, "cost is not an amount"),
        ({"cost": -1}, "cost is not an amount"),
        ({"cost": 10**15}, "cost is not an amount"),
    ],
)
def test_what_cannot_be_is_told_without_what_it_says(wrong: dict[str, Any], reason: str) -> None:
    with pytest.raises(Unfit, match=f"^{reason}$"):
        told(line(**wrong))


@given(
    st.dictionaries(st.sampled_from(sorted(CALL)), st.none() | st.booleans() | st.integers() | st.floats() | st.text())
)
def test_whatever_stands_in_a_line_nothing_else_is_raised(wrong: dict[str, Any]) -> None:
    try:
        found = told(line(**wrong))
    except Unfit:
        return
    assert all(count >= 0 for count in found.tokens)
    assert 0 <= found.work_ms <= 86_400_000


def test_a_run_is_told_with_its_tags() -> None:
    assert (told(line()).run, told(line()).tags) == ("", ())
    found = told(line(run="t1", tags={"ticket": "X-1", "": "x", "empty": ""}))
    assert (found.run, found.tags) == ("t1", (("ticket", "X-1"),))


@pytest.mark.parametrize("tags", [[], "a=b", {"a": 1}, {"a": None}])
def test_tags_are_texts(tags: Any) -> None:  # noqa: ANN401 - any JSON
    with pytest.raises(Unfit, match="tags are no texts"):
        told(line(tags=tags))
