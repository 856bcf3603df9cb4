"""Disjoint counts: every expected number is worked out by hand from what the API's documentation says the counts hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.tools.gemini_format import MOST, Implausible, Stored, disjoint, is_typed, stored
from tallystick.usage.tokens import Tokens

NAMES = ("input", "output", "cached", "thoughts", "tool", "total")


@pytest.mark.parametrize(
    "raw, tokens",
    [
        # The prompt of 1000 holds 400 from the cache; 70 more came from tools; 30 thoughts beside an answer of 100.
        (Stored(1000, 100, 400, 30, 70, 1200), Tokens(670, 400, output=130, reasoning=30)),
        # The total without what tools added is told by some versions.
        (Stored(1000, 100, 400, 30, 70, 1130), Tokens(670, 400, output=130, reasoning=30)),
        # Only with the cached ones beside the prompt do the counts add up to 1200.
        (Stored(600, 100, 400, 30, 70, 1200), Tokens(670, 400, output=130, reasoning=30)),
        # Only with the thoughts within the answer do they add up to 1100.
        (Stored(1000, 100, 400, 30, 0, 1100), Tokens(600, 400, output=100, reasoning=30)),
        # Both at once: 600 + 400 + 100.
        (Stored(600, 100, 400, 30, 0, 1100), Tokens(600, 400, output=100, reasoning=30)),
        # All of the prompt came from the cache.
        (Stored(200, 10, 200, 0, 0, 210), Tokens(0, 200, output=10)),
        (Stored(), Tokens()),
    ],
)
def test_the_total_tells_what_the_counts_hold(raw: Stored, tokens: Tokens) -> None:
    assert disjoint(raw, inside=False) == (tokens, True)


def test_without_a_total_it_is_as_usual_where_they_come_from() -> None:
    raw = Stored(1000, 100, 400, 30)
    assert disjoint(raw, inside=False) == (Tokens(600, 400, output=130, reasoning=30), True)
    assert disjoint(raw, inside=True) == (Tokens(600, 400, output=100, reasoning=30), True)


def test_thoughts_that_exceed_the_answer_are_not_within_it() -> None:
    assert disjoint(Stored(10, 5, 0, 9), inside=True)[0] == Tokens(10, output=14, reasoning=9)


def test_a_total_that_nothing_explains_is_told() -> None:
    assert disjoint(Stored(1000, 100, 400, 30, 0, 5000), inside=False) == (
        Tokens(600, 400, output=130, reasoning=30),
        False,
    )


def test_more_from_the_cache_than_there_was_cannot_be() -> None:
    with pytest.raises(Implausible, match="cache"):
        disjoint(Stored(300, 100, 400, 0, 0, 400), inside=False)
    with pytest.raises(Implausible, match="cache"):
        disjoint(Stored(300, 100, 400), inside=True)


def test_what_is_missing_is_nothing() -> None:
    assert stored({"input": 5, "cached": None}, NAMES) == Stored(5)


@pytest.mark.parametrize("count", ["3", 3.0, True, [3], {}, -1, MOST + 1, 10**400], ids=repr)
@pytest.mark.parametrize("name", NAMES)
def test_what_is_no_count_is_refused_and_never_quoted(name: str, count: object) -> None:
    with pytest.raises(Implausible, match=f"^{name} is ") as refused:
        stored({"input": 1, "output": 1, name: count}, NAMES)
    assert "3" not in str(refused.value)


def test_counts_of_other_names_are_not_taken_for_none() -> None:
    assert stored({}, NAMES) == Stored()
    with pytest.raises(Implausible, match="other names"):
        stored({"input_tokens": 5}, NAMES)


@pytest.mark.parametrize("counts", [None, 5, "x", [1]])
def test_counts_are_an_object(counts: object) -> None:
    with pytest.raises(Implausible, match="not an object"):
        stored(counts, NAMES)


NUMBER = st.integers(0, 1000)


@given(st.tuples(NUMBER, NUMBER, NUMBER, NUMBER, NUMBER), st.booleans(), st.booleans())
def test_the_disjoint_counts_add_up_to_the_total_that_was_told(
    drawn: tuple[int, int, int, int, int],
    inside: bool,  # noqa: FBT001 - drawn
    usual: bool,  # noqa: FBT001 - drawn
) -> None:
    prompt, output, cached, thoughts, tool = drawn
    cached, thoughts = min(cached, prompt), min(thoughts, output)
    total = prompt + output + tool + (0 if inside else thoughts)
    tokens, adds_up = disjoint(Stored(prompt, output, cached, thoughts, tool, total), inside=usual)
    assert adds_up
    # What tools added may have been left out of a total, so that thoughts as many as they explain the same number.
    assert tokens.total in {total, total + tool}
    assert tokens.cache_read == cached
    assert tokens.reasoning == thoughts


@pytest.mark.parametrize(
    "content",
    [
        "paint",
        [{"text": "paint"}],
        ["paint"],
        {"text": "paint"},
        [{"text": "<session_context>here</session_context>"}, {"text": "paint"}],
        [{"inlineData": {"mimeType": "image/png", "data": ""}}],
        [{"text": "look"}, {"fileData": {"fileUri": "x"}}],
        [{"text": "/compress"}],
    ],
)
def test_what_was_typed_or_pasted_is_a_prompt(content: object) -> None:
    assert is_typed(content)


@pytest.mark.parametrize(
    "content",
    [
        None,
        5,
        "",
        "  \n",
        [],
        [{}],
        [{"text": 5}],
        [None, 3],
        [{"functionResponse": {"name": "read_file"}}],
        [{"functionResponse": {}}, {"text": "paint"}],
        "<session_context>\nThis is the Gemini CLI.",
        "This is the Gemini CLI. We are setting up the context for our chat.\nToday",
        "<state_snapshot>",
        "<hook_context>",
        "<system-reminder>",
        "Please continue.",
        "System: Please continue.",
        [{"text": "<session_context>"}, {"inlineData": {}}],
    ],
)
def test_what_the_tool_wrote_itself_is_none(content: object) -> None:
    assert not is_typed(content)
