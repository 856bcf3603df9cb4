"""Providers of a config: what is accepted, what is said about the rest, and that they are metered."""

import json
from typing import Any

import pytest

from tallystick.providers.declared import Declared, declared, listing_of
from tallystick.providers.provider import Asked
from tallystick.providers.shelf import Shelf
from tallystick.usage.tokens import Tokens

OWN = {
    "name": "acme",
    "hosts": ["LLM.example.com", "*.acme.example"],
    "paths": ["/v2/*/generate"],
    "fields": {"input": "usage.in", "output": "usage.out", "model": "engine"},
    "inclusive": False,
}
LIKE = {"name": "acme", "hosts": ["llm.example.com"], "format": "openai-chat"}


def test_a_table_becomes_a_provider() -> None:
    assert declared(OWN) == Declared(
        "acme",
        ("llm.example.com", "*.acme.example"),
        ("/v2/*/generate",),
        "",
        (("input", "usage.in"), ("output", "usage.out"), ("model", "engine")),
        inclusive=False,
    )
    assert declared(LIKE) == Declared("acme", ("llm.example.com",), format="openai-chat")


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"name": None}, "A provider needs a `name`"),
    ({"name": "No Name"}, "A provider needs a `name`"),
    ({"hosts": []}, "`hosts` must be"),
    ({"hosts": "llm.example.com"}, "`hosts` must be"),
    ({"hosts": ["*"]}, "`hosts` must be"),
    ({"hosts": ["*.com."]}, "`hosts` must be"),
    ({"hosts": ["llm.example.com:8443"]}, "`hosts` must be"),
    ({"hosts": ["https://llm.example.com"]}, "`hosts` must be"),
    ({"paths": ["v2"]}, "`paths` must be"),
    ({"paths": [5]}, "`paths` must be"),
    ({"inclusive": "yes"}, "`inclusive` must be"),
    ({"port": 1}, "no setting `port`"),
    ({"format": "openai-chat"}, "either a `format` or the `fields`"),
    ({"fields": {"inputs": "a.b"}}, "no field `inputs`"),
    ({"fields": {"input": 5}}, "table of dotted paths"),
    ({"fields": {"model": "a"}}, "at least one count"),
    ({"fields": "usage"}, "table of dotted paths"),
    ({"paths": []}, "need the `paths`"),
]


@pytest.mark.parametrize(
    "change, said", WRONG, ids=[f"{next(iter(change))}-{n}" for n, (change, _) in enumerate(WRONG)]
)
def test_what_is_wrong_is_said_in_a_sentence(change: dict[str, Any], said: str) -> None:
    answer = declared(OWN | change)
    assert isinstance(answer, str)
    assert said in answer
    assert answer.endswith(".")


def test_a_format_must_be_known_and_knows_how_it_counts() -> None:
    assert "must be one of anthropic-messages" in str(declared(LIKE | {"format": "chat"}))
    assert "`inclusive` belongs to `fields`" in str(declared(LIKE | {"inclusive": True}))
    assert "either a `format` or the `fields`" in str(declared({"name": "acme", "hosts": ["llm.example.com"]}))


def answered(table: dict[str, Any], path: str, answer: dict[str, Any], host: str = "llm.example.com") -> Any:  # noqa: ANN401 - a call or none
    own = declared(table)
    assert isinstance(own, Declared)
    watch = Shelf((own,)).watch(Asked("POST", host, path, {}))
    if watch is None:
        return None
    watch.head(200, {"x-request-id": "r"})
    watch.took(json.dumps(answer).encode())
    (call,) = watch.end(cut=False)
    return call


def test_a_declared_provider_is_metered_by_its_fields() -> None:
    answer = {"engine": "m", "usage": {"in": 30, "out": 4}}
    call = answered(OWN, "/v2/eu/generate?x=1", answer, "eu.acme.example")
    assert (call.provider, call.model, call.tokens, call.request) == ("acme", "m", Tokens(30, output=4), "r")
    assert answered(OWN, "/v2/eu/other", answer) is None


def test_a_declared_provider_is_metered_by_its_format() -> None:
    answer = {"id": "c", "model": "m", "usage": {"prompt_tokens": 8, "completion_tokens": 2, "total_tokens": 10}}
    assert answered(LIKE, "/any/v1/chat/completions", answer).tokens == Tokens(8, output=2)
    assert answered(LIKE | {"paths": ["/talk"]}, "/talk", answer).tokens == Tokens(8, output=2)
    assert answered(LIKE | {"paths": ["/talk"]}, "/v1/chat/completions", answer) is None


def test_a_path_is_a_text_and_no_pattern() -> None:
    own = declared(OWN | {"paths": ["/v2/a.b(c"]})
    assert isinstance(own, Declared)
    (only,) = listing_of(own).routes
    assert only.path.search("/x/v2/a.b(c")
    assert not only.path.search("/v2/aXb(c")
