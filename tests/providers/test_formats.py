"""Paths of the wire shapes: what is metered where, and what never is."""

import re

import pytest

from tallystick.providers.anthropic_messages import Messages
from tallystick.providers.formats import ANY, BY_NAME, route

METERED = {
    "POST": [
        "/v1/messages",
        "/messages",
        "/v1/chat/completions",
        "/v1/completions",
        "/v1/embeddings",
        "/v1/responses",
        "/v1/responses/compact",
        "/v1beta/models/gemini-3.8-flash:generateContent",
        "/v1beta/models/gemini-3.8-flash:streamGenerateContent",
        "/v1/projects/p/locations/l/publishers/anthropic/models/claude@1:streamRawPredict",
        "/v1beta/models/e:batchEmbedContents",
        "/v1beta/interactions",
        "/api/chat",
        "/api/embed",
    ],
    "GET": [
        "/v1/responses/resp_1",
        "/v1/responses",
        "/v1/messages/batches/msgbatch_1/results",
        "/v1beta/interactions/v1_1",
    ],
}
NOT = {
    "POST": [
        "/v1/messages/count_tokens",
        "/v1/messages/batches",
        "/v1beta/models/gemini-3.8-flash:countTokens",
        "/v1/responses/resp_1/cancel",
        "/v1beta/interactions/v1_1/cancel",
        "/api/event_logging/v2/batch",
        "/v1/moderations",
        "/api/pull",
        "/v1internal:loadCodeAssist",
    ],
    "GET": [
        "/v1/messages/batches/msgbatch_1",
        "/v1beta/interactions",
        "/v1/models",
        "/v1/messages",
        "/v1/chat/completions",
        "/v1/responses/resp_1/input_items",
        "/",
    ],
}


def found(method: str, path: str) -> bool:
    return any(method in each.methods and each.path.search(path) for each in ANY)


@pytest.mark.parametrize("method, path", [(method, path) for method, paths in METERED.items() for path in paths])
def test_calls_are_metered(method: str, path: str) -> None:
    assert found(method, path)


@pytest.mark.parametrize("method, path", [(method, path) for method, paths in NOT.items() for path in paths])
def test_what_is_no_call_is_never_metered(method: str, path: str) -> None:
    assert not found(method, path)


def test_a_route_is_for_the_end_of_a_path() -> None:
    own = route("/a|/b", Messages)
    assert own.methods == ("POST",)
    assert [bool(own.path.search(path)) for path in ("/x/a", "/b", "/a/x")] == [True, True, False]
    assert isinstance(own.path, re.Pattern)


def test_every_format_that_a_config_may_name_has_a_path() -> None:
    assert all(BY_NAME.values())
