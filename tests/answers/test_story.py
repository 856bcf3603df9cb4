"""The story of a session as details of its row."""

from tallystick.answers.answer import Moment
from tallystick.answers.story import Story


def test_of_nothing_nothing_is_told() -> None:
    told = Story().details()
    assert (told["tool"], told["title"], told["first"], told["last"], told["active_ms"]) == ("", "", None, None, 0)


def test_a_session_is_told_by_where_most_of_its_tokens_went() -> None:
    story = Story()
    for place, tokens in ((("t", "q", "b"), 5), (("t", "p", "b"), 5), (("t", "r", ""), 1)):
        story.places[place] += tokens
    # Of places with as many tokens, the first by name.
    assert story.details()["project"] == "p"
    story.places["t", "r", ""] += 9
    assert (story.details()["project"], story.details()["branch"]) == ("r", "")


def test_single_spans_are_added_to_times() -> None:
    story = Story()
    story.times = [10, 4, 3, 2, 1]
    # Two spans of the model that overlap by a second, and one of a tool of a subagent.
    story.spans = [("", 0, 1_000, 3_000), ("", 0, 2_000, 4_000), ("a1", 1, 9_000, 9_500)]
    story.moments = [2_000, 9_000, 1_000]
    told = story.details()
    assert (told["first"], told["last"]) == (Moment(1_000), Moment(9_000))
    assert (told["active_ms"], told["model_ms"], told["tool_ms"]) == (3_510, 3_004, 3)
    assert (told["agent_model_ms"], told["agent_tool_ms"]) == (2, 501)
