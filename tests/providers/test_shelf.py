"""The shelf: whose host it is, what is metered there, and what a gateway's name decides."""

import pytest

from tallystick.providers.declared import Declared
from tallystick.providers.meter import Meter
from tallystick.providers.openai_socket import Socket
from tallystick.providers.provider import Asked, Watch
from tallystick.providers.shelf import PROVIDERS, Shelf
from tallystick.trust.subtrees import subtrees

SHELF = Shelf()
UPGRADE = {"upgrade": "WebSocket"}


def watch(host: str, path: str, method: str = "POST", provider: str = "", **headers: str) -> Watch | None:
    return SHELF.watch(Asked(method, host, path, headers), provider)


def provider_at(host: str, path: str) -> str:
    found = watch(host, path)
    assert isinstance(found, Meter)
    return found._listing.name


def test_a_host_decides_who_answers() -> None:
    assert provider_at("api.anthropic.com", "/v1/messages?beta=true") == "anthropic"
    assert provider_at("eu.api.openai.com", "/v1/responses") == "openai"
    assert provider_at("chatgpt.com", "/backend-api/codex/responses") == "openai"
    assert provider_at("europe-west1-aiplatform.googleapis.com", "/v1/x/models/g:generateContent") == "google"
    assert provider_at("bedrock-runtime.eu-central-1.amazonaws.com", "/model/m/converse") == "aws"
    assert provider_at("shop.openai.azure.com", "/openai/deployments/d/chat/completions?api-version=1") == "azure"
    assert provider_at("api.enterprise.githubcopilot.com", "/chat/completions") == "github-copilot"


@pytest.mark.parametrize(
    "host, path",
    [
        ("api.anthropic.com", "/v1/messages/count_tokens?beta=true"),
        ("api.anthropic.com", "/api/event_logging/v2/batch"),
        ("api.anthropic.com", "/api/claude_code/metrics"),
        ("chatgpt.com", "/backend-api/conversation"),
        ("generativelanguage.googleapis.com", "/v1beta/models/g:countTokens"),
        ("cloudcode-pa.googleapis.com", "/v1internal:loadCodeAssist"),
        ("example.com", "/v1/messages"),
        ("api.anthropic.com.example.com", "/v1/messages"),
        ("notapi.anthropic.com", "/v1/messages"),
        ("127.0.0.1", "/api/chat"),
    ],
)
def test_what_is_no_call_to_a_provider_is_not_metered(host: str, path: str) -> None:
    assert watch(host, path) is None


def test_only_posts_and_what_asks_again_are_metered() -> None:
    assert watch("api.openai.com", "/v1/models", "GET") is None
    assert watch("api.openai.com", "/v1/chat/completions", "GET") is None
    assert watch("api.anthropic.com", "/", "HEAD") is None
    assert isinstance(watch("api.openai.com", "/v1/responses/resp_1", "GET"), Meter)


def test_a_websocket_is_one_where_it_is_asked_for() -> None:
    assert watch("api.openai.com", "/v1/responses", "GET") is None
    for host, path in (
        ("api.openai.com", "/v1/responses"),
        ("api.openai.com", "/v1/realtime?model=m"),
        ("chatgpt.com", "/backend-api/codex/responses"),
    ):
        assert isinstance(SHELF.watch(Asked("GET", host, path, UPGRADE)), Socket)
    assert SHELF.watch(Asked("POST", "api.openai.com", "/v1/responses", UPGRADE)) is None


def test_a_gateways_name_decides_instead_of_the_host() -> None:
    found = watch("private.example.com", "/v1/messages", provider="anthropic")
    assert isinstance(found, Meter)
    assert found._listing.name == "anthropic"
    assert watch("private.example.com", "/v1/messages/count_tokens", provider="anthropic") is None
    # ChatGPT's listing has the same name, and other paths.
    assert watch("private.example.com", "/backend-api/codex/responses", provider="openai") is not None


def test_an_upstream_of_an_own_name_may_speak_anything() -> None:
    for path in (
        "/v1/messages",
        "/v1/chat/completions",
        "/v1/responses",
        "/v1beta/models/g:generateContent",
        "/api/chat",
    ):
        found = watch("private.example.com", path, provider="house")
        assert isinstance(found, Meter)
        assert found._listing.name == "house"


def test_a_local_ollama_is_known_by_its_port() -> None:
    asked = Asked("POST", "localhost", "/api/chat", {"host": "localhost:11434"})
    assert SHELF.watch(asked) is not None
    assert SHELF.watch(asked._replace(headers={"host": "localhost:8000"})) is None


def test_a_model_in_a_path_has_its_escapes_undone() -> None:
    found = watch("bedrock-runtime.us-east-1.amazonaws.com", "/model/us.a%3A0%2Fb%C3%A9%zz/invoke")
    assert found is not None
    (call,) = found.end(cut=True)
    assert call.model == "us.a:0/bé%zz"


def test_declared_providers_come_first() -> None:
    own = Declared("mine", ("api.openai.com",), format="openai-chat")
    found = Shelf((own,)).watch(Asked("POST", "api.openai.com", "/v1/chat/completions", {}))
    assert isinstance(found, Meter)
    assert found._listing.name == "mine"
    assert isinstance(Shelf((own,)).watch(Asked("POST", "api.openai.com", "/v1/responses", {})), Meter)


def test_hosts_are_told_once_and_known() -> None:
    hosts = SHELF.hosts()
    assert len(hosts) == len(set(hosts))
    assert {"api.anthropic.com", "chatgpt.com", "*.openai.azure.com"} <= set(hosts)
    assert Shelf((Declared("x", ("llm.example.com",), format="ollama"),)).hosts()[0] == "llm.example.com"
    assert SHELF.known("API.Anthropic.com")
    assert SHELF.known("a.b.openai.azure.com")
    assert not SHELF.known("openai.azure.com")
    assert not SHELF.known("storage.googleapis.com")


def test_a_certificate_can_be_limited_to_the_hosts() -> None:
    names = subtrees(SHELF.hosts())
    assert "api.anthropic.com" in names
    assert not {"googleapis.com", "amazonaws.com", "azure.com"} & set(names)


def test_every_provider_is_named_as_the_price_book_names_it() -> None:
    names = {listing.name for listing in PROVIDERS}
    assert {
        "anthropic",
        "openai",
        "google",
        "aws",
        "azure",
        "x-ai",
        "moonshotai",
        "zai",
        "qwen",
        "github-copilot",
    } <= names
