"""Who answered, by the model's name and by the API."""

import pytest

from tallystick.tools.qwen_code.vendors import has_thoughts_inside, model_of, provider_of


@pytest.mark.parametrize(
    "model, api, provider",
    [
        ("qwen3-coder-plus", "openai", "qwen"),
        ("Qwen/Qwen3-Coder-480B", "openai", "qwen"),
        ("coder-model", "qwen-oauth", "qwen"),
        ("my-own", "qwen-oauth", "qwen"),
        ("claude-sonnet-5", "anthropic", "anthropic"),
        ("gemini-2.5-pro", "gemini-api-key", "google"),
        ("my-tuned", "vertex-ai", "google"),
        ("gpt-5.5", "openai", "openai"),
        ("deepseek-v4", "openai", "deepseek"),
        ("moonshotai/kimi-k3", "openai", "moonshotai"),
        ("glm-5", "openai", "zai"),
        ("grok-5", "openai", "x-ai"),
        ("my-own", "openai", "openai"),
        ("my-own", "", ""),
        ("", "", ""),
    ],
)
def test_the_model_s_name_says_more_than_the_api(model: str, api: str, provider: str) -> None:
    assert provider_of(model, api) == provider


def test_only_google_s_own_apis_count_thoughts_apart() -> None:
    assert has_thoughts_inside("qwen3-coder-plus", "openai")
    assert has_thoughts_inside("gemini-2.5-pro", "openai")
    assert not has_thoughts_inside("gemini-2.5-pro", "vertex-ai")
    assert not has_thoughts_inside("gemini-2.5-pro", "")
    assert has_thoughts_inside("qwen3-coder-plus", "")


def test_where_a_model_was_configured_is_no_part_of_its_name() -> None:
    assert model_of("$runtime|openai|qwen3-max") == "qwen3-max"
    assert model_of("a|b") == "a|b"
