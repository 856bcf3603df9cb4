"""Values at dotted paths, as a config declares them."""

from tallystick.providers.fields import Fields
from tallystick.providers.provider import Asked, Call
from tallystick.providers.shape import Place
from tallystick.usage.tokens import Tokens

PLACE = Place(Asked("POST", "llm.example.com", "/v2/generate", {}))
PATHS = {
    "input": "meta.0.billed.in",
    "cache_read": "meta.0.billed.hit",
    "output": "meta.0.billed.out",
    "total": "meta.0.billed.all",
    "model": "engine",
    "id": "ref",
    "cost": "price.usd",
}
SAID = b'{"engine":"m1","ref":"r1","price":{"usd":0.25},"meta":[{"billed":{"in":100,"hit":60,"out":7,"all":107}}]}'


def shape(**more: bool) -> Fields:
    return Fields(PLACE, PATHS, **({"inclusive": True} | more))


def test_values_are_found_where_the_paths_lead() -> None:
    found = shape()
    assert found.wants(SAID)
    found.text(SAID)
    assert found.calls("", cut=False) == [
        Call("", "m1", Tokens(40, 60, output=7), id="r1", cost_nano=250_000_000),
    ]


def test_a_total_overrules_what_the_config_says_and_the_config_holds_without_one() -> None:
    apart = shape(inclusive=False)
    apart.text(SAID)
    assert apart.calls("", cut=False)[0].tokens == Tokens(40, 60, output=7)
    apart = shape(inclusive=False)
    apart.text(SAID.replace(b',"all":107', b""))
    assert apart.calls("", cut=False)[0].tokens == Tokens(100, 60, output=7)


def test_of_a_value_that_comes_again_the_last_one_holds() -> None:
    found = shape()
    found.text(b'{"meta":[{"billed":{"in":5,"out":1}}]}')
    found.text(b'{"meta":[{"billed":{"out":9}}],"engine":"m2"}')
    (call,) = found.calls("", cut=True)
    assert (call.tokens, call.model, call.outcome) == (Tokens(5, output=9), "m2", "cut")


def test_paths_that_lead_nowhere_miss_the_counts() -> None:
    found = shape()
    found.text(b'{"meta":[],"engine":5,"price":{"usd":"much"}}')
    found.text(b'"text"')
    assert found.calls("", cut=False) == [Call("", "", outcome="missing")]
    assert not found.wants(b'{"other":1}')
