"""Google's generateContent: pieces of an array, wrapped answers, tiers. Whole exchanges are samples of `google`."""

import json

from tallystick.providers.google_generate import Generate, tokens_of
from tallystick.providers.provider import Asked
from tallystick.providers.shape import Place
from tallystick.usage.tokens import Tokens

PLACE = Place(Asked("POST", "generativelanguage.googleapis.com", "/v1beta/models/m:generateContent", {}), "m")
USAGE = {"promptTokenCount": 10, "candidatesTokenCount": 5, "thoughtsTokenCount": 2, "totalTokenCount": 17}


def test_thoughts_are_beside_the_answer_unless_the_total_says_otherwise() -> None:
    assert tokens_of(USAGE) == (Tokens(10, output=7, reasoning=2), False)
    assert tokens_of(USAGE | {"totalTokenCount": 15}) == (Tokens(10, output=5, reasoning=2), False)
    assert tokens_of(USAGE | {"totalTokenCount": 999}) == (Tokens(10, output=7, reasoning=2), True)


def test_the_live_apis_name_for_the_output() -> None:
    assert tokens_of({"promptTokenCount": 4, "responseTokenCount": 6, "totalTokenCount": 10})[0] == Tokens(4, output=6)


def test_a_chunk_without_usage_after_one_with_does_not_take_it_away() -> None:
    shape = Generate(PLACE)
    shape.text(json.dumps({"responseId": "r", "usageMetadata": USAGE}).encode())
    assert not shape.wants(b'{"candidates":[{}]}')
    shape.text(b'{"candidates":[{}],"usageMetadata":null}')
    assert shape.calls("", cut=False)[0].tokens == Tokens(10, output=7, reasoning=2)


def test_an_error_in_a_stream_cuts_it_and_one_alone_is_a_failure() -> None:
    shape = Generate(PLACE)
    shape.text(b'{"error":{"code":503}}')
    assert shape.calls("", cut=False)[0].outcome == "failed"
    shape = Generate(PLACE)
    shape.text(json.dumps([{"usageMetadata": USAGE}, {"error": {"code": 503}}]).encode())
    assert shape.calls("", cut=False)[0].outcome == "cut"


def test_the_tier_is_told_in_two_ways() -> None:
    for said, tier in (
        ({"trafficType": "ON_DEMAND"}, ""),
        ({"trafficType": "ON_DEMAND_PRIORITY"}, "priority"),
        ({"serviceTier": "FLEX"}, "flex"),
        ({"serviceTier": "standard"}, ""),
    ):
        shape = Generate(PLACE)
        shape.text(json.dumps({"usageMetadata": USAGE | said}).encode())
        assert shape.calls("", cut=False)[0].tier == tier
