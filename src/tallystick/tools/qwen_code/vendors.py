"""Who answered: Qwen Code speaks the APIs of several vendors, and says which API, not whose it is."""

from typing import Final

_BY_MODEL: Final = (
    (("qwen", "qwq", "qvq", "coder-model", "vision-model"), "qwen"),
    (("claude",), "anthropic"),
    (("gemini", "gemma"), "google"),
    (("gpt", "o1", "o3", "o4", "codex"), "openai"),
    (("deepseek",), "deepseek"),
    (("kimi", "moonshot"), "moonshotai"),
    (("glm",), "zai"),
    (("grok",), "x-ai"),
    (("mistral", "codestral", "devstral"), "mistral"),
)
"""How models are called, by their vendors. An OpenAI-compatible API may be anybody's, so that the name says more."""
_BY_API: Final = {
    "qwen-oauth": "qwen",
    "gemini": "google",
    "gemini-api-key": "google",
    "vertex-ai": "google",
    "anthropic": "anthropic",
    "openai": "openai",
}
_THOUGHTS_APART: Final = ("gemini", "gemini-api-key", "vertex-ai")
"""APIs that count thoughts beside the answer; the others count them within it."""
_RUNTIME: Final = "$runtime|"


def model_of(name: str) -> str:
    """Return a model's name without what says where it was configured (`$runtime|openai|qwen3-max`)."""
    return name.rpartition("|")[2] if name.startswith(_RUNTIME) else name


def provider_of(model: str, api: str) -> str:
    """Return who answered: by the model's name where it says so, else by the API; empty when neither does."""
    plain = model.lower().rpartition("/")[2]
    named = (vendor for beginnings, vendor in _BY_MODEL if plain.startswith(beginnings))
    return next(named, "") or _BY_API.get(api, "")


def has_thoughts_inside(model: str, api: str) -> bool:
    """Tell whether the answer's count usually holds the thoughts; without an API's name the model's must do."""
    return api not in _THOUGHTS_APART if api else provider_of(model, api) != "google"
