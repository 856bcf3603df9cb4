"""What a call is called: provider, model and identity agree between the stores."""

import pytest

from tallystick.tools.copilot_cli.names import call_key, is_weak, model_of, provider_of
from tallystick.usage.identity import key


@pytest.mark.parametrize(
    "usage, provider",
    [
        ({}, "github-copilot"),
        ({"isByok": False, "modelProvider": "anthropic"}, "github-copilot"),
        # As version 1.0.102 wrote them for a key of the person's own.
        ({"isByok": True, "modelProvider": "anthropic", "providerType": "anthropic"}, "anthropic"),
        ({"isByok": True, "modelProvider": "other", "providerType": "openai"}, "openai"),
        ({"isByok": True}, "other"),
    ],
)
def test_the_provider_is_github_or_the_one_whose_key_it_was(usage: dict[str, object], provider: str) -> None:
    assert provider_of(usage) == provider


@pytest.mark.parametrize(
    "asked, answered, model",
    [
        ("claude-opus-4.8", "claude-opus-4-8-20260528", "claude-opus-4.8"),
        ("auto", "claude-haiku-4-5-20251001", "claude-haiku-4.5"),
        ("auto", "claude-3-5-sonnet", "claude-3.5-sonnet"),
        ("auto", "claude-sonnet-4-20250514", "claude-sonnet-4"),
        ("auto", "gpt-5-mini-2025-08-07", "gpt-5-mini"),
        ("", "gpt-4.1", "gpt-4.1"),
        ("auto", "", "auto"),
        ("gpt-4o-2024-05-13", "", "gpt-4o-2024-05-13"),
    ],
)
def test_the_model_is_the_one_that_was_asked_for_unless_copilot_chose_it(asked: str, answered: str, model: str) -> None:
    assert model_of(asked, answered) == model


def test_the_id_of_an_answer_is_the_identity_everywhere() -> None:
    answer = "msg_01Bv6WqmsjUzL2907muuWgE0"
    assert call_key("one", answer) == call_key("other", answer) == key(answer)
    assert not is_weak(answer)
    assert not is_weak("chatcmpl-SjfN2ESPDmHwHlczffzgRcfpWsV3o")


def test_an_id_that_comes_again_is_one_within_its_session_only() -> None:
    assert is_weak("chatcmpl-417")
    assert call_key("one", "chatcmpl-417") != call_key("other", "chatcmpl-417")
