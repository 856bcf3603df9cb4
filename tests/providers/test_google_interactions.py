"""Interactions: damage, and what is ready. Whole exchanges are samples of `google`."""

from tallystick.providers.google_interactions import Interactions, tokens_of
from tallystick.providers.provider import Asked
from tallystick.providers.shape import Place
from tallystick.usage.tokens import Tokens

PLACE = Place(Asked("POST", "generativelanguage.googleapis.com", "/v1beta/interactions", {}))
RETRIEVAL = Place(PLACE.asked._replace(method="GET", path="/v1beta/interactions/v1_a"))


def test_a_total_decides_whether_thoughts_are_inside() -> None:
    inside = {"total_input_tokens": 10, "total_output_tokens": 30, "total_thought_tokens": 20, "total_tokens": 40}
    assert tokens_of(inside) == (Tokens(10, output=30, reasoning=20), False)
    assert tokens_of(inside | {"total_tokens": 60}) == (Tokens(10, output=50, reasoning=20), False)
    assert tokens_of(inside | {"total_tokens": 61})[1]


def test_damaged_text_tells_what_can_be_gleaned() -> None:
    shape = Interactions(PLACE)
    shape.text(b'{"id":"v1_a","model":"gemini-3.5-flash","usage":{"total_input_tokens":3,"total_output_tokens":4},"x":')
    (call,) = shape.calls("", cut=True)
    assert (call.id, call.model, call.tokens, call.outcome) == ("v1_a", "gemini-3.5-flash", Tokens(3, output=4), "cut")


def test_an_error_at_once_is_a_failure() -> None:
    shape = Interactions(PLACE)
    shape.text(b'{"error":{"code":"invalid_request"},"event_type":"error"}')
    assert shape.calls("", cut=False)[0].outcome == "failed"


def test_of_what_is_asked_for_again_only_counts_are_told() -> None:
    for said in (b'{"id":"v1_a","status":"failed"}', b'{"error":{"code":"x"}}', b"{no"):
        shape = Interactions(RETRIEVAL)
        shape.text(said)
        assert shape.calls("", cut=False) == [], said


def test_an_end_without_counts_misses_them() -> None:
    shape = Interactions(PLACE)
    shape.text(b'{"event_type":"interaction.completed","interaction":{"id":"v1_a","status":"completed"}}')
    assert shape.calls("", cut=False)[0].outcome == "missing"
