"""Where the gateway leads, as a config and the environment say; and which way out."""

from typing import Any

import pytest

from tallystick.errors import Misused
from tallystick.intake.gateway.upstreams import Upstream, proxy_for, upstreams

ANTHROPIC = Upstream("anthropic", "https", "api.anthropic.com", "api.anthropic.com")


def test_the_usual_providers_are_known() -> None:
    found = upstreams({}, {}, "config.toml")
    assert found == {
        "anthropic": ANTHROPIC,
        "openai": Upstream("openai", "https", "api.openai.com", "api.openai.com"),
        "google": Upstream("google", "https", "generativelanguage.googleapis.com", "generativelanguage.googleapis.com"),
    }


def test_a_config_adds_and_replaces() -> None:
    said = {
        "anthropic": "http://[::1]:8443/base/",
        "own": {"url": "https://LLM.example.com/v1", "provider": "openai", "websockets": False},
    }
    found = upstreams(said, {}, "config.toml")
    assert found["anthropic"] == Upstream("anthropic", "http", "[::1]:8443", "::1", b"/base")
    assert found["own"] == Upstream(
        "own", "https", "LLM.example.com", "llm.example.com", b"/v1", "openai", websockets=False
    )


def test_the_environment_counts_before_the_config() -> None:
    said = {"anthropic": {"url": "https://a.example.com", "websockets": False}, "my-own": "https://b.example.com"}
    environ = {
        "TALLY_GATEWAY_UPSTREAMS_ANTHROPIC": "http://127.0.0.1:9",
        "TALLY_GATEWAY_UPSTREAMS_MY_OWN": "http://127.0.0.2:9",
        "TALLY_GATEWAY_UPSTREAMS_NEW": "http://127.0.0.3:9",
        "TALLY_GATEWAY_UPSTREAMS_OPENAI": "",
    }
    found = upstreams(said, environ, "config.toml")
    assert found["anthropic"] == Upstream("anthropic", "http", "127.0.0.1:9", "127.0.0.1", websockets=False)
    assert found["my-own"].host == "127.0.0.2"
    assert found["new"].host == "127.0.0.3"
    assert found["openai"].host == "api.openai.com"


@pytest.mark.parametrize(
    "name, given",
    [
        ("own", "llm.example.com"),
        ("own", "ftp://llm.example.com"),
        ("own", "https://"),
        ("own", "https://me:secret@llm.example.com"),
        ("own", "https://llm.example.com?x=1"),
        ("own", "https://llm.example.com#x"),
        ("own", "https://llm.example.com:port"),
        ("own", "https://llm.example.com:0"),
        ("own", "https://[::1"),
        ("own", "https://llm.example.com/é"),
        ("own", 5),
        ("own", {}),
        ("own", {"url": "https://llm.example.com", "websocket": False}),
        ("own", {"url": "https://llm.example.com", "websockets": "no"}),
        ("own", {"url": "https://llm.example.com", "provider": 1}),
        ("Own", "https://llm.example.com"),
        ("~t1", "https://llm.example.com"),
        ("", "https://llm.example.com"),
    ],
)
def test_what_leads_nowhere_is_told_with_its_place(name: str, given: Any) -> None:  # noqa: ANN401  what TOML holds
    with pytest.raises(Misused, match=r"^config\.toml "):
        upstreams({name: given}, {}, "config.toml")


def test_a_wrong_variable_is_named() -> None:
    with pytest.raises(Misused, match=r"^TALLY_GATEWAY_UPSTREAMS_OWN in the environment "):
        upstreams({}, {"TALLY_GATEWAY_UPSTREAMS_OWN": "nowhere"}, "config.toml")


@pytest.mark.parametrize(
    "environ, expected",
    [
        ({}, None),
        ({"HTTPS_PROXY": "http://corp:8080"}, "http://corp:8080"),
        ({"https_proxy": "corp:8080", "HTTPS_PROXY": "http://other:1"}, "http://corp:8080"),
        ({"HTTP_PROXY": "http://corp:8080"}, None),
        ({"ALL_PROXY": "http://corp:8080"}, "http://corp:8080"),
        ({"ALL_PROXY": "socks5://corp:1080"}, None),
        ({"HTTPS_PROXY": "http://corp:8080", "NO_PROXY": "example.com,.anthropic.com"}, None),
        ({"HTTPS_PROXY": "http://corp:8080", "no_proxy": "*"}, None),
        ({"HTTPS_PROXY": "http://corp:8080", "NO_PROXY": "*.anthropic.com:443"}, None),
        ({"HTTPS_PROXY": "http://corp:8080", "NO_PROXY": "thropic.com, ,"}, "http://corp:8080"),
    ],
)
def test_the_way_out_is_as_the_usual_variables_say(environ: dict[str, str], expected: str | None) -> None:
    assert proxy_for(ANTHROPIC, environ) == expected


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost", "a.localhost"])
def test_no_proxy_leads_to_this_machine(host: str) -> None:
    assert proxy_for(Upstream("own", "http", host, host), {"HTTP_PROXY": "http://corp:8080"}) is None
