"""Ollama's own API: the last line has the counts, and a count of 0 is left out. Whole exchanges are samples of `ollama`."""

from tallystick.providers.ollama_native import Native
from tallystick.providers.provider import Asked
from tallystick.providers.shape import Place
from tallystick.usage.tokens import Tokens

PLACE = Place(Asked("POST", "ollama.com", "/api/chat", {}))


def test_a_count_that_is_left_out_is_zero() -> None:
    shape = Native(PLACE)
    shape.text(b'{"model":"m","done":true}')
    (call,) = shape.calls("", cut=False)
    assert (call.tokens, call.outcome) == (Tokens(), "done")


def test_lines_in_between_do_not_matter() -> None:
    shape = Native(PLACE)
    shape.text(b'{"model":"m","done":false}')
    assert not shape.wants(b'{"model":"m","message":{"content":"\\"done\\": true"},"done":false}')
    assert shape.wants(b'{"model":"m","done": true}')


def test_an_error_is_a_failure_and_silence_misses_the_counts() -> None:
    shape = Native(PLACE)
    shape.text(b'{"error":"model not found"}')
    assert shape.calls("", cut=False)[0].outcome == "failed"
    assert Native(PLACE).calls("", cut=False)[0].outcome == "missing"


def test_what_is_no_json_is_passed_over() -> None:
    shape = Native(PLACE)
    shape.text(b"{no")
    assert shape.calls("", cut=True)[0].outcome == "cut"
